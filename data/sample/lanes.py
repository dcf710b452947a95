"""What Harbourline sells: services by lane, their prices and margins. One lane loses money since 2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from data.sample.people import EAST, NORTH, SOUTH

SEA, AIR, RAIL, ROAD, STORE, CUSTOMS = "海运", "空运", "铁路", "陆运", "仓储", "报关"
# Freight trains lost their subsidy at the turn of the year: what was thin became a loss.
SUBSIDY_ENDED = date(2026, 1, 1)


@dataclass(frozen=True)
class Service:
    """A service as in the price list; list price in fen per unit."""

    product_id: str
    name: str
    lane: str
    uom: str
    list_price: int


SERVICES = (
    Service("SEA-FCL", "海运整箱", SEA, "TEU", 980_000),
    Service("SEA-LCL", "海运拼箱", SEA, "CBM", 46_000),
    Service("AIR-EXP", "空运出口", AIR, "KG", 3_150),
    Service("AIR-IMP", "空运进口", AIR, "KG", 2_680),
    Service("RAIL-EU", "中欧班列", RAIL, "TEU", 2_850_000),
    Service("RAIL-CA", "中亚班列", RAIL, "TEU", 1_720_000),
    Service("ROAD-FTL", "整车运输", ROAD, "车次", 420_000),
    Service("ROAD-LTL", "零担运输", ROAD, "CBM", 16_500),
    Service("WH-STO", "保税仓储", STORE, "CBM", 5_800),
    Service("WH-VAS", "库内增值服务", STORE, "件", 380),
    Service("CUS-EXP", "出口报关", CUSTOMS, "票", 42_000),
    Service("CUS-IMP", "进口报关", CUSTOMS, "票", 58_000),
)
SERVICES_OF = {lane: tuple(s for s in SERVICES if s.lane == lane) for lane in (SEA, AIR, RAIL, ROAD, STORE, CUSTOMS)}

MARGIN = {SEA: 0.145, AIR: 0.130, RAIL: 0.055, ROAD: 0.115, STORE: 0.260, CUSTOMS: 0.440}
RAIL_MARGIN_NOW = -0.055
MARGIN_FLOOR = {SEA: "0.08", AIR: "0.07", RAIL: "0.03", ROAD: "0.06", STORE: "0.15", CUSTOMS: "0.25"}
REGION_MARGIN = {EAST: 0.012, SOUTH: -0.004, NORTH: -0.022}  # the North buys its volume with price

# Share of the shipments by main lane, per region.
LANE_MIX = {
    EAST: {SEA: 48, AIR: 24, ROAD: 10, STORE: 14, RAIL: 4},
    SOUTH: {SEA: 44, AIR: 34, ROAD: 12, STORE: 7, RAIL: 3},
    NORTH: {SEA: 30, AIR: 8, ROAD: 20, STORE: 6, RAIL: 36},
}
# What a shipment of that lane is worth, against the customer's usual one.
LANE_TICKET = {SEA: 1.0, AIR: 1.15, RAIL: 1.25, ROAD: 0.45, STORE: 0.55}
STANDARD_DISCOUNT = 0.08


def margin(lane: str, region: str, day: date) -> float:
    """The usual margin rate of a lane in a region on a day."""
    base = RAIL_MARGIN_NOW if lane == RAIL and day >= SUBSIDY_ENDED else MARGIN[lane]
    return base + REGION_MARGIN[region]


def unit_cost(service: Service, day: date) -> int:
    """The standard cost of a service, in fen per unit, as the price list has it from that day."""
    base = RAIL_MARGIN_NOW if service.lane == RAIL and day >= SUBSIDY_ENDED else MARGIN[service.lane]
    return round(service.list_price * (1 - STANDARD_DISCOUNT) * (1 - base))
