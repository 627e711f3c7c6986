"""A small market of three months as scenarios edit it: a plant, a kiln and a block works."""

from datetime import date

from app.oversight.gap.scenes import Scene, Spot, Stop
from matching import Demand, Mode, Problem, Settings, Supply, solve

OCT, NOV, DEC = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
PLANT, KILN, BLOCKS = 1, 2, 3
CHIPING, GAOTANG = "371503", "371526"
MONTHS = (OCT, NOV, DEC)


def scene(*, ask: int = 0, settings: Settings | None = None) -> Scene:
    """Ash of 1,000 kg a month; a kiln for 600 that stands half of November and all December; a
    block works for 200 too far away for the usual reach.
    """
    return Scene(
        problem=Problem(
            supplies=tuple(
                Supply("S-1", 1_000, "fly_ash", 116.00, 36.50, ask=ask, month=month)
                for month in range(3)
            ),
            demands=(
                *(
                    Demand("D-1", kg, ("fly_ash",), 116.05, 36.50, bid=4_000, month=month)
                    for month, kg in enumerate((600, 300, 0))
                ),
                *(
                    Demand("D-2", 200, ("fly_ash",), 117.50, 36.50, bid=20_000, month=month)
                    for month in range(3)
                ),
            ),
            settings=settings or Settings(max_m=50_000),
        ),
        months=MONTHS,
        spots={
            "S-1": Spot(PLANT, CHIPING),
            "D-1": Spot(KILN, CHIPING, "clinker"),
            "D-2": Spot(BLOCKS, GAOTANG, "block"),
        },
        stops=(Stop("clinker", NOV, 15, 30), Stop("clinker", DEC, 31, 31)),
    )


def placed(found: Scene, mode: Mode = Mode.PLAN) -> int:
    """The most that can be placed, by the market or physically."""
    settings = found.problem.settings
    asked = Settings(
        mode=mode,
        levels=("tonnes",),
        max_m=settings.max_m,
        freight_per_tkm=settings.freight_per_tkm,
    )
    problem = Problem(found.problem.supplies, found.problem.demands, asked, found.problem.lanes)
    return solve(problem).certificate.totals.kg
