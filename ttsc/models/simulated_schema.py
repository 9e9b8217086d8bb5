"""JSON that obeys a schema, made up by a simulated model.

What the reply is about goes where it fits: a value of `wanted` into the field of that name, an
answer into closed choices, numbers and texts. Everything else is filled by the question's hash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ttsc.models.quiz import Quiz, among, as_number
from ttsc.models.simulation import uniform

#: The answer that a draw gives to a quiz.
Answer = Callable[[Quiz], str]
Schema = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Filling:
    """What one draw puts into a schema."""

    quiz: Quiz
    draw: str
    answer: Answer
    wanted: Mapping[str, object]
    definitions: Schema

    def fill(self, schema: Schema, path: str) -> object:
        """A value that obeys a schema; `path` tells the places of one schema apart."""
        if isinstance(reference := schema.get("$ref"), str):
            target = self.definitions.get(reference.rpartition("/")[2])
            return self.fill(_schema(target), path)
        if "const" in schema:
            return schema["const"]
        if isinstance(options := schema.get("enum"), list) and options:
            return self._choice(options, path)
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(branches := schema.get(key), list) and branches:
                return self.fill(_schema(branches[0]), path)
        return self._typed(schema, path)

    def _typed(self, schema: Schema, path: str) -> object:
        kind = schema.get("type")
        match kind[0] if isinstance(kind, list) else kind:
            case "object":
                fields = _schema(schema.get("properties"))
                return {name: self._field(name, _schema(field), path) for name, field in fields.items()}
            case "array":
                return self._items(schema, path)
            case "integer" | "number":
                return self._number(schema, path, whole=kind == "integer")
            case "boolean":
                return self.answer(among(f"{self.quiz.question}{path}", ("true", "false"))) == "true"
            case "null":
                return None
            case _:
                return self._text(schema, path)

    def _field(self, name: str, schema: Schema, path: str) -> object:
        value = self.wanted.get(name)
        options = schema.get("enum")
        if value is None or (isinstance(options, list) and value not in options):
            return self.fill(schema, f"{path}.{name}")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _within(schema, value, whole=schema.get("type") == "integer")
        return value

    def _choice(self, options: list[object], path: str) -> object:
        texts = {json.dumps(option): option for option in options}
        own = next((t for t, option in texts.items() if option == self.quiz.truth), None)
        if own is not None:
            return texts[self.answer(Quiz(self.quiz.question, own, tuple(texts)))]
        return texts[self.answer(among(f"{self.quiz.question}{path}", tuple(texts)))]

    def _items(self, schema: Schema, path: str) -> list[object]:
        low = _count(schema, "minItems", 0)
        high = max(low, _count(schema, "maxItems", max(low, 3)))
        usual = 2 + int(3 * uniform("items", self.quiz.question, path))
        item = _schema(schema.get("items"))
        return [self.fill(item, f"{path}[{place}]") for place in range(min(max(usual, low), high))]

    def _number(self, schema: Schema, path: str, *, whole: bool) -> int | float:
        low, high = _limit(schema, "minimum"), _limit(schema, "maximum")
        number = as_number(self.answer(self.quiz))
        if number is not None and low is None and high is None:
            return int(number) if whole or number == number.to_integral_value() else float(number)
        floor = 0.0 if low is None else low
        room = (100.0 if high is None else high) - floor
        return _within(schema, floor + room * uniform("number", self.quiz.question, path, self.draw), whole=whole)

    def _text(self, schema: Schema, path: str) -> str:
        name = path.rpartition(".")[2]
        value = self.answer(self.quiz) if name in ("answer", "result", "value", "solution", "") else _phrase(self, path)
        longest = schema.get("maxLength")
        return value[:longest] if isinstance(longest, int) else value


def obey(schema: str, quiz: Quiz, draw: str, answer: Answer, wanted: Mapping[str, object]) -> str:
    """The reply of a draw under a JSON schema, as JSON text."""
    root = _schema(json.loads(schema))
    definitions = _schema(root.get("$defs", root.get("definitions")))
    return json.dumps(Filling(quiz, draw, answer, wanted, definitions).fill(root, ""), ensure_ascii=False)


def _phrase(filling: Filling, path: str) -> str:
    words = ("simulated", "part", "note", "point", "idea", "view")
    pick = words[int(len(words) * uniform("phrase", filling.draw, path))]
    return f"simulated {pick} {int(1e6 * uniform('mark', filling.draw, path)):06d}"


def _schema(value: object) -> Schema:
    return value if isinstance(value, dict) else {}


def _count(schema: Schema, name: str, default: int) -> int:
    value = schema.get(name)
    return value if isinstance(value, int) else default


def _limit(schema: Schema, name: str) -> float | None:
    value = schema.get(name, schema.get(f"exclusive{name.capitalize()}"))
    return float(value) if isinstance(value, int | float) else None


def _within(schema: Schema, value: float, *, whole: bool) -> int | float:
    low, high = _limit(schema, "minimum"), _limit(schema, "maximum")
    inside = max(value if low is None else low, min(value, value if high is None else high))
    return round(inside) if whole else round(inside, 3)
