"""Just enough HTTP/1.1: sized or chunked bodies, keep-alive, pipelining in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

Route = Callable[["Connection", bytes, bytes, bytes, bytes], None]


class Connection(asyncio.Protocol):
    """One connection; `route(connection, method, path, head, body)` answers by `reply`, now or later."""

    transport: asyncio.Transport

    def __init__(self, route: Route) -> None:
        self.route = route
        self.received = b""
        self.closed = False
        self.waiting = False  # an answer is owed
        self.keep_alive = True
        self.on_lost: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self.on_lost is not None:
            hook, self.on_lost = self.on_lost, None
            hook()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.waiting:
            self._next()

    def _next(self) -> None:
        while self.received and not self.waiting and not self.closed:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.received[:end].lower()
            framed = _body(self.received, head, end + 4)
            if framed is None:
                return
            body, stop = framed
            method, path, _ = self.received[: self.received.find(b"\r\n")].split(b" ", 2)
            self.keep_alive = b"\r\nconnection: close" not in head
            head, self.received = self.received[:end], self.received[stop:]
            self.waiting = True
            self.route(self, method, path, head, body)

    def reply(self, code: int, body: bytes, extra: bytes = b"", content_type: bytes = b"application/json") -> None:
        """A whole answer; `extra` are header lines, each with its line end."""
        if self.closed:
            return
        reason = HTTPStatus(code).phrase.encode()
        head = b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n%s\r\n"
        self.write(head % (code, reason, content_type, len(body), extra) + body)
        if not self.keep_alive:
            self.close()
            return
        self.waiting = False
        if self.received:
            self._next()

    def write(self, data: bytes) -> None:
        """Raw bytes, unless the client has gone."""
        if not self.closed:
            self.transport.write(data)

    def close(self) -> None:
        """Closes after what was written."""
        self.transport.close()


def _body(received: bytes, head: bytes, start: int) -> tuple[bytes, int] | None:
    """The body and where it stops; None while it is not complete."""
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        stop = start + int(head[at + 17 :].split(b"\r\n", 1)[0])
        return None if len(received) < stop else (received[start:stop], stop)
    if b"\r\ntransfer-encoding:" in head and b"chunked" in head:
        return _unchunk(received, start)
    return b"", start


def _unchunk(received: bytes, place: int) -> tuple[bytes, int] | None:
    parts: list[bytes] = []
    while True:
        eol = received.find(b"\r\n", place)
        if eol < 0:
            return None
        size = int(received[place:eol].split(b";", 1)[0], 16)
        place = eol + 2
        if len(received) < place + size + 2:
            return None
        if size == 0:
            return b"".join(parts), place + 2
        parts.append(received[place : place + size])
        place += size + 2
