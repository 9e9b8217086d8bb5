"""Runs one model in a thread of its own, so that the event loop stays free.

Tasks may come from any thread and join between two steps. The thread ends when there is nothing
to do and starts again with the next task.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Generic, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Crew(Protocol[Task, Result]):
    """What the thread drives: takes new work, does a little of all its work, resolves what is done."""

    def advance(self, arrived: list[Ticket[Task, Result]]) -> None:
        """One step."""

    @property
    def busy(self) -> bool:
        """Whether there is anything left to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Ticket(Generic[Task, Result]):
    """A task and the future that its result is put into."""

    task: Task
    future: Future[Result]


class Engine(Generic[Task, Result]):
    """Hands tasks from any thread to a crew in one thread, which makes the crew on first use."""

    def __init__(self, make: Callable[[], Crew[Task, Result]]) -> None:
        self._make = make
        self._crew: Crew[Task, Result] | None = None
        self._pool = ThreadPoolExecutor(1, "tiny")
        self._lock = Lock()
        self._arrived: list[Ticket[Task, Result]] = []
        self._open: set[Ticket[Task, Result]] = set()
        self._running = False

    def submit(self, task: Task) -> Future[Result]:
        """The future result of a task; cancelling it drops the task."""
        ticket: Ticket[Task, Result] = Ticket(task, Future())
        with self._lock:
            self._arrived.append(ticket)
            self._open.add(ticket)
            start, self._running = not self._running, True
        if start:  # not under the lock, which a run that ends at once needs
            self._pool.submit(self._run).add_done_callback(self._stopped)
        return ticket.future

    def close(self) -> None:
        """Drops what is open and lets the thread end."""
        with self._lock:
            for ticket in self._open:
                ticket.future.cancel()
        self._pool.shutdown()

    def _run(self) -> None:
        crew = self._crew = self._crew or self._make()
        while True:
            with self._lock:
                arrived, self._arrived = self._arrived, []
                self._open = {ticket for ticket in self._open if not ticket.future.done()}
                if not arrived and not crew.busy:
                    self._running = False
                    return
            crew.advance(arrived)

    def _stopped(self, run: Future[None]) -> None:
        """A bug in the thread is everyone's who waits for it, not a silence."""
        error = run.exception()
        if error is None:
            return
        with self._lock:
            waiting, self._open, self._arrived = self._open, set(), []
            self._crew, self._running = None, False
        for ticket in waiting:
            if not ticket.future.done():
                ticket.future.set_exception(error)


def resolve(future: Future[Result], result: Result) -> None:
    """Gives a result to a future unless it was cancelled."""
    if future.set_running_or_notify_cancel():
        future.set_result(result)
