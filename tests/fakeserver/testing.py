"""Three ways to run the server: in the test's own loop, in a thread, in another process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.fakeserver.server import FakeServer, ServerConfig, start


@asynccontextmanager
async def serve(config: ServerConfig) -> AsyncIterator[tuple[str, FakeServer]]:
    """In the running loop: the base URL, ending in /v1, and the application."""
    server, app, port = await start(config)
    try:
        yield f"http://127.0.0.1:{port}/v1", app
    finally:
        server.close()
        await asyncio.sleep(0)


@contextmanager
def serve_thread(config: ServerConfig) -> Iterator[tuple[str, FakeServer]]:
    """In a thread with its own loop, for synchronous code."""
    ready = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        box["stop"], box["loop"] = asyncio.Event(), asyncio.get_running_loop()
        async with serve(config) as box["served"]:
            ready.set()
            await box["stop"].wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield box["served"]
    finally:
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(5)


class Remote:
    """In another process, for benchmarks; `cpu` pins it to a core."""

    def __init__(self, config: dict[str, Any] | None = None, cpu: int | None = None) -> None:
        root = Path(__file__).resolve().parent.parent.parent
        command = [sys.executable, "-m", "tests.fakeserver", "--config", "-"]
        if cpu is not None:
            command = ["taskset", "-c", str(cpu), *command]
        self.process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}, text=True
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(config or {}))
        self.process.stdin.close()
        self.root = self.process.stdout.readline().split()[-1]
        self.base_url = f"{self.root}/v1"

    def stats(self) -> Any:
        """The server's counters."""
        return self._call("/stats")

    def trace(self) -> Any:
        """The server's log of requests."""
        return self._call("/trace")

    def reset(self, config: dict[str, Any] | None = None) -> None:
        """Zeroes the counters; a configuration replaces the old one."""
        self._call("/reset", b"" if config is None else json.dumps(config).encode())

    def _call(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(self.root + path, data=body, method="GET" if body is None else "POST")
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def cpu_seconds(self) -> float:
        """Processor time that the server has used."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Stops the server."""
        self.process.terminate()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
