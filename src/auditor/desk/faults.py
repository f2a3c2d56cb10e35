"""What is said when something goes wrong: a sentence with its cure, never a traceback."""

from __future__ import annotations

import errno
import logging
import secrets

from starlette.responses import PlainTextResponse, Response

from auditor.desk.visit import NotFound, Visit
from auditor.errors import USAGE, AuditorError
from auditor.i18n import N_, _
from auditor.store import once
from auditor.store.errors import CannotWrite, NoBureau
from auditor.store.once import AlreadyDone, Overtaken
from auditor.workflow.ceremony import NoNumber
from auditor.workflow.deeds import deed_words
from auditor.workflow.programmes import NoProgramme
from auditor.workflow.staffing import NobodyHere
from auditor.workflow.units import NoSuchUnit


class FileGone(AuditorError):
    """The file that this desk was opened for is no longer where it was."""

    sentence = N_(
        "the bureau's file {file} is no longer there: put it back, or end the desk in the menu and bring a "
        "backup back; nothing was lost here"
    )


NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}
"""What a disk says that is full, or must not be written."""
LOG = logging.getLogger("auditor.desk")


def refuse_done(visit: Visit, number: str) -> None:
    """Refuse a form that was answered already; without a bureau none was.

    Raises
    ------
    AlreadyDone
    """
    if not visit.desk.places.db.exists():
        return
    found = once.done(visit.db, number)
    if found is not None:
        raise AlreadyDone(kind=found[0], at=found[1])


def page_of(visit: Visit, error: Exception) -> Response:
    """Give the page for what was raised."""
    try:
        return _page_of(visit, error)
    except Exception:
        LOG.exception("no page for %r", error)
        return PlainTextResponse(_("something went wrong; the log beside the bureau's file says what"), 500)


def _page_of(visit: Visit, error: Exception) -> Response:
    nothing = not visit.desk.places.db.exists()
    if isinstance(error, NoBureau) and nothing and not visit.desk.sessions.was_open:
        return visit.go("/welcome")
    if isinstance(error, AlreadyDone):
        what = {"what": deed_words(str(error.facts["kind"])), "at": error.facts["at"]}
        return visit.show("fault.html", status=409, title=_("Done already"), done=what, text="", mark="")
    if isinstance(error, (NotFound, NoNumber, NoProgramme, NoSuchUnit, NobodyHere)):
        return visit.show(
            "fault.html",
            status=404,
            title=_("Nothing here"),
            text=str(error),
            done=None,
            mark="",
            nothing=True,
        )
    if isinstance(error, Overtaken):
        return visit.show(
            "fault.html", status=409, title=_("Changed meanwhile"), text=str(error), done=None, mark=""
        )
    bare = _is_bare(visit)
    if isinstance(error, NoBureau):
        error = FileGone(file=visit.desk.places.db)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        error = CannotWrite(file=error.filename or visit.desk.places.folder, found=error.strerror)
    if isinstance(error, AuditorError):
        status = 400 if error.exit_code == USAGE and not bare else 409
        return visit.show(
            "fault.html", status=status, title=_("This does not work"), text=str(error), done=None, mark="",
            bare=bare,
        )  # fmt: skip
    mark = secrets.token_hex(3)
    LOG.error("fault %s at %s", mark, visit.request.url.path, exc_info=error)
    return visit.show(
        "fault.html", status=500, title=_("Something went wrong"), done=None, mark=mark, bare=bare,
        text=_("Nothing was half done. The log keeps what happened: {file}").format(
            file=visit.desk.places.log
        ),
    )  # fmt: skip


def _is_bare(visit: Visit) -> bool:
    """Whether the bureau cannot even be read for the header."""
    try:
        visit.bureau_name()
    except Exception:
        visit.leave()
        return True
    return False
