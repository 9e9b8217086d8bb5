"""Which models a run uses: replaced by name, all simulated, and described by what is known."""

from __future__ import annotations

import pytest

from ttsc.front.errors import UsageError
from ttsc.front.models import missing_keys, resolve
from ttsc.models.catalog import facts
from ttsc.models.prices import defaults_of, price_of
from ttsc.values.model import ModelSpec, Secret
from ttsc.values.money import FREE

GPT = ModelSpec("gpt", "openai/gpt-4o-mini", temperature=0.7)
LOCAL = ModelSpec(
    "small", "ollama/qwen2.5:7b", temperature=0.8, max_tokens=512, api_base="http://localhost:1/v1",
    price=FREE, parallel=4, options=(("reasoning_effort", "low"),),
)  # fmt: skip
DECLARED = {"gpt": GPT, "small": LOCAL}


def test_a_model_that_is_not_replaced_gets_what_is_known_of_it() -> None:
    made = resolve(DECLARED, {}, simulated=False)
    assert made["gpt"].capabilities == facts("openai/gpt-4o-mini").capabilities
    assert made["gpt"].price == price_of("openai/gpt-4o-mini") is not None
    assert (made["small"].price, made["small"].api_base) == (FREE, "http://localhost:1/v1")


def test_a_replaced_model_keeps_its_sampling_and_loses_its_provider() -> None:
    made = resolve(DECLARED, {"small": "sim/strong"}, simulated=False)["small"]
    assert made == ModelSpec(
        "small", "sim/strong", temperature=0.8, max_tokens=512, parallel=4,
        capabilities=facts("sim/strong").capabilities, price=price_of("sim/strong"),
    )  # fmt: skip


def test_all_simulated_keeps_names_and_what_is_replaced_by_name() -> None:
    declared = {**DECLARED, "judge": ModelSpec("judge", "sim/best", options=(("skill", 0.9),))}
    made = resolve(declared, {"gpt": "replay/gpt-4o"}, simulated=True)
    assert {name: spec.target for name, spec in made.items()} == {
        "gpt": "replay/gpt-4o", "small": "sim/small", "judge": "sim/best",
    }  # fmt: skip
    assert made["judge"].options == (("skill", 0.9),)


def test_a_reasoning_model_may_think_to_its_end() -> None:
    target = "openai/o3-mini"
    made = resolve({"o": ModelSpec("o", target)}, {}, simulated=False)["o"]
    assert defaults_of(target).reasoning
    assert made.max_tokens == defaults_of(target).max_tokens > 4096


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"gtp": "sim/x"}, "the file declares no model `gtp`: did you mean `gpt`?"),
        ({"claude": "sim/x"}, "the file declares no model `claude`: it declares `gpt` or `small`"),
        ({"gpt": "gpt-4o"}, "`gpt-4o` names no provider: write `openai/gpt-4o` or `sim/gpt-4o`, for instance"),
    ],
)
def test_a_wrong_replacement_says_what_to_write(replaced: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(DECLARED, replaced, simulated=False)
    assert str(caught.value) == message


def test_missing_keys_name_the_variable_and_the_model() -> None:
    claude = ModelSpec("claude", "anthropic/claude-sonnet-4-5")
    own = ModelSpec("own", "hosted_vllm/x", api_base=Secret("MY_VLLM"))
    assert missing_keys((GPT, claude, LOCAL, own), {"OPENAI_API_KEY": "k"}) == (
        "model claude (anthropic/claude-sonnet-4-5) needs its key in the environment variable ANTHROPIC_API_KEY, "
        "which is not set",
        "model own (hosted_vllm/x) needs the address of its endpoint in the environment variable MY_VLLM, "
        "which is not set",
    )
