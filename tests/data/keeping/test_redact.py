"""Whether a kept file still speaks of somebody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.keeping.redact import Redaction, is_traced

ACME = Redaction("customer", "K-90011", "forgotten-1", "salt", ("北京宏达商贸", "Café Müller"))


@pytest.mark.parametrize("text", ["K-90011", "北京宏达商贸", "Café Müller"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_file_that_names_somebody_is_found_in_every_encoding_we_read(tmp_path: Path, text: str, encoding: str) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes(f"客户,{text},1".encode(encoding, "ignore"))
    assert is_traced(file, ACME)


@pytest.mark.parametrize("text", ["北京宏达商贸", "Café Müller"])
def test_a_name_is_found_as_json_spells_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps({"value": f"客户 {text}"}), "ascii")
    assert is_traced(file, ACME)


def test_a_file_about_others_is_not_held_to_speak_of_them(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer\nK-90012 北京宏远商贸 Cafe Muller\n", "utf-8")
    assert not is_traced(file, ACME)
