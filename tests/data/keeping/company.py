"""A company that loads exports day by day, and the few rows that the tests of keeping are about."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from data.keeping import recovery, store
from data.loading import load as loading
from data.loading.report import Report

DAY = datetime(2026, 7, 1, 2, tzinfo=UTC)
ORDERS = "order_id,line_no,customer_id,rep_id,order_date,net_amount,cost_amount\n"
INVOICES = "invoice_id,customer_id,invoice_date,due_date,amount,paid_amount,paid_on,open_amount\n"
CUSTOMERS = "customer_id,customer_name,owner_id,contact,phone\n"
REPS = "rep_id,rep_name,role,region,login\n"
MAY = ORDERS + "A,1,C1,R1,2026-05-01,100.00,60.00\nB,1,C2,R1,2026-05-31,200.00,\n"
JUNE = ORDERS + "C,1,C1,R1,2026-06-01,10.00,\nD,1,C2,R1,2026-06-30,20.00,\n"


class Company:
    """A home and a folder of exports; every load comes a day after the one before."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.exports = folder / "exports"
        self.exports.mkdir()
        self.day = DAY

    def load(self, accept: bool = False, **files: str) -> Report:
        self.day += timedelta(days=1)
        paths = [self.exports / f"{name}.csv" for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text, "utf-8")
        report = loading.load(self.home, paths, now=self.day, accept=accept)
        for path in paths:
            path.unlink()
        return report

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        snapshot = store.current(self.home)
        assert snapshot
        with duckdb.connect(str(snapshot), read_only=True) as con:
            return con.execute(query).fetchall()

    def orders(self) -> dict[str, Decimal]:
        return dict(self.ask("select order_id, net_amount from src.orders where _replaced_by is null order by 1"))

    @property
    def served(self) -> str:
        return store.pointer(self.home)

    def rebuilt(self) -> tuple[str, list[str]]:
        record = recovery.rebuild(self.home)
        return record["status"], record["differs"]

    def copied(self, folder: Path) -> Company:
        """The same company in another place, free to be changed."""
        other = Company(folder)
        shutil.copytree(self.home, other.home)
        other.day = self.day
        return other


Start = Callable[[Company], object]


def many(count: int) -> str:
    return ORDERS + "".join(f"A{n:03},1,C1,R1,2026-06-{1 + n % 28:02},1.00,1\n" for n in range(100)[:count])
