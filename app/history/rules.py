"""How a made-up month goes: seasons, what becomes of a waste, what trucks weigh. Pure decisions.

All shares are assumptions for synthetic data (confidence U), in thousandths; masses are whole kg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from types import MappingProxyType

from app.core.clock import add_months, china_day, month_of
from app.declarations.balance import MassBalance

WHOLE = 1000
STEP_KG = 20
"""What a weighbridge shows: a class III scale of 50 t and more counts in steps of 20 kg."""
TRUCK_LOAD_KG = 33_000
MEAN_LOAD_KG = 31_000
SPREAD_KG = 900
"""How far the load of a truck may lie from the mean of its contract."""
LOST_KG = (0, 0, 0, 0, 20, 20, 40, 60, 80)
"""What a load may lack at the other weighbridge: well inside the tolerance."""

HEATING = MappingProxyType(
    dict(enumerate((1120, 1080, 1020, 930, 920, 960, 1030, 1040, 950, 930, 1010, 1110), start=1))
)
"""Coal burnt by month of the year: heat in winter, cooling in summer."""
STEADY = MappingProxyType(
    dict(enumerate((980, 900, 1010, 1020, 1020, 1010, 1000, 1000, 1020, 1020, 1010, 1010), start=1))
)
"""Works that run through: a short February, repairs about the spring festival."""
BUILDING = MappingProxyType(
    dict(enumerate((800, 770, 900, 1080, 1110, 1090, 1020, 1020, 1090, 1110, 990, 820), start=1))
)
"""What kilns and building sites take by month of the year: they stand still in winter."""


class TooMuchTicketed(ValueError):
    """Tickets show more of a waste than its site had."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a site does with a waste of which `mean_kg` arise in a mean month.

    `used_milli` is turned into something, at home or elsewhere, and rises by `rising_milli` a year;
    `entrusted_milli` goes to others that send no tickets; `disposed_milli` is placed for good. A
    `seasonal` use follows the building year, any other what arises. No more than `store_kg` lies.
    """

    mean_kg: int
    used_milli: int
    rising_milli: int = 0
    entrusted_milli: int = 0
    disposed_milli: int = 0
    store_kg: int = 0
    seasonal: bool = True


def past_months(now: datetime, count: int) -> list[date]:
    """So many months before the present one, the earliest first."""
    this_month = month_of(china_day(now))
    return [add_months(this_month, back) for back in range(-count, 0)]


def part(kg: int, milli: int) -> int:
    """So many thousandths of a mass, cut to the kilogram."""
    return kg * milli // WHOLE


def noisy(random: Random, kg: int, spread_milli: int) -> int:
    """A mass that lies by chance up to so many thousandths above or below."""
    return part(kg, WHOLE + random.randint(-spread_milli, spread_milli))


def month_balance(
    habit: Habit, *, generated_kg: int, ticketed_kg: int, opening_kg: int, month: int, age: int
) -> MassBalance:
    """What becomes of a month's waste; `month` is that of the year, `age` counts months of history.

    New waste is used first, earlier stock (U0) only beyond it; what does not fit into the store is
    placed for good, the oldest first (D0). Both identities hold. Raises `TooMuchTicketed`.
    """
    there = generated_kg + opening_kg
    if ticketed_kg > there:
        raise TooMuchTicketed(f"{ticketed_kg} kg of {there} kg")
    untracked = min(part(generated_kg, habit.entrusted_milli), there - ticketed_kg)
    entrusted = ticketed_kg + untracked
    wanted = _wanted_kg(habit, generated_kg, month, age)
    used = min(max(wanted, entrusted), there)
    return _closed(habit, generated_kg, used, entrusted, opening_kg)


def logged_balance(
    *, generated_kg: int, ticketed_kg: int, stored_kg: int, taken_out_kg: int, opening_kg: int
) -> MassBalance:
    """A month as a yard's own log tells it: what was neither stored nor sent was used at home.

    Raises `TooMuchTicketed` where that would be less than nothing.
    """
    used = generated_kg - stored_kg + taken_out_kg
    if used < ticketed_kg:
        raise TooMuchTicketed(f"{ticketed_kg} kg of {used} kg")
    return MassBalance(
        generated_kg=generated_kg,
        self_used_kg=used - ticketed_kg,
        entrusted_used_kg=ticketed_kg,
        old_used_kg=taken_out_kg,
        stored_kg=stored_kg,
        opening_kg=opening_kg,
        closing_kg=opening_kg + stored_kg - taken_out_kg,
    )


def _wanted_kg(habit: Habit, generated_kg: int, month: int, age: int) -> int:
    milli = habit.used_milli + habit.rising_milli * age // 12
    if habit.seasonal:
        return part(part(habit.mean_kg, milli), BUILDING[month])
    return part(generated_kg, milli)


def _closed(
    habit: Habit, generated_kg: int, used_kg: int, entrusted_kg: int, opening_kg: int
) -> MassBalance:
    old_used = max(0, used_kg - generated_kg)
    left_new, left_old = generated_kg - (used_kg - old_used), opening_kg - old_used
    placed = min(part(generated_kg, habit.disposed_milli), left_new)
    over = max(0, left_old + left_new - placed - habit.store_kg)
    old_placed = min(over, left_old)
    placed += over - old_placed
    stored = left_new - placed
    return MassBalance(
        generated_kg=generated_kg,
        self_used_kg=used_kg - entrusted_kg,
        entrusted_used_kg=entrusted_kg,
        old_used_kg=old_used,
        stored_kg=stored,
        disposed_kg=placed + old_placed,
        old_disposed_kg=old_placed,
        opening_kg=opening_kg,
        closing_kg=left_old + stored - old_placed,
    )


def contract_kg(trucks: int) -> int:
    """The whole tonnes that so many trucks bring."""
    return trucks * MEAN_LOAD_KG


def loads_of(random: Random, trucks: int) -> list[int]:
    """What each truck of a contract carries, in steps of the scale; together its whole mass."""
    steps = SPREAD_KG // STEP_KG
    apart = [random.randint(-steps, steps) for _ in range(trucks)]
    surplus = sum(apart)
    share, rest = divmod(surplus, trucks)
    return [
        MEAN_LOAD_KG + STEP_KG * (one - share - (place < rest)) for place, one in enumerate(apart)
    ]


def shared_out(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Whole things by weight, largest remainder first, none lost."""
    whole = sum(weights.values())
    shares = {key: total * weight // whole for key, weight in weights.items()}
    missing = total - sum(shares.values())
    by_rest = sorted(weights, key=lambda key: (-(total * weights[key] % whole), key))
    for key in by_rest[:missing]:
        shares[key] += 1
    return shares
