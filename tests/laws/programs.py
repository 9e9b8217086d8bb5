"""Random programs that check: drafts, judges, loops, branches, merges and stages that may be left out.

Every program is text, as a person would write it, so that the laws hold for the whole way from
source to draws and not only for the middle of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

DECLARATIONS = '''model a = "sim/strong" { temperature = 0.7 }
model b = "sim/medium" { temperature = 0.7 }
model c = "sim/weak"   { temperature = 0.7 }

prompt hint(question: text) -> text = """
Give a hint, not the answer: {question}
"""
prompt kind(question: text) -> "easy" | "hard" = """
How hard is this? {question}
"""
prompt parts(question: text) -> [text; 3] = """
Split into at most three questions: {question}
"""
pipeline panel(question: text) -> text {
  question |> generate([a, c], extract: final_number) |> vote
}
'''


@dataclass
class Writer:
    """A program being written: how its choices are made, its lines, and its bindings by size."""

    draw: st.DrawFn
    lines: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    scored: set[str] = field(default_factory=set)

    def pick(self, *options: str) -> str:
        """One of the options."""
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        """A number in `low..high`."""
        return self.draw(st.integers(low, high))

    def flag(self) -> bool:
        """Yes or no."""
        return self.draw(st.booleans())

    def model(self) -> str:
        """A model, now and then one of two by a hole."""
        one = self.pick("a", "b", "c")
        return f"tune [{one}, {'c' if one != 'c' else 'a'}] = {one}" if self.number(0, 5) == 0 else one

    def bind(self, value: str, most: int) -> str:
        """One more binding of at most `most` candidates."""
        name = f"v{len(self.sizes)}"
        self.lines.append(f"  {name} = {value}")
        self.sizes[name] = most
        return name

    def maybe(self, stage: str) -> str:
        """The stage, now and then one that may be left out."""
        return f"maybe {stage}" if self.flag() else stage

    def any(self) -> str:
        """One of the bindings so far."""
        return self.draw(st.sampled_from(sorted(self.sizes)))


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a program whose pipeline is `answer(question: text) -> text`."""
    writer = Writer(draw)
    _drafts(writer)
    for _ in range(writer.number(0, 4)):
        kind = writer.pick("drafts", "elements", "reduce", "fuse", "each", "repeat", "merge", "branch")
        {
            "drafts": _drafts,
            "elements": _elements,
            "reduce": _reduce,
            "fuse": _fuse,
            "each": _each,
            "repeat": _repeat,
            "merge": _merge,
            "branch": _branch,
        }[kind](writer)
    parts = [n for n in writer.sizes if not any(f" {n} " in f"{line} " for line in _values(writer, n))]
    every = " + ".join(parts) if parts else writer.any()
    writer.lines.append(f"  return ({every}) |> vote")
    return DECLARATIONS + "pipeline answer(question: text) -> text {\n" + "\n".join(writer.lines) + "\n}\n"


def _values(writer: Writer, name: str) -> list[str]:
    """The lines after a binding, without the names they bind."""
    return [line.partition("=")[2].replace("(", " ").replace(")", " ") for line in writer.lines]


def _drafts(w: Writer) -> None:
    models = w.draw(st.lists(st.sampled_from(["a", "b", "c", "panel"]), min_size=1, max_size=3, unique=True))
    samples = w.number(1, 3)
    source = w.pick("question", "hint(question)")
    listed = f"[{', '.join(models)}]" if len(models) > 1 else models[0]
    if models == ["panel"]:
        source = "question"
    if "panel" in models:
        source = "question"
    w.bind(f"{source} |> generate({listed}, samples: {samples}, extract: final_number)", samples * len(models))


def _elements(w: Writer) -> None:
    source = w.any()
    stages = [w.maybe(_element(w)) for _ in range(w.number(1, 3))]
    w.bind(" |> ".join([source, *stages]), w.sizes[source])


def _element(w: Writer) -> str:
    return w.pick(
        f"critique({w.model()})",
        f"revise({w.model()})",
        f"verify({w.model()}, votes: {w.number(1, 2)})",
        f"score({w.model()})",
    )


def _reduce(w: Writer) -> None:
    source = w.any()
    most = w.sizes[source]
    if most < 2:
        return _elements(w)
    keep = w.number(1, most)
    stage = w.pick(f"rank({w.model()}, keep: {keep})", f"top({keep})", "dedup")
    if stage.startswith("rank"):
        stage = w.maybe(stage)
    w.bind(f"{source} |> {stage}", most if stage == "dedup" else keep)
    return None


def _fuse(w: Writer) -> None:
    source = w.any()
    models = w.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True))
    w.bind(f"{source} |> fuse([{', '.join(models)}])", len(models))


def _each(w: Writer) -> None:
    if w.flag():
        source = w.any()
        body = " |> ".join(["x", *(w.maybe(_element(w)) for _ in range(w.number(1, 2)))])
        w.bind(f"{source} |> each as x {{ {body} }}", w.sizes[source])
    else:
        body = f"x |> generate({w.pick('a', 'b')}, extract: final_number)"
        # An empty list of parts leaves nothing, so the whole question is always one of them.
        w.bind(f"((parts(question) |> ask({w.model()})) + [question]) |> each as x {{ {body} }}", 4)


def _repeat(w: Writer) -> None:
    source = w.any()
    rounds = w.pick("1", "2", "tune 0..2 = 1")
    stop = f"\n    seen = y |> verify({w.model()})\n    stop seen when agreement(seen) >= 0.9" if w.flag() else ""
    carried = "seen" if stop else "y"
    body = f"{stop}\n    return {carried} |> {w.maybe(f'critique({w.model()})')} |> revise({w.model()})\n  "
    w.bind(f"{source} |> repeat {rounds} as y {{{body}}}", w.sizes[source])


def _merge(w: Writer) -> None:
    left, right = w.any(), w.any()
    if w.sizes[left] + w.sizes[right] > 12:
        return
    w.bind(f"{left} + {right}", w.sizes[left] + w.sizes[right])


def _branch(w: Writer) -> None:
    source = w.any()
    stage = _element(w)
    if w.flag():
        w.bind(
            f'match kind(question) |> ask({w.model()}) {{ "easy" => {source} "hard" => {source} |> {stage} }}',
            w.sizes[source],
        )
    else:
        w.bind(f"if agreement({source}) >= 0.6 {{ {source} }} else {{ {source} |> {stage} }}", w.sizes[source])
