"""Which models a run uses: the declared ones, replaced where asked, with what is known of each.

Reads the price table and nothing else; keys are looked at only by `missing_keys`, before a run.
Where data files lie is the business of `ttsc.front.data_files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ttsc.front.errors import UsageError
from ttsc.grammar.diagnostic import nearest, one_of
from ttsc.models.catalog import facts
from ttsc.models.keys import missing_key
from ttsc.models.prices import defaults_of, price_of
from ttsc.values.model import DEFAULT_MAX_TOKENS, ModelSpec

Models = Mapping[str, ModelSpec]


def resolve(declared: Models, replaced: Mapping[str, str], simulated: bool) -> dict[str, ModelSpec]:
    """Every declared model by name, after `--model NAME=TARGET` and `--sim`, fully described.

    A model that is replaced keeps its sampling parameters; endpoint, key, price and settings of
    its old provider go. With `simulated`, every model that is not replaced by name becomes
    `sim/NAME`, except those that are simulated already. Raises UsageError for a name that is
    not declared or a target without a provider.
    """
    for name, target in replaced.items():
        if name not in declared:
            near = nearest(name, list(declared))
            hint = f"did you mean `{near}`?" if near else f"it declares {one_of(list(declared))}"
            raise UsageError(f"the file declares no model `{name}`: {hint}")
        if "/" not in target:
            raise UsageError(f"`{target}` names no provider: write `openai/{target}` or `sim/{target}`, for instance")
    return {name: _described(_chosen(spec, replaced.get(name), simulated)) for name, spec in declared.items()}


def _chosen(spec: ModelSpec, target: str | None, simulated: bool) -> ModelSpec:
    if target is None and simulated and not spec.simulated:
        target = f"sim/{spec.name}"
    if target is None:
        return spec
    return replace(spec, target=target, api_base=None, api_key=None, price=None, options=())


def _described(spec: ModelSpec) -> ModelSpec:
    unsaid = spec.max_tokens == DEFAULT_MAX_TOKENS
    return replace(
        spec,
        capabilities=facts(spec.target).capabilities,
        price=spec.price or price_of(spec.target),
        max_tokens=defaults_of(spec.target).max_tokens if unsaid else spec.max_tokens,
    )


def missing_keys(models: Iterable[ModelSpec], environment: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence for each model whose key or address is not in the environment."""
    found = (missing_key(spec, environment) for spec in models)
    return tuple(m.message for m in found if m is not None)
