"""The command line: ``python -m matching COMMAND …``.

Exit codes: 0 done, 1 an outcome breaks a promise, 2 bad input, 3 cancelled, 4 the solver failed.

Whatever solves runs in a process of its own (:mod:`matching.cli.worker`), so that it can be ended.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from matching.cli.console import BAD_INPUT, CANCELLED, FAILED, Console, note
from matching.cli.parser import Command, parser
from matching.faults import EngineError, InputFaults
from matching.messages import Language, language_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; bad input never leaves a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(words)
    options = parser(language).parse_args(words)
    command: Command = options.command
    console = Console(language)
    try:
        return command(options, console)
    except InputFaults as error:
        for line in console.faults_as_lines(error.faults):
            note(line)
        return BAD_INPUT
    except OSError as error:
        console.note("unwritable", {"path": error.filename, "error": error.strerror})
        return BAD_INPUT
    except EngineError as error:
        console.note("engine_failed", {"error": error})
        return FAILED
    except KeyboardInterrupt:
        console.note("cancelled")
        return CANCELLED


def _language(words: Sequence[str]) -> Language:
    """The language asked for, else that of the environment; needed before the parser speaks."""
    asking = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    asking.add_argument("--lang", choices=list(Language))
    asked, _ = asking.parse_known_args(words)
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return Language(asked.lang) if asked.lang else language_of(locale)
