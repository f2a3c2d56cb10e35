"""What a page is given: the request, the bureau, and the ways to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auditor.desk.looks import query as query_text
from auditor.errors import AuditorError
from auditor.i18n import LANGUAGES, N_, _, language
from auditor.store import once
from auditor.workflow import bureau
from auditor.workflow.texts import whole_number

if TYPE_CHECKING:
    from auditor.desk.app import Desk
    from auditor.desk.jobs import Job
    from auditor.plugins import Plugins
    from auditor.store import Database

LONGEST = 10_000
"""So many letters of a field are read."""
AS_TYPED = ("password", "passphrase", "again")
"""Fields whose names begin so are secrets: at a command line too a blank belongs to them."""


_MONTH = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])")


class NotFound(AuditorError):
    """There is nothing under this address."""

    sentence = N_("the address is mistyped, or what stood here is gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was dropped: where it lies, and what it was called."""

    path: Path
    name: str


class Visit:
    """One request for a page, in a thread of its own; the language of the context is the visitor's."""

    def __init__(
        self, desk: Desk, request: Request, form: FormData | None = None, token: tuple[str, str] = ("", "")
    ) -> None:
        self.desk = desk
        self.request = request
        self._form = form
        self._number, self._revision = token
        self._seen: str | None = None
        self._stack = ExitStack()
        self._db: Database | None = None
        self.now: datetime = desk.now()

    # what was asked

    @property
    def of(self) -> Mapping[str, str]:
        """The parts of the address, decoded."""
        return self.request.path_params

    @property
    def path(self) -> str:
        """The address without its query, quoted again."""
        return quote(self.request.url.path)

    @property
    def query(self) -> dict[str, str]:
        """The query, without the language."""
        return {key: value for key, value in self.request.query_params.items() if key != "lang"}

    @property
    def came_from(self) -> str:
        """The address of our page whose form was sent; "" where no form was, or nothing says which page."""
        base, sent = str(self.request.base_url), self.request.headers.get("referer", "")
        return "/" + sent.removeprefix(base) if self._form is not None and sent.startswith(base) else ""

    @property
    def in_panel(self) -> bool:
        """Whether the panel at the right asks, and wants no frame around."""
        return self.request.headers.get("hx-request") == "true"

    def month(self) -> str:
        """Give the month that the address asks for, YYYY-MM; "" for none, or what is none."""
        asked = self.text("month")
        return asked if _MONTH.fullmatch(asked) else ""

    def text(self, name: str, default: str = "") -> str:
        """Give a value of the query."""
        return self.request.query_params.get(name, default)[:300].strip()

    def number(self, name: str, default: int = 0, *, most: int = 10_000_000) -> int:
        """Give a whole number of the query from 0; the default for anything else."""
        found = whole_number(self.request.query_params.get(name, ""))
        return default if found is None else min(found, most)

    def job(self, kind: str = "") -> Job:
        """Give the long work whose number the address holds, of this kind if one is named.

        Raises
        ------
        NotFound
        """
        number = whole_number(self.of["number"])
        found = self.desk.jobs.job(number) if number is not None else None
        if found is None or kind not in ("", found.kind):
            raise NotFound
        return found

    def flag(self, name: str) -> bool:
        """Whether a box of the query is ticked."""
        return self.text(name) not in ("", "0", "no")

    # what was sent

    def field(self, name: str) -> str:
        """Give a field of the form, "" where it is not there; what opens something keeps its blanks."""
        value = self._form.get(name, "") if self._form is not None else ""
        if not isinstance(value, str):
            return ""
        return value[:LONGEST] if name.startswith(AS_TYPED) else value[:LONGEST].strip()

    def fields(self, name: str) -> list[str]:
        """Give every value of a field of the form."""
        found = self._form.getlist(name) if self._form is not None else []
        return [value[:LONGEST].strip() for value in found if isinstance(value, str)]

    def names(self, before: str) -> list[str]:
        """Give the names of the form's fields that begin so, without that beginning."""
        return [key.removeprefix(before) for key in dict(self._form or {}) if key.startswith(before)]

    def file(self, name: str) -> Upload | None:
        """Give a file of the form, kept beside the bureau's; None where none was chosen."""
        value = self._form.get(name) if self._form is not None else None
        if not isinstance(value, UploadFile) or not value.filename:
            return None
        path = self.desk.places.upload(value.filename)
        with path.open("wb") as target:
            while piece := value.file.read(1 << 20):
                target.write(piece)
        return Upload(path=path, name=value.filename[:200])

    def was(self) -> dict[str, str]:
        """Give the values that the form showed when it was made (`ui.was`)."""
        try:
            found = json.loads(self.field("was") or "{}")
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def changed(self, now: Mapping[str, str], yours: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Give what the form changed, and the fields of it that somebody else changed otherwise meanwhile.

        Parameters
        ----------
        now
            The values as they stand, as the form would show them.
        yours
            The values that it sent.
        """
        was = self.was()
        changed = {name: value for name, value in yours.items() if value != was.get(name, now[name])}
        if not (self.stale and was):
            return changed, []
        clash = [
            name for name in changed if now[name] != was.get(name, now[name]) and now[name] != yours[name]
        ]
        return changed, clash

    # the bureau

    @property
    def db(self) -> Database:
        """The bureau as it stands at one moment, until the answer is made; not to be written to."""
        if self._db is None:
            self._db = self._stack.enter_context(self.desk.sessions.reading())
        return self._db

    @property
    def stale(self) -> bool:
        """Whether something was written since the page with this form was made."""
        return self.revision != self._revision

    @property
    def revision(self) -> str:
        """The revision of the log (`once.revision_of`) when this visit first looked."""
        if self._seen is None:
            self._seen = once.revision_of(self.db)
        return self._seen

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Write under the form's one-time number, upon what this visit has read.

        Raises
        ------
        AlreadyDone, Overtaken
            The desk words both.
        """
        seen = self.revision
        self.leave()
        with self.desk.sessions.writing(self._number, seen) as db:
            yield db

    def noting(self) -> AbstractContextManager[Database]:
        """Write what the same form may do again and again, such as that a file was given out."""
        self.leave()
        return self.desk.sessions.writing()

    def plugins(self) -> Plugins:
        """Give the domains and other plugins that are loaded here and now."""
        return self.desk.plugins(self.db, self.now.date())

    def bureau_name(self) -> str:
        """Give the bureau's name, or what stands for it."""
        return bureau.name_of(self.db) or _("The bureau")

    def leave(self) -> None:
        """End the reading; the next look sees what is then."""
        self._db = None
        self._stack.close()
        self._stack = ExitStack()

    # answers

    def show(
        self, template: str, *, status: int = 200, nav: str = "", bare: bool = False, **values: Any
    ) -> Response:
        """Give a page made from a template.

        Parameters
        ----------
        nav
            The address in the header under which the page stands.
        bare
            Without the bureau's own header: there is no bureau to read.
        """
        said = self.request.cookies.get(self.desk.said_cookie, "")
        text = self.desk.looks.get_template(template).render(
            visit=self,
            nav=nav,
            rooms=[] if bare else self.desk.nav,
            bureau="" if bare else self.bureau_name(),
            work=None if bare else self.desk.jobs.running(),
            said=self.desk.said(said),
            here=self.path,
            other=self._other_language(),
            **values,
        )
        page = HTMLResponse(text, status)
        if said and not self.in_panel:
            page.delete_cookie(self.desk.said_cookie, path="/")
        return page

    def _other_language(self) -> str:
        other = next(one for one in LANGUAGES if one != language())
        if self.request.method == "GET":
            return self.path + query_text(self.query | {"lang": other})
        before = urlsplit(self.came_from or "/")  # nothing can be asked for again where a form was sent
        return before.path + query_text({**dict(parse_qsl(before.query)), "lang": other})

    def go(self, url: str, said: str = "") -> Response:
        """Go on to a page of ours; a sentence about what was done is shown there once."""
        answer = RedirectResponse(url, 303)
        if said:
            answer.set_cookie(
                self.desk.said_cookie, self.desk.keep_said(said), httponly=True, samesite="strict", path="/"
            )
        return answer

    def give(self, data: bytes, name: str, media: str) -> Response:
        """Give a file to keep: it is downloaded under this name and never shown as a page of ours."""
        told = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(data, media_type=media, headers={"content-disposition": told})

    def ask_stale(self, rows: Sequence[Mapping[str, str]], *, back: str, nav: str = "") -> Response:
        """Ask which values hold: the page with this form is older than what stands.

        Parameters
        ----------
        rows
            What differs: `name` of the field, its `word`, what `yours` says, what is `current`.
        back
            The page of the thing itself.
        """
        kept = [
            (key, value)
            for key, value in (self._form or FormData()).multi_items()
            if isinstance(value, str) and key not in ("token", "was")
        ]
        return self.show("stale.html", status=409, nav=nav, rows=rows, back=back, kept=kept, action=self.path)

    def work(
        self, kind: str, arguments: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None
    ) -> Response:
        """Start long work of a kind under this form's number and go to its page.

        Raises
        ------
        AtWork
            If other work is being done.
        """
        revision = self.revision
        self.leave()  # what is read here must not keep the work from writing
        number = self.desk.jobs.start(kind, arguments, secrets or {}, revision=revision, number=self._number)
        return self.go(f"/jobs/{number}")

    def token(self) -> str:
        """Give what a form of this page carries."""
        try:
            revision = self.revision
        except AuditorError:
            revision = ""
        return self.desk.door.token(revision)
