import pytest

from data.errors import FileRejected
from data.reading.read import read_file


def cells(data, label="export.csv"):
    (sheet,) = read_file(data if isinstance(data, bytes) else data.encode(), label)
    return sheet.rows.rows()


def ragged(data):
    (sheet,) = read_file(data.encode(), "export.csv")
    return sheet.ragged.rows()


def rejected(data, label="export.csv"):
    with pytest.raises(FileRejected) as caught:
        read_file(data if isinstance(data, bytes) else data.encode(), label)
    return caught.value.code, caught.value.params.get("row")


ROWS = [(1, "客户", "金额"), (2, "甲", "1")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_and_a_byte_order_mark_is_never_part_of_a_header(encoding):
    assert cells("客户,金额\n甲,1\n".encode(encoding)) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_whatever_the_extension(delimiter):
    assert cells(f"客户{delimiter}金额\n甲{delimiter}1\n", "export.dat") == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(end):
    assert cells(f"客户,金额{end}甲,1") == ROWS


def test_a_decimal_comma_does_not_make_the_comma_a_delimiter():
    assert cells("order;amount\nA;1,50\nB;2,50\n") == [(1, "order", "amount"), (2, "A", "1,50"), (3, "B", "2,50")]


def test_a_ragged_row_is_set_aside_never_padded_or_cut():
    text = "a,b\n1,2\n1\n1,2,3\n5,6\n"
    assert cells(text) == [(1, "a", "b"), (2, "1", "2"), (5, "5", "6")]
    assert ragged(text) == [(3, "1"), (4, "1,2,3")]


def test_cells_over_several_lines_keep_the_row_numbers_a_person_counts():
    text = 'a,b\n1,"x\ny"\n2,z\n"q ""quoted"", q",3\nshort\n'
    assert cells(text) == [(1, "a", "b"), (2, "1", "x\ny"), (4, "2", "z"), (5, 'q "quoted", q', "3")]
    assert ragged(text) == [(6, "short")]


def test_line_ends_inside_quotes_belong_to_the_cell():
    assert cells('a,b\r\n1,"x\r\ny"\r\n2,z\r\n')[1:] == [(2, "1", "x\r\ny"), (4, "2", "z")]


def test_blank_lines_are_counted_but_not_read():
    assert cells("a,b\n\n1,2\n   \n3,4\n\n") == [(1, "a", "b"), (3, "1", "2"), (5, "3", "4")]


def test_a_quote_inside_a_cell_is_text():
    assert cells('a,b\n5" pipe,2\n')[1] == (2, '5" pipe', "2")


@pytest.mark.parametrize(
    ("text", "row"),
    [('a,b\n1,2\n3,"open\n4,5\n', 3), ('a,b\n1,"x\ny",\n"fine","\nopen\n', 4), ('a,b\n"x\n"" still\n1,2\n', 2)],
)
def test_an_open_quote_rejects_the_file_naming_the_line_where_it_opened(text, row):
    assert rejected(text) == ("open_quote", row)


def test_text_behind_a_closing_quote_rejects_the_file_naming_the_line():
    assert rejected('a,b\n1,2\n3,"4"5\n') == ("bad_quote", 3)


def test_mixed_encodings_are_rejected_naming_the_line():
    data = "a,b\n客户,1\n".encode() + "金额,2\n".encode("gb18030") + b"\xff\xff,3\n"
    assert rejected(data) == ("undecodable", 3)


def test_private_use_characters_betray_bytes_read_in_the_wrong_encoding():
    assert rejected(b"a,b\n" + b"\xaa\xa1,1\n")[0] == "undecodable"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b" \r\n\n", "empty_file"),
        (b"%PDF-1.7 ...", "wrong_format"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "wrong_format"),
        (b"<?xml version='1.0'?><Workbook/>", "wrong_format"),
        (bytes(range(256)) + b"\x00" * 2000, "wrong_format"),
    ],
)
def test_what_is_no_table_is_rejected_by_its_first_bytes(data, code):
    assert rejected(data, "orders.xls")[0] == code


def test_many_rows_with_and_without_quotes_stay_in_the_order_of_the_file():
    lines = [f'{i},"{i},x"' if i % 3 else f"{i},y" for i in range(2, 1000)]
    found = cells("a,b\n" + "\n".join(lines))
    assert [row[0] for row in found] == list(range(1, 1000))
    assert found[3] == (4, "4", "4,x")
