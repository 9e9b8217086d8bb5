"""How far a run is: a bar on a terminal, plain lines elsewhere. Always on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttsc.cli.terminal import say
from ttsc.compiler.plan import Plan
from ttsc.front.running import Run, Watch
from ttsc.runtime.record import Event, ExchangeFinished, QuestionAnswered, QuestionFailed, RunRecord
from ttsc.values.money import show
from ttsc.values.usage import Usage

if TYPE_CHECKING:
    from rich.progress import Progress

#: Plain lines come whenever this share of the questions is done.
STEP = 0.1


@dataclass(slots=True)
class Tally:
    """What has happened so far. `each`: worst case of one question in calls; `open`: calls of those going on."""

    questions: int = 0
    each: int = 0
    open: dict[int, int] = field(default_factory=dict)
    answered: int = 0
    failed: int = 0
    in_flight: int = 0
    usage: Usage = field(default_factory=Usage)

    def begun(self, plan: Plan, questions: int) -> None:
        """The run begins."""
        self.questions, self.each = questions, max(1, plan.bounds.hard.calls)

    def departed(self, draws: int) -> None:
        """Draws are on their way."""
        self.in_flight += draws

    def saw(self, event: Event) -> None:
        """Counts an event."""
        match event:
            case ExchangeFinished(place=place, draws=draws, usage=usage):
                self.in_flight -= len(draws)
                self.usage += usage
                self.open[place.question] = self.open.get(place.question, 0) + usage.calls
            case QuestionAnswered(place=place):
                self.answered += 1
                self.open.pop(place.question, None)
            case QuestionFailed(place=place):
                self.failed += 1
                self.open.pop(place.question, None)
            case _:
                pass

    @property
    def done(self) -> int:
        """Questions that are over."""
        return self.answered + self.failed

    @property
    def share(self) -> float:
        """How much of the worst case is behind us, 0 to 1; a question that is over counts whole."""
        behind = self.done * self.each + sum(self.open.values())
        return min(1.0, behind / max(1, self.questions * self.each))

    def line(self) -> str:
        """`3/10 questions · 48 calls done, 112 in flight · $0.0123`."""
        failed = f" ({self.failed} failed)" if self.failed else ""
        return (
            f"{self.done}/{self.questions} questions{failed} · {self.usage.calls:,} calls done, "
            f"{self.in_flight:,} in flight · {show(self.usage.cost)}"
        )


@dataclass(slots=True)
class Lines(Tally):
    """Says a line for every tenth of the questions of a batch."""

    said: int = 0

    def saw(self, event: Event) -> None:
        """Counts an event, and says where the run is if it is a tenth further."""
        Tally.saw(self, event)
        over = isinstance(event, QuestionAnswered | QuestionFailed)
        if over and self.questions > 1 and self.done >= self.said + self.questions * STEP:
            self.said = self.done
            say(self.line())


@dataclass(slots=True)
class Bar(Tally):
    """Moves a bar by calls; rich works out the time left."""

    progress: Progress | None = None

    def begun(self, plan: Plan, questions: int) -> None:
        """The run begins."""
        Tally.begun(self, plan, questions)
        assert self.progress is not None
        self.progress.add_task("", total=1.0, tally=self)

    def saw(self, event: Event) -> None:
        """Counts an event and moves the bar."""
        Tally.saw(self, event)
        if self.progress is not None:
            self.progress.update(self.progress.task_ids[0], completed=self.share)


@dataclass(slots=True)
class Kept:
    """Passes on what it sees to another watch, and keeps it for a run that is stopped by hand."""

    shown: Watch
    questions: int = 0
    plan: Plan | None = None
    events: list[Event] = field(default_factory=list)

    def begun(self, plan: Plan, questions: int) -> None:
        """The run begins."""
        self.plan, self.questions = plan, questions
        self.shown.begun(plan, questions)

    def departed(self, draws: int) -> None:
        """Draws are on their way."""
        self.shown.departed(draws)

    def saw(self, event: Event) -> None:
        """Keeps an event."""
        self.events.append(event)
        self.shown.saw(event)

    def run(self, seed: int) -> Run | None:
        """The run as far as it came, None where it had not begun."""
        return None if self.plan is None else Run(self.plan, RunRecord(tuple(self.events)), seed)


@contextmanager
def watching(quiet: bool) -> Iterator[Watch]:
    """Something that shows a run as it goes; nothing at all where `quiet`."""
    if quiet:
        yield Tally()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
        from rich.text import Text

        class Words(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(task.fields["tally"].line())

        columns = (BarColumn(bar_width=16), Words(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield Bar(progress=progress)
