"""Shares of a draw: made here by a custodian, brought as a file, given back, shown on paper, taken away."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from auditor.desk.numbers import expect, folder_of, number_of, shares_of
from auditor.desk.papers import show_paper
from auditor.desk.rooms.draws import draw_page
from auditor.desk.routes import act, page
from auditor.desk.share_paper import paper_of
from auditor.desk.visit import NotFound, Visit
from auditor.draw.shares import ShareFile
from auditor.errors import UsageProblem
from auditor.i18n import _
from auditor.workflow import ceremony, papers

MOST_SHARES = 12


def make_share(visit: Visit) -> Response:
    """Make a custodian's share in a process of its own."""
    record = number_of(visit)
    expect(record, ("frozen",), _("it takes no more shares"))
    custodian, passphrase = visit.field("custodian"), visit.field("passphrase")
    if not custodian or not passphrase:
        problem = _("a share has a custodian's name and a passphrase of the custodian's own")
        return draw_page(visit, record, problem, 400)
    if passphrase != visit.field("again"):
        return draw_page(visit, record, _("the two passphrases differ; type them again"), 400)
    if len(shares_of(visit, record["number"])) >= MOST_SHARES:
        return draw_page(visit, record, _("there are shares enough"), 400)
    arguments = {
        "number": record["number"], "custodian": custodian,
        "folder": str(folder_of(visit, "shares", record["number"])),
    }  # fmt: skip
    return visit.work(
        "draw_share", arguments, secrets={"passphrase": passphrase, "rolls": visit.field("rolls")}
    )


def add_share(visit: Visit) -> Response:
    """Take a share's file that a custodian made elsewhere, sealed under a passphrase nobody here knows."""
    record = number_of(visit)
    expect(record, ("frozen", "committed"), _("it takes no more shares"))
    sent = visit.file("file")
    if sent is None:
        raise UsageProblem(problem=_("choose the share's file first"))
    try:
        found = ceremony.read_share_file(sent.path, record["number"])
        if record["state"] == "committed" and found.sha256 not in record["commit"]["share_sha256"]:
            return draw_page(visit, record, _("this share was not committed to"), 400)
        folder = folder_of(visit, "shares", record["number"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        papers.write_secret(folder / f"{found.sha256[:16]}.txt", sent.path.read_text(encoding="utf-8-sig"))
    except papers.Taken:
        return visit.go(f"/draws/{record['number']}", _("this share is here already"))
    finally:
        sent.path.unlink(missing_ok=True)
    return visit.go(f"/draws/{record['number']}", _("the share of {custodian} is here").format(
        custodian=found.custodian))  # fmt: skip


def _share_of(visit: Visit, number: int) -> tuple[Path, ShareFile]:
    for file, one in shares_of(visit, number):
        if one.sha256[:16] == visit.of["share"]:
            return file, one
    raise NotFound


def give_share(visit: Visit) -> Response:
    """Give a share's file to its custodian: sealed, with its clear lines."""
    record = number_of(visit)
    file, one = _share_of(visit, record["number"])
    return visit.give(file.read_bytes(), f"share-{record['number']}-{one.sha256[:8]}.txt", "text/plain")


def show_share(visit: Visit) -> Response:
    """Show the paper copy of a share to whoever types its passphrase; nothing of it is kept."""
    record = number_of(visit)
    file, _one = _share_of(visit, record["number"])
    drill = bool(record["drill"]) or visit.desk.is_drill
    text = paper_of(file, record["number"], visit.field("passphrase"), drill=drill)
    return show_paper(visit, text, back=f"/draws/{record['number']}")


def drop_share(visit: Visit) -> Response:
    """Take a share away that was not committed to."""
    record = number_of(visit)
    expect(record, ("frozen",), _("a share that was committed to stays"))
    _share_of(visit, record["number"])[0].unlink()
    return visit.go(f"/draws/{record['number']}", _("the share is taken away"))


ROUTES = (
    act("/draws/{number}/shares", make_share),
    act("/draws/{number}/shares/file", add_share),
    page("/draws/{number}/shares/{share}.txt", give_share),
    act("/draws/{number}/shares/{share}/paper", show_share),
    act("/draws/{number}/shares/{share}/drop", drop_share),
)
