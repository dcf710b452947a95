"""Lists of the Customers page that look ahead: new customers, those to be followed, and who could buy more lines than they do."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from kpi import crosssell, newcomers
from kpi.classes import NEW_DAYS
from kpi.period import Period, months_up_to, parse
from pages.frame.session import Session
from pages.ui import compute, reasons
from pages.ui.filters import Selection

WHICH = ("watch", "gaps")


def found(session: Session, selection: Selection, everyone: pl.DataFrame, which: str) -> pl.DataFrame:
    """The customers of one of the lists in its order, as in `everyone`, with `why` in words; of gaps also `worth`."""
    rows, said = (_watch, newcomers.reasons) if which == "watch" else (_gaps, crosssell.reasons)
    listed = reasons.with_why(session, rows(session, selection, everyone), said)
    kept = listed.select("customer_id", "why", *(["worth"] if which == "gaps" else []))
    return kept.join(everyone, on="customer_id", how="inner", maintain_order="left")


def _watch(session: Session, selection: Selection, everyone: pl.DataFrame) -> pl.DataFrame:
    """New customers among their first shipments, or in trouble; without visits nobody knows who was in touch, and none is listed."""
    to = min(selection.period.to, session.warehouse.as_of)
    days = _span(session, selection, to - timedelta(days=NEW_DAYS - 1))
    started = compute.rows(session, "onboarding", (days,), selection.where)
    if started is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "reasons": pl.List(pl.String)})
    cases, opened = (compute.rows(session, name, (days,), selection.where) for name in ("complaints", "open_cases"))
    bought = everyone.select("customer_id", "first_order_on", "last_order_on", "orders", pl.lit(to).alias("to_on"))
    return newcomers.watch(bought, started, cases, opened, _sold(session, selection, days))


def came_back(session: Session, selection: Selection, customers: pl.DataFrame) -> pl.DataFrame:
    """The new customers of the period, with `why` where one has sent goods back since."""
    since = _span(session, selection, selection.period.start)
    rows = newcomers.with_returned(customers, _sold(session, selection, since))
    return reasons.with_why(session, rows, newcomers.reasons) if rows["is_returned"].any() else customers


def _sold(session: Session, selection: Selection, days: Period) -> pl.DataFrame:
    sales = compute.rows(session, "customer_sales", (days,), selection.where)
    assert sales is not None  # there are customers only with orders
    return sales


def _gaps(session: Session, selection: Selection, everyone: pl.DataFrame) -> pl.DataFrame:
    """Customers with lines most of their class buy and they do not."""
    to = min(selection.period.to, session.warehouse.as_of)
    volumes = compute.rows(session, "volumes", (_span(session, selection, months_up_to(to, 12)),), selection.where)
    assert volumes is not None  # there are customers only with orders
    return crosssell.gaps(volumes, everyone)


def _span(session: Session, selection: Selection, first: object) -> Period:
    to = min(selection.period.to, session.warehouse.as_of)
    return parse(f"{first}..{to}", session.warehouse.as_of, selection.period.calendar)
