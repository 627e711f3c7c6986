"""Clearing a market for industrial solid waste: ``Problem`` → ``solve`` → ``Outcome``.

>>> from matching import Demand, Problem, Supply, check, solve
>>> problem = Problem(
...     supplies=(Supply("plant", 5_000, "fly_ash", 115.91, 36.47, ask=-1_000),),
...     demands=(Demand("works", 3_000, ("fly_ash",), 116.03, 36.46, bid=4_000),),
... )
>>> outcome = solve(problem)
>>> [(match.supply, match.demand, match.kg) for match in outcome.matches]
[('plant', 'works', 3000)]
>>> check(problem, outcome)
[]
"""

from importlib import import_module
from typing import TYPE_CHECKING

from matching.faults import (
    EngineError,
    Fault,
    FieldFault,
    InputFaults,
    MatchingError,
    ProblemError,
)
from matching.files import (
    Reading,
    problem_from_directory,
    problem_from_json,
    problem_sha256,
    problem_to_directory,
    problem_to_json,
)
from matching.formats.outcome_files import outcome_from_directory, outcome_to_directory
from matching.formats.outcome_json import outcome_from_json, outcome_to_json
from matching.outcome import (
    Certificate,
    Level,
    Match,
    OrderResult,
    Outcome,
    Reason,
    Totals,
)
from matching.problem import (
    Demand,
    Lane,
    Mode,
    PriceRule,
    Problem,
    Settings,
    Side,
    Supply,
    default_mode,
)

if TYPE_CHECKING:
    from matching.levers.explain import least_changes
    from matching.prices import Amounts, amounts
    from matching.solver import STAGES, solve
    from matching.verify import Property, Violation, check
else:
    #: Where that stands which loads numpy: who only has others solve does without.
    _LOADED_LATER = {
        "Amounts": "matching.prices",
        "Property": "matching.verify",
        "STAGES": "matching.solver",
        "Violation": "matching.verify",
        "amounts": "matching.prices",
        "check": "matching.verify",
        "least_changes": "matching.levers.explain",
        "solve": "matching.solver",
    }

    def __getattr__(name: str) -> object:
        if name not in _LOADED_LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_LOADED_LATER[name]), name)
        globals()[name] = found
        return found


__all__ = [
    "STAGES",
    "Amounts",
    "Certificate",
    "Demand",
    "EngineError",
    "Fault",
    "FieldFault",
    "InputFaults",
    "Lane",
    "Level",
    "Match",
    "MatchingError",
    "Mode",
    "OrderResult",
    "Outcome",
    "PriceRule",
    "Problem",
    "ProblemError",
    "Property",
    "Reading",
    "Reason",
    "Settings",
    "Side",
    "Supply",
    "Totals",
    "Violation",
    "amounts",
    "check",
    "default_mode",
    "least_changes",
    "outcome_from_directory",
    "outcome_from_json",
    "outcome_to_directory",
    "outcome_to_json",
    "problem_from_directory",
    "problem_from_json",
    "problem_sha256",
    "problem_to_directory",
    "problem_to_json",
    "solve",
]
