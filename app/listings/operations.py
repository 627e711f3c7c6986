"""Putting listings on the market, changing, withdrawing and renewing them.

The tonnes of every month are entries of the ledger; a listing only says what was asked for.
A limit price goes straight into its sealed box: no audit detail, message or log ever sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue import queries as catalogue
from app.catalogue.rules import hazardous_code, is_hazardous_code, is_item_code
from app.catalogue.words import HazardNotice
from app.companies.models import Company, Site
from app.companies.rules import CompanyStatus
from app.companies.standing import require_part, require_unbarred
from app.core import audit
from app.core.actor import Actor
from app.core.clock import china_day, month_of
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.faults import Fault
from app.core.series import next_serial
from app.eligibility.fitting import OwnLimit
from app.eligibility.queries import parameter_map
from app.ledger import operations as ledger
from app.ledger.queries import balances
from app.listings import limits, rules
from app.listings.hazards import found_hazardous
from app.listings.models import (
    Listing,
    ListingLimit,
    ListingMaterial,
    Offer,
    Requirement,
)
from app.listings.policy import may_act_for
from app.listings.rules import DealMode, ListingStatus, Product, Side, Terms
from app.listings.words import spoken

Kind = TypeVar("Kind", bound=Listing)
Problem = tuple[str, object]
"""A form field and the sentence that belongs to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What both kinds of listing say. Prices are fen per tonne, negative if the producer pays."""

    site_id: int
    kg_per_month: int
    first_month: date
    last_month: date
    max_km: int | None = None
    list_price: int | None = None
    limit_price: int | None = field(default=None, repr=False)
    silo_kg: int | None = None
    holding_price: int | None = field(default=None, repr=False)
    shows_name: bool = False
    note: str = ""
    deal_mode: DealMode = DealMode.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDraft(Draft):
    """An offer of one material; name and code as on the discharge permit.

    `kind` is finer than the material; blank where the material has only one, or nobody said.
    """

    side: ClassVar = Side.OFFER

    material: str
    waste_name: str = ""
    waste_code: str = ""
    kind: str = ""
    product: None = None
    accepts_not_shown: ClassVar[bool] = False
    own_limits: ClassVar[tuple[OwnLimit, ...]] = ()

    @property
    def materials(self) -> tuple[str, ...]:
        return (self.material,) if self.material else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementDraft(Draft):
    """A need that any of the materials meets, what will be made of it, and what is asked of it."""

    side: ClassVar = Side.REQUIREMENT

    materials: tuple[str, ...]
    product: Product | None = None
    accepts_not_shown: bool = False
    own_limits: tuple[OwnLimit, ...] = ()
    waste_name: str = ""
    waste_code: str = ""
    kind: ClassVar[str] = ""


AnyDraft = OfferDraft | RequirementDraft


class AwaitingApproval(Forbidden):
    """The firm may not trade yet, or no longer."""

    title = _l("企业还在等待审核")
    message = _l("企业通过审核后才能发布供应和需求；这一步没有执行。")
    next_step = _l("运营方审核后会发邮件通知；急用请联系运营方。")


class ChangedMeanwhile(Conflict):
    """Somebody else of the firm saved the listing while this draft was being made."""

    message = _l("您打开表单后，同事已经改过这条挂牌；您的改动没有保存。")
    next_step = _l("请对照同事保存的内容，改好后再保存一次。")


class ListingRefused(Refused):
    """A draft that breaks rules; `problems` names every field with its sentence."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0][1], field=problems[0][0])
        self.problems = problems


def publish_offer(session: Session, actor: Actor, draft: OfferDraft, now: datetime) -> Offer:
    """Put an offer on the market.

    Raises `ListingRefused`, `AwaitingApproval`, `Barred`, `OnlyDrives` or `NotFound`.
    """
    return _publish(session, actor, Offer, draft, now)


def publish_requirement(
    session: Session, actor: Actor, draft: RequirementDraft, now: datetime
) -> Requirement:
    """Put a requirement on the market; raises as `publish_offer`."""
    return _publish(session, actor, Requirement, draft, now)


def problems(session: Session, draft: AnyDraft, now: datetime) -> list[Problem]:
    """Everything that speaks against publishing a draft, each at its field."""
    today = china_day(now)
    found = list(_problems(session, draft, now, earliest=month_of(today)))
    return [*found, *_told(_hazard_faults(session, draft, today))]


def change(
    session: Session,
    actor: Actor,
    number: str,
    draft: AnyDraft,
    now: datetime,
    *,
    version: int | None = None,
) -> Listing:
    """Replace what an active listing says; what is reserved or contracted stays covered.

    `version` is the one the draft was made from; raises `ChangedMeanwhile` if it is not the last.
    """
    listing = _active_listing(session, actor, number)
    _require_dealable(listing)
    if version not in (None, listing.version):
        raise ChangedMeanwhile
    _site_to_trade_from(session, actor, draft.site_id)
    this_month = month_of(china_day(now))
    _lock_lots(session, listing, _terms(draft).months)
    taken = _taken(session, number)
    standing = rules.Standing(listing.materials, listing.site_id, taken)
    _refuse(
        *_problems(session, draft, now, earliest=listing.first_month),
        *_told(rules.change_faults(_terms(draft), draft.site_id, standing, this_month)),
    )
    wanted = rules.quantities(_terms(draft), set(taken), this_month)
    _fill(session, listing, draft, now)
    _set_quantities(session, actor, listing, wanted, now)
    _record(session, actor, "change", listing, now)
    return listing


def withdraw(session: Session, actor: Actor, number: str, now: datetime) -> int:
    """Take what is still open off the market; returns the kilograms. What is taken stays taken."""
    listing = _active_listing(session, actor, number, approved=False)
    kg = ledger.withdraw_open(session, actor, number, now)
    listing.status = ListingStatus.WITHDRAWN
    listing.version += 1
    listing.withdrawn_at = listing.changed_at = now
    audit.record(session, actor, "listing.withdraw", _subject(listing), now, kg=kg)
    return kg


def renew(session: Session, actor: Actor, number: str, months: int, now: datetime) -> Listing:
    """Extend the window of an active or expired listing; raises `ListingRefused`."""
    listing = _active_listing(session, actor, number)
    _require_dealable(listing)
    this_month = month_of(china_day(now))
    if months not in rules.RENEWALS:
        raise Refused(_l("请从列表中选择续期的月数。"), field="months")
    old_last = listing.last_month
    first, last = rules.renewed(listing.first_month, old_last, months, this_month)
    terms = Terms(listing.materials, listing.kg_per_month, first, last)
    _refuse(
        *_told(rules.faults(terms, frozenset(listing.materials), this_month, first)),
        *_refused_words(session, listing, china_day(now)).items(),
    )
    added = [month for month in terms.months if month >= max(first, this_month)]
    _lock_lots(session, listing, added)
    listing.first_month, listing.last_month, listing.changed_at = first, last, now
    listing.version += 1
    new = {month: listing.kg_per_month for month in added if month > old_last}
    _set_quantities(session, actor, listing, new, now)
    _record(session, actor, "renew", listing, now)
    return listing


def name_kind(session: Session, actor: Actor, number: str, kind: str, now: datetime) -> Listing:
    """Say of an offer what its waste is, where nobody has said so.

    Raises `NotFound`, `Conflict` where somebody did, or `ListingRefused`.
    """
    listing = _active_listing(session, actor, number)
    if listing.kind:
        raise Conflict(_l("%(number)s 的种类已经填过。", number=number))
    known = [row.code for row in quality.kinds(session) if row.material in listing.materials]
    if listing.side is Side.REQUIREMENT or kind not in known:
        _refuse(*_told([Fault("kind", "kind_of_other_material")]))
    listing.kind, listing.changed_at = kind, now
    listing.version += 1
    _record(session, actor, "name_kind", listing, now)
    return listing


def hold(session: Session, actor: Actor, numbers: Iterable[str]) -> None:
    """Hold several listings of the actor's firm and their lots until the transaction ends."""
    own = (Listing.number.in_(set(numbers)), Listing.company_id == actor.company_id)
    held = session.scalars(select(Listing).where(*own).order_by(Listing.id).with_for_update())
    ledger.lock_listings(session, [listing.number for listing in held])


def _publish(
    session: Session, actor: Actor, kind: type[Kind], draft: AnyDraft, now: datetime
) -> Kind:
    site = _site_to_trade_from(session, actor, draft.site_id)
    require_part(site.company)
    require_unbarred(site.company)
    _refuse(*problems(session, draft, now))
    number = _next_number(session, draft.side, now)
    listing = kind(number=number, company_id=site.company_id, published_at=now)
    _fill(session, listing, draft, now)
    session.add(listing)
    session.flush()
    masses = dict.fromkeys(_terms(draft).months, draft.kg_per_month)
    ledger.issue_months(session, actor, number, masses, now)
    _record(session, actor, "publish", listing, now)
    return listing


def _site_to_trade_from(session: Session, actor: Actor, site_id: int) -> Site:
    """A site the actor may list from: another firm's answers as if it were not there."""
    site = session.get(Site, site_id)
    if site is None or not may_act_for(actor, site.company_id):
        raise NotFound
    _require_approved(session, site.company_id)
    return site


def _require_approved(session: Session, company_id: int) -> None:
    company = session.get_one(Company, company_id)
    if company.status is not CompanyStatus.APPROVED:
        raise AwaitingApproval


def _active_listing(session: Session, actor: Actor, number: str, approved: bool = True) -> Listing:
    """The actor's own listing, held until the transaction ends."""
    query = select(Listing).where(Listing.number == number).with_for_update(of=Listing)
    listing = session.scalar(query, execution_options={"populate_existing": True})
    if listing is None or not may_act_for(actor, listing.company_id):
        raise NotFound
    if approved:
        _require_approved(session, listing.company_id)
    if listing.status is ListingStatus.WITHDRAWN:
        raise Conflict(
            _l("%(number)s 已撤回，不能再改动。", number=number), _l("需要时请重新发布一条。")
        )
    return listing


def _require_dealable(listing: Listing) -> None:
    """A listing made for one deal says what that deal says, and nothing else."""
    if listing.deal_mode is DealMode.PRIVATE:
        raise Conflict(
            _l("%(number)s 是为一笔直接成交建立的，不能改动。", number=listing.number),
            _l("要继续买卖，请另发一条挂牌。"),
        )


def _next_number(session: Session, side: Side, now: datetime) -> str:
    """The next public number; its series stays locked until the transaction ends."""
    month = month_of(china_day(now))
    prefix = rules.series(side, month)
    return rules.public_number(prefix, next_serial(session, prefix))


def _terms(draft: AnyDraft) -> Terms:
    return Terms(
        materials=draft.materials,
        kg_per_month=draft.kg_per_month,
        first_month=draft.first_month,
        last_month=draft.last_month,
        max_km=draft.max_km,
        list_price=draft.list_price,
        limit_price=draft.limit_price,
        silo_kg=draft.silo_kg,
        holding_price=draft.holding_price,
        deal_mode=draft.deal_mode,
    )


def _problems(
    session: Session, draft: AnyDraft, now: datetime, earliest: date
) -> Iterable[Problem]:
    """Everything that speaks against a draft, each at its field."""
    today = china_day(now)
    known = frozenset(catalogue.material_map(session, today))
    yield from _told(rules.faults(_terms(draft), known, month_of(today), earliest))
    yield from _told(_kind_faults(session, draft))
    yield from _told(rules.limit_faults(draft.own_limits, frozenset(parameter_map(session))))
    refused = _refused_words(session, draft, today)
    if "waste_code" not in refused:
        yield from _told(_code_faults(draft.waste_code))
    yield from refused.items()


def _hazard_faults(session: Session, draft: AnyDraft, today: date) -> Iterable[Fault]:
    """What a laboratory found hazardous is not offered anew under another number."""
    kind = _kind(session, draft)
    number = found_hazardous(session, draft.site_id, kind, today) if kind else None
    if number:
        yield Fault("materials", "found_hazardous", {"number": number})


def _kind_faults(session: Session, draft: AnyDraft) -> Iterable[Fault]:
    if draft.kind and draft.kind not in _kinds_of(session, draft):
        yield Fault("kind", "kind_of_other_material")


def _kinds_of(session: Session, draft: AnyDraft) -> list[str]:
    """The kinds that an offer's material may be; none for a requirement, which takes any."""
    if draft.side is Side.REQUIREMENT:
        return []
    return [row.code for row in quality.kinds(session) if row.material in draft.materials]


def _kind(session: Session, draft: AnyDraft) -> str | None:
    """The kind that was named, or the only one there is."""
    kinds = _kinds_of(session, draft)
    return draft.kind or (kinds[0] if len(kinds) == 1 else None)


def _code_faults(code: str) -> Iterable[Fault]:
    if is_hazardous_code(code):
        yield Fault("waste_code", "hazardous_code", {"value": code})
    elif code and not is_item_code(code):
        yield Fault("waste_code", "not_item_code", {"value": code})


def _refused_words(
    session: Session, told: AnyDraft | Listing, today: date
) -> dict[str, HazardNotice]:
    """Hazardous waste, wherever in a listing it is named and whatever material is chosen."""
    texts = {
        "waste_name": [told.waste_name],
        "waste_code": [told.waste_code, hazardous_code(told.waste_code)],
        "note": [told.note],
    }
    found = catalogue.blocked_among(session, texts, today)
    return {name: HazardNotice(hit) for name, hit in found.items()}


def _told(faults: Iterable[Fault]) -> list[Problem]:
    return [(fault.field, spoken(fault)) for fault in faults]


def _refuse(*problems: Problem) -> None:
    if problems:
        raise ListingRefused(list(problems))


def _fill(session: Session, listing: Listing, draft: AnyDraft, now: datetime) -> None:
    listing.site_id = draft.site_id
    listing.kg_per_month = draft.kg_per_month
    listing.first_month, listing.last_month = draft.first_month, draft.last_month
    listing.max_km = draft.max_km
    listing.list_price = draft.list_price
    listing.silo_kg, listing.holding_price = draft.silo_kg, draft.holding_price
    listing.shows_name = draft.shows_name
    listing.waste_name, listing.waste_code = draft.waste_name, draft.waste_code
    listing.product = draft.product
    listing.kind = _kind(session, draft)
    listing.accepts_not_shown = draft.accepts_not_shown
    listing.note = draft.note
    listing.deal_mode = draft.deal_mode
    listing.version = (listing.version or 0) + 1
    listing.changed_at = now
    materials = tuple(dict.fromkeys(draft.materials))
    if listing.materials != materials:
        listing.accepted = [
            ListingMaterial(material_code=code, position=place)
            for place, code in enumerate(materials)
        ]
    if listing.own_limits != draft.own_limits:
        listing.limit_rows = [_limit_row(place, own) for place, own in enumerate(draft.own_limits)]
    limits.keep(listing, draft.limit_price)


def _limit_row(position: int, own: OwnLimit) -> ListingLimit:
    minimum, maximum = (None if end is None else str(end) for end in (own.minimum, own.maximum))
    return ListingLimit(
        parameter=own.parameter, minimum=minimum, maximum=maximum, position=position
    )


def _taken(session: Session, number: str) -> dict[date, int]:
    """Kilograms that trades hold or have used in each month the ledger knows of a listing."""
    return {month: row.taken for (_number, month), row in balances(session, [number]).items()}


def _lock_lots(session: Session, listing: Listing, months: Iterable[date]) -> None:
    known = {month for _number, month in balances(session, [listing.number])}
    ledger.lock(session, [(listing.number, month) for month in known | set(months)])


def _set_quantities(
    session: Session, actor: Actor, listing: Listing, wanted: dict[date, int], now: datetime
) -> None:
    for month, kg in wanted.items():
        ledger.set_quantity(session, actor, listing.number, month, kg, now)


def _record(session: Session, actor: Actor, verb: str, listing: Listing, now: datetime) -> None:
    audit.record(
        session,
        actor,
        f"listing.{verb}",
        _subject(listing),
        now,
        materials=listing.materials,
        kg_per_month=listing.kg_per_month,
        first_month=f"{listing.first_month:%Y-%m}",
        last_month=f"{listing.last_month:%Y-%m}",
        kind=listing.kind,
        site_id=listing.site_id,
    )


def _subject(listing: Listing) -> tuple[str, str]:
    return listing.side.value, listing.number
