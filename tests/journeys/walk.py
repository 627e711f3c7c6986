"""The pages of the town by what they are about, each with somebody it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.journeys.town import Town

SIDES = ("producer", "consumer")
Stop = tuple[str, str]
"""Who looks, and at which address."""


def bidding(town: Town) -> Iterator[Stop]:
    number = town.numbers
    for person in ("public", "producer", "operator", "newcomer"):
        yield person, "/bidding/"
    for name in ("open round", "round to come", "cancelled round", "closed round"):
        yield "producer", f"/bidding/rounds/{number[name]}"
    for person in ("public", "operator"):
        yield person, f"/bidding/rounds/{number['open round']}"
    yield "operator", "/bidding/rounds/new"
    for person, listing in (("producer", "offer"), ("consumer", "need")):
        yield person, f"/bidding/rounds/{number['open round']}/bids/{number[listing]}"
    yield "producer", "/bidding/negotiations"
    yield "newcomer", "/bidding/negotiations"
    for talk in ("talk", "talk ended", "talk answered"):
        for person in SIDES:
            yield person, f"/bidding/negotiations/{number[talk]}"
    yield "consumer", f"/bidding/take/{number['fixed']}"
    yield "consumer", f"/bidding/offer/{number['direct']}"
    yield "consumer", f"/listings/{number['direct']}"
    yield "producer", f"/listings/{number['offer']}"


def clearing(town: Town) -> Iterator[Stop]:
    for person in ("public", "producer", "operator"):
        yield person, f"/clearing/{town.numbers['run']}"
    yield "producer", f"/clearing/orders/{town.numbers['asked']}?run={town.numbers['run']}"
    yield "public", "/clearing/prices"
    yield "operator", "/clearing"


def trades(town: Town) -> Iterator[Stop]:
    number = town.numbers
    for person in (*SIDES, "operator", "city", "newcomer"):
        yield person, "/trades/"
    standing = ("proposed", "half confirmed", "confirmed", "half signed", "contracted")
    under_way = ("wish to cancel", "delivering", "escalated")
    ended = ("completed", "declined", "expired", "cancelled", "defaulted")
    for name in (*standing, *under_way):
        for person in SIDES:
            yield person, f"/trades/{number[name]}"
    for name in ended:
        yield "producer", f"/trades/{number[name]}"
    yield "operator", f"/trades/{number['escalated']}"
    yield "city", f"/trades/{number['delivering']}"
    yield "producer", "/trades/elsewhere"
    yield "producer", "/trades/lookups"
    yield "newcomer", "/trades/lookups"
    yield "consumer", f"/trades/firms/{town.ids['plant']}"


def trucks(town: Town) -> Iterator[Stop]:
    notes = {name: f"/shipments/{one}" for name, one in town.numbers.items() if "truck" in name}
    for person in (*SIDES, "carrier", "newcomer", "operator"):
        yield person, "/shipments/"
    for path in notes.values():
        yield "producer", path
    for name in ("truck draft", "truck on the road", "truck short", "truck disputed"):
        yield "consumer", notes[name]
    yield "carrier", notes["truck draft"]
    yield "producer", f"/shipments/plan/{town.numbers['delivering']}"
    yield "producer", f"{notes['truck draft']}/change"
    yield "carrier", "/shipments/vehicles"
    yield "carrier", f"/shipments/vehicles/{town.ids['vehicle']}"
    yield "newcomer", "/shipments/vehicles"
    for person in (*SIDES, "newcomer"):
        yield person, "/shipments/gate"
    yield "consumer", f"/shipments/gate/{town.ids['unloading']}/settings"
    yield "consumer", f"{notes['truck arrived']}/gate"
    for name in ("truck confirmed", "truck rejected", "truck whole"):
        yield "producer", f"{notes[name]}/gate"


def records(town: Town) -> Iterator[Stop]:
    for page in ("", "/log", "/record", "/setup", "/sources/new", "/facilities/new"):
        yield "producer", f"/declarations{page}"
    yield "producer", f"/declarations/sources/{town.ids['source']}"
    yield "producer", f"/declarations/facilities/{town.ids['silo']}"
    for page in ("/declarations", "/declarations/setup", "/declarations/record"):
        yield "newcomer", page
    yield "producer", "/documents/ledger/2026-11.xlsx"
    for person in (*SIDES, "newcomer"):
        yield person, "/documents"
        yield person, "/settlement"


def standards(_town: Town) -> Iterator[Stop]:
    yield "public", "/standards"
    yield "public", "/standards/GB~T_1596-2017"
    yield "public", "/uses"
    yield "public", "/uses/fly_ash/concrete?loi=11.2&ph=1&so3=3&boiler_type=pulverised"
    yield "public", "/uses/fly_ash/concrete?loi=140&ph=19"


def passports(town: Town) -> Iterator[Stop]:
    for name in ("tested lot", "untested lot", "slag", "unfit lot"):
        for person in ("public", "producer"):
            yield person, f"/passports/{town.numbers[name]}"
    yield "consumer", f"/passports/{town.numbers['tested lot']}?parameter=nh4"


def desks(_town: Town) -> Iterator[Stop]:
    for person in (*SIDES, "newcomer", "operator"):
        yield person, "/notifications"
    yield "producer", "/notifications/settings"
    yield "producer", "/desk"
    yield "operator", "/work"


def maps(town: Town) -> Iterator[Stop]:
    number = town.numbers
    for person in ("public", "producer", "county"):
        yield person, "/map"
    for measure in ("utilisation", "gap", "stock", "used_here", "official_flows"):
        yield "city", f"/map?measure={measure}"
    yield "city", "/map?measure=gap&span=year&red_mud=1&against=2026-09&month=2026-10"
    yield "public", "/map?measure=rate&month=2026-12"
    yield "county", "/map?measure=official_flows&span=year&against=2026-09&month=2026-10"
    yield "city", f"/map/flows/{number['sent county']}/{number['taken county']}?span=year"
    county = f"/map/counties/{number['sent county']}"
    for page in ("", "?by=park", "?span=year&against=2026-09"):
        yield "city", f"{county}{page}"
    waste = f"/map/sites/{town.ids['sent from']}/{number['sent material']}"
    loads = f"/map/trades/{number['sent']}/loads"
    for person in ("city", "operator"):
        for page in (f"{county}/firms/{town.ids['sender']}", waste, loads):
            yield person, page
    for month in ("2026-10", "2026-11"):
        for person in ("city", "county"):
            yield person, f"/map/closes/{month}"


def overseers(town: Town) -> Iterator[Stop]:
    number = town.numbers
    for person in ("city", "county", "operator"):
        yield person, "/oversight/gap?month=2026-12"
        yield person, "/oversight/scenarios"
        yield person, "/oversight/watch"
        yield person, "/declarations/overview"
    yield "city", "/oversight/gap?month=2026-12&material=fly_ash&adcode=371503"
    yield "city", "/oversight/scenarios/new"
    yield "city", f"/oversight/scenarios/{number['trial']}"
    for name in ("flag", "flag asked", "flag closed"):
        yield "city", f"/oversight/watch/{number[name]}"
    for person in ("producer", "newcomer"):
        yield person, "/oversight/asked"
    yield "producer", f"/oversight/asked/{number['flag asked']}"
    yield "city", f"/declarations/overview?county={number['sent county']}"


def months_declared(town: Town) -> Iterator[Stop]:
    for page in ("", "?month=2026-09"):
        yield "producer", f"/declarations/monthly{page}"
    yield "newcomer", "/declarations/monthly"
    own = f"/declarations/monthly/{town.ids['loading']}/fly_ash/2026-10"
    for page in ("", "/loads", "/declare"):
        yield "producer", f"{own}{page}"
    sent = f"{town.ids['sent from']}/{town.numbers['sent material']}/2026-10"
    for page in ("", "/loads"):
        yield "city", f"/declarations/monthly/{sent}{page}"


def boards(_town: Town) -> Iterator[Stop]:
    for page in ("/", "/producers", "/producers?material=red_mud", "/open-data"):
        yield "public", page
    yield "public", "/statistics/definitions"
    yield "public", "/catalogue/"
    yield "public", "/standards/changes"


def entries(town: Town) -> Iterator[Stop]:
    """Where people and firms begin, and what they list."""
    for page in ("sign-in", "register", "forgot"):
        yield "public", f"/accounts/{page}"
    for person in ("producer", "city", "operator"):
        yield person, "/accounts/me"
    for page in ("/accounts/members", "/companies/own", "/companies/own/contact", "/imports"):
        yield "producer", page
    yield "producer", "/companies/own/sites/new"
    yield "producer", "/companies/own/approvals"
    yield "producer", f"/listings/{town.numbers['offer']}/edit"
    yield "producer", f"/companies/own/sites/{town.ids['loading']}"
    yield "operator", "/companies/"
    yield "operator", f"/companies/{town.ids['plant']}"
    for page in ("offers", "requirements", "own", "offers/new", "requirements/new"):
        yield "producer" if "require" not in page else "consumer", f"/listings/{page}"
    yield "public", "/listings/offers"
    for page in ("", "assay", "facts", "reports"):
        yield "producer", f"/passports/{town.numbers['untested lot']}/{page}".rstrip("/")


WALKS: tuple[Callable[[Town], Iterator[Stop]], ...] = (
    bidding,
    clearing,
    trades,
    trucks,
    records,
    standards,
    passports,
    desks,
    maps,
    overseers,
    months_declared,
    boards,
    entries,
)
