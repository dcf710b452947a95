"""How one sheet is to be read: our column → their header, date order, decimal mark, 万. Suggested, confirmed by a person, kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from data.contracts import SOURCES
from data.errors import FieldbookError
from data.loading import answers
from data.loading.answers import Answers, Field
from data.loading.draft import Checked
from data.reading.glance import Glimpse
from data.reading.mapping import Mapping
from pages.frame.session import Session
from pages.parts.data_remarks import field_name
from pages.ui.format import plain
from pages.ui.working import words

_WIDTH = 3
T = TypeVar("T")


def mapping_of(checked: Checked, sheet: Glimpse) -> Mapping | None:
    """The mapping that reads this sheet, if one does."""
    block = next((m for m in checked.mappings if m.sheet == answers.sheet_pattern(sheet.sheet)), None)
    return block or next((m for m in checked.mappings if m.sheet == "*"), None)


def show(session: Session, checked: Checked, sheet: Glimpse | None, source: str | None) -> bool:
    """Ask how the sheet is to be read; True when something was saved or taken back, so that the files must be read again."""
    t = session.t
    if sheet is None or not sheet.columns or checked.verdict == "ignored":
        return False
    if not answers.own(checked):
        names = ", ".join(sorted({m.origin for m in checked.mappings}))
        st.caption(t("pages_data.mapped_by_hand", files=plain(names)))
        return False
    with st.expander(t("pages_data.how_read"), expanded=checked.verdict == "question", icon=":material/tune:"):
        return _saved(session, checked) or _form(session, checked, sheet, source)


def _saved(session: Session, checked: Checked) -> bool:
    """The mapping file in use, as it is written, and the way back."""
    t, changed = session.t, False
    for name in sorted({m.origin for m in checked.mappings}):
        st.caption(t("pages_data.saved_as", file=plain(f"mappings/{name}")))
        st.code(answers.text_of(session.home, name), language="toml", wrap_lines=True)
        if st.button(t("pages_data.take_back"), key=f"back_{name}", icon=":material/undo:"):
            changed = _done(session, lambda name=name: answers.restore(session.home, session.scope, name))  # type: ignore[misc]
    return changed


def _form(session: Session, checked: Checked, sheet: Glimpse, source: str | None) -> bool:
    t, at = session.t, f"{checked.upload.path}_{sheet.sheet}"
    sources = list(SOURCES)
    picked = st.selectbox(
        t("pages_data.is_source"),
        sources,
        index=sources.index(source) if source in sources else None,
        format_func=lambda name: t(f"pages.source_{name}"),
        placeholder=t("pages_data.choose"),
        key=f"source_{at}",
        width=320,
    )
    if picked is None:
        return False
    at = f"{at}_{picked}"
    mapping = mapping_of(checked, sheet)
    mapping = mapping if mapping and mapping.source == picked else None
    chosen = _columns(session, sheet, answers.fields(sheet, picked, mapping), at)
    factors, dates, decimal = _readings(session, sheet, picked, chosen, mapping, at)
    mode, window_on = _holds(session, picked, chosen, mapping, at)
    pattern = st.text_input(
        t("pages_data.pattern"),
        mapping.files[0] if mapping else answers.pattern_of(checked.upload.label),
        help=t("pages_data.pattern_help"),
        key=f"pattern_{at}",
        width=320,
    )
    is_open = None in (*factors.values(), dates, decimal) or not Mapping(picked, (pattern or "",)).reads(checked.upload.label)
    if is_open:
        st.caption(t("pages_data.answer_all"))
    if not st.button(t("pages_data.save_mapping"), type="primary", disabled=is_open, key=f"save_{at}"):
        return False
    said = Answers(
        picked, sheet.sheet, sheet.header_row if mapping and mapping.header_row else 0, answers.differing(sheet, picked, chosen),
        {name: factor for name, factor in factors.items() if factor}, dates or "", decimal or "",
        mode, window_on,
    )  # fmt: skip
    return _done(session, lambda: answers.save(session.home, session.scope, str(pattern), answers.whole(checked, said)))


def _columns(session: Session, sheet: Glimpse, asked: Sequence[Field], at: str) -> dict[str, str]:
    """The header of each of our columns: those that wait for an answer in sight, the others behind a switch."""
    t, chosen = session.t, dict[str, str]()
    waiting = [one for one in asked if one.needs_answer]
    if waiting:
        st.markdown(t("pages_data.please_confirm"))
        chosen |= _boxes(session, sheet, waiting, at)
    if st.toggle(t("pages_data.all_columns"), key=f"all_{at}"):
        chosen |= _boxes(session, sheet, [one for one in asked if not one.needs_answer], at)
    return {one.name: chosen.get(one.name, one.header) for one in asked}


def _boxes(session: Session, sheet: Glimpse, asked: Sequence[Field], at: str) -> dict[str, str]:
    """One choice of header per column of ours, three beside each other where there is room."""
    t, chosen = session.t, dict[str, str]()
    headers = ["", *dict.fromkeys(column.header for column in sheet.columns if column.header)]
    samples = {column.header: ", ".join(column.samples[:2]) for column in sheet.columns}

    def shown(header: str) -> str:
        return f"{header}  ({samples[header]})" if header and samples.get(header) else header or t("pages_data.not_in_file")

    for start in range(0, len(asked), _WIDTH):
        for place, one in zip(st.columns(_WIDTH), asked[start : start + _WIDTH], strict=False):
            key = f"pages_data.field_{one.name}"
            label = t("pages_data.needed", field=t(key) if key in t else one.name) if one.is_needed else t(key) if key in t else one.name
            chosen[one.name] = place.selectbox(
                label,
                headers,
                index=headers.index(one.header) if one.header in headers else 0,
                format_func=shown,
                help=t(f"pages_data.why_{one.why}") if one.needs_answer else None,
                key=f"column_{at}_{one.name}",
            )
    return chosen


def _readings(
    session: Session, sheet: Glimpse, source: str, chosen: dict[str, str], mapping: Mapping | None, at: str
) -> tuple[dict[str, int | None], str | None, str | None]:
    """What the numbers are multiplied by, the order of dates, the decimal mark: asked where the file leaves it open ("" if it does not)."""
    t = session.t
    before = mapping.factors if mapping else {}
    factors: dict[str, int | None] = {
        name: _radio(
            t("pages_data.factor", column=plain(chosen[name])),
            [factor, 1],
            lambda value: t("pages_data.factor_times", factor=session.fmt.count(value)) if value != 1 else t("pages_data.factor_one"),
            before.get(name),
            f"factor_{at}_{name}",
        )
        for name, factor in answers.scaled(sheet, source, chosen).items()
    }
    dates: str | None = mapping.date_order if mapping else ""
    if dates or (unsure := answers.unsure_date(sheet, source, chosen)):
        example = answers.unsure_date(sheet, source, chosen) if dates else unsure
        question = t("pages_data.which_dates", value=plain(example)) if example else t("pages_data.which_dates_plain")
        dates = _radio(question, ["dmy", "mdy"], lambda value: t(f"pages_data.order_{value}"), dates or None, f"dates_{at}")
    decimal: str | None = mapping.decimal if mapping else ""
    if decimal or (unsure := answers.unsure_number(sheet, source, chosen)):
        example = answers.unsure_number(sheet, source, chosen) if decimal else unsure
        question = t("pages_data.which_decimal", value=plain(example)) if example else t("pages_data.which_decimal_plain")
        names = {".": "point", ",": "comma"}
        decimal = _radio(question, list(names), lambda value: t(f"pages_data.decimal_{names[value]}"), decimal or None, f"decimal_{at}")
    return factors, dates, decimal


def _holds(session: Session, source: str, chosen: dict[str, str], mapping: Mapping | None, at: str) -> tuple[str, str]:
    """What the file holds of its dates, and by which date it was filtered; "" for what is usual."""
    t, modes = session.t, answers.modes(source)
    if not modes:
        return "", ""
    usual = SOURCES[source].window_on
    before = mapping.mode if mapping and mapping.mode in modes else modes[0]
    with st.container(horizontal=True, key=f"holds_{at}"):
        mode = st.selectbox(
            t("pages_data.holds"), modes, modes.index(before), format_func=lambda one: t(f"pages_data.mode_{one}"),
            help=t("pages_data.holds_help"), key=f"mode_{at}", width=420,
        )  # fmt: skip
        dates = answers.filters(source, chosen) if mode == "window" else []
        now = mapping.window_on if mapping and mapping.window_on else next((name for name in usual if name in dates), "")
        by = st.selectbox(
            t("pages_data.filtered_by"), dates, dates.index(now) if now in dates else 0, format_func=lambda one: field_name(session, one),
            help=t("pages_data.filtered_by_help"), key=f"by_{at}", width=240,
        ) if dates else ""  # fmt: skip
    is_usual = by == next((name for name in usual if name in dates), by)
    return "" if mode == modes[0] else str(mode), "" if is_usual else str(by)


def _radio(label: str, options: list[T], shown: Callable[[T], str], now: T | None, key: str) -> T | None:
    index = options.index(now) if now in options else None
    return st.radio(label, options, index=index, format_func=shown, horizontal=True, key=key)


def _done(session: Session, change: Callable[[], object]) -> bool:
    """Make a change to the mapping files, or say what is wrong with it."""
    try:
        change()
    except FieldbookError as error:
        st.error(words(session.t, error))
        return False
    return True
