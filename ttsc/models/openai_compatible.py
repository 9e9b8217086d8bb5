"""The transport for every endpoint that speaks the OpenAI chat protocol: aiohttp and nothing hidden.

One session per origin, connections kept alive, no cap on how many calls are in flight, no
retry, no redirect (it could carry a key elsewhere). Certificates and proxies are those of the
environment (`SSL_CERT_FILE`, `HTTPS_PROXY`, `NO_PROXY`), but not `~/.netrc`: a key comes from
where `ttsc.models.keys` says and from nowhere else.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from ttsc.models.faults import of_status, redact
from ttsc.models.keys import Endpoint, Missing, endpoint
from ttsc.models.wire import decode, encode
from ttsc.values.request import DrawKey, Fault, Outcome, Request

#: Output tokens a second below which a provider counts as stuck.
SLOWEST_PACE = 20.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    A reply comes in one piece when it is complete, so nothing is heard of it while it is written:
    its first byte may take `first_byte_s` and the time of `max_tokens` at `SLOWEST_PACE`. From
    then on no pause may be longer than `idle_s`, and all of it no longer than `total_s`.
    """

    connect_s: float = 10.0
    first_byte_s: float = 30.0
    idle_s: float = 30.0
    total_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Origin:
    """One server: its open session and the proxy on the way to it."""

    session: aiohttp.ClientSession
    proxy: str | None


class OpenAICompatible:
    """Every model behind an OpenAI-compatible endpoint, whatever its origin."""

    def __init__(self, environment: Mapping[str, str] = os.environ, patience: Patience | None = None) -> None:
        """Keys and addresses are looked up in `environment` when a call leaves."""
        self._environment = environment
        self._patience = patience or Patience()
        self._origins: dict[str, Origin] = {}

    async def attempt(self, request: Request, draws: tuple[DrawKey, ...]) -> Outcome:
        """One POST, one outcome.

        A server that cannot be reached at all is `timeout_connect`: nothing was sent or billed.
        """
        where = endpoint(request.model, self._environment)
        if isinstance(where, Missing):
            return Fault("auth", where.message)
        body = json.dumps(encode(request, len(draws)), ensure_ascii=False).encode("utf-8", "replace")
        try:
            async with asyncio.timeout(self._patience.total_s):
                return await self._exchange(where, body, request, len(draws))
        except TimeoutError:
            return Fault("timeout_total", f"no complete reply from {where.api_base} in {self._patience.total_s:g} s")
        except aiohttp.ClientError as error:
            return _broken(error, where)

    async def close(self) -> None:
        """Closes every connection."""
        while self._origins:
            await self._origins.popitem()[1].session.close()

    async def _exchange(self, where: Endpoint, body: bytes, request: Request, count: int) -> Outcome:
        clock = asyncio.get_running_loop().time
        start = clock()
        origin = self._origin(where.api_base)
        headers = {"Content-Type": "application/json"}
        if where.key is not None:
            headers["Authorization"] = f"Bearer {where.key}"
        call = origin.session.post(
            f"{where.api_base}/chat/completions", data=body, headers=headers, proxy=origin.proxy, allow_redirects=False
        )
        wait_s = self._patience.first_byte_s + request.parameters.max_tokens / SLOWEST_PACE
        try:
            async with asyncio.timeout(wait_s):
                response = await call
        except aiohttp.ConnectionTimeoutError:
            return Fault("timeout_connect", f"no connection to {where.api_base} in {self._patience.connect_s:g} s")
        except TimeoutError:
            return Fault("timeout_first_byte", f"not a byte from {where.api_base} in {wait_s:g} s")
        async with response:
            try:
                content = await self._body(response)
            except TimeoutError:
                return Fault("timeout_total", f"{where.api_base} fell silent for {self._patience.idle_s:g} s")
        if 200 <= response.status < 300:
            return decode(content, request, count, clock() - start, where.key)
        return of_status(response.status, response.headers, content.decode("utf-8", "replace"), where.key)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """All of a reply's body; raises `TimeoutError` at a pause that is too long."""
        pieces = []
        while not response.content.at_eof():
            async with asyncio.timeout(self._patience.idle_s):
                pieces.append(await response.content.readany())
        return b"".join(pieces)

    def _origin(self, api_base: str) -> Origin:
        parts = urlsplit(api_base)
        name = f"{parts.scheme}://{parts.netloc}"
        if name not in self._origins:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._patience.connect_s),
            )
            self._origins[name] = Origin(session, _proxy(parts.scheme, parts.hostname or ""))
        return self._origins[name]


def _proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment asks for on the way to a host, None where it asks for none."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _broken(error: aiohttp.ClientError, where: Endpoint) -> Fault:
    """The fault that a broken connection is."""
    text = redact(f"{where.api_base}: {str(error) or type(error).__name__}", where.key)
    match error:
        case aiohttp.InvalidURL() | aiohttp.ClientSSLError():
            return Fault("bad_request", text)
        case aiohttp.ClientConnectorError() | aiohttp.ClientProxyConnectionError():
            return Fault("timeout_connect", text)
        case aiohttp.ClientPayloadError():
            return Fault("truncated", text)
        case aiohttp.ClientResponseError():  # what came back is not HTTP, or the proxy refused
            return Fault("malformed", text)
        case _:
            return Fault("reset", text)
