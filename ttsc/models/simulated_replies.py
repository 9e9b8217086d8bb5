"""What a simulated model says, for each kind of task; every text says that it is simulated.

Free replies end in `\\boxed{…}` and a line `Answer: …`, which every extractor understands. Judges
reply in one short JSON object: verify `{"reason", "verdict": "correct" | "incorrect"}`, score
`{"reason", "score": 0..10}`, rank `{"order": [labels, best first]}` with the labels A, B, … of
`task.shown`, dedup `{"same": bool}`, classify `{"label": …}`. A schema, where there is one, wins.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from ttsc.models import simulation
from ttsc.models.figures import Profile
from ttsc.models.quiz import Quiz, among
from ttsc.models.simulated_schema import obey
from ttsc.models.simulation import normal, uniform
from ttsc.values.request import Request

CHARACTERS_PER_TOKEN = 4
PASSES, FAILS = "The answer looks right.", "The answer looks wrong."
NONSENSE = "I would rather not say; both have their merits."

_SENTENCES = (
    "Write down what is given and what is asked for. ",
    "Name the unknown and say what ties it to the rest. ",
    "Work through the relation one term after another. ",
    "Check the intermediate value against the statement. ",
    "Keep the units in view and simplify. ",
    "Look at the other case as well and rule it out. ",
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """One draw of a simulated model: all that its reply depends on."""

    profile: Profile
    quiz: Quiz
    request: Request
    draw: str

    def reply(self) -> str:
        """The reply, not yet cut to the request's limits."""
        judged = self._judged()
        if self.request.parameters.schema is not None:
            return obey(self.request.parameters.schema, self.quiz, self.draw, self.answer, judged or {})
        if judged is not None:
            unclear = uniform("nonsense", self.draw) < self.profile.nonsense
            return NONSENSE if unclear else json.dumps(judged, ensure_ascii=False)
        match self.request.task.kind:
            case "critique":
                return self._critique()
            case "revise":
                return self._solution(self._revised())
            case "fuse":
                return self._solution(self._fused())
            case _:
                return self._solution(self.answer(self.quiz))

    def answer(self, quiz: Quiz) -> str:
        """What this draw answers to a quiz about its question."""
        warmth = simulation.warmth(self.request.parameters.temperature)
        if simulation.is_right(self.profile, self.quiz.question, self.draw, warmth):
            return quiz.truth
        return quiz.wrong(simulation.wrong_rank(self.profile, self.quiz.question, self.draw, warmth))

    def _belief(self, text: str) -> float:
        found = self.quiz.found_in(text)
        return simulation.belief(
            self.profile, self.quiz.question, self.draw, text if found is None else found, self.quiz.holds(found)
        )

    def _judged(self) -> Mapping[str, object] | None:
        """The fields of a judge's short reply; None for a task that is answered in free text."""
        shown = self.request.task.shown
        match self.request.task.kind:
            case "verify":
                passed = self._belief(shown[0] if shown else "") > simulation.threshold(self.profile)
                verdict = "correct" if passed else "incorrect"
                return {"reason": f"simulated: it looks {verdict}", "verdict": verdict}
            case "score":
                score = min(10, max(0, round(5 + 2 * self._belief(shown[0] if shown else ""))))
                return {"reason": "simulated: by the look of it", "score": score}
            case "rank":
                beliefs = [self._belief(text) for text in shown]
                best_first = sorted(range(len(shown)), key=lambda place: (-beliefs[place], place))
                return {"order": [label(place) for place in best_first]}
            case "dedup":
                return {"same": self._same(shown)}
            case "classify":
                return {"label": self.answer(_labels(self.quiz.question, shown))}
            case _:
                return None

    def _same(self, shown: tuple[str, ...]) -> bool:
        """Whether two texts give one answer, missed or imagined at the judge's rates."""
        same = len({self.quiz.found_in(text) or text for text in shown}) <= 1
        return uniform("same", self.draw) < (self.profile.judge_tpr if same else self.profile.judge_fpr / 4)

    def _critique(self) -> str:
        texts = self.request.task.shown or ("",)
        parts = []
        for place, text in enumerate(texts):
            verdict = PASSES if self._belief(text) > simulation.threshold(self.profile) else FAILS
            head = f"Candidate {label(place)}: " if len(texts) > 1 else ""
            parts.append(f"{head}(simulated critique) {verdict} {_SENTENCES[place % len(_SENTENCES)].strip()}")
        return "\n\n".join(parts)

    def _revised(self) -> str:
        """The answer of a revision: a fresh one, taken the more readily the worse the critique."""
        shown = self.request.task.shown
        fresh = self.answer(self.quiz)
        old = self.quiz.found_in(shown[0]) if shown else None
        heard = "\n".join((*shown[1:], self.request.messages[-1].content))
        readiness = 0.8 if FAILS in heard else 0.05 if PASSES in heard else 0.3
        return fresh if old is None or uniform("readiness", self.draw) < readiness else old

    def _fused(self) -> str:
        """One of the answers shown, or a fresh one: right ones weigh exp(d') times as much."""
        found = [self.quiz.found_in(text) for text in self.request.task.shown]
        answers = [answer for answer in found if answer is not None] + [self.answer(self.quiz)]
        spread = simulation.quantile(self.profile.judge_tpr) - simulation.quantile(self.profile.judge_fpr)
        weights = [math.exp(min(spread, 50.0)) if self.quiz.holds(answer) else 1.0 for answer in answers]
        place = uniform("fused", self.draw) * sum(weights)
        for answer, weight in zip(answers, weights, strict=True):
            place -= weight
            if place <= 0:
                return answer
        return answers[-1]

    def _solution(self, answer: str) -> str:
        """Paragraphs of working, those already said left out, and the answer last."""
        last = self.request.messages[-1]
        done = last.content.count("\n\n") + 1 if last.role == "assistant" and last.content.strip() else 0
        length = self.profile.output_tokens * math.exp(0.35 * normal("length", self.draw))
        steps = 2 + int(3 * uniform("steps", self.quiz.question))
        size = max(1, round(length * CHARACTERS_PER_TOKEN / steps))
        parts = [self._paragraph(step, size) for step in range(done, steps)]
        text = "\n\n".join([*parts, f"So it comes to \\boxed{{{answer}}}.\nAnswer: {answer}"])
        return text if done else f"(simulated {self.profile.name}) {text}"

    def _paragraph(self, step: int, size: int) -> str:
        first = (int(len(_SENTENCES) * uniform("words", self.draw)) + step) % len(_SENTENCES)
        sentences = _SENTENCES[first:] + _SENTENCES[:first]
        whole = "".join(sentences)
        text = whole * (size // len(whole) + 1)
        return text[: text.find(" ", size)].rstrip() if size < len(text) - 20 else text.rstrip()


def label(place: int) -> str:
    """The label of the candidate at a place: A … Z, AA, AB, …"""
    text = chr(ord("A") + place % 26)
    return text if place < 26 else label(place // 26 - 1) + text


def _labels(question: str, shown: tuple[str, ...]) -> Quiz:
    return among(question, shown) if shown else Quiz(question, "other")
