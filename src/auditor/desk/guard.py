"""The guard around all pages: who has not come through the door is answered 403, whatever he asks for."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auditor.desk.door import Door
from auditor.i18n import _, language, set_language

MOST_BYTES = 32 * 1024 * 1024
"""How large a request may be."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not no-referrer: a form's Origin would be null
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Looks at Host, Origin, length, key and cookie before anything is read; adds the headers."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door
        self.language = language()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let in."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
            await send(message)

        answer = self._refusal(scope)
        if answer is not None:
            await answer(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        set_language(self.language)
        if headers.getlist("host") not in [[host] for host in self.door.hosts]:
            return _refused(_("this address is not the desk's own; open the desk again"))
        origin = headers.get("origin")
        if origin is not None and origin not in self.door.origins:
            return _refused(_("another page asked for this; the desk answers its own pages only"))
        writes = scope["method"] not in ("GET", "HEAD")
        if writes and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return _refused(_("another page asked for this; the desk answers its own pages only"))
        keys = parse_qs(scope["query_string"].decode("latin-1")).get("key", [])
        if not writes and scope["path"] == "/" and keys and self.door.opens(keys[-1]):
            return self._opened()
        if not self.door.knows(_cookie(headers.getlist("cookie"), self.door.cookie_name)):
            return _refused(
                _("the desk is closed to this browser; open it again by its icon, or `auditor desk`")
            )
        length = headers.get("content-length")
        if "transfer-encoding" in headers or (writes and length is None):
            text = _("what is sent must say beforehand how long it is, as browsers do")
            return PlainTextResponse(text + "\n", 411, headers={"connection": "close"})
        if length is not None and (not length.isdecimal() or len(length) > 15 or int(length) > MOST_BYTES):
            return _too_large(413)
        return None

    def _opened(self) -> Response:
        """Answer the key: a page that goes on by itself, for a redirect would lose a strict cookie."""
        text = escape(_("The desk opens …"))
        page = HTMLResponse(
            f'<!doctype html><html lang="{"zh-CN" if language() == "zh" else "en"}"><head>'
            '<meta charset="utf-8"><link rel="icon" href="data:,">'
            f'<meta http-equiv="refresh" content="0; url=/"><title>{text}</title></head>'
            f'<body><p><a href="/">{text}</a></p></body></html>'
        )
        page.set_cookie(self.door.cookie_name, self.door.cookie, httponly=True, samesite="strict", path="/")
        return page


def _cookie(lines: Iterable[str], name: str) -> str:
    for line in lines:
        try:
            found = SimpleCookie(line)
        except CookieError:
            continue
        if name in found:
            return found[name].value
    return ""


def _refused(text: str) -> Response:
    return PlainTextResponse(text + "\n", 403)


def _too_large(status: int) -> Response:
    text = _("the file is larger than {n} MB; leave pictures and old sheets out, or split it")
    return PlainTextResponse(
        text.format(n=MOST_BYTES // 1024 // 1024) + "\n", status, headers={"connection": "close"}
    )
