"""Which provider a target means: one row per prefix, nothing imported until a model is connected.

A target is `prefix/model`. A prefix that has no row, or none at all, is left to litellm. A model
with an `api_base` speaks the OpenAI protocol whatever its prefix. Reading this table opens
nothing and reads no key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module

from ttsc.models.protocol import Provider
from ttsc.values.model import Capabilities, ModelSpec

SIMULATED = "ttsc.models.simulated:Simulated"
RECORDED = "ttsc.models.replay:Replay"
OPENAI = "ttsc.models.openai_compatible:OpenAICompatible"
LITELLM = "ttsc.models.litellm_provider:LiteLLM"
LOCAL = "ttsc.models.local.provider:Local"


class Unusable(Exception):
    """This model cannot be connected to; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What is known of a provider before anything is connected.

    `adapter` is `module:class`. `key` names the environment variable that holds its key,
    `key_needed` whether it refuses callers without one. `api_base` is its own endpoint, the only
    one its key may go to; None where the file has to give one (`base_needed`) or litellm knows it.
    `options` are the settings it understands beyond those of every model, None where all are
    passed on. `preflight` is a `module:function` that raises `Unusable` where a model cannot be run,
    before anything is connected. `unavailable` says why it cannot be used yet.
    """

    prefix: str
    adapter: str
    capabilities: Capabilities = field(default_factory=Capabilities)
    key: str | None = None
    key_needed: bool = True
    api_base: str | None = None
    base_needed: bool = False
    options: tuple[str, ...] | None = None
    preflight: str = ""
    unavailable: str = ""


def _endpoint(prefix: str, key: str | None, api_base: str, *, n: bool = False, schema: bool = False) -> ProviderFacts:
    return ProviderFacts(prefix, OPENAI, Capabilities(n=n, schema=schema, tools=True), key, key is not None, api_base)


def _through_litellm(prefix: str, key: str | None) -> ProviderFacts:
    return ProviderFacts(prefix, LITELLM, Capabilities(tools=True), key, key is not None)


SIMULATION_OPTIONS = (
    "skill", "judge_tpr", "judge_fpr", "output_tokens", "latency_s", "pace", "data", "like", "nonsense",
)  # fmt: skip

#: A capability is stated only where the provider documents it for all its chat models; what is
#: not stated is lowered, which is slower but never wrong.
_ROWS = (
    ProviderFacts(
        "sim", SIMULATED, Capabilities(n=True, prefix=True, schema=True), key_needed=False, options=SIMULATION_OPTIONS
    ),
    ProviderFacts("replay", RECORDED, Capabilities(n=True), key_needed=False, options=("data",)),
    ProviderFacts(
        "local",
        LOCAL,
        Capabilities(n=True, prefix=True),
        key_needed=False,
        options=("dtype", "device", "max_batch", "cache_gib", "engine"),
        preflight="ttsc.models.local.checkpoint:preflight",
    ),
    ProviderFacts(
        "tiny", "ttsc.models.tiny.provider:Tiny", Capabilities(n=True, prefix=True), key_needed=False, options=(),
        preflight="ttsc.models.tiny.provider:preflight",
    ),  # fmt: skip
    ProviderFacts(
        "openai",
        OPENAI,
        Capabilities(n=True, logprobs=True, schema=True, tools=True),
        "OPENAI_API_KEY",
        True,
        "https://api.openai.com/v1",
    ),
    ProviderFacts(
        "hosted_vllm",
        OPENAI,
        Capabilities(n=True, prefix=True, logprobs=True, schema=True, tools=True),
        "HOSTED_VLLM_API_KEY",
        key_needed=False,
        base_needed=True,
    ),
    _endpoint("ollama", None, "http://localhost:11434/v1", schema=True),
    _endpoint("lm_studio", None, "http://localhost:1234/v1", schema=True),
    _endpoint("openrouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
    _endpoint("together_ai", "TOGETHERAI_API_KEY", "https://api.together.xyz/v1", n=True),
    _endpoint("groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
    _endpoint("deepseek", "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1"),
    _endpoint("mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1", schema=True),
    _endpoint("fireworks_ai", "FIREWORKS_AI_API_KEY", "https://api.fireworks.ai/inference/v1", n=True),
    _endpoint("deepinfra", "DEEPINFRA_API_KEY", "https://api.deepinfra.com/v1/openai"),
    _endpoint("cerebras", "CEREBRAS_API_KEY", "https://api.cerebras.ai/v1"),
    _endpoint("nvidia_nim", "NVIDIA_NIM_API_KEY", "https://integrate.api.nvidia.com/v1"),
    _endpoint("sambanova", "SAMBANOVA_API_KEY", "https://api.sambanova.ai/v1"),
    _endpoint("moonshot", "MOONSHOT_API_KEY", "https://api.moonshot.ai/v1"),
    _endpoint("xai", "XAI_API_KEY", "https://api.x.ai/v1", schema=True),
    _through_litellm("anthropic", "ANTHROPIC_API_KEY"),
    _through_litellm("gemini", "GEMINI_API_KEY"),
    _through_litellm("cohere", "COHERE_API_KEY"),
    _through_litellm("perplexity", "PERPLEXITYAI_API_KEY"),
    _through_litellm("azure", "AZURE_API_KEY"),
    _through_litellm("bedrock", None),  # several ways to sign in, none of them one variable
    _through_litellm("vertex_ai", None),
    _through_litellm("replicate", "REPLICATE_API_KEY"),
    _through_litellm("huggingface", "HUGGINGFACE_API_KEY"),
    _through_litellm("ai21", "AI21_API_KEY"),
)

PROVIDERS = {row.prefix: row for row in _ROWS}


def facts(target: str) -> ProviderFacts:
    """What is known of the provider that a target such as `openai/gpt-4o` names.

    >>> facts("openai/gpt-4o").key
    'OPENAI_API_KEY'
    """
    prefix, slash, _ = target.partition("/")
    known = PROVIDERS.get(prefix) if slash else None
    return known or _through_litellm(prefix if slash else "", None)


def adapter(spec: ModelSpec) -> str:
    """The `module:class` that connects to a model; raises `Unusable` where none can.

    Only for a model that runs in this process is anything looked at: its files.
    """
    known = facts(spec.target)
    if known.unavailable:
        raise Unusable(f"model {spec.name}: {known.unavailable}")
    if known.preflight and spec.api_base is None:
        module, _, name = known.preflight.partition(":")
        getattr(import_module(module), name)(spec)
    if spec.provider in ("sim", "replay"):
        return known.adapter
    if known.base_needed and spec.api_base is None:
        raise Unusable(
            f'model {spec.name}: {known.prefix} has no endpoint of its own; add `api_base = "http://…/v1"` '
            'or `api_base = env("NAME")`'
        )
    return OPENAI if spec.api_base is not None else known.adapter


def connect(spec: ModelSpec) -> Provider:
    """A provider for a model, its module imported now; raises `Unusable` where there is none.

    Opens nothing yet. One provider may serve every model with the same `adapter`; `Connections`
    shares them so.
    """
    module, _, name = adapter(spec).partition(":")
    provider: Provider = getattr(import_module(module), name)()
    return provider


class Connections:
    """The providers of a run, one per adapter, so that models of one endpoint share its sockets."""

    def __init__(self) -> None:
        self._providers: dict[str, Provider] = {}

    def of(self, spec: ModelSpec) -> Provider:
        """The provider of a model, connected on first use; raises `Unusable`."""
        kind = adapter(spec)
        if kind not in self._providers:
            self._providers[kind] = connect(spec)
        return self._providers[kind]

    async def close(self) -> None:
        """Closes them all."""
        while self._providers:
            await self._providers.popitem()[1].close()
