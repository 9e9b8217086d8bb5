"""What a server does to its callers: requests and tokens per minute, and a number of slots."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable

from tests.fakeserver.profiles import ModelProfile


class Bucket:
    """A token bucket that says how long to wait."""

    __slots__ = ("capacity", "level", "rate", "stamp")

    def __init__(self, per_minute: float, burst_s: float, least: float = 1.0) -> None:
        self.rate = per_minute / 60.0
        self.capacity = max(least, self.rate * burst_s)
        self.level = self.capacity
        self.stamp = time.monotonic()

    def wait_for(self, amount: float) -> float:
        """0.0 when there is enough, else the seconds until there is."""
        now = time.monotonic()
        self.level = min(self.capacity, self.level + (now - self.stamp) * self.rate)
        self.stamp = now
        need = min(amount, self.capacity)  # an oversized request drains the bucket, not more
        return 0.0 if self.level >= need else (need - self.level) / self.rate


class ModelState:
    """One model while it serves: its limiters, its slots, its counters."""

    def __init__(self, profile: ModelProfile) -> None:
        self.profile = profile
        self.requests = Bucket(profile.rpm, profile.burst_s) if profile.rpm else None
        self.tokens = Bucket(profile.tpm, profile.burst_s) if profile.tpm else None
        self.busy = 0
        self.waiting: deque[Callable[[], None]] = deque()
        self.count: Counter[str] = Counter()
        self.in_flight = 0
        self.max_in_flight = 0

    def admit(self, tokens: int) -> float:
        """0.0 when a request may come in, else the seconds it has to wait."""
        wait_s = 0.0
        if self.requests is not None:
            wait_s = self.requests.wait_for(1.0)
        if self.tokens is not None:
            wait_s = max(wait_s, self.tokens.wait_for(tokens))
        if wait_s == 0.0:
            if self.requests is not None:
                self.requests.level -= 1.0
            if self.tokens is not None:
                self.tokens.level -= min(tokens, self.tokens.capacity)
        return wait_s

    def start(self, job: Callable[[], None]) -> None:
        """Runs a job now, or when a slot is free."""
        if self.profile.slots is not None and self.busy >= self.profile.slots:
            self.waiting.append(job)
        else:
            self.busy += 1
            job()

    def finish(self) -> None:
        """Gives a slot to the next in line."""
        self.busy -= 1
        if self.waiting:
            self.busy += 1
            self.waiting.popleft()()
