"""The clock that the other tests rely on."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.runtime.virtual_clock import Deadlock, simulate


def test_time_passes_only_by_timers() -> None:
    async def work() -> list[tuple[float, str]]:
        loop, log = asyncio.get_running_loop(), list[tuple[float, str]]()

        async def step(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            log.append((loop.time(), name))

        await asyncio.gather(step("b", 3600.0), step("a", 0.5), step("c", 3600.0))
        return log

    assert simulate(work()) == [(0.5, "a"), (3600.0, "b"), (3600.0, "c")]


def test_a_deadlock_is_reported() -> None:
    async def work() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        simulate(work())


def test_sockets_and_threads_are_refused() -> None:
    async def read() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            asyncio.get_running_loop().add_reader(ours, print)

    with pytest.raises(RuntimeError, match="real I/O"):
        simulate(read())
    with pytest.raises(RuntimeError, match="threads"):
        simulate(asyncio.to_thread(print))
