"""Writes `ttsc/models/prices.json` from the price map inside the installed litellm, offline.

    python scripts/refresh_prices.py

Chat models with a known price only. One model per line, so that a refresh reads as a diff. A
price of zero for both input and output is left out: the map uses it also for "not known".
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "ttsc" / "models" / "prices.json"

#: What the map calls a provider, where that is not the prefix by which litellm is told of it.
PREFIXES = {"bedrock_converse": "bedrock", "cohere_chat": "cohere", "vertex_ai-language-models": "vertex_ai"}


def main() -> None:
    """Writes the table anew."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    rows = dict(sorted(_rows(litellm.model_cost).items()))
    head = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "litellm": version("litellm")}
    lines = ",\n".join(f"{json.dumps(target)}:{json.dumps(row, separators=(',', ':'))}" for target, row in rows.items())
    columns = '["input", "output", "cached", "max_output_tokens", "reasoning"]'
    TARGET.write_text(
        f'{{"date": "{head["date"]}", "litellm": "{head["litellm"]}",\n'
        f'"unit": "nano-dollars per million tokens", "columns": {columns},\n"models": {{\n{lines}\n}}}}\n'
    )
    print(f"{len(rows)} models, litellm {head['litellm']}, {TARGET.stat().st_size} bytes")


def _rows(table: Mapping[str, Mapping[str, object]]) -> dict[str, list[int | None]]:
    rows: dict[str, list[int | None]] = {}
    for name, entry in table.items():
        price_in, price_out = _nano(entry, "input_cost_per_token"), _nano(entry, "output_cost_per_token")
        if entry.get("mode") != "chat" or price_in is None or price_out is None or price_in + price_out == 0:
            continue
        cached, limit, reasons = _nano(entry, "cache_read_input_token_cost"), _count(entry), int(_reasons(name, entry))
        rows[_target(name, str(entry["litellm_provider"]))] = [price_in, price_out, cached, limit, reasons]
    return rows


def _target(name: str, provider: str) -> str:
    provider = "vertex_ai" if provider.startswith("vertex_ai") else PREFIXES.get(provider, provider)
    return name if name.startswith(f"{provider}/") else f"{provider}/{name}"


def _nano(entry: Mapping[str, object], name: str) -> int | None:
    """Dollars per token as nano-dollars per million tokens."""
    cost = entry.get(name)
    return round(float(cost) * 10**15) if isinstance(cost, int | float | str) and cost != "" else None


def _count(entry: Mapping[str, object]) -> int | None:
    limit = entry.get("max_output_tokens") or entry.get("max_tokens")
    return int(limit) if isinstance(limit, int | float) else None


def _reasons(name: str, entry: Mapping[str, object]) -> bool:
    """Whether a model reasons unasked: Claude does so only when a request says so, and ours do not."""
    return bool(entry.get("supports_reasoning")) and "claude" not in name


if __name__ == "__main__":
    main()
