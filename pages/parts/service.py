"""How customers are won, kept, served and grown, and how well they are served: cards the Overview and the pages on customers share."""

from __future__ import annotations

from collections.abc import Mapping

from pages.frame.session import Session
from pages.ui.figures import Figure

CYCLE = ("new_customers", "customer_retention", "complaint_rate", "revenue_retention_net")  # win, keep, serve, grow
SERVICE = ("complaint_rate", "open_over_sla", "first_response_hours", "resolution_hours", "satisfaction", "discount_rate")
LEADS = {
    "new_customers": "customers",
    "customer_retention": "customers",
    "complaint_rate": "customers",
    "revenue_retention_net": "customers",
}


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under each card: of how many, or of how much."""
    t, fmt = session.t, session.fmt
    rows = {name: figure.row for name, figure in shown.items() if figure.value is not None}
    lines = {}
    if row := rows.get("customer_retention"):
        lines["customer_retention"] = t("pages_service.stayed", part=fmt.count(row["numerator"]), all=fmt.count(row["denominator"]))
    if row := rows.get("revenue_retention_net"):
        lines["revenue_retention_net"] = t("pages_service.bought_before", amount=fmt.money(row["denominator"]))
    if row := rows.get("complaint_rate"):
        lines["complaint_rate"] = t("pages_service.complaints_of", part=fmt.count(row["numerator"]), all=fmt.count(row["denominator"]))
    if row := rows.get("open_over_sla"):
        lines["open_over_sla"] = t("pages_service.of_open", all=fmt.count(row.get("open_cases")))
    if row := rows.get("satisfaction"):
        lines["satisfaction"] = t("pages_service.answers", count=fmt.count(row["n_rows"]))
    if row := rows.get("discount_rate"):
        lines["discount_rate"] = t("pages_service.off_list", amount=fmt.money(row["denominator"]))
    return lines
