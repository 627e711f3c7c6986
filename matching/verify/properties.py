"""The promises an outcome keeps, and what is said of one that is broken."""

from dataclasses import dataclass
from enum import StrEnum


class Property(StrEnum):
    """The promises an outcome keeps; a violation names the one it breaks."""

    ORDER_ONCE = "order_once"
    ORDER_TONNES = "order_tonnes"
    ORDER_PLACED = "order_placed"
    ORDER_STOCK = "order_stock"
    REASON = "reason"
    REASON_DETAIL = "reason_detail"
    MATCH_ORDERS = "match_orders"
    MATCH_MONTH = "match_month"
    MATCH_ONCE = "match_once"
    MATCH_TONNES = "match_tonnes"
    SUPPLY_CAPACITY = "supply_capacity"
    DEMAND_CAPACITY = "demand_capacity"
    LANE_PERMITTED = "lane_permitted"
    LANE_COST = "lane_cost"
    LANE_CAPACITY = "lane_capacity"
    LANE_MINIMUM = "lane_minimum"
    SINGLE = "single"
    COSTS_COVERED = "costs_covered"
    STORAGE_ONCE = "storage_once"
    STORAGE_SUM = "storage_sum"
    STORAGE_CHAIN = "storage_chain"
    STORAGE_LIMIT = "storage_limit"
    STORAGE_END = "storage_end"
    STORAGE_BALANCE = "storage_balance"
    SUPPORT = "support"
    PRICE_IDENTITY = "price_identity"
    PRICE_LIMITS = "price_limits"
    PRICE_RULE = "price_rule"
    TOTALS = "totals"
    CERTIFICATE_PROBLEM = "certificate_problem"
    CERTIFICATE_LEVELS = "certificate_levels"
    CERTIFICATE_BLOCK = "certificate_block"
    CERTIFICATE_VALUE = "certificate_value"
    CERTIFICATE_DUAL = "certificate_dual"
    CERTIFICATE_BOUND = "certificate_bound"
    CERTIFICATE_GAP = "certificate_gap"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: which, at which order, pair or level, and in which month of a horizon."""

    property: Property
    where: str
    found: str = ""
    expected: str = ""
    month: int | None = None
