"""Tokens per second of `local/…`: many requests at once against one at a time, on a checkpoint made on the spot.

    python -m benchmarks.local_throughput [--preset 1b] [--requests 256] [--device auto] [--dtype auto]

The weights are random, so the text means nothing; every request writes exactly `--tokens` tokens.
One at a time is measured on a few requests. Greedy text is compared with what transformers writes
by itself, and the texts of samples with those of the same draws made alone: with 16-bit weights
some differ, because rounding does.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
import transformers

from tests.models.local_checkpoints import save
from ttsc.models.local.provider import Local
from ttsc.values.model import ModelSpec
from ttsc.values.request import Answered, DrawKey, Message, Parameters, Request

#: Sizes of well-known models: SmolLM2-135M and Llama-3.2-1B.
PRESETS = {
    "tiny": {},
    "135m": {
        "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
        "num_key_value_heads": 3, "vocab_size": 49_152,
    },
    "1b": {
        "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
        "num_key_value_heads": 8, "vocab_size": 128_256,
    },
}  # fmt: skip
ALONE = 4  # requests that are made one at a time


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="1b")
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--prompt", type=int, default=200, help="tokens of the longest prompt")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of torch on a CPU")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # No token ends a reply, and every one has a text of its own.
        sizes = {**PRESETS[options.preset], "max_position_embeddings": 2048, "eos_token_id": None}
        save(Path(folder), "LlamaForCausalLM", None, dtype=_dtype(options.dtype), initializer_range=0.05, **sizes)
        torch.set_num_threads(options.threads)
        asyncio.run(measure(options, Path(folder)))


async def measure(options: argparse.Namespace, folder: Path) -> None:
    """All at once, then a few one at a time, then transformers alone."""
    spec = ModelSpec("m", f"local/{folder}", options=(("device", options.device), ("dtype", options.dtype)))
    count = options.requests
    texts = ["x" * (k * options.prompt // count) + chr(97 + k % 26) for k in range(count)]
    print(f"{_device()}; torch {torch.__version__}, transformers {transformers.__version__}")
    print(f"{options.preset}: {count} requests of 1 to {options.prompt} tokens, {options.tokens} written for each")
    chosen = range(0, count, max(1, count // ALONE))
    provider = Local()
    for temperature in (0.0, 1.0):
        requests = [Request(spec, (Message("user", text),), Parameters(options.tokens, temperature)) for text in texts]
        await said(provider, requests[:1])  # loads, and warms up
        together, fast = await paced(provider, [requests], options.tokens)
        alone, slow = await paced(provider, [[requests[k]] for k in chosen], options.tokens)
        same = sum(text == together[k] for text, k in zip(alone, chosen, strict=True))
        print(
            f"temperature {temperature:g}: {fast:.0f} tokens/s at once, {slow:.1f} one at a time: {fast / slow:.1f} ×"
        )
        print(f"  {same} of {len(chosen)} texts are the same alone and at once")
        if temperature == 0:
            expected = generated(folder, [texts[k] for k in chosen], options)
            print(f"  {sum(a == b for a, b in zip(alone, expected, strict=True))} are those of transformers")
    await provider.close()
    if torch.cuda.is_available():
        print(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")


async def paced(provider: Local, groups: Sequence[Sequence[Request]], tokens: int) -> tuple[list[str], float]:
    """The replies to groups of requests, one group after the other, and the tokens per second."""
    began = time.perf_counter()
    texts = [text for group in groups for text in await said(provider, group)]
    return texts, tokens * len(texts) / (time.perf_counter() - began)


async def said(provider: Local, requests: Sequence[Request]) -> list[str]:
    """The replies to requests that are made at the same time."""
    keys = [DrawKey(0, request.content(), "0", 0) for request in requests]
    outcomes = await asyncio.gather(*(provider.attempt(r, (key,)) for r, key in zip(requests, keys, strict=True)))
    assert all(isinstance(outcome, Answered) for outcome in outcomes), outcomes
    return [outcome.replies[0].text for outcome in outcomes if isinstance(outcome, Answered)]


def generated(folder: Path, texts: Sequence[str], options: argparse.Namespace) -> list[str]:
    """What transformers writes by itself, one text at a time."""
    device = "cuda" if torch.cuda.is_available() and options.device == "auto" else options.device.replace("auto", "cpu")
    dtype = "float32" if device == "cpu" and options.dtype == "auto" else options.dtype
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(device)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    replies = []
    for text in texts:
        read = tokenizer(f"{text}\n\n", return_tensors="pt").to(device)
        written = model.generate(
            **read, max_new_tokens=options.tokens, do_sample=False, pad_token_id=1, eos_token_id=None
        )
        replies.append(tokenizer.decode(written[0, read["input_ids"].shape[1] :], skip_special_tokens=True))
    return replies


def _dtype(wanted: str) -> str:
    """What the checkpoint is stored in."""
    return "bfloat16" if wanted == "auto" else wanted


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"


if __name__ == "__main__":
    main()
