"""What happened in a run, as ordered events; every total is computed from them.

Events are frozen and hold plain data only, so a saved record says what a live one says. All
but `Timed` and `RunFinished` are the same whenever the same run is made again, but for what
was cut off: how far a question got before it failed is a matter of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ttsc.runtime.failure import Failure
from ttsc.values.money import Cost
from ttsc.values.request import DrawKey, Fault, Message, Parameters, Reply
from ttsc.values.usage import Usage


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a run something happened: question, node and its runs, slot, how manieth of that.

    `path` alternates refs and frame numbers from the outermost block inwards.
    """

    question: int
    path: tuple[int, ...] = ()
    slot: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run begins: `questions` of them, in this epoch."""

    epoch: int
    questions: int
    kind: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True)
class QuestionStarted:
    """A question begins. `item` is the id of its data record, "" for one without."""

    place: Place
    item: str
    inputs: object
    kind: Literal["question_started"] = "question_started"


@dataclass(frozen=True, slots=True)
class RequestSent:
    """What is said to a model; once for every content, before the first exchange that says it."""

    place: Place
    content: str
    model: str
    target: str
    messages: tuple[Message, ...]
    parameters: Parameters
    kind: Literal["request_sent"] = "request_sent"


@dataclass(frozen=True, slots=True)
class ExchangeFinished:
    """A request is over: replies (one per draw, in order), a fault, or neither where it was cancelled.

    `asked` counts the re-asks before it.
    """

    place: Place
    content: str
    model: str
    draws: tuple[DrawKey, ...]
    replies: tuple[Reply, ...]
    usage: Usage
    asked: int = 0
    fault: Fault | None = None
    kind: Literal["exchange_finished"] = "exchange_finished"


@dataclass(frozen=True, slots=True)
class DrawFinished:
    """A draw has its reply; `parsed` says whether its reader accepted one."""

    place: Place
    key: DrawKey
    model: str
    parsed: bool
    usage: Usage
    kind: Literal["draw_finished"] = "draw_finished"


@dataclass(frozen=True, slots=True)
class DrawFailed:
    """A draw gave nothing."""

    place: Place
    key: DrawKey
    model: str
    fault: Fault
    usage: Usage
    kind: Literal["draw_failed"] = "draw_failed"


@dataclass(frozen=True, slots=True)
class Noted:
    """An op's remark, such as `judge_unparsed`."""

    place: Place
    note: str
    detail: str
    kind: Literal["noted"] = "noted"


@dataclass(frozen=True, slots=True)
class BindingSettled:
    """A named binding has its value (see `shown` for its form)."""

    place: Place
    name: str
    scope: str
    value: object
    kind: Literal["binding_settled"] = "binding_settled"


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """A question has its answer, as plain data; one candidate answers with its value.

    `extracted` is what was found in that candidate's text, `draw` the draw it comes from.
    """

    place: Place
    value: object
    extracted: object = None
    draw: str = ""
    kind: Literal["question_answered"] = "question_answered"


@dataclass(frozen=True, slots=True)
class QuestionFailed:
    """A question has no answer."""

    place: Place
    failure: Failure
    kind: Literal["question_failed"] = "question_failed"


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds that an exchange took, and waited before it."""

    place: Place
    asked: int
    latency_s: float
    waited_s: float
    kind: Literal["timed"] = "timed"


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over: seconds by the clock, and the most draws that were on their way at once."""

    wall_s: float
    most_in_flight: int
    kind: Literal["run_finished"] = "run_finished"


Event = (
    RunStarted | QuestionStarted | RequestSent | ExchangeFinished | DrawFinished | DrawFailed | Noted
    | BindingSettled | QuestionAnswered | QuestionFailed | Timed | RunFinished
)  # fmt: skip

#: Where events of one place stand among each other in a saved record.
_RANKS: Mapping[type, int] = {
    kind: rank
    for rank, kind in enumerate((
        QuestionStarted, RequestSent, ExchangeFinished, DrawFinished, DrawFailed, Noted, BindingSettled,
        QuestionAnswered, QuestionFailed, Timed,
    ))
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question: a value as plain data, or a failure.

    `extracted` is the answer found in the value's text, None where none was looked for or found.
    """

    item: str
    inputs: object
    value: object = None
    extracted: object = None
    failure: Failure | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that happened in a run, in the order in which it happened."""

    events: tuple[Event, ...]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """One per question, in the order of the batch; what a cut-off run left open is missing."""
        started: dict[int, QuestionStarted] = {}
        found: dict[int, Answer] = {}
        spent = self._usage_by_question()
        for event in self.events:
            match event:
                case QuestionStarted(place=place):
                    started[place.question] = event
                case QuestionAnswered(place=place, value=value, extracted=extracted):
                    about = started[place.question]
                    usage = spent.get(place.question, Usage())
                    found[place.question] = Answer(about.item, about.inputs, value, extracted, usage=usage)
                case QuestionFailed(place=place, failure=failure):
                    about = started[place.question]
                    usage = spent.get(place.question, Usage())
                    found[place.question] = Answer(about.item, about.inputs, failure=failure, usage=usage)
                case _:
                    pass
        return tuple(found[question] for question in sorted(found))

    def _usage_by_question(self) -> dict[int, Usage]:
        spent: dict[int, Usage] = {}
        for event in self.exchanges:
            question = event.place.question
            spent[question] = spent.get(question, Usage()) + event.usage
        return spent

    @property
    def exchanges(self) -> tuple[ExchangeFinished, ...]:
        """Every request that was made."""
        return tuple(e for e in self.events if isinstance(e, ExchangeFinished))

    @property
    def usage(self) -> Usage:
        """All that was used, cancelled work included; a cost that is not known makes it unknown."""
        return sum((e.usage for e in self.exchanges), Usage())

    @property
    def models(self) -> Mapping[str, Usage]:
        """All that was used, by model, in the order of names."""
        spent: dict[str, Usage] = {}
        for event in self.exchanges:
            spent[event.model] = spent.get(event.model, Usage()) + event.usage
        return dict(sorted(spent.items()))

    @property
    def calls(self) -> int:
        """Draws that were sent."""
        return self.usage.calls

    @property
    def requests(self) -> int:
        """Exchanges with providers."""
        return self.usage.requests

    @property
    def cost(self) -> Cost:
        """Nano-dollars; None where a price or what was charged is not known."""
        return self.usage.cost

    @property
    def wall_s(self) -> float | None:
        """Seconds by the clock; None for a run that was cut off."""
        return next((e.wall_s for e in self.events if isinstance(e, RunFinished)), None)

    def ordered(self) -> tuple[Event, ...]:
        """The events by place instead of by time, what was measured by a clock at the end."""
        first = [e for e in self.events if isinstance(e, RunStarted)]
        last = [e for e in self.events if isinstance(e, RunFinished)]
        placed = [e for e in self.events if not isinstance(e, RunStarted | RunFinished | RequestSent)]
        requests = {e.content: e for e in self.events if isinstance(e, RequestSent)}
        ordered: list[Event] = []
        for event in sorted(placed, key=_order):
            if isinstance(event, ExchangeFinished) and event.content in requests:
                ordered.append(_moved(requests.pop(event.content), event.place))
            ordered.append(event)
        return (*first, *ordered, *last)


def _moved(event: RequestSent, place: Place) -> RequestSent:
    return RequestSent(place, event.content, event.model, event.target, event.messages, event.parameters)


def _order(event: Event) -> tuple[bool, int, int, tuple[int, ...], int, int, int, int]:
    assert not isinstance(event, RunStarted | RunFinished)
    place = event.place
    timed = isinstance(event, Timed)
    ends = isinstance(event, QuestionAnswered | QuestionFailed)
    asked = event.asked if isinstance(event, ExchangeFinished | Timed) else 0
    return (timed, place.question, ends, place.path, place.slot, place.number, _RANKS[type(event)], asked)
