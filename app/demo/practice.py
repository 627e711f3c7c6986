"""What the demo works make, what they do with their wastes, and whom they have sent them to.

Read from the tables of `data/demo`; how tonnages follow from capacities says its README.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.catalogue.rules import WorkingDays
from app.companies.models import Site
from app.core.quantities import KG_PER_TONNE
from app.declarations.rules import ActivityKind
from app.demo import files
from app.demo.files import Row
from app.history.deals import Place, Route, Truck
from app.history.declaring import MICRO, Waste, Works
from app.history.queries import only_kinds, roads
from app.history.rules import BUILDING, HEATING, STEADY, WHOLE, Habit
from app.listings.rules import Product

SEASONS: Mapping[str, Mapping[int, int]] = MappingProxyType({"heating": HEATING, "steady": STEADY})


@dataclass(frozen=True, slots=True)
class Contract:
    """A standing contract and its trucks in a mean month; some ended when the market opened."""

    route: Route
    trucks: int
    is_until_opening: bool


def works(session: Session, folder: Path, sites: Mapping[str, int]) -> list[Works]:
    """The sites that make waste, and the plasterboard works, with what a mean month brings."""
    activities = {row["activity"]: row for row in files.rows(folder, "activities.csv")}
    wastes: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in files.rows(folder, "offers.csv"):
        wastes[row["site_key"], row["activity"]].append(row)
    for row in files.rows(folder, "requirements.csv"):
        if row["activity"] in activities:
            wastes[row["site_key"], row["activity"]].append(row)
    made = _Practice(folder)
    return [
        _works(session.get_one(Site, sites[site]), activities[activity], rows, made)
        for (site, activity), rows in wastes.items()
    ]


def contracts(
    session: Session, folder: Path, sites: Mapping[str, int], today: date
) -> list[Contract]:
    """The standing contracts, at the freight of the day."""
    rows = files.rows(folder, "standing.csv")
    ends = [
        tuple(session.get_one(Site, sites[row[end]]) for end in ("producer_site", "consumer_site"))
        for row in rows
    ]
    degrees = [((one.lon, one.lat), (other.lon, other.lat)) for one, other in ends]
    kinds = only_kinds(session)
    return [
        _contract(row, one, other, kinds.get(row["material"]), *road)
        for row, (one, other), road in zip(rows, ends, roads(session, degrees, today), strict=True)
    ]


def trucks_in(contract: Contract, month: date, worked: Mapping[str, WorkingDays]) -> int:
    """How many trucks a contract has in a month: fewer in winter, and few to a kiln at rest."""
    count = (2 * contract.trucks * BUILDING[month.month] + WHOLE) // (2 * WHOLE)
    days = worked.get(contract.route.product)
    return count if days is None else count * days.open // days.days


def trucks(folder: Path, companies: Mapping[str, int]) -> list[Truck]:
    """The trucks that have driven for the standing contracts."""
    return [
        Truck(
            company_id=companies[row["company_key"]],
            plate=row["plate"],
            trailer_plate=row["trailer_plate"],
            driver=row["driver"],
            tare_kg=int(row["tare_kg"]),
        )
        for row in files.rows(folder, "haulage.csv")
    ]


def logged(folder: Path, sites: Mapping[str, int]) -> set[tuple[int, str]]:
    """The wastes whose yard keeps a log, by the id of the site and the material."""
    return {(sites[row["site_key"]], row["material"]) for row in files.rows(folder, "yard.csv")}


def permits(folder: Path) -> dict[tuple[str, str], int]:
    """By site and material, kilograms that the works could take in a full year."""
    factors, found = _factors(folder), defaultdict[tuple[str, str], int](int)
    for row in files.rows(folder, "requirements.csv"):
        tonnes = float(row["capacity"]) * factors[row["activity"], row["materials"]]
        for material in row["materials"].split("|"):
            found[row["site_key"], material] += round(tonnes) * 12 * KG_PER_TONNE
    return found


class _Practice:
    """The factors and habits of the tables, by their keys."""

    def __init__(self, folder: Path) -> None:
        self.factors = _factors(folder)
        self.habits = {
            (row["site_key"], row["material"]): row for row in files.rows(folder, "habits.csv")
        }


def _works(site: Site, activity: Row, rows: Sequence[Row], made: _Practice) -> Works:
    per_unit, capacity = int(activity["per_unit_month"]), int(rows[0]["capacity"])
    wastes = tuple(_waste(row, per_unit, made) for row in rows if "material" in row)
    return Works(
        place=Place(site.id, site.company_id),
        adcode=site.adcode,
        park=site.park,
        kind=ActivityKind(activity["kind"]),
        mean=capacity * per_unit,
        season=SEASONS[activity["season"]],
        wastes=wastes,
    )


def _waste(row: Row, per_unit: int, made: _Practice) -> Waste:
    """A waste of an offer's works: all of it, not only the part that is put on the exchange."""
    tonnes = made.factors[row["activity"], row["material"]]
    mean_kg = round(int(row["capacity"]) * tonnes * KG_PER_TONNE)
    habit = made.habits[row["site_key"], row["material"]]
    return Waste(
        material=row["material"],
        kg_per_million=round(tonnes * KG_PER_TONNE * MICRO / per_unit),
        habit=Habit(
            mean_kg=mean_kg,
            used_milli=_milli(habit["used_pct"]),
            rising_milli=_milli(habit["rising_pct"]),
            entrusted_milli=_milli(habit["entrusted_pct"]),
            disposed_milli=_milli(habit["disposed_pct"]),
            store_kg=files.tonnes(habit["store_t"]),
            seasonal=habit["seasonal"] == "1",
        ),
        opening_kg=files.tonnes(habit["opening_t"]),
    )


def _contract(
    row: Row, giver: Site, taker: Site, kind: str | None, road_m: int, freight: int
) -> Contract:
    route = Route(
        producer=Place(giver.id, giver.company_id),
        consumer=Place(taker.id, taker.company_id),
        material=row["material"],
        kind=kind,
        product=Product(row["product"]),
        price=files.price(row["price"]) or 0,
        freight=freight,
        road_m=road_m,
    )
    return Contract(route, int(row["trucks"]), row["until_opening"] == "1")


def _factors(folder: Path) -> dict[tuple[str, str], float]:
    """Tonnes in a mean month for a unit of capacity, by activity and material."""
    return {
        (row["activity"], row["material"]): float(row["t_per_unit_month"])
        for row in files.rows(folder, "factors.csv")
    }


def _milli(percent: str) -> int:
    return round(float(percent) * 10)
