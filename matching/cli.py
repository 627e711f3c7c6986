"""The command line: ``solve``, ``verify``, ``generate`` and ``reach``.

Exit codes: 0 done, 1 an outcome breaks a promise, 2 bad input, 3 cancelled, 4 the solver failed.
"""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matching import generate, reach, report, settings_file
from matching.faults import EngineError, Fault, InputFaults
from matching.files import problem_from_directory, problem_from_json, problem_to_directory
from matching.messages import Language, language_of, say, say_fault, say_violation
from matching.outcome import Outcome
from matching.outcome_files import outcome_from_directory, outcome_to_directory
from matching.outcome_json import outcome_to_json
from matching.problem import Problem
from matching.solve import solve
from matching.tables import tonnes
from matching.verify import check

DONE, VIOLATED, BAD_INPUT, CANCELLED, FAILED = range(5)
PIPE = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; bad input never leaves a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(words)
    options = _parser(language).parse_args(words)
    command: _Command = options.command
    try:
        return command(options, language)
    except InputFaults as error:
        for fault in error.faults:
            _note(say_fault(language, fault))
        return BAD_INPUT
    except OSError as error:
        values = {"path": error.filename, "error": error.strerror}
        _note(say(language, "unwritable", values))
        return BAD_INPUT
    except EngineError as error:
        _note(say(language, "engine_failed", {"error": error}))
        return FAILED
    except KeyboardInterrupt:
        _note(say(language, "cancelled"))
        return CANCELLED


def _language(words: Sequence[str]) -> Language:
    """The language asked for, else that of the environment; needed before the parser speaks."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--lang", choices=list(Language))
    asked, _ = parser.parse_known_args(words)
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return Language(asked.lang) if asked.lang else language_of(locale)


def _parser(language: Language) -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lang", choices=list(Language), help=say(language, "help_lang"))
    parser = argparse.ArgumentParser("python -m matching", description=say(language, "help"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (run, arguments) in _COMMANDS.items():
        text = say(language, f"help_{name}")
        added = commands.add_parser(name, help=text, description=text, parents=[shared])
        added.set_defaults(command=run)
        for flag, (code, details) in arguments.items():
            added.add_argument(flag, help=say(language, code), **details)
    return parser


def _solve(options: argparse.Namespace, language: Language) -> int:
    _refuse_same_directory(options.source, options.out)
    is_pipe = options.out == PIPE
    watch = report.Stopwatch()
    problem = _read(options.source, settings_file.texts_from_options(options.set), language)

    def on_stage(stage: str) -> None:
        watch.stage(stage)
        if not is_pipe:
            _note(say(language, f"stage_{stage}"))

    outcome = solve(problem, on_stage)
    run = report.of_run(outcome, watch.stop())
    if is_pipe:
        _pipe(outcome, run)
    else:
        _write(problem, outcome, run, Path(options.out))
        _print_solved(problem, outcome, options.out, language)
    return DONE


def _verify(options: argparse.Namespace, language: Language) -> int:
    out = Path(options.outcome)
    settings = out / settings_file.FILE
    try:
        if not settings.exists():
            raise InputFaults([Fault(settings_file.FILE, None, None, "missing_file")])
        outcome = outcome_from_directory(out)
    except InputFaults as error:
        print(*(say_fault(language, fault) for fault in error.faults), sep="\n")
        return VIOLATED
    problem = problem_from_directory(Path(options.source), settings=settings).problem
    violations = check(problem, outcome)
    for violation in violations:
        print(say_violation(language, violation))
    if not violations:
        placed = tonnes(outcome.certificate.totals.kg)
        print(say(language, "verified", {"matches": len(outcome.matches), "placed": placed}))
    return VIOLATED if violations else DONE


def _generate(options: argparse.Namespace, language: Language) -> int:
    problem = generate.generate(options.kind, options.seed, options.supplies, options.demands)
    problem_to_directory(problem, Path(options.out))
    print(say(language, "written", {"path": options.out}))
    return DONE


def _reach(options: argparse.Namespace, language: Language) -> int:
    done = []
    for run in reach.runs(map(Path, options.source), options.max_km.split(",")):
        _note(say(language, "reached", {"instance": run.instance, "max_km": run.max_km}))
        done.append(run)
    print(reach.table(done))
    violations = [violation for run in done for violation in run.violations]
    for violation in violations:
        print(say_violation(language, violation))
    return VIOLATED if violations else DONE


def _read(source: str, overrides: Mapping[str, str], language: Language) -> Problem:
    if source == PIPE:
        problem = problem_from_json(sys.stdin.buffer.read())
        settings = settings_file.overridden(problem.settings, overrides)
        return dataclasses.replace(problem, settings=settings)
    reading = problem_from_directory(Path(source), overrides)
    for file, columns in reading.unknown_columns.items():
        _note(say(language, "unknown_columns", {"file": file, "columns": ", ".join(columns)}))
    return reading.problem


def _pipe(outcome: Outcome, run: Mapping[str, object]) -> None:
    sys.stdout.buffer.write(outcome_to_json(outcome))
    sys.stdout.buffer.flush()
    _note(json.dumps(run))


def _write(problem: Problem, outcome: Outcome, run: Mapping[str, object], out: Path) -> None:
    outcome_to_directory(outcome, out)
    (out / settings_file.FILE).write_bytes(settings_file.to_json(problem.settings))
    (out / report.FILE).write_text(json.dumps(run, indent=2) + "\n")


def _print_solved(problem: Problem, outcome: Outcome, out: str, language: Language) -> None:
    values = {
        "offered": tonnes(sum(supply.kg for supply in problem.supplies)),
        "placed": tonnes(outcome.certificate.totals.kg),
        "matches": len(outcome.matches),
    }
    print(say(language, "solved", values))
    print(say(language, "written", {"path": out}))


def _refuse_same_directory(source: str, out: str) -> None:
    if PIPE not in (source, out) and Path(source).resolve() == Path(out).resolve():
        raise InputFaults([Fault("--out", None, None, "same_directory")])


def _note(text: str) -> None:
    print(text, file=sys.stderr)


_Command = Callable[[argparse.Namespace, Language], int]
_SIZE: dict[str, Any] = {"type": int, "default": 100}
#: Command → what it runs, and its arguments with the code of their help.
_COMMANDS: Mapping[str, tuple[_Command, Mapping[str, tuple[str, dict[str, Any]]]]] = {
    "solve": (
        _solve,
        {
            "source": ("help_source", {"metavar": "DIR"}),
            "--out": ("help_out", {"required": True, "metavar": "OUT"}),
            "--set": (
                "help_set",
                {"action": "extend", "nargs": "+", "default": [], "metavar": "KEY=VALUE"},
            ),
        },
    ),
    "verify": (
        _verify,
        {
            "source": ("help_directory", {"metavar": "DIR"}),
            "outcome": ("help_outcome", {"metavar": "OUT"}),
        },
    ),
    "generate": (
        _generate,
        {
            "kind": ("help_kind", {"choices": list(generate.KINDS)}),
            "--seed": ("help_seed", {"type": int, "default": 0}),
            "--supplies": ("help_supplies", _SIZE),
            "--demands": ("help_demands", _SIZE),
            "--out": ("help_out_directory", {"required": True, "metavar": "DIR"}),
        },
    ),
    "reach": (
        _reach,
        {
            "source": ("help_directory", {"nargs": "+", "metavar": "DIR"}),
            "--max-km": ("help_max_km", {"default": "150,300,600"}),
        },
    ),
}
