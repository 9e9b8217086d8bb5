"""A planner that writes tool calls, which run as soon as what they need is there.

What
    `graph`: the planner writes all calls at once, each naming the earlier ones it needs;
    independent calls run side by side while the plan is still coming in; then `join` answers
    or asks for another plan, at most `replans` times. `react`: one call after the other, a
    thought before each. `parallel_calls`: the model's own parallel tool calls, turn by turn.

When
    Questions that take several look-ups, some of which do not wait for each other.

Cost
    `graph`: at most (1 planner + 1 join) draws and `max_tasks` tool calls per round, in
    `replans` + 1 rounds. `react` and `parallel_calls`: at most `max_tasks` tool calls, and
    one draw more than that.

Paper
    Kim et al. 2023, An LLM Compiler for Parallel Function Calling.
    Yao et al. 2022, ReAct: Synergizing Reasoning and Acting in Language Models.

Example
    question |> plan(planner, tools: [search, calculate], join: joiner, replans: 2, max_tasks: 16)
"""

from __future__ import annotations

from dataclasses import dataclass

from ttsc.ops.accepts import Count, OneModel, Prompt, Tools, Word, argument
from ttsc.ops.checks import most, text_in
from ttsc.ops.facts import Exchange, Facts, Misuse, Sizes, Worst
from ttsc.ops.requests import built_in, exchange
from ttsc.ops.signature import Asking, Op, Unavailable
from ttsc.values.model import ModelSpec
from ttsc.values.prompt import PromptTemplate
from ttsc.values.types import Text, Type, one

#: Bytes of one tool's result, and of one tool's name, parameters and description, at most.
RESULT_BYTES = 64_000
TOOL_BYTES = 4_000

PLAN = built_in(
    "plan",
    {"question": Text(), "tools": Text(), "earlier": Text()},
    """
Plan the tool calls that answer the question. Write one call per line, as `1. tool(arguments)`,
with increasing numbers. `$1` in the arguments stands for the result of call 1. Calls that do
not need each other's results run at the same time. The last line is `join()`.

Tools:
{tools}

{earlier}
Question: {question}
""",
)
JOIN = built_in(
    "join",
    {"question": Text(), "results": Text()},
    """
Answer the question from the results of the tool calls. Write `Answer:` and the answer; or, where
the results are not enough, `Replan:` and what is still missing.

{results}

Question: {question}
""",
)


@dataclass(frozen=True, slots=True)
class Plan(Asking):
    """The arguments of `plan`."""

    planner: ModelSpec = argument(OneModel(), "who writes the calls", positional=True)
    tools: tuple[object, ...] = argument(Tools(), "the tools that may be called")
    join: ModelSpec | None = argument(
        OneModel(), "who answers from the results (`graph`); the planner by default", default=None
    )
    replans: int = argument(Count(0, 16), "further plans at most (`graph`)", default=0)
    max_tasks: int = argument(Count(1, 256), "tool calls of one plan at most", default=16)
    strategy: str = argument(Word(("graph", "react", "parallel_calls")), "how calls are planned", default="graph")
    join_prompt: PromptTemplate | None = argument(
        Prompt("join"), "prompt that replaces the built-in one of `join`", default=None
    )


def result(facts: Facts) -> Type:
    """One answer."""
    text_in(facts, "plan")
    if facts.values["tools"] == ():
        raise Misuse(
            "`plan` needs a tool to call",
            label="none",
            help="write `tools: [search]`",
            argument="tools",
            code="E457",
        )
    if facts.values["strategy"] != "graph":
        for name in ("join", "replans", "join_prompt"):
            if name in facts.given:
                raise Misuse(
                    f"`{name}` means something to `strategy: graph` only",
                    label=f"this is `{facts.values['strategy']}`",
                    help="leave it out, or write `strategy: graph`",
                    argument=name,
                    code="E466",
                )
    return one(Text())


def worst(facts: Facts, sizes: Sizes) -> Worst:
    """Draws of planner and join, and tool calls, over all rounds."""
    tasks, rounds = most(facts, Plan, "max_tasks"), most(facts, Plan, "replans") + 1
    tools = facts.values["tools"]
    listed = TOOL_BYTES * (len(tools) if isinstance(tools, tuple) else 1)
    results = tasks * RESULT_BYTES
    shown = {"question": sizes.question, "tools": listed}
    if facts.values["strategy"] != "graph":
        asked = exchange(facts, sizes, PLAN, {**shown, "earlier": results}, draws=tasks + 1, rounds=tasks + 1)
        return Worst({"planner": (asked,)}, tool_calls=tasks)
    plans = exchange(facts, sizes, PLAN, {**shown, "earlier": rounds * results}, draws=rounds, rounds=rounds)
    return Worst(_by_model(facts, plans, _joins(sizes, rounds, results)), tool_calls=tasks * rounds)


def _joins(sizes: Sizes, rounds: int, results: int) -> Exchange:
    words = sum(len(part.encode("utf-8")) for part in JOIN.parts[::2])
    return Exchange(rounds, max(words, sizes.prompt) + sizes.question + rounds * results, rounds=rounds)


def _by_model(facts: Facts, plans: Exchange, joins: Exchange) -> dict[str, tuple[Exchange, ...]]:
    if facts.values["join"] is None:
        return {"planner": (plans, joins)}
    return {"planner": (plans,), "join": (joins,)}


OP = Op(
    name="plan",
    role="source",
    settings=Plan,
    result=result,
    behaviour=Unavailable("calling tools"),
    module=__doc__ or "",
    worst=worst,
    prompts={"": PLAN, "join": JOIN},
)
