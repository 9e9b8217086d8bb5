"""What the rest of the house knows of a model: where it is, what it can do, what it charges."""

from __future__ import annotations

from dataclasses import dataclass, field

from ttsc.values.money import Price

#: Output tokens a call may use where a model declares nothing else.
DEFAULT_MAX_TOKENS = 4096


#: Providers that answer out of a local file, named by their option `data`.
DATA_PROVIDERS = frozenset({"sim", "replay"})

#: Options that change how fast an answer comes and not which.
PACE_OPTIONS = frozenset({"pace", "max_batch", "cache_gib"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do for us; what it cannot is lowered or refused when compiling."""

    n: bool = False
    prefix: bool = False
    logprobs: bool = False
    schema: bool = False
    tools: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """The name of an environment variable whose value is read when a call leaves, never before."""

    variable: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A declared model after `--model` and `--sim`: everything but the connection itself.

    `name` is what the file calls it; `target` is `provider/model`. `options` are settings that
    only its provider understands (`data` of `replay/…`, `skill` of `sim/…`), as the file writes
    them. `located` is where the file of `data` was found, "" until a run looks for it.
    """

    name: str
    target: str
    temperature: float | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    top_p: float | None = None
    api_base: str | Secret | None = None
    api_key: Secret | None = None
    price: Price | None = None
    parallel: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    capabilities: Capabilities = field(default_factory=Capabilities)
    options: tuple[tuple[str, str | int | float | bool], ...] = ()
    located: str = ""
    copy: int = 0  # how many equal models stand before it in the same list

    @property
    def identity(self) -> str:
        """What makes a draw of this model this model's: its target, endpoint and options.

        Its name is not part of it, nor where its data lie, nor how fast a simulation pretends to be,
        nor how much a local model does at once.
        """
        base = self.api_base.variable if isinstance(self.api_base, Secret) else self.api_base
        options = "".join(f" {k}={v}" for k, v in self.options if k not in PACE_OPTIONS)
        return f"{self.target}@{base}{options}" if base else f"{self.target}{options}"

    @property
    def data(self) -> str:
        """The data file as the declaration writes it, "" where there is none."""
        return str(dict(self.options).get("data", "")) if self.provider in DATA_PROVIDERS else ""

    @property
    def provider(self) -> str:
        """The part before the first slash: `sim`, `openai`, `hosted_vllm`."""
        return self.target.partition("/")[0]

    @property
    def model(self) -> str:
        """The part after the first slash, as the provider knows it."""
        return self.target.partition("/")[2]

    @property
    def simulated(self) -> bool:
        """Whether what it says was made up by a simulation; said wherever output shows."""
        return self.provider == "sim"
