"""Wall time against the critical path: questions × (5 + 5 samples -> rank -> fuse) on a local server.

    python -m benchmarks.fan_out [--questions 200] [--median-s 1.0] [--server FOLDER] [--one-by-one]

The server runs in its own process and answers each call after a random but repeatable time. It
keeps a log, and the critical path is taken from that log: for each question its slowest sample,
then its ranking, then its fusing; of these the longest. `--server` takes another fake server of
the same interface (a folder that holds a package `fakeserver`); `--one-by-one` sends every draw
as a request of its own instead of five to a request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import ttsc
from ttsc.compiler import declared_models
from ttsc.compiler.compiling import compile_pipeline
from ttsc.front.models import resolve
from ttsc.models.catalog import connect
from ttsc.runtime.executor import run
from ttsc.runtime.record import RunFinished, RunRecord
from ttsc.values.model import Capabilities

HERE = Path(__file__).resolve().parent
ORDER = json.dumps({"order": list("ABCDEFGHIJ")})


def main() -> None:
    """Runs the job and prints its figures."""
    options = _options()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with _server(options) as root:
        os.environ["FAN_OUT_URL"] = f"{root}/v1"
        began, cpu = time.perf_counter(), time.process_time()
        record = asyncio.run(_run(options))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        path = critical_path(_get(f"{root}/trace"))
        served = _get(f"{root}/stats")
    failed = sum(a.failure is not None for a in record.answers)
    print(f"questions {options.questions}  calls {record.usage.calls}  requests {served['calls']}  failed {failed}")
    print(f"wall {wall:.2f} s  critical path {path:.2f} s  wall / critical path {wall / path:.3f}")
    print(f"draws in flight {_in_flight(record)}  requests in flight at the server {served['max_in_flight']}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"processor {1000 * cpu / record.usage.calls:.2f} ms per call  peak memory {peak:.0f} MB")


async def _run(options: argparse.Namespace) -> RunRecord:
    program = ttsc.load(HERE / "fan_out.tts")
    models = resolve(declared_models(program.loaded), {}, simulated=False)
    if options.one_by_one:
        models = {name: replace(spec, capabilities=Capabilities()) for name, spec in models.items()}
    plan = compile_pipeline(program.loaded, None, models=models)
    questions = [{"question": f"Q{i}. What is {i} + {i}?"} for i in range(options.questions)]
    return await run(plan.block, questions, connect=connect)


def _in_flight(record: RunRecord) -> int:
    return next(e.most_in_flight for e in record.events if isinstance(e, RunFinished))


def critical_path(trace: list[tuple[str, str, int, float, float]]) -> float:
    """Seconds of the longest chain of dependent calls, by the server's own clock."""
    longest: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for model, key, code, arrived, left in trace:
        if code == 200:
            stage = "sample" if model in ("first", "second") else model
            longest[key][stage] = max(longest[key][stage], left - arrived)
    return max(sum(stages.values()) for stages in longest.values())


@contextmanager
def _server(options: argparse.Namespace) -> Iterator[str]:
    profile = {"median_s": options.median_s, "sigma": options.sigma, "tokens_out": 40}
    config = {
        "models": dict.fromkeys(("first", "second", "judge", "fuser"), profile),
        "rules": [{"match": '"model": ?"judge"', "reply": ORDER}],
        "key_regex": r"(Q\d+)\.",
        "trace": True,
        "seed": options.seed,
    }
    package, folder = ("fakeserver", options.server) if options.server else ("tests.fakeserver", HERE.parent)
    command = [sys.executable, "-m", package, "--port", "0", "--config", "-"]
    server = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(config))
    server.stdin.close()
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.terminate()
        server.wait()


def _get(url: str) -> Any:  # JSON of the server: its shape is known where it is used
    with urllib.request.urlopen(url, timeout=30) as reply:
        return json.load(reply)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--median-s", type=float, default=1.0)
    parser.add_argument("--sigma", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--server", type=Path, help="a folder that holds a package `fakeserver`")
    parser.add_argument("--one-by-one", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
