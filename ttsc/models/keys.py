"""A key goes to the origin it belongs to and nowhere else.

A provider's own key is read from its own environment variable and sent to its own origin only.
An endpoint that a file names gets a key only where the same file names one, `api_key = env("…")`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ttsc.models.catalog import facts
from ttsc.values.model import ModelSpec, Secret


@dataclass(frozen=True, slots=True)
class Missing:
    """An environment variable that a model needs and that is not set."""

    variable: str
    model: str
    message: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a call goes and with which key (never printed)."""

    api_base: str
    key: str | None = field(default=None, repr=False)


def missing_key(spec: ModelSpec, environment: Mapping[str, str]) -> Missing | None:
    """The first variable that a model needs and `environment` does not hold; None if all is there.

    To be asked of every model before the first call leaves.
    """
    if isinstance(spec.api_base, Secret) and not environment.get(spec.api_base.variable):
        return _missing(spec, spec.api_base.variable, "the address of its endpoint")
    variable, needed = _key_variable(spec, environment)
    if variable is not None and needed and not environment.get(variable):
        return _missing(spec, variable, "its key")
    return None


def endpoint(spec: ModelSpec, environment: Mapping[str, str]) -> Endpoint | Missing:
    """Where a model that speaks the OpenAI protocol is reached, read when a call leaves."""
    missing = missing_key(spec, environment)
    if missing is not None:
        return missing
    base = _base(spec, environment)
    if base is None:
        return Missing("", spec.name, f"model {spec.name} ({spec.target}) has no `api_base`")
    variable, _ = _key_variable(spec, environment)
    return Endpoint(base.rstrip("/"), (environment.get(variable) or None) if variable else None)


def _key_variable(spec: ModelSpec, environment: Mapping[str, str]) -> tuple[str | None, bool]:
    """The variable with the key that may go to a model's endpoint, and whether it must be set."""
    if spec.api_key is not None:
        return spec.api_key.variable, True
    known = facts(spec.target)
    base = _base(spec, environment)
    if spec.api_base is not None and (base is None or _origin(base) != _origin(known.api_base or "")):
        return None, False
    return known.key, known.key_needed


def _base(spec: ModelSpec, environment: Mapping[str, str]) -> str | None:
    if isinstance(spec.api_base, Secret):
        return environment.get(spec.api_base.variable)
    return spec.api_base or facts(spec.target).api_base


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def _missing(spec: ModelSpec, variable: str, what: str) -> Missing:
    text = f"model {spec.name} ({spec.target}) needs {what} in the environment variable {variable}, which is not set"
    return Missing(variable, spec.name, text)
