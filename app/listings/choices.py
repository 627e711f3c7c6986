"""What the fields of a listing's form choose from, as of a day, and what they have to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue import queries as catalogue
from app.catalogue.quality import KindRow, ParameterRow, UseRow
from app.catalogue.queries import MaterialRow
from app.companies.queries import SiteRow, sites_of
from app.core.actor import Actor
from app.eligibility.queries import parameter_map
from app.listings.rules import Product


@dataclass(frozen=True, slots=True)
class FormChoices:
    """A firm's sites, and the catalogue of a day. Names are in the language of who asks."""

    materials: Sequence[MaterialRow]
    sites: Sequence[SiteRow]
    kinds: Sequence[KindRow]
    parameters: Mapping[str, ParameterRow]
    uses: Sequence[UseRow]

    @property
    def finer(self) -> list[tuple[MaterialRow, list[KindRow]]]:
        """The materials that are of several kinds, with these."""
        kinds = [
            (material, [kind for kind in self.kinds if kind.material == material.code])
            for material in self.materials
        ]
        return [(material, found) for material, found in kinds if len(found) > 1]

    @property
    def tolerant(self) -> list[Product]:
        """The products of which some use takes lots whose fitness nobody has shown."""
        codes = {code for use in self.uses if use.tolerates_unknown for code in use.products}
        return [product for product in Product if product in codes]

    @property
    def strict(self) -> list[Product]:
        """The products of which every use asks for proof."""
        codes = {code for use in self.uses for code in use.products}
        return [one for one in Product if one in codes and one not in self.tolerant]


def form_choices(session: Session, actor: Actor, on: date) -> FormChoices:
    """What somebody of a firm may choose from on a day."""
    assert actor.company_id is not None
    return FormChoices(
        materials=catalogue.materials(session, on),
        sites=sites_of(session, actor.company_id),
        kinds=quality.kinds(session),
        parameters=parameter_map(session),
        uses=quality.uses(session, on),
    )
