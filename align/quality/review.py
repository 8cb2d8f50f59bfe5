"""The review: the pages of the report on this machine's own web server, where a person corrects them."""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from align.decisions import OvertakenError
from align.errors import AlignError, RunError
from align.quality.report_pages import config, review_page, script, source_hash, style
from align.quality.report_text import visible
from align.quality.review_session import Asked, Session

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

CHUNK = 1_000  # stories in a piece of the list
_LARGEST_BODY = 1_000_000  # bytes
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def serve(run: Path, reviewer: str, host: str = "127.0.0.1", port: int = 0, ready: Callable[[str, int], None] | None = None
          ) -> None:
    """Serve the review of a run until it is stopped; `ready` is told the address and the number of torn lines.

    A port of 0 takes any that is free. Raises RunError if the run is not finished, the port is taken, or the extra
    `review` is missing.
    """
    try:
        import uvicorn
        from starlette.applications import Starlette as _  # noqa: F401
    except ImportError:
        raise RunError("the review needs a web server; `pip install 'align-corpus[review]'`") from None
    session = Session(run, reviewer)
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RunError(f"{host}:{port}: cannot be listened on ({error.strerror}); choose another --port") from None
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = Guard(application(session), token, host, port)
    settings = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off",
                              timeout_graceful_shutdown=1)

    class Announced(uvicorn.Server):
        """Says that it is there only when it also knows how to stop."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if ready is not None:
                name = f"[{host}]" if ":" in host else host
                ready(f"http://{name}:{port}/{token}/", session.torn)

    try:
        Announced(settings).run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # how it is stopped
    finally:
        listening.close()
        session.close()


class Guard:
    """Lets through only who has the token and comes from the page itself, and says how the page may behave.

    The name by which the server is called must be its own, so that no other site can lead a browser here under its own
    name; whatever changes anything must come from the server's own page.
    """

    def __init__(self, app: ASGIApp, token: str, host: str, port: int) -> None:
        self._app, self._token, self._host, self._port = app, token, host, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or pass it on."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        status, reason = self._refusal(scope, headers)
        if status:
            from starlette.responses import PlainTextResponse

            await PlainTextResponse(reason, status, {"cache-control": "no-store"})(scope, receive, send)
            return
        path = scope["path"][len(self._token) + 1 :]

        async def answered(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_headers()]}
            await send(message)

        await self._app({**scope, "path": path, "raw_path": path.encode(), "root_path": ""}, receive, answered)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str]:
        host = headers.get("host", "").lower()
        if not self._is_own(host):
            return 421, "This server does not go by that name."
        first = scope["path"].split("/", 2)
        token = first[1] if len(first) > 2 else ""
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode()):
            return 404, "There is nothing here: the address is that which `align review` printed."
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        opened = scope["method"] == "GET" and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == (
            "navigate", "document")  # a link that somebody has followed
        if (site not in (None, "same-origin", "none") and not opened) or (origin is not None and origin.lower() != f"http://{host}"):
            return 403, "Requests of other sites are refused."
        if scope["method"] not in ("GET", "HEAD"):
            if origin is None:
                return 403, "A request that changes something must come from the page itself."
            if not headers.get("content-type", "").startswith("application/json"):
                return 415, "Only JSON is taken."
            length = headers.get("content-length", "")
            if not length.isdigit() or int(length) > _LARGEST_BODY:
                return 413, "That is too much."
        return 0, ""

    def _is_own(self, host: str) -> bool:
        name, _, port = host.rpartition(":")
        if port != str(self._port):
            return False
        if name in _LOOPBACK or name.strip("[]") == self._host.lower():
            return True
        if self._host not in ("0.0.0.0", "::"):
            return False
        if name == socket.gethostname().lower():
            return True
        try:  # an address is nobody's to lend, a name may be
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


def _headers() -> list[tuple[bytes, bytes]]:
    policy = (f"default-src 'none'; script-src {source_hash(script())}; style-src {source_hash(style())}; "
              "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    headers = {"content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
               "cache-control": "no-store", "cross-origin-opener-policy": "same-origin",
               "cross-origin-resource-policy": "same-origin"}
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def application(session: Session) -> Starlette:
    """Return the web application of a review; it answers one request after the other."""
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse, JSONResponse
    from starlette.routing import Route

    async def page(request: Request) -> Response:
        tags = sorted({about.lang for about in session.run.documents.values()})
        facts = config("review", tags, total=len(session.order), chunk=CHUNK, noun=session.noun, title="Review",
                       progress=session.progress())
        return HTMLResponse(review_page(visible(session.path.resolve().name), facts))

    async def piece(request: Request) -> Response:
        return JSONResponse({"rows": session.rows(request.path_params["number"] * CHUNK, CHUNK)})

    async def story(request: Request) -> Response:
        return JSONResponse(session.story(request.path_params["rank"]))

    async def decide(request: Request) -> Response:
        rank = request.path_params["rank"]
        asked = _asked(await request.body())
        try:
            return JSONResponse(session.decide(rank, asked))
        except OvertakenError as error:
            return JSONResponse(session.story(rank) | {"error": _sentence(error)}, 409)

    async def boundary(request: Request) -> Response:
        place, index = (_number(request.query_params.get(name)) for name in ("place", "index"))
        return JSONResponse(session.boundary(request.path_params["rank"], place, index))

    async def state(request: Request) -> Response:
        rank = request.query_params.get("story")
        return JSONResponse(session.state(None if rank is None else _number(rank)))

    async def following(request: Request) -> Response:
        return JSONResponse({"rank": session.next_doubtful(max(_number(request.query_params.get("after")), -1))})

    async def refused(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": _sentence(error)}, 422)

    routes = [
        Route("/", page), Route("/api/list/{number:int}", piece), Route("/api/stories/{rank:int}", story),
        Route("/api/stories/{rank:int}", decide, methods=["POST"]), Route("/api/stories/{rank:int}/boundary", boundary),
        Route("/api/state", state), Route("/api/next", following),
    ]
    return Starlette(routes=routes, exception_handlers={AlignError: refused})


def _sentence(error: Exception) -> str:
    text = visible(str(error))
    return f"{text[:1].upper()}{text[1:]}."


def _number(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        raise RunError("a number is missing in the request") from None


def _asked(body: bytes) -> Asked:
    """Return what a request asks; raises RunError where it is not understood."""
    try:
        data = json.loads(body)
        pair = data.get("pair")
        return Asked(
            str(data["op"]), str(data["version"]), str(data.get("texts", "")),
            None if pair is None else (int(pair[0]), int(pair[1])),
            {int(place): tuple(int(i) for i in indices) for place, indices in data.get("row", ())},
            int(data.get("place") or 0), None if data.get("index") is None else int(data["index"]),
            tuple(int(place) for place in data.get("locked", ())), None if data.get("end") is None else int(data["end"]),
        )
    except (ValueError, TypeError, KeyError, LookupError, AttributeError, RecursionError):
        raise RunError("the request is not understood") from None
