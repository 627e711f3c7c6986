"""An audit of an outcome that shares only the file reader and the lane rule with the solver.

An outcome that passes accounts for every order's tonnes exactly once and for every silo month by
month, trades only on permitted lanes at their cost, splits the money to the fen, gives true
reasons, and carries dual values that prove how far any other plan could be better: not at all,
where everything can be divided.
"""

from collections.abc import Iterator

from matching.files import problem_sha256
from matching.outcome import Certificate, Outcome
from matching.problem import Problem, Side
from matching.verify import arrays, lines, reading, reasons
from matching.verify.audit import Audit
from matching.verify.naming import named
from matching.verify.properties import Property, Violation

__all__ = ["Property", "Violation", "check"]


def check(problem: Problem, outcome: Outcome) -> list[Violation]:
    """Every promise the outcome breaks; an empty list for an honest one.

    A match of nobody is named once and left out of all sums; one without a lane is named once and
    left out of what is reckoned from lanes.
    """
    audit = Audit.of(problem, outcome)
    broken = (named(audit, breach) for breach in arrays.breaches(audit.market, audit.claim))
    return [
        *reading.unknown_ends(audit.names, outcome),
        *lines.orders(problem, audit.names, outcome, audit.served),
        *(each for side in Side for each in audit.silos[side].violations()),
        *(violation for violations in broken for violation in violations),
        *reasons.violations(problem, audit.market, audit.names, audit.claim, audit.served, outcome),
        *_totals(outcome),
        *_identity(problem, outcome.certificate),
    ]


def _totals(outcome: Outcome) -> Iterator[Violation]:
    matches, stated = outcome.matches, outcome.certificate.totals
    consumer = sum(_fen(match.kg * match.price_consumer) for match in matches)
    freight = sum(_fen(match.kg * match.cost) for match in matches)
    support = sum(_fen(match.kg * match.support) for match in matches)
    expected = {
        "kg": sum(match.kg for match in matches),
        "consumer": consumer,
        "producer": consumer + support - freight,
        "freight": freight,
        "support": support,
    }
    for name, value in expected.items():
        if getattr(stated, name) != value:
            yield Violation(Property.TOTALS, name, str(getattr(stated, name)), str(value))


def _fen(kg_fen_per_tonne: int) -> int:
    """Kilograms times fen per tonne as whole fen, rounded half up."""
    return (kg_fen_per_tonne + 500) // 1_000


def _identity(problem: Problem, proof: Certificate) -> Iterator[Violation]:
    """Whether the proof is of this problem and of the levels it pursues."""
    for broken, where, found, expected in (
        (
            Property.CERTIFICATE_PROBLEM,
            "problem_sha256",
            proof.problem_sha256,
            problem_sha256(problem),
        ),
        (
            Property.CERTIFICATE_LEVELS,
            "levels",
            ", ".join(reading.level_names(proof)),
            ", ".join(problem.settings.levels),
        ),
    ):
        if found != expected:
            yield Violation(broken, where, found, expected)
