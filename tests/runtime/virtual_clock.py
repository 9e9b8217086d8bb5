"""An event loop whose clock jumps: it never sleeps, never touches a socket, and says when it is stuck.

Whenever nothing is ready the time moves to the next timer, so thousands of virtual seconds pass
in milliseconds and a run is the same every time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class Deadlock(RuntimeError):
    """Tasks are left, and nothing will ever wake one of them."""


class _NoFiles(selectors.BaseSelector):
    """Knows the loop's own wake-up socket only, which nobody writes to; waiting moves the clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        if self._keys:
            raise RuntimeError("real I/O on a virtual clock")
        key = selectors.SelectorKey(fileobj, _number(fileobj), events, data)
        self._keys[key.fd] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(_number(fileobj))

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock("no task is ready and no timer is set")
        self.now += max(0.0, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


def _number(file: Any) -> int:
    return file if isinstance(file, int) else int(file.fileno())


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; `time()` is virtual seconds since it was made."""

    def __init__(self) -> None:
        self._files = _NoFiles()
        super().__init__(self._files)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._files.now

    def run_in_executor(self, executor: object, func: object, *args: object) -> NoReturn:
        raise RuntimeError("threads on a virtual clock")


def simulate(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work` on a clock of its own. Fails where tasks are left over at its end."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(work)
        left = asyncio.all_tasks(loop)
        assert not left, f"still running: {left}"
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
