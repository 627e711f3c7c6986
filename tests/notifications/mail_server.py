"""A mail server on the loopback that takes what it is given, or breaks off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

END = b".\r\n"


class MailServer(ThreadingTCPServer):
    """`received` are the messages, `recipients` whom their envelopes name.

    It counts `conversations`, and refuses `unknown` recipients.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, breaks_off: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.breaks_off = breaks_off
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.conversations = 0
        self.unknown: set[str] = set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(*, breaks_off: bool = False) -> Iterator[MailServer]:
    with MailServer(breaks_off) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Conversation(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.conversations += 1
        self._say("220 ready")
        for line in self.rfile:
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA" and self.server.breaks_off:
                return
            self._answer(verb, line)
            if verb == b"QUIT":
                return

    def _answer(self, verb: bytes, line: bytes) -> None:
        if verb == b"RCPT":
            recipient = line.split(b"<")[1].split(b">")[0].decode()
            if recipient in self.server.unknown:
                self._say("550 nobody here")
                return
            self.server.recipients.append(recipient)
        if verb == b"DATA":
            self._say("354 go on")
            self._take()
        self._say("221 bye" if verb == b"QUIT" else "250 fine")

    def _take(self) -> None:
        lines = iter(self.rfile.readline, END)
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.server.received.append(found)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
