"""The chat endpoint: draws, faults, limits, counters.

`POST /v1/chat/completions` with `n`, `max_tokens`, `stream`; `GET /v1/models`, `/stats`, `/trace`,
`/healthz`; `POST /reset` zeroes the counters and, with a body, replaces the configuration.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tests.fakeserver.http import Connection
from tests.fakeserver.limits import ModelState
from tests.fakeserver.profiles import ModelProfile, Rule, count_tokens, prompt_chars, pseudo_text

#: Faults that are answered at once: status, error code, message.
_REFUSALS = {
    "rate_limited": (429, "rate_limit_exceeded", "Rate limit reached"),
    "quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "auth": (401, "invalid_api_key", "Incorrect API key provided"),
    "auth_as_400": (400, "invalid_api_key", "API key not valid. Please pass a valid API key."),
    "permission": (403, "permission_denied", "This project may not use the model"),
    "context_length": (400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."),
    "content_filter": (400, "content_filter", "The prompt was filtered by the content management policy."),
    "bad_request": (400, "invalid_value", "temperature is out of range"),
    "server_error": (500, "server_error", "The server had an error"),
    "unavailable": (503, "overloaded", "The engine is overloaded"),
}


@dataclass
class ServerConfig:
    """What is served. `default` None makes unknown models a 404.

    Where `key_regex` is set and matches the body, its group 1 is the key of the draws, so that
    clients which word one logical call differently meet the same latency, length and faults.
    `trace` keeps (model, key, status, arrived, left) of every request. `api_key`, where set, is
    the only key let in; another is answered with a 401 that repeats it.
    """

    models: dict[str, ModelProfile] = field(default_factory=dict)
    default: ModelProfile | None = field(default_factory=ModelProfile)
    rules: list[Rule] = field(default_factory=list)
    seed: int = 0
    key_regex: str | None = None
    trace: bool = False
    api_key: str | None = None

    @staticmethod
    def from_dict(data: dict[str, Any]) -> ServerConfig:
        """A configuration from JSON."""
        data = dict(data)
        data["models"] = {name: ModelProfile.from_dict(model) for name, model in data.get("models", {}).items()}
        if isinstance(data.get("default"), dict):
            data["default"] = ModelProfile.from_dict(data["default"])
        rules = data.get("rules", [])
        data["rules"] = [Rule(**{**rule, "tool_calls": tuple(rule.get("tool_calls", ()))}) for rule in rules]
        return ServerConfig(**data)


@dataclass
class Call:
    """One admitted request."""

    connection: Connection
    request: dict[str, Any]
    raw: bytes
    model: str
    key: str
    occurrence: int
    n: int
    fault: str | None
    state: ModelState
    prompt_tokens: int
    arrived: float


class FakeServer:
    """What all connections share, and the logic of a request."""

    def __init__(self, config: ServerConfig, loop: asyncio.AbstractEventLoop) -> None:
        self.config = config
        self.loop = loop
        self.epoch = 0
        self.reset()

    def reset(self) -> None:
        """Forgets everything that was counted."""
        self.states: dict[str, ModelState] = {}
        self.seen: Counter[str] = Counter()
        self.status: Counter[str] = Counter()
        self.in_flight = 0
        self.max_in_flight = 0
        self.service_s = 0.0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self.log: list[tuple[Any, ...]] = []
        self.bodies: list[dict[str, Any]] = []
        self.heads: list[bytes] = []
        self.epoch += 1

    def stats(self) -> dict[str, Any]:
        """The counters as JSON."""
        total: Counter[str] = Counter()
        for state in self.states.values():
            total.update(state.count)
        span_s = self.last_at - self.first_at if self.last_at and self.first_at else 0.0
        return {
            "calls": sum(self.status.values()),
            "status": dict(self.status),
            **{name: total[name] for name in ("prompt_tokens", "completion_tokens", "choices")},
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "unique_keys": len(self.seen),
            "service_s": round(self.service_s, 6),
            "span_s": round(span_s, 6),
            "models": {name: {**s.count, "max_in_flight": s.max_in_flight} for name, s in self.states.items()},
        }

    def route(self, connection: Connection, method: bytes, path: bytes, head: bytes, body: bytes) -> None:
        """Answers one request."""
        path = path.split(b"?", 1)[0].rstrip(b"/")
        if path.endswith(b"/chat/completions") and method == b"POST":
            self.chat(connection, head, body)
        elif path.endswith(b"/stats"):
            connection.reply(200, dump(self.stats()))
        elif path.endswith(b"/trace"):
            connection.reply(200, dump(self.log))
        elif path.endswith(b"/reset") and method == b"POST":
            if body:
                self.config = ServerConfig.from_dict(json.loads(body))
            self.reset()
            connection.reply(200, b"{}")
        elif path.endswith(b"/models"):
            names = list(self.config.models) or ["fake"]
            connection.reply(200, dump({"object": "list", "data": [{"id": m, "object": "model"} for m in names]}))
        elif path.endswith(b"/healthz"):
            connection.reply(200, b"{}")
        else:
            connection.reply(404, error("no such route", "invalid_request_error"))

    def chat(self, connection: Connection, head: bytes, raw: bytes) -> None:
        """Admits a request or refuses it."""
        try:
            request = json.loads(raw)
            model, messages, n = request["model"], request["messages"], int(request.get("n") or 1)
        except (ValueError, KeyError, TypeError):
            self._refuse(connection, 400, error("invalid request body", "invalid_request_error"))
            return
        if self.config.trace:
            self.bodies.append(request)
            self.heads.append(head)
        sent = re.search(rb"(?im)^authorization: bearer (\S+)", head)
        if self.config.api_key is not None and (sent is None or sent[1].decode() != self.config.api_key):
            said = sent[1].decode() if sent else "none"
            self._refuse(connection, 401, error(f"Incorrect API key provided: {said}", "invalid_api_key"))
            return
        state = self._state(model)
        if state is None:
            self._refuse(connection, 404, error(f"model {model!r} does not exist", "model_not_found"))
            return
        self._admit(connection, request, raw, model, n, state, count_tokens(prompt_chars(messages)))

    def _admit(
        self,
        connection: Connection,
        request: dict[str, Any],
        raw: bytes,
        model: str,
        n: int,
        state: ModelState,
        tokens: int,
    ) -> None:
        key = self._key(raw)
        ident = f"{model}\x1f{key}"
        occurrence = self.seen[ident]
        self.first_at = self.first_at or time.monotonic()
        limit = request.get("max_completion_tokens") or request.get("max_tokens") or state.profile.tokens_out
        wait_s = state.admit(tokens + int(limit) * n)
        fault: str | None = "rate_limited"
        if not wait_s:  # a refused attempt does not use up a draw
            self.seen[ident] = occurrence + 1
            fault = state.profile.fault(self.config.seed, model, key, occurrence)
        if fault in _REFUSALS:
            self._refuse_by(connection, state, fault, wait_s, model, key)
            return
        call = Call(connection, request, raw, model, key, occurrence, n, fault, state, tokens, time.monotonic())
        self._serve(call)

    def _refuse(self, connection: Connection, code: int, body: bytes, extra: bytes = b"") -> None:
        self.status[str(code)] += 1
        connection.reply(code, body, extra)

    def _refuse_by(
        self, connection: Connection, state: ModelState, fault: str, wait_s: float, model: str, key: str
    ) -> None:
        code, name, message = _REFUSALS[fault]
        state.count[fault] += 1
        self._trace(model, key, code, time.monotonic())
        extra = b""
        if fault == "rate_limited":
            wait_s = wait_s or 0.05
            milliseconds = max(1, round(wait_s * 1000))
            extra = b"retry-after: %d\r\nretry-after-ms: %d\r\n" % (-(-wait_s // 1), milliseconds)
        self._refuse(connection, code, error(message, name), extra)

    def _serve(self, call: Call) -> None:
        """Answers a request after its time of service, unless the client goes first."""
        state, epoch = call.state, self.epoch
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        state.in_flight += 1
        state.max_in_flight = max(state.max_in_flight, state.in_flight)
        service_s = state.profile.latency(self.config.seed, call.model, call.key, call.occurrence, call.n)

        def leave() -> None:
            if epoch == self.epoch:
                self.in_flight -= 1
                state.in_flight -= 1
                self.last_at = time.monotonic()

        def done() -> None:
            call.connection.on_lost = None
            leave()
            self.service_s += service_s
            state.finish()
            self._answer(call)

        def gone(handle: asyncio.TimerHandle | None = None) -> None:
            if handle is not None:
                handle.cancel()
            leave()
            self.status["abandoned"] += 1
            state.finish()

        def begin() -> None:
            if call.connection.closed:
                leave()
                state.finish()
            elif call.fault == "hang":
                call.connection.on_lost = gone
            elif service_s > 0.0:
                handle = self.loop.call_later(service_s, done)
                call.connection.on_lost = lambda: gone(handle)
            else:
                done()

        state.start(begin)

    def _answer(self, call: Call) -> None:
        if call.fault is not None and call.fault in _BROKEN:
            self.status[call.fault] += 1
            call.state.count[call.fault] += 1
            _BROKEN[call.fault](call.connection)
            return
        choices, out_tokens = self._choices(call)
        for name, amount in (
            ("ok", 1), ("choices", call.n), ("prompt_tokens", call.prompt_tokens), ("completion_tokens", out_tokens),
        ):  # fmt: skip
            call.state.count[name] += amount
        self.status["200"] += 1
        self._trace(call.model, call.key, 200, call.arrived)
        usage = {
            "prompt_tokens": call.prompt_tokens,
            "completion_tokens": out_tokens,
            "total_tokens": call.prompt_tokens + out_tokens,
        }
        digest = blake2b(f"{call.model}{call.key}{call.occurrence}".encode(), digest_size=8).hexdigest()
        head = {"id": f"chatcmpl-{digest}", "created": 1_700_000_000, "model": call.model}
        if call.request.get("stream"):
            _stream(call, head, choices, usage)
            return
        body = {**head, "object": "chat.completion", "choices": choices, "usage": usage}
        call.connection.reply(200, dump(spoil(body, call.fault)))

    def _choices(self, call: Call) -> tuple[list[dict[str, Any]], int]:
        """The choices and their tokens. Greedy or seeded decoding repeats itself."""
        stable = call.request.get("temperature") == 0 or call.request.get("seed") is not None
        which = 0 if stable else call.occurrence
        body = call.raw.decode("utf-8", "replace") if self.config.rules else ""
        rule = next((r for r in self.config.rules if r.hits(body)), None)
        limit = call.request.get("max_completion_tokens") or call.request.get("max_tokens")
        choices, out_tokens = [], 0
        for place in range(call.n):
            length = call.state.profile.length(self.config.seed, call.model, call.key, which, place)
            reason = "stop"
            if limit and length > limit:
                length, reason = int(limit), "length"
            text = pseudo_text(length, self.config.seed, call.model, call.key, which, place)
            message: dict[str, Any] = {"role": "assistant", "content": text}
            if rule is not None:
                names = {"text": text, "model": call.model, "key": call.key, "occurrence": which, "choice": place}
                message, reason = _by_rule(rule, names, reason)
                length = count_tokens(len(message["content"] or ""))
            out_tokens += length
            choices.append({"index": place, "message": message, "finish_reason": reason, "logprobs": None})
        return choices, out_tokens

    def _state(self, model: str) -> ModelState | None:
        if model not in self.states:
            profile = self.config.models.get(model, self.config.default)
            if profile is None:
                return None
            self.states[model] = ModelState(profile)
        return self.states[model]

    def _key(self, raw: bytes) -> str:
        if self.config.key_regex is not None:
            found = re.search(self.config.key_regex, raw.decode("utf-8", "replace"))
            if found is not None:
                return found.group(1)
        return blake2b(raw, digest_size=12).hexdigest()

    def _trace(self, model: str, key: str, code: int, arrived: float) -> None:
        if self.config.trace:
            self.log.append((model, key, code, round(arrived, 6), round(time.monotonic(), 6)))


def spoil(body: dict[str, Any], fault: str | None) -> dict[str, Any]:
    """A good answer made bad in one way."""
    choices = body["choices"]
    match fault:
        case "empty_choices":
            return {**body, "choices": []}
        case "null_content":
            return {**body, "choices": [{**c, "message": {"role": "assistant", "content": None}} for c in choices]}
        case "missing_choice":
            return {**body, "choices": choices[:-1]} if len(choices) > 1 else {**body, "choices": []}
        case "extra_choice":
            return {**body, "choices": [*choices, {**choices[0], "index": len(choices)}]}
        case "filtered":
            return {**body, "choices": [{**c, "finish_reason": "content_filter"} for c in choices]}
        case "refusal":
            refused = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
            return {**body, "choices": [{**c, "message": refused} for c in choices]}
        case "error_in_200":
            return {"error": {"message": "Upstream provider failed", "code": 502}}
        case "no_usage":
            return {name: value for name, value in body.items() if name != "usage"}
        case _:
            return body


def _stall(connection: Connection) -> None:
    connection.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4096\r\n\r\n{"id":')


def _truncate(connection: Connection) -> None:
    _stall(connection)
    connection.close()


def _redirect(connection: Connection) -> None:
    connection.reply(307, b"", b"location: http://127.0.0.1:1/elsewhere\r\n")


_BROKEN: dict[str, Callable[[Connection], None]] = {
    "stall": _stall,
    "truncated": _truncate,
    "redirect": _redirect,
    "reset": lambda connection: connection.close(),
    "not_json": lambda connection: connection.reply(200, b"<html>upstream said no</html>", content_type=b"text/html"),
}


def _by_rule(rule: Rule, names: dict[str, object], reason: str) -> tuple[dict[str, Any], str]:
    text = rule.reply
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", str(value))
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if rule.tool_calls:
        message["content"], reason = None, "tool_calls"
        message["tool_calls"] = [
            {
                "id": f"call_{names['key']}_{names['occurrence']}_{names['choice']}_{place}",
                "type": "function",
                "function": {"name": tool["name"], "arguments": json.dumps(tool["arguments"])},
            }
            for place, tool in enumerate(rule.tool_calls)
        ]
    return message, rule.finish_reason or reason


def _stream(call: Call, head: dict[str, Any], choices: list[dict[str, Any]], usage: dict[str, int]) -> None:
    """The same answer as server-sent events, all at once after the latency."""
    head = {**head, "object": "chat.completion.chunk"}
    events: list[dict[str, Any]] = []
    for choice in choices:
        start = {"index": choice["index"], "delta": choice["message"], "finish_reason": None}
        end = {"index": choice["index"], "delta": {}, "finish_reason": choice["finish_reason"]}
        events += [{**head, "choices": [start]}, {**head, "choices": [end]}]
    if (call.request.get("stream_options") or {}).get("include_usage"):
        events.append({**head, "choices": [], "usage": usage})
    body = b"".join(b"data: " + dump(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    call.connection.reply(200, body, content_type=b"text/event-stream")


def dump(value: object) -> bytes:
    """JSON as it goes over the wire."""
    return json.dumps(value, separators=(",", ":")).encode()


def error(message: str, code: str) -> bytes:
    """An error body as OpenAI writes it."""
    return dump({"error": {"message": message, "type": code, "param": None, "code": code}})


async def start(
    config: ServerConfig, host: str = "127.0.0.1", port: int = 0
) -> tuple[asyncio.AbstractServer, FakeServer, int]:
    """Listens; returns the server, the application and the port."""
    loop = asyncio.get_running_loop()
    app = FakeServer(config, loop)
    server = await loop.create_server(lambda: Connection(app.route), host, port, backlog=4096)
    return server, app, server.sockets[0].getsockname()[1]
