"""From a problem to its outcome: lanes → flow → prices → reasons → certificate.

What can be divided is one flow, solved exactly. Every component with indivisible parts is searched
on its own, the smallest first, within one budget.
"""

from collections.abc import Callable
from dataclasses import dataclass

from matching import assembly, lanes, loose, network, prices, reasons, search
from matching.assignment import Budget
from matching.lanes import Book
from matching.network import Network
from matching.outcome import Outcome
from matching.problem import Problem
from matching.search import Proven

#: The stages of a solve, in order, as told to ``on_stage``.
STAGES = ("lanes", "flow", "prices", "reasons", "certificate")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How a run went; what depends on the clock is not in the outcome.

    Attributes
    ----------
    status
        ``optimal`` where every level is proven the best, otherwise ``feasible``.
    engine
        What found the plan.
    iterations
        Iterations of the search over indivisible parts; a run with this budget finds it again.
    components
        How many components trade.
    shadow_components
        On how many of them the price rule ``shadow`` found one price per order and month.
    """

    status: str
    engine: str
    iterations: int
    components: int
    shadow_components: int


def _silent(_: object) -> None:
    """Nobody listens."""


def solve(problem: Problem, on_stage: Callable[[str], None] = _silent) -> Outcome:
    """Clear a market: best at the first level, among those plans at the second, and so on.

    The same problem gives the same outcome, byte for byte, unless a time limit cuts the search
    over indivisible parts short.

    Parameters
    ----------
    on_stage
        Called with each name of :data:`STAGES` as that stage begins.

    Raises
    ------
    EngineError
        The flow solver failed; no input that a ``Problem`` admits is known to do this.
    """
    return solve_with_report(problem, on_stage=on_stage)[0]


def solve_with_report(
    problem: Problem,
    *,
    on_stage: Callable[[str], None] = _silent,
    workers: int = 1,
    deadline: float | None = None,
    iterations: int | None = None,
    on_plan: Callable[[Proven], None] = _silent,
) -> tuple[Outcome, RunFacts]:
    """As :func:`solve`, with how it went.

    Parameters
    ----------
    workers
        Processes that search components at the same time; their number changes no byte.
    deadline
        When the search over indivisible parts ends, on the clock of :func:`time.monotonic`.
    iterations
        After how many of its iterations it ends; by default those of the problem's settings, or
        the engine's own number.
    on_plan
        Called with the plan of all that can be divided, which is the best, and with each better
        one that the search over indivisible parts finds; :func:`finish` makes an outcome of any.
    """
    on_stage("lanes")
    book = lanes.build(problem)
    net = network.of(problem, book)
    on_stage("flow")
    chosen = problem.settings.iterations if iterations is None else iterations
    gains = network.gains(problem, book, net)
    proven = search.solve(net, gains, Budget(chosen, deadline), workers, on_plan)
    return _told(problem, book, net, proven, on_stage)


def finish(problem: Problem, told: Proven) -> tuple[Outcome, RunFacts]:
    """The outcome of a plan on the way, with loose bounds for what cannot be divided.

    Parameters
    ----------
    told
        What ``on_plan`` was told of this problem.
    """
    book = lanes.build(problem)
    net = network.of(problem, book)
    proven = loose.proven(net, network.gains(problem, book, net), told)
    return _told(problem, book, net, proven, _silent)


def _told(
    problem: Problem,
    book: Book,
    net: Network,
    proven: Proven,
    on_stage: Callable[[str], None],
) -> tuple[Outcome, RunFacts]:
    on_stage("prices")
    posted = prices.post(problem, book, net, proven.flow)
    matches = assembly.matches(book, proven.flow, posted)
    storage = assembly.storage(problem, book, proven.flow)
    on_stage("reasons")
    orders = reasons.explain(problem, book, net, proven.flow)
    on_stage("certificate")
    certificate = assembly.certificate(problem, proven, matches)
    facts = RunFacts(
        proven.status,
        proven.engine,
        proven.iterations,
        posted.components,
        posted.shadow_components,
    )
    return Outcome(matches, orders, certificate, storage), facts
