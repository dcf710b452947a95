"""The Adventure Works figures once more: plain SQL over the raw files, sharing nothing with the product.

Columns are named and typed here by hand. A level is 'team' (member ''), 'rep' (EmployeeKey) or 'territory' (SalesTerritoryKey on the line);
a quarter is its first day. Amounts are exact decimals, rates are doubles of exact quotients.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Key = tuple[str, str, date]  # level, member, first day of the quarter

RAW = """
create table line as
select row_number() over () as n, "SalesOrderNumber" as order_no, strptime("OrderDate", '%d-%m-%Y')::date as sold_on,
       date_trunc('quarter', sold_on)::date as quarter, "ResellerKey" as customer, "EmployeeKey" as rep, "SalesTerritoryKey" as territory,
       translate("Sales", '$,', '')::decimal(18, 2) as net, translate("Cost", '$,', '')::decimal(18, 2) as cost
from read_csv($dir || '/Sales.csv', all_varchar = true, header = true, delim = ',', quote = '"');

create table person as
select "EmployeeKey" as rep, "EmployeeID" as payroll_no, "Title" = 'Sales Representative' as sells
from read_csv($dir || '/Salesperson.csv', all_varchar = true, header = true, delim = ',', quote = '"');

create table granted as
select "EmployeeKey" as rep, "SalesTerritoryKey" as territory
from read_csv($dir || '/SalespersonRegion.csv', all_varchar = true, header = true, delim = ',', quote = '"');

create table target as
select rep, sells, date_trunc('quarter', strptime("TargetMonth", '%d-%m-%Y'))::date as quarter,
       translate("Target", '$,', '')::decimal(18, 2) as amount
from read_csv($dir || '/Targets.csv', all_varchar = true, header = true, delim = ',', quote = '"') as t
join person on person.payroll_no = t."EmployeeID"
"""

SALES = """
select level, member, quarter, sum(net), sum(net - cost), sum(net - cost)::double / sum(net)::double
from line, lateral (values ('team', ''), ('rep', rep), ('territory', territory)) as credit (level, member)
group by all
"""

# A first order is the customer's earliest order with revenue; the first year of the data cannot tell a new customer from an old one.
FIRST_ORDERS = """
with orders as (
    select order_no, customer, min(sold_on) as sold_on, min_by(rep, n) as rep, min_by(territory, n) as territory
    from line group by order_no, customer having sum(net) > 0
),
first_orders as (select * from orders qualify row_number() over (partition by customer order by sold_on, order_no) = 1)
select level, member, date_trunc('quarter', sold_on)::date,
       count(*) filter (sold_on >= date '2018-07-01'), count(*) filter (sold_on < date '2018-07-01')
from first_orders, lateral (values ('team', ''), ('rep', rep), ('territory', territory)) as credit (level, member)
group by all
"""

# A person's own target is the person's; a level adds up those who sell, and a territory those who have that one and no other.
TARGETS = """
with home as (select rep, min(territory) as territory from granted group by rep having count(*) = 1)
select 'rep', rep, quarter, sum(amount) from target group by all
union all
select 'team', '', quarter, sum(amount) from target where sells group by all
union all
select 'territory', territory, quarter, sum(amount) from target join home using (rep) where sells group by all
"""


class Truth:
    """The raw folder, read once; each method answers for every level, member and quarter that has a row."""

    def __init__(self, folder: Path) -> None:
        self._con = duckdb.connect()
        for statement in RAW.split(";"):
            self._con.execute(statement, {"dir": str(folder)}).fetchall()

    def _rows(self, statement: str) -> dict[Key, tuple[Any, ...]]:
        return {(level, member, quarter): tuple(rest) for level, member, quarter, *rest in self._con.execute(statement).fetchall()}

    def sales(self) -> dict[Key, tuple[Decimal, Decimal, float]]:
        """Revenue, gross profit, gross margin 0–1."""
        return self._rows(SALES)

    def first_orders(self) -> dict[Key, tuple[int, int]]:
        """New customers, and customers of whom nobody can say."""
        return self._rows(FIRST_ORDERS)

    def attainment(self) -> dict[Key, tuple[Decimal, float]]:
        """Target of the full quarter, and revenue ÷ target (0 where nothing was sold)."""
        sold = self.sales()
        return {key: (goal, float(sold.get(key, (Decimal(0),))[0]) / float(goal)) for key, (goal,) in self._rows(TARGETS).items()}

    def lines(self) -> int:
        """Order lines in the file."""
        return self._con.execute("select count(*) from line").fetchall()[0][0]
