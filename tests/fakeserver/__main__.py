"""`python -m tests.fakeserver --port 8765 [--config FILE]`; a configuration is a `ServerConfig` as JSON."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import sys
from pathlib import Path

from tests.fakeserver.server import ServerConfig, start


def main() -> None:
    """Serves until it is stopped; prints its address first."""
    parser = argparse.ArgumentParser(prog="fakeserver", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--config", default="", help="JSON file, or - for standard input")
    arguments = parser.parse_args()
    text = sys.stdin.read() if arguments.config == "-" else arguments.config and Path(arguments.config).read_text()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def run() -> None:
        server, _, port = await start(ServerConfig.from_dict(json.loads(text or "{}")), arguments.host, arguments.port)
        print(f"fakeserver listening on http://{arguments.host}:{port}", flush=True)
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


if __name__ == "__main__":
    main()
