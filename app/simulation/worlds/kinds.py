"""The kinds of works a generated world has, with what they make of what; pure.

Sizes and shares are assumptions (confidence U); kilograms of waste follow data/demo/factors.csv.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from app.declarations.rules import ActivityKind
from app.history.rules import HEATING, STEADY, Habit
from app.listings.rules import Product

RED_MUD = "red_mud"
RED_MUD_USED, OTHERS_USED = (30, 100), (600, 1020)
DISPOSED_MILLI = (0, 300)
RISING_MILLI = (0, 50)
STORE_MONTHS_MILLI = (300, 2_000)
POND_MONTHS = 60
"""A red-mud pond holds years."""


@dataclass(frozen=True, slots=True)
class MakerKind:
    """Works that make waste: their activity in a mean month, in whole units, and its wastes.

    `wastes` are kilograms for a million units, by material; `weight` says how common they are.
    """

    name: str
    name_en: str
    industry: str
    activity: ActivityKind
    mean: tuple[int, int]
    season: Mapping[int, int]
    wastes: tuple[tuple[str, int], ...]
    weight: int


@dataclass(frozen=True, slots=True)
class TakerKind:
    """Works that take waste, what they take, what they make of it, and how common they are."""

    name: str
    name_en: str
    industry: str
    product: Product
    takes: tuple[str, ...]
    weight: int
    board_m2: int = 0


_COAL = (("fly_ash", 207_592), ("bottom_ash", 35_587), ("fgd_gypsum", 50_415))
MAKERS = (
    MakerKind(
        "电厂",
        "power plant",
        "4411",
        ActivityKind.COAL_BURNT,
        (20_000_000, 150_000_000),
        HEATING,
        _COAL,
        25,
    ),
    MakerKind(
        "热电",
        "heat and power",
        "4412",
        ActivityKind.COAL_BURNT,
        (4_000_000, 20_000_000),
        HEATING,
        _COAL,
        40,
    ),
    MakerKind(
        "氧化铝",
        "alumina works",
        "3216",
        ActivityKind.ALUMINA_MADE,
        (30_000_000, 100_000_000),
        STEADY,
        ((RED_MUD, 1_400_000),),
        8,
    ),
    MakerKind(
        "化工",
        "chemical works",
        "2651",
        ActivityKind.PVC_MADE,
        (4_000_000, 50_000_000),
        STEADY,
        (("carbide_slag", 2_000_000),),
        12,
    ),
    MakerKind(
        "铜业",
        "copper smelter",
        "3211",
        ActivityKind.COPPER_MADE,
        (4_000_000, 16_000_000),
        STEADY,
        (("smelting_slag", 2_500_000),),
        6,
    ),
    MakerKind(
        "铁合金",
        "ferro-alloy works",
        "3140",
        ActivityKind.ALLOY_MADE,
        (1_000_000, 4_000_000),
        STEADY,
        (("smelting_slag", 1_000_000),),
        9,
    ),
)
_ASH = ("fly_ash", "bottom_ash")
TAKERS = (
    TakerKind(
        "水泥", "cement works", "3011", Product.CEMENT, (*_ASH, "fgd_gypsum", "smelting_slag"), 15
    ),
    TakerKind("混凝土", "concrete plant", "3021", Product.CONCRETE, ("fly_ash",), 20),
    TakerKind("砌块", "block works", "3024", Product.BLOCK, (*_ASH, "fgd_gypsum"), 18),
    TakerKind("制砖", "brickworks", "3031", Product.BRICK, _ASH, 15),
    TakerKind(
        "石膏板",
        "plasterboard works",
        "3024",
        Product.PLASTERBOARD,
        ("fgd_gypsum",),
        8,
        board_m2=1_000_000,
    ),
    TakerKind(
        "路材",
        "road materials",
        "4812",
        Product.ROAD_BASE,
        (*_ASH, "smelting_slag", "carbide_slag"),
        14,
    ),
    TakerKind("脱硫剂", "desulfuriser works", "2619", Product.DESULFURISER, ("carbide_slag",), 6),
    TakerKind("选铁", "metal recovery", "7723", Product.METAL_RECOVERY, (RED_MUD,), 4),
)


def drawn_maker(random: Random) -> MakerKind:
    (found,) = random.choices(MAKERS, weights=[kind.weight for kind in MAKERS])
    return found


def drawn_taker(random: Random, place: int) -> TakerKind:
    """By chance, but one of each kind first: no waste of a world is without a taker."""
    if place < len(TAKERS):
        return TAKERS[place]
    (found,) = random.choices(TAKERS, weights=[kind.weight for kind in TAKERS])
    return found


def drawn_habit(random: Random, material: str, mean_kg: int) -> Habit:
    """What some site does with a waste; all that goes to others goes with tickets."""
    is_mud = material == RED_MUD
    used = random.randint(*(RED_MUD_USED if is_mud else OTHERS_USED))
    months = POND_MONTHS * 1_000 if is_mud else random.randint(*STORE_MONTHS_MILLI)
    return Habit(
        mean_kg=mean_kg,
        used_milli=used,
        rising_milli=random.randint(*RISING_MILLI) // (5 if is_mud else 1),
        disposed_milli=min(random.randint(*DISPOSED_MILLI), max(0, 1_000 - used)),
        store_kg=mean_kg * months // 1_000,
        seasonal=random.random() < 0.8,
    )
