"""Decisions about trucks on plain values: states, weights, tolerance, plates, slots."""

from __future__ import annotations

from enum import StrEnum


class ShipmentStatus(StrEnum):
    """States of a consignment note (source: domain practice of transfer manifests)."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    RECEIVED = "received"
    PART_REJECTED = "part_rejected"
    REJECTED = "rejected"
    CLOSED = "closed"
    VOID = "void"


class End(StrEnum):
    """At which weighing a ticket was made."""

    LOADING = "loading"
    UNLOADING = "unloading"
    RETURN = "return"


class Verdict(StrEnum):
    """What the receiver says of a load."""

    ACCEPT = "accept"
    PART = "part"
    REJECT = "reject"


class RejectReason(StrEnum):
    MOISTURE = "moisture"
    FINENESS = "fineness"
    LOSS_ON_IGNITION = "loss_on_ignition"
    CONTAMINATION = "contamination"
    WRONG_MATERIAL = "wrong_material"
    WEIGHT = "weight"
    NO_ROOM = "no_room"
    PAPERS = "papers"
    OTHER = "other"


class EmissionClass(StrEnum):
    """Exhaust stage of a truck (GB 17691) or its drive."""

    CHINA_4 = "china_4"
    CHINA_5 = "china_5"
    CHINA_6 = "china_6"
    NEW_ENERGY = "new_energy"


class Packaging(StrEnum):
    BULK = "bulk"
    TANKER = "tanker"
    BAGS = "bags"
    TARPAULIN = "tarpaulin"


class DiscrepancyStatus(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    ESCALATED = "escalated"
