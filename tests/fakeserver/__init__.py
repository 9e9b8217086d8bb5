"""A deterministic OpenAI-compatible chat server that fails in every known way, for tests and benchmarks.

Standard library only. HTTP/1.1 keep-alive, no TLS. Latency, length, fault and text of an answer
are a pure function of (seed, model, request body, how often that body was seen).
"""

from tests.fakeserver.profiles import Faults, ModelProfile, Rule
from tests.fakeserver.server import FakeServer, ServerConfig, start
from tests.fakeserver.testing import Remote, serve, serve_thread

__all__ = ["FakeServer", "Faults", "ModelProfile", "Remote", "Rule", "ServerConfig", "serve", "serve_thread", "start"]
