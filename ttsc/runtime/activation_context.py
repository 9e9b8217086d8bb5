"""What one activation of an op sees of the runtime: it names its draws and waits for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ttsc.ops.context import Ask
from ttsc.runtime import keys
from ttsc.runtime.draws import OpenDraw
from ttsc.runtime.exchanges import Exchanges
from ttsc.runtime.frames import Activation
from ttsc.runtime.record import Event, Noted, Place
from ttsc.values.request import Draw, DrawKey, FailedDraw, Fault


class ActivationContext:
    """The `ops.context.Context` of one activation. `faults` are those of its failed draws so far."""

    def __init__(
        self, exchanges: Exchanges, activation: Activation, epoch: int, item: str, emit: Callable[[Event], None]
    ) -> None:
        self.faults: list[Fault] = []
        self._exchanges = exchanges
        self._activation = activation
        self._epoch = epoch
        self._item = item
        self._emit = emit
        call = activation.step.call
        assert call is not None
        self._call = call
        self._ordinals = {} if call.site is None else dict(call.site.ordinals)
        self._path = activation.path
        self._places = 0

    @property
    def question(self) -> str:
        """The input that is being answered, as text."""
        return self._activation.about

    @property
    def item(self) -> str:
        """The id of the data record being answered."""
        return self._item

    async def draw(self, ask: Ask) -> Draw | FailedDraw:
        """The finished draw."""
        return (await self.draws((ask,)))[0]

    async def draws(self, asks: Sequence[Ask]) -> tuple[Draw | FailedDraw, ...]:
        """All of them, in the order asked for."""
        made = await self._exchanges.make([self._open(ask) for ask in asks], grouped=self._call.grouped)
        self.faults += [d.fault for d in made if isinstance(d, FailedDraw)]
        return made

    def order(self, label: str, count: int) -> tuple[int, ...]:
        """A permutation fixed by epoch, op, scope and label."""
        return keys.permutation(self._epoch, self._call.op, self._activation.scope, label, count)

    def note(self, kind: str, detail: str) -> None:
        """Writes a remark into the record."""
        self._emit(Noted(self._place(), kind, detail))

    def _place(self) -> Place:
        self._places += 1
        return Place(self._activation.question, self._path, self._activation.slot, self._places)

    def _open(self, ask: Ask) -> OpenDraw:
        request = ask.request
        content = self._exchanges.content(request)
        twin = keys.twin(self._ordinals, request.model.identity, request.model.copy, self._activation.scope)
        key = DrawKey(self._epoch, content, twin, ask.index)
        return OpenDraw(ask, key, self._place(), request, content)
