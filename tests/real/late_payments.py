"""The IBM late-payments figures once more: plain SQL over the raw file, sharing nothing with the product.

Every invoice is settled once and in full, so an invoice is open at the end of day T when it was issued by T and settled after T.
Levels: 'team' (member '') and 'territory' (the country code on the row).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

RAW = """
create table invoice as
select "invoiceNumber" as invoice_no, "customerID" as customer, "countryCode" as country, "InvoiceAmount"::decimal(18, 2) as amount,
       strptime("InvoiceDate", '%m/%d/%Y')::date as issued, strptime("DueDate", '%m/%d/%Y')::date as due,
       strptime("SettledDate", '%m/%d/%Y')::date as settled, "DaysLate"::int as days_late
from read_csv($file, all_varchar = true, header = true, delim = ',', quote = '"')
"""

# Money that could be collected: open when the period began, or issued in it, and due by its end.
COLLECTION = """
select level, member, coalesce(sum(amount) filter (settled between $start and $end), 0), sum(amount)
from invoice, lateral (values ('team', ''), ('territory', country)) as credit (level, member)
where issued <= $end and due <= $end and settled >= $start
group by all
"""

ON_TIME = """
select level, member, coalesce(sum(amount) filter (settled <= due), 0), sum(amount)
from invoice, lateral (values ('team', ''), ('territory', country)) as credit (level, member)
where due between $start and $end and due <= $as_of
group by all
"""

AGING = """
with still_open as (select customer, amount, $day::date - due as late from invoice where issued <= $day and settled > $day)
select case when late <= 0 then 'not_due' when late <= 30 then 'd1_30' when late <= 60 then 'd31_60'
            when late <= 90 then 'd61_90' when late <= 180 then 'd91_180' else 'd180_plus' end,
       sum(amount), count(*)
from still_open group by all
"""

BY_CUSTOMER = """
select customer, sum(amount), coalesce(sum(amount) filter (due < $day::date), 0)
from invoice where issued <= $day and settled > $day group by all
"""

Share = dict[tuple[str, str], tuple[Decimal, Decimal]]  # level, member -> numerator, denominator


class Truth:
    """The raw file, read once."""

    def __init__(self, file: Path) -> None:
        self._con = duckdb.connect()
        self._con.execute(RAW, {"file": str(file)}).fetchall()

    def _shares(self, statement: str, **values: date) -> Share:
        return {(level, member): (part, whole) for level, member, part, whole in self._con.execute(statement, values).fetchall()}

    def collection(self, start: date, end: date) -> Share:
        """Collected of what was collectible ÷ collectible, from `start` to `end`, both inclusive."""
        return self._shares(COLLECTION, start=start, end=end)

    def on_time(self, start: date, end: date, as_of: date) -> Share:
        """Paid by its due date ÷ all that fell due in the period (and by `as_of`)."""
        return self._shares(ON_TIME, start=start, end=end, as_of=as_of)

    def aging(self, day: date) -> dict[str, tuple[Decimal, int]]:
        """Open amount and number of invoices in each bucket of days late at the end of `day`."""
        return {bucket: (amount, count) for bucket, amount, count in self._con.execute(AGING, {"day": day}).fetchall()}

    def balances(self, day: date) -> dict[str, tuple[Decimal, Decimal]]:
        """Open and overdue amount of each customer that owes something at the end of `day`."""
        return {c: (balance, overdue) for c, balance, overdue in self._con.execute(BY_CUSTOMER, {"day": day}).fetchall()}

    def invoice_numbers(self) -> dict[str, Decimal]:
        """Every invoice number as written, with its amount."""
        return dict(self._con.execute("select invoice_no, amount from invoice").fetchall())

    def days_late_disagree(self) -> int:
        """Rows whose own DaysLate differs from what the dates say: none, or the dates are misread here."""
        return self._con.execute("select count(*) from invoice where days_late <> greatest(0, settled - due)").fetchall()[0][0]
