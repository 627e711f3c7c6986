"""Ctrl-C and a polite kill as something to wait for, instead of an exception anywhere."""

import os
import signal
import threading
from contextlib import suppress
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While the block lasts, the first SIGINT or SIGTERM makes :attr:`pipe` readable.

    The second raises ``KeyboardInterrupt``, so nobody has to wait for what follows the first.
    Signals reach the main thread only; in any other the block changes nothing.
    """

    def __init__(self) -> None:
        self.happened = False
        self.pipe, self._writing = os.pipe()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            for each in _SIGNALS:
                self._before[each] = signal.signal(each, self._noticed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)  # type: ignore[arg-type]  # as it was given to us
        for end in (self.pipe, self._writing):
            with suppress(OSError):
                os.close(end)

    def heed(self) -> None:
        """Take note of what happened: :attr:`pipe` is no longer readable."""
        os.read(self.pipe, 1)

    def _noticed(self, number: int, frame: FrameType | None) -> None:
        if self.happened:
            raise KeyboardInterrupt
        self.happened = True
        os.write(self._writing, b"!")
