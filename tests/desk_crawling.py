"""Follow every link and send every form of a desk, as somebody would who clicks on everything."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from desk_client import Client

COMMAND = re.compile(
    r"`auditor (?:units|people|inspectors|leave|programme|draw|plan|roster|calendars)[^`<]*`"
)
"""What a sentence that is said at a command line too must not name on a page."""
MOST_ALIKE = 3
"""So many addresses of one kind are looked at: the third unit's page shows no more than the second's."""


@dataclass
class Form:
    """One form of a page: its fields with the values it came with."""

    method: str
    action: str
    files: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    file: str = ""
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads links, forms and what a page must not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.unsafe: list[str] = []
        self.mains = 0
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what matters of a tag."""
        at = {name: value or "" for name, value in attrs}
        self.unsafe += [f"{tag} {name}" for name in at if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in at:
            self.unsafe.append("inline script")
        self.links += [at[name] for name in ("href", "src", "hx-get") if at.get(name)]
        if tag == "form":
            kind = at.get("method", "get").lower()
            self.forms.append(Form(kind, at.get("action", ""), "multipart" in at.get("enctype", "")))
        if "main" in at.get("class", "").split() and tag in ("a", "button"):
            self.mains += 1
        if not self.forms:
            return
        form = self.forms[-1]
        name = at.get("name", "")
        if tag == "input" and name:
            if at.get("type") == "file":
                form.file = name
            elif at.get("type") not in ("checkbox", "radio") or "checked" in at:
                form.fields[name] = at.get("value", "")
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and ("selected" in at or self._select not in form.fields):
            form.fields[self._select] = at.get("value", "")
        if tag == "textarea" and name:
            form.fields[name] = ""
        if tag == "button" and name:
            form.buttons.append((name, at.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Know where a list of choices ends."""
        if tag == "select":
            self._select = ""


def kind_of(address: str) -> str:
    """Give an address with every part that names one thing replaced."""
    parts = urlsplit(address)
    plain = re.compile(r"[a-z]*")
    path = [part if plain.fullmatch(part) else "*" for part in parts.path.split("/")]
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&")} - {"lang"})
    return "/".join(path) + "?" + "&".join(names)


@dataclass
class Crawl:
    """What came of it: what was wrong, and how many pages and forms were looked at."""

    faults: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each page and each form took, in seconds of this process."""


def crawl(
    client: Client,
    start: tuple[str, ...] = ("/",),
    *,
    forbidden: tuple[str, ...] = (),
    send: bool = True,
    alike: int = MOST_ALIKE,
    within: str = "/",
    spare: tuple[str, ...] = (),
    after: Callable[[], None] = lambda: None,
) -> Crawl:
    """Look at every page that links lead to; send each form as it came, empty where it asks.

    Parameters
    ----------
    forbidden
        Texts that no page may hold as they are, such as a tag that a name brought along.
    send
        Whether forms are sent; without, nothing is changed.
    alike
        So many addresses of one kind are looked at.
    within
        Only links that begin so are followed.
    spare
        Forms that are not sent; none is that ends the desk.
    after
        Called after each form, to wait for the work that it may have begun.
    """
    done = Crawl()
    waiting = [(address, "") for address in start]
    seen: set[str] = set()
    looked: dict[str, int] = {}
    forms: set[str] = set()
    while waiting:
        address, source = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        began = time.process_time()
        answer = client.get(address, follow_redirects=True)
        done.seconds[address] = time.process_time() - began
        if answer.status_code >= 400:
            done.faults.append(f"{address} answers {answer.status_code}, linked from {source}")
            continue
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        if answer.headers.get("content-disposition", "").startswith("attachment"):
            continue
        reader = Reader()
        reader.feed(answer.text)
        done.pages[address] = answer.text
        done.faults += [f"{address} holds {text}" for text in forbidden if text in answer.text]
        done.faults += [f"{address}: {text}" for text in reader.unsafe]
        done.faults += [f"{address} names a command: {found}" for found in COMMAND.findall(answer.text)]
        if reader.mains > 1:
            done.faults.append(f"{address} has {reader.mains} main buttons")
        for link in reader.links:
            target = urldefrag(urljoin(str(answer.url), link))[0]
            parts = urlsplit(target)
            if parts.scheme == "data":
                continue
            if parts.netloc != urlsplit(str(client.base_url)).netloc:
                done.faults.append(f"{address} leads away: {link}")
                continue
            where = parts.path + (f"?{parts.query}" if parts.query else "")
            kind = kind_of(where)
            if where.startswith(within) and where not in seen and looked.get(kind, 0) < alike:
                looked[kind] = looked.get(kind, 0) + 1
                waiting.append((where, address))
        for form in reader.forms if send else ():
            if urljoin(address, form.action or address) not in ("/quit", *spare) and _send(
                client, address, form, done, forms
            ):
                after()
    return done


def _send(client: Client, address: str, form: Form, done: Crawl, known: set[str]) -> bool:
    """Send a form unless one of its kind was sent; whether it was."""
    action = urljoin(address, form.action or address)
    kind = f"{form.method} {kind_of(action)} {sorted(form.fields)}"
    if kind in known:
        return False
    known.add(kind)
    done.sent += 1
    fields = {**form.fields, **dict(form.buttons[:1])}
    began = time.process_time()
    if form.method == "get":
        answer = client.get(action, params=fields, follow_redirects=True)
    else:
        files = {form.file: ("a.csv", b"", "text/csv")} if form.file else None
        answer = client.post(action, data=fields, files=files, follow_redirects=False)
    done.seconds[kind] = time.process_time() - began
    if answer.status_code >= 500 or answer.status_code in (403, 404):
        done.faults.append(f"{kind} on {address} answers {answer.status_code}")
    return True
