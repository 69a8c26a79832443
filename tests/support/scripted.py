"""A real HTTP server on loopback that answers from a script, to see how a client bears with what goes wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer: status, body (JSON unless a string), seconds of silence before it, seconds its clock is ahead."""

    status: int = 200
    body: Any = None
    delay: float = 0.0
    ahead: float = 0.0


@dataclass
class Script:
    """Where the server is, and what it was asked: method, path, ``Authorization`` header, body."""

    url: str
    seen: list[tuple[str, str, str | None, Any]] = field(default_factory=list)

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Method and path of each request."""
        return [(method, path) for method, path, _, _ in self.seen]


@contextmanager
def scripted(replies: Sequence[Reply]) -> Iterator[Script]:
    """Answer requests in the order of ``replies``; the last one is repeated."""
    script = Script("")
    waiting = list(replies)

    class Handler(BaseHTTPRequestHandler):
        ahead = 0.0

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + self.ahead)

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.seen.append(
                (self.command, self.path, self.headers.get("Authorization"), json.loads(body) if body else None)
            )
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            time.sleep(reply.delay)
            self.ahead = reply.ahead
            is_text = isinstance(reply.body, str)
            content = (reply.body if is_text else json.dumps(reply.body)).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/html" if is_text else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
