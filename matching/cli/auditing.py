"""``verify``, and ``reach``, a table of audited runs."""

import argparse
from pathlib import Path

from matching.cli.console import DONE, VIOLATED, Console
from matching.faults import Fault, InputFaults
from matching.files import problem_from_directory
from matching.formats import settings_file
from matching.formats.outcome_files import outcome_from_directory
from matching.formats.tables import tonnes
from matching.outcome import Level


def verify(options: argparse.Namespace, console: Console) -> int:
    """Audit an outcome with the settings it was found with; name every broken promise."""
    from matching.verify import check  # noqa: PLC0415 (only this command needs it)

    out = Path(options.outcome)
    settings = out / settings_file.FILE
    try:
        if not settings.exists():
            raise InputFaults([Fault(settings_file.FILE, None, None, "missing_file")])
        outcome = outcome_from_directory(out)
    except InputFaults as error:
        print(*console.faults_as_lines(error.faults), sep="\n")
        return VIOLATED
    problem = problem_from_directory(Path(options.directory), settings=settings).problem
    violations = check(problem, outcome)
    console.print_violations(violations)
    if violations:
        return VIOLATED
    placed = tonnes(outcome.certificate.totals.kg)
    console.print("verified", {"matches": len(outcome.matches), "placed": placed})
    for level in outcome.certificate.levels:
        _print_level(level, console)
    return DONE


def _print_level(level: Level, console: Console) -> None:
    """How far a level is proved, in its own whole units; a claim is never called a proof."""
    values: dict[str, object] = {"level": level.name, "value": level.value, "bound": level.bound}
    if level.bound == level.value:
        console.print("level_proved", values)
    elif level.claimed is None:
        console.print("level_bound", values)
    else:
        console.print("level_claimed", {**values, "claimed": level.claimed})


def reach(options: argparse.Namespace, console: Console) -> int:
    """Solve and audit directories at several distance limits and print the table."""
    from matching import reach as reaching  # noqa: PLC0415 (only this command needs it)

    done = []
    for run in reaching.runs(map(Path, options.source), options.max_km.split(",")):
        console.note("reached", {"instance": run.instance, **run.overrides})
        done.append(run)
    print(reaching.table(done))
    violations = [violation for run in done for violation in run.violations]
    console.print_violations(violations)
    return VIOLATED if violations else DONE
