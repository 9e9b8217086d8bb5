"""Every way a provider can fail, as one of our closed list of faults; nothing here ever succeeds.

What a status code says is refined by what the body says: a 401 may arrive as a 400, a spent
quota as a 429, a too long conversation as a 400 or a 413. A message never contains a key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ttsc.values.request import Fault, FaultKind

LONGEST_MESSAGE = 400

_BY_STATUS: dict[int, FaultKind] = {
    401: "auth", 402: "quota", 403: "permission", 404: "not_found", 408: "server", 409: "overloaded",
    413: "context_length", 425: "overloaded", 498: "overloaded", 503: "overloaded",
    529: "overloaded",
}  # fmt: skip

#: Words that mean the same with every provider, looked for in the order given.
_BY_WORDS: tuple[tuple[FaultKind, str], ...] = (
    ("quota", r"insufficient_quota|credit balance|insufficient balance|billing_hard_limit|exceeded your current quota"),
    ("context_length", r"context.length|context window|maximum context|(prompt|input) is too long"),
    ("content_filter", r"content.filter|content.policy|content management policy"),
    ("auth", r"(invalid|incorrect).api.key|api key not valid|authentication_error"),
)
_REFINED = frozenset({400, 401, 402, 403, 404, 413, 422, 429})


def of_status(status: int, headers: Mapping[str, str], body: str, key: str | None) -> Fault:
    """The fault that an answer with another status than 2xx is."""
    retry = retry_after_s(headers)
    kind = _kind(status, body[:4000].lower(), waits=retry is not None)
    return Fault(kind, f"status {status}: {message_of(body, key)}", retry)


def of_error(error: object, key: str | None) -> Fault:
    """The fault that an `error` object in a 200 answer is; some routers send those."""
    code = error.get("code") if isinstance(error, dict) else None
    status = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else 500
    return of_status(status if 400 <= status < 600 else 500, {}, json.dumps({"error": error}), key)


def message_of(body: str, key: str | None) -> str:
    """What an error body says, whatever its shape: one line without the key, cut to `LONGEST_MESSAGE`."""
    body = redact(body, key)  # before it is cut: half a key is still a secret
    if body.lstrip()[:1] == "<":
        return "an HTML page instead of JSON"
    try:
        said: object = json.loads(body)
    except ValueError:
        said = body
    for name in ("error", "message", "detail"):
        if isinstance(said, dict) and name in said:
            said = said[name]
    text = said if isinstance(said, str) else json.dumps(said)
    return " ".join(text.split())[:LONGEST_MESSAGE] or "no message"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds to wait that an answer asks for; a date is measured from the answer's own date."""
    try:
        if (milliseconds := headers.get("retry-after-ms")) is not None:
            return max(0.0, float(milliseconds) / 1000)
        wanted = headers.get("retry-after")
        if wanted is None:
            return None
        if wanted.strip().replace(".", "", 1).isdigit():
            return float(wanted)
        return max(0.0, (parsedate_to_datetime(wanted) - parsedate_to_datetime(headers["date"])).total_seconds())
    except (ValueError, KeyError, TypeError):
        return None


def redact(text: str, key: str | None) -> str:
    """A text without a key, should the provider have echoed it."""
    return text.replace(key, "[key]") if key else text


def _kind(status: int, text: str, *, waits: bool) -> FaultKind:
    """A 429 that says how long to wait is no spent quota, though it may say so (Gemini's do)."""
    words = _BY_WORDS if status in _REFINED else ()
    found: FaultKind | None = next((kind for kind, pattern in words if re.search(pattern, text)), None)
    if status == 429:
        spent = found == "quota" and ("insufficient_quota" in text or not (waits or "retry in" in text))
        return "quota" if spent else "rate_limit"
    return found or _BY_STATUS.get(status, "server" if status >= 500 else "bad_request")
