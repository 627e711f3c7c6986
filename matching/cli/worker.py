"""The process that works for a command: ``python -m matching.cli.worker PIPE PARENT``.

Started by :class:`matching.cli.child.Child` only. A solver cannot be interrupted from within its
process, so it gets one of its own that can be killed; it dies with its parent in any case.
"""

import pickle
import signal
import sys
from multiprocessing.connection import Connection

from matching.cli import protocol, tasks
from matching.cli.protocol import Done, Failed, Message, Refused
from matching.faults import EngineError, InputFaults
from matching.lifeline import die_with_parent
from matching.report import peak_memory_mib


def main(pipe: int, parent: int) -> None:
    """Read the request from standard input, carry it out, tell everything over the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(parent)
    request: protocol.Request = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
    with Connection(pipe, readable=False) as messages:
        messages.send(_carried_out(request, tasks.Teller(messages.send)))


def _carried_out(request: protocol.Request, tell: tasks.Teller) -> Message:
    try:
        result = tasks.TASKS[request.task](tell, **request.arguments)
    except InputFaults as error:
        return Refused(tuple(error.faults))
    except EngineError as error:
        return Failed(str(error))
    return Done(result, peak_memory_mib())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
