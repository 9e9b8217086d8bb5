"""Targets, capabilities, keys and prices: what is known before anything is connected."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import textwrap

import pytest

from ttsc.models.catalog import PROVIDERS, Connections, Unusable, adapter, connect, facts
from ttsc.models.keys import Endpoint, Missing, endpoint, missing_key
from ttsc.models.openai_compatible import OpenAICompatible
from ttsc.models.prices import ModelDefaults, defaults_of, price_of, price_table_hash, table
from ttsc.models.simulated import Simulated
from ttsc.values.model import DEFAULT_MAX_TOKENS, ModelSpec, Secret
from ttsc.values.money import Price, dollars


@pytest.mark.parametrize(
    "target, module",
    [
        ("sim/strong", "simulated:Simulated"),
        ("replay/gpt-4@0.7/io", "replay:Replay"),
        ("openai/gpt-4o", "openai_compatible:OpenAICompatible"),
        ("ollama/qwen2.5:7b", "openai_compatible:OpenAICompatible"),
        ("anthropic/claude-sonnet-4-5", "litellm_provider:LiteLLM"),
        ("watsonx/some-model", "litellm_provider:LiteLLM"),
        ("gpt-4o", "litellm_provider:LiteLLM"),
    ],
)
def test_which_adapter_a_target_means(target: str, module: str) -> None:
    assert adapter(ModelSpec("m", target)) == f"ttsc.models.{module}"


def test_an_api_base_means_the_openai_protocol() -> None:
    spec = ModelSpec("m", "anthropic/claude", api_base="http://localhost:8000/v1")
    assert adapter(spec) == "ttsc.models.openai_compatible:OpenAICompatible"


@pytest.mark.parametrize(
    "target, message",
    [
        (
            "hosted_vllm/Qwen/Qwen2.5-7B",
            "model m: hosted_vllm has no endpoint of its own; "
            'add `api_base = "http://…/v1"` or `api_base = env("NAME")`',
        ),
    ],
)
def test_a_model_that_cannot_be_connected_says_what_to_write(target: str, message: str) -> None:
    with pytest.raises(Unusable) as caught:
        connect(ModelSpec("m", target))
    assert str(caught.value) == message


def test_models_of_one_adapter_share_their_provider() -> None:
    connections = Connections()
    one = connections.of(ModelSpec("a", "openai/gpt-4o"))
    assert isinstance(one, OpenAICompatible)
    assert connections.of(ModelSpec("b", "hosted_vllm/x", api_base="http://localhost/v1")) is one
    assert isinstance(connections.of(ModelSpec("c", "sim/x")), Simulated)
    asyncio.run(connections.close())


def test_every_provider_with_a_key_of_its_own_sends_it_by_https() -> None:
    bases = {row.api_base for row in PROVIDERS.values() if row.key is not None and row.api_base is not None}
    assert all(base.startswith("https://") for base in bases)
    assert facts("sim/x").options is not None
    assert facts("openai/x").options is None


GPT = ModelSpec("gpt", "openai/gpt-4o")
ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-1",
    "MINE": "sk-2",
    "URL": "http://localhost:9/v1",
    "OWN": "https://api.openai.com/v1/",
}


@pytest.mark.parametrize(
    "changes, reached",
    [
        ({}, Endpoint("https://api.openai.com/v1", "sk-1")),
        ({"api_key": Secret("MINE")}, Endpoint("https://api.openai.com/v1", "sk-2")),
        ({"api_base": "https://elsewhere.example/v1"}, Endpoint("https://elsewhere.example/v1", None)),
        (
            {"api_base": "https://api.openai.com.evil.example/v1"},
            Endpoint("https://api.openai.com.evil.example/v1", None),
        ),
        ({"api_base": "http://api.openai.com/v1"}, Endpoint("http://api.openai.com/v1", None)),
        (
            {"api_base": "https://api.openai.com@evil.example/v1"},
            Endpoint("https://api.openai.com@evil.example/v1", None),
        ),
        ({"api_base": "https://API.openai.com:443/v1"}, Endpoint("https://API.openai.com:443/v1", "sk-1")),
        ({"api_base": Secret("OWN")}, Endpoint("https://api.openai.com/v1", "sk-1")),
        ({"api_base": Secret("URL")}, Endpoint("http://localhost:9/v1", None)),
        ({"api_base": Secret("URL"), "api_key": Secret("MINE")}, Endpoint("http://localhost:9/v1", "sk-2")),
    ],
)
def test_a_key_goes_to_its_own_origin_only(changes: dict[str, str | Secret], reached: Endpoint) -> None:
    assert endpoint(dataclasses.replace(GPT, **changes), ENVIRONMENT) == reached  # type: ignore[arg-type]


def test_a_key_is_not_in_the_text_of_an_endpoint() -> None:
    assert repr(Endpoint("https://x", "sk-1")) == "Endpoint(api_base='https://x')"


def test_what_is_missing_names_the_variable_and_the_model() -> None:
    assert missing_key(GPT, {}) == Missing(
        "OPENAI_API_KEY",
        "gpt",
        "model gpt (openai/gpt-4o) needs its key in the environment variable OPENAI_API_KEY, which is not set",
    )
    qwen = ModelSpec("qwen", "hosted_vllm/q", api_base=Secret("VLLM_URL"))
    assert missing_key(qwen, {}) == Missing(
        "VLLM_URL",
        "qwen",
        "model qwen (hosted_vllm/q) needs the address of its endpoint in the environment variable VLLM_URL, "
        "which is not set",
    )
    claude = missing_key(ModelSpec("claude", "anthropic/claude-sonnet-4-5"), {"OPENAI_API_KEY": "x"})
    assert claude is not None
    assert claude.variable == "ANTHROPIC_API_KEY"


@pytest.mark.parametrize("target", ["sim/x", "replay/x", "ollama/qwen2.5:7b", "watsonx/x"])
def test_nothing_is_missing_where_no_key_is_known_to_be_needed(target: str) -> None:
    assert missing_key(ModelSpec("m", target), {}) is None


def test_prices() -> None:
    assert price_of("openai/gpt-4o") == Price(dollars(2.5), dollars(10), dollars(1.25))
    assert price_of("openai/never-heard-of") is None
    assert price_of("replay/gpt-4o") is None
    assert price_of("sim/strong") is not None


def test_defaults_of_reasoning_models_are_their_own_maximum() -> None:
    assert defaults_of("openai/o4-mini") == ModelDefaults(100_000, reasoning=True)
    for target in ("openai/gpt-4o", "anthropic/claude-sonnet-4-5", "sim/strong", "openai/never-heard-of"):
        assert defaults_of(target) == ModelDefaults(DEFAULT_MAX_TOKENS)


def test_the_price_table_is_dated_and_hashed() -> None:
    assert len(price_table_hash()) == 16
    assert table().date >= "2026-01-01"
    assert table().litellm.startswith("1.")
    assert len(table().rows) > 1000


def test_looking_up_facts_imports_nothing_heavy_and_reads_no_table() -> None:
    program = """
        import sys
        opened = []
        sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
        from ttsc.models.catalog import facts
        import ttsc.models.prices
        facts("openai/gpt-4o"), facts("anthropic/claude")
        heavy = {"aiohttp", "litellm", "openai", "asyncio", "pydantic", "numpy"} & set(sys.modules)
        assert not heavy, heavy
        assert not [path for path in opened if path.endswith(".json")], opened
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
