"""Content hashes: equal values have equal digests, whatever built them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b


def digest(*parts: object) -> str:
    """A 32-digit hexadecimal hash of plain values (numbers, texts, lists, mappings, dataclasses)."""
    text = json.dumps([_plain(p) for p in parts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if is_dataclass(value) and not isinstance(value, type):
        plain = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.compare}
        return {"": type(value).__name__, **plain}
    raise TypeError(f"no digest for a {type(value).__name__}")
