"""How long commands take to start, as wall time and as a ratio to a bare interpreter.

    python benchmarks/startup.py [FILE]

The minimum of nine runs counts: everything above it is the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 9

#: Compiled modules are kept between runs, as they are once a package is installed.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def wall_ms(arguments: list[str]) -> float:
    """The quickest of RUNS runs of this interpreter with these arguments, in milliseconds."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=False, capture_output=True, env=ENVIRONMENT)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main() -> None:
    """Prints one row per command."""
    file = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "examples" / "self_consistency.tts")
    rows = {
        "bare interpreter": ["-c", "pass"],
        "import lark": ["-c", "import lark"],
        "import ttsc": ["-c", "import ttsc"],
        "ttsc --help": ["-m", "ttsc", "--help"],
        f"ttsc check {Path(file).name}": ["-m", "ttsc", "check", file],
        f"ttsc plan {Path(file).name}": ["-m", "ttsc", "plan", file],
    }
    bare = wall_ms(rows["bare interpreter"])
    for name, arguments in rows.items():
        took = wall_ms(arguments)
        print(f"{name:<40} {took:7.0f} ms  {took / bare:5.1f} x")


if __name__ == "__main__":
    main()
