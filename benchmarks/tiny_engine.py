"""Tokens per second of the numpy engine, 64 samples at once, for each tiny model; torch beside it if it is there.

    python benchmarks/tiny_engine.py [--rows 64] [--tokens 64] [--repeats 3]

Both decode from the same prompt with a key-value cache, on one core each. torch runs the same
checkpoint as `transformers.LlamaForCausalLM`. The best of the repeats counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from importlib.resources import files
from pathlib import Path

from threadpoolctl import threadpool_limits

from ttsc.models.tiny.engine import Ticket
from ttsc.models.tiny.network import Network
from ttsc.models.tiny.sizes import operations
from ttsc.models.tiny.vocabulary import encode
from ttsc.models.tiny.writing import Samples, Wanted, Writers

PROBLEM = "Compute ((422 + 286 - 525) * 13 + 474) * 2.\n\n"


def ours(folder: Path, rows: int, tokens: int) -> Callable[[], int]:
    """Decodes and gives the number of tokens written; samples end where they end."""
    writers = Writers(Network(folder))
    prompt = (0, *encode(PROBLEM))

    def go() -> int:
        ticket: Ticket[Wanted, Samples] = Ticket(Wanted(prompt, tuple(range(rows)), tokens), Future())
        writers.advance([ticket])
        while writers.busy:
            writers.advance([])
        return sum(written.tokens for written in ticket.future.result())

    return go


def theirs(folder: Path, rows: int, tokens: int) -> Callable[[], int]:
    """The same with `transformers`, in 32-bit floats."""
    import torch

    torch.set_num_threads(1)
    from transformers import LlamaForCausalLM

    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    prompt = torch.tensor([[0, *encode(PROBLEM)]] * rows)

    def go() -> int:
        with torch.inference_mode():
            out = model.generate(prompt, do_sample=True, max_new_tokens=tokens, pad_token_id=0)
        return int((out[:, prompt.shape[1] :] != 0).sum()) + rows

    return go


def rate(go: Callable[[], int], repeats: int) -> float:
    """Tokens per second, the best of the repeats."""
    rates = []
    for _ in range(repeats):
        began = time.perf_counter()
        rates.append(go() / (time.perf_counter() - began))
    return max(rates)


def main() -> None:
    """Prints one line per size and engine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--weights", type=Path, default=Path(str(files("ttsc.models.tiny").joinpath("weights"))))
    given = parser.parse_args()
    engines = {"numpy": ours}
    if importlib.util.find_spec("torch") and importlib.util.find_spec("transformers"):
        engines["torch"] = theirs
    threadpool_limits(1, user_api="blas")  # as the provider does
    print(f"{given.rows} samples at once, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for size in ("s", "m", "l"):
        for name, engine in engines.items():
            speed = rate(engine(given.weights / size, given.rows, given.tokens), given.repeats)
            print(f"tiny/{size}  {name}  {speed:8,.0f} tokens/s  {speed * operations(size, 1) / 1e9:6.1f} GFLOP/s")


if __name__ == "__main__":
    main()
