"""A file dropped: read apart, its sums, columns, faults and changes shown; then imported, or left alone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from starlette.responses import FileResponse, Response

from auditor.desk import apart
from auditor.desk.jobs import DONE, RUNNING, Job
from auditor.desk.places import read_json
from auditor.desk.rooms.home import next_of
from auditor.desk.routes import act, page
from auditor.desk.tasks.imports import result_file
from auditor.desk.visit import NotFound, Visit
from auditor.errors import UsageProblem
from auditor.i18n import N_, _, language, listed, ngettext
from auditor.pages.words import FIELD_WORDS, KIND_WORDS, word
from auditor.register.columns import (
    STAFF_TITLES,
    STAFF_TITLES_EN,
    TAG_COLUMNS,
    UNIT_TITLES,
    UNIT_TITLES_EN,
)
from auditor.register.flags import FLAGS
from auditor.workflow import previews, undoing
from auditor.workflow.texts import whole_number

KIND = "imports"
WAIT_S = 6.0
"""So long a form waits for its file to be read before it shows that it is being read."""
A_PAGE = 100

LIST_WORDS = {
    "units": N_("Units"), "people": N_("People"), "leave": N_("Leave"), "past": N_("Past inspections"),
    "blackouts": N_("Days without visits"),
}  # fmt: skip
LIST_PAGES = {
    "units": "/units",
    "people": "/people",
    "leave": "/leave",
    "past": "/units",
    "blackouts": "/calendars",
}
PAGE_WORDS = {"past": N_("Units"), "blackouts": N_("Calendars")}
"""What the page of a list is called where it is not called as the list."""
A_LIST = {
    "units": N_("a register of units"), "people": N_("a list of staff"), "leave": N_("a list of leave"),
    "past": N_("a list of past inspections"),
    "blackouts": N_("a list of days without visits"), "plan": N_("a plan of visits"),
    "roster": N_("a duty roster"),
}  # fmt: skip
BLACKOUT_WORDS = {"scope": N_("which units"), "kind": N_("kind of these days"), "reason": N_("in words")}
SYSTEMS = (
    ("wgs84", "WGS-84 / CGCS2000"), ("gcj02", "GCJ-02"), ("bd09", "BD-09"),
)  # fmt: skip
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16le", "utf-16be", "cp1252")


def field_word(what: str, field: str) -> str:
    """Say a field of a list in the language of the context."""
    zh = language() == "zh"
    if what == "blackouts" and field in BLACKOUT_WORDS:
        return _(BLACKOUT_WORDS[field])
    titles: Mapping[str, str] = {}
    if what == "units":
        titles = UNIT_TITLES if zh else UNIT_TITLES_EN
    elif what == "people":
        own = STAFF_TITLES if zh else STAFF_TITLES_EN
        titles = {**own, "from_on": own["from"], "to_on": own["to"]}
    if field in titles:
        return titles[field]
    return _(FIELD_WORDS[field]) if field in FIELD_WORDS else field


def told_value(what: str, field: str, value: Any) -> str:
    """Write a value of a change for reading."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return listed(map(str, value))
    return word(KIND_WORDS, value) if what == "units" and field == "kind" else str(value)


_ASIDE = re.compile(r"\s*[(（][^()（）]*`auditor [^`]*`[^()（）]*[)）]")
_COMMAND = re.compile(r"\s*`auditor [^`]*`")
_NAMED = re.compile(r"\s*(?:with|用)\s*(?:--(?:map|sheet)\b(?: \S+?=\S+)?\s*)+")
_RENAMED = re.compile(r"[;；][^;；:：]*--same[^:：]*[:：]")
_ENCODING = re.compile(r"--encoding(?: (?=[a-z\d]))?")
_PAGES = {
    "auditor people list": N_("the list of people"), "auditor units list": N_("the list of units"),
    "auditor leave list": N_("the list of leave"),
}  # fmt: skip


def for_pages(text: str) -> str:
    """Give a sentence of the command line for a page, which has choices and buttons for its options."""
    if "--same" in text and "--new" in text:
        return _("say above whether they are the same units or others")
    for command, word_ in _PAGES.items():
        named = f"`{command}`" if language() == "en" or f" `{command}` " not in text else f" `{command}` "
        text = text.replace(named, _(word_))
    text = _RENAMED.sub(":" if language() == "en" else "：", text)
    text = _COMMAND.sub("", _ASIDE.sub("", text))
    text = _NAMED.sub(" above " if language() == "en" else "在上面", text)
    choice = _("the choice below")
    text = _ENCODING.sub(lambda found: "" if found[0].endswith(" ") else choice, text)
    text = text if language() == "en" else text.replace(f" {choice} ", choice)
    return re.sub(r" +([,;:.])(?!\w)", r"\1", re.sub(r"  +", " ", text)).strip()


def drop(visit: Visit) -> Response:
    """Take a file, have it read apart, and go to what it would do."""
    what = visit.of["what"]
    if what not in previews.LISTS:
        raise NotFound
    upload = visit.file("file")
    if upload is None:
        raise UsageProblem(problem=_("no file was chosen; choose one, or drop it on the dashed line"))
    return _read(visit, {"what": what, "file": str(upload.path), "name": upload.name})


def _read(visit: Visit, asked: Mapping[str, Any], said: str = "") -> Response:
    keep = ("what", "file", "name", "mapping", "sheets", "crs", "pairs", "encoding")
    number = begin(visit, KIND, {key: asked[key] for key in keep if asked.get(key)})
    return visit.go(f"/imports/{number}", said)


def begin(visit: Visit, kind: str, arguments: Mapping[str, Any]) -> int:
    """Start work that is mostly short, and wait a little for it; give its number."""
    number = int(visit.work(kind, arguments).headers["location"].rpartition("/")[2])
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        job = visit.desk.jobs.job(number)
        if job is None or job.state != RUNNING:
            break
        time.sleep(0.03)
    return number


def applied(visit: Visit, job: Job) -> Job | None:
    """Give the work that imported what this preview showed, done or being done."""
    for number in range(job.number + 1, job.number + 300):
        later = visit.desk.jobs.job(number)
        if later is None:
            return None
        mine = later.kind == job.kind and later.arguments.get("preview") == job.number
        if mine and later.state in (RUNNING, DONE):
            return later
    return None


def _result(job: Job) -> dict[str, Any]:
    return read_json(result_file(job.arguments, job.number))


def texts_of(result: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give a preview in the language of the context, or in the one it was made in."""
    texts = result.get("texts", {})
    found = texts.get(language()) or next(iter(texts.values()), None)
    return dict(found) if found is not None else None


def show(visit: Visit) -> Response:
    """Show what a file would do, or did."""
    job = visit.job(KIND)
    if job.arguments.get("apply"):
        return visit.go(f"/imports/{job.arguments['preview']}")
    what = job.arguments["what"]
    values: dict[str, Any] = {
        "nav": LIST_PAGES[what], "job": job, "what": what, "list_word": _(LIST_WORDS[what]),
        "back": LIST_PAGES[what], "back_word": _(PAGE_WORDS.get(what, LIST_WORDS[what])),
        "name": job.arguments["name"],
    }  # fmt: skip
    later = applied(visit, job)
    if job.state == RUNNING or (later is not None and later.state == RUNNING):
        return visit.show("imports/reading.html", busy=later or job, **values)
    if later is not None:
        return visit.show("imports/done.html", **values, **_done(visit, later, what))
    result = _result(job)
    found = texts_of(result)
    if job.state != DONE or found is None or found["other"]:
        return visit.show("imports/refused.html", **values, **_refused(job, result, found))
    return visit.show("imports/show.html", **values, **_shown(visit, job, result, found))


def _done(visit: Visit, later: Job, what: str) -> dict[str, Any]:
    entry = int(later.outcome.get("entry", -1))
    return {
        "back_at": undoing.taken_back(visit.db, entry),
        "applied": later,
        "undo": _undo(visit, entry, what),
        "missing": int(later.outcome.get("missing", 0)) if what == "units" else 0,
        "refused_rows": int(later.outcome.get("refused", 0)),
        "next": _next(visit),
    }


def _next(visit: Visit) -> tuple[str, str, str] | None:
    """Give key, word and address of what comes next; the register means its staff where these are missing."""
    found = next_of(visit, ("register", "programme"))
    return (found[0], _("People"), found[2]) if found is not None and found[2] == "/people" else found


def _undo(visit: Visit, entry: int, what: str) -> str:
    """Give where a button takes an import back, "" where that cannot be."""
    if entry < 0:
        return ""
    if what == "units":
        return "/units/undo" if undoing.undoable_units(visit.db) == entry else ""
    return "/imports/undo" if undoing.undoable(visit.db) == entry else ""


def _refused(job: Job, result: Mapping[str, Any], found: Mapping[str, Any] | None) -> dict[str, Any]:
    said = result.get("refused", {})
    text = str(said.get(language()) or next(iter(said.values()), "") or job.error)
    other = str(found["other"]) if found is not None else ""
    if other:
        text = _("This file looks like {other}, not like {wanted}.").format(
            other=_(A_LIST[other]), wanted=_(A_LIST[job.arguments["what"]])
        )
    elif not text:
        text = _("The file was not read to its end; nothing was kept. Drop it again.")
    return {
        "text": for_pages(text),
        "other_list": other if other in previews.LISTS else "",
        "other_word": _(LIST_WORDS.get(other, "")) if other in previews.LISTS else "",
        "encodings": ENCODINGS if "Encoding" in str(result.get("kind", "")) or result.get("kind") in (
            "UnmarkedUtf16", "WesternText", "TwoReadings") else (),
    }  # fmt: skip


def _shown(visit: Visit, job: Job, result: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    what = job.arguments["what"]
    head = found["head"]
    fields = [("", _("not read"))] + [
        (key, field_word(what, key)) for key in previews.FIELDS[what] if key not in ("tags",)
    ]
    if what == "units":
        fields.append(("tags", field_word(what, "tags")))
    offset = visit.number("offset")
    faults = found.get("faults", [])
    return {
        "found": found,
        "lacking": bool(found["lacking"]),
        "needed": listed(field_word(what, one) for one in previews.NEEDED[what]),
        "head": head,
        "fields": fields,
        "faults": [
            fault | {"problem": for_pages(fault["problem"]), "cure": for_pages(fault["cure"])}
            for fault in faults[offset : offset + A_PAGE]
        ],
        "list": SimpleNamespace(count=len(faults), limit=A_PAGE, offset=offset, query=visit.query),
        "notes": [*_hidden_words(found), *(for_pages(note) for note in found.get("notes", []))],
        "flags": [
            {
                "text": for_pages(f"{_(FLAGS[one['flag']][0])} → {_(FLAGS[one['flag']][1])}"),
                "count": one["count"], "units": one["units"],
            }
            for one in found.get("flags", [])
        ],
        "changes": [
            {
                "id": one["id"],
                "name": one["name"] or one["id"],
                "fields": [
                    {
                        "word": field_word(what, change["field"]),
                        "before": told_value(what, change["field"], change["before"]),
                        "after": told_value(what, change["field"], change["after"]),
                    }
                    for change in one["fields"]
                ],
            }
            for one in found.get("changes", [])
        ],
        "systems": SYSTEMS if head and {"lat", "point"} & set(head["fields"]) else (),
        "crs": job.arguments.get("crs", "wgs84"),
        "pairs": job.arguments.get("pairs", ""),
        "other_language": language() not in result.get("texts", {}),
    }  # fmt: skip


def _hidden_words(found: Mapping[str, Any]) -> list[str]:
    """Say what of the sheets that are read was hidden, as the command line does, and which are not read."""
    hidden = found.get("hidden", {})
    left = [str(one["name"]) for one in found["sheets"] if one.get("hidden") and not one["read"]]
    said = []
    if any(hidden.values()):
        text = _("hidden and read all the same: {rows} rows, {columns} columns, {sheets} sheets")
        said.append(text.format(**hidden))
    if left:
        told = _("hidden and not read, unless they are ticked above: {sheets}")
        said.append(told.format(sheets=listed(left)))
    return said


def _asked_again(visit: Visit, job: Job, result: Mapping[str, Any]) -> dict[str, Any]:
    """Give how the file is to be read by what the form says; raises TwoColumns."""
    asked = dict(job.arguments)
    found = texts_of(result)
    if found is not None and found["head"]:
        head = found["head"]
        chosen = [visit.field(f"c{at}") if title else "" for at, title in enumerate(head["titles"])]
        known = previews.FIELDS[asked["what"]]
        chosen = [one if one in known else "" for one in chosen]
        if visit.field("columns") and chosen != head["fields"]:
            try:
                asked["mapping"] = previews.remapped(head, chosen)
            except previews.TwoColumns as error:
                field = field_word(asked["what"], str(error.facts["field"]))
                raise previews.TwoColumns(**{**error.facts, "field": field}) from error
        if visit.field("columns") and len(found["sheets"]) > 1:
            every = [one["name"] for one in found["sheets"]]
            wanted = [one for one in visit.fields("sheet") if one in every]
            if wanted != [one["name"] for one in found["sheets"] if one["read"]]:
                asked["sheets"] = wanted
    if visit.field("crs") in dict(SYSTEMS):
        asked["crs"] = visit.field("crs")
    if visit.field("pairs") in ("same", "new"):
        asked["pairs"] = visit.field("pairs")
    if visit.field("encoding") in ENCODINGS:
        asked["encoding"] = visit.field("encoding")
    if visit.field("as") in previews.LISTS:
        asked |= {"what": visit.field("as"), "mapping": {}, "sheets": []}
    return asked


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def plain(asked: Mapping[str, Any]) -> str:
        return json.dumps({key: value for key, value in asked.items() if value}, sort_keys=True)

    return plain(one) == plain({"crs": "wgs84"} | dict(other)) or plain(one) == plain(other)


def look_again(visit: Visit) -> Response:
    """Read the file anew: with other columns, sheets, or as another list."""
    job = visit.job(KIND)
    return _read(visit, _asked_again(visit, job, _result(job)))


def apply(visit: Visit) -> Response:
    """Import the good rows, unless the form or the bureau differs from what was shown."""
    job = visit.job(KIND)
    if job.arguments.get("apply"):
        raise NotFound
    done = applied(visit, job)
    if done is not None:
        return visit.go(f"/imports/{job.number}", _("this file is imported already; nothing was done twice"))
    result = _result(job)
    found = texts_of(result)
    if found is None or found["lacking"] or found["other"] or not found.get("fit"):
        return visit.go(f"/imports/{job.number}", _("there is nothing to import in this file as it stands"))
    asked = _asked_again(visit, job, result)
    if not _same(asked, job.arguments):
        return _read(visit, asked, _("The columns were changed: look at the sums again, then import."))
    if result.get("revision") != visit.revision:
        text = _("Something else was changed meanwhile: these are the sums as they are now.")
        return _read(visit, job.arguments, text)
    if result.get("day") != str(visit.now.date()):
        text = _("It was read on another day: look at the sums as they are today, then import.")
        return _read(visit, job.arguments, text)
    ended = visit.desk.jobs.job(begin(visit, KIND, {**job.arguments, "apply": True, "preview": job.number}))
    if ended is not None and not ended.arguments.get("apply"):
        text = _("this form was sent already, to read the file again: look at the sums here, then import")
        return visit.go(f"/imports/{ended.number}", text)
    if ended is not None and ended.state not in (RUNNING, DONE):
        return visit.go(f"/imports/{job.number}", ended.error or _("it ended early; nothing was kept"))
    return visit.go(f"/imports/{job.number}")


def undo(visit: Visit) -> Response:
    """Take the latest deed back, an import of people, leave or past inspections."""
    entry = whole_number(visit.field("entry"))
    back = visit.field("back")
    with visit.writing() as db:
        rows = undoing.take_back(db, -1 if entry is None else entry, visit.now)
    text = ngettext("taken back: {n} row is as it was", "taken back: {n} rows are as they were", rows)
    return visit.go(back if back in LIST_PAGES.values() else "/", text.format(n=rows))


def faults_file(visit: Visit) -> Response:
    """Give the file back as a workbook, its faults as comments of the cells."""
    job = visit.job(KIND)
    result = texts_of(_result(job))
    if result is None or not result.get("fault_count"):
        raise NotFound
    target = result_file(job.arguments, job.number).with_name(f"faults-{job.number}-{language()}.xlsx")
    if not target.exists():
        apart.make(visit, "marked", target, job.arguments)
    name = f"{Path(job.arguments['name']).stem[:80]}-{_('faults')}.xlsx"
    return FileResponse(target, filename=name)


def form_file(visit: Visit) -> Response:
    """Give an empty form of a list."""
    what = visit.of["what"]
    if what not in previews.LISTS:
        raise NotFound
    target = visit.desk.places.upload(f"form-{what}.xlsx")
    apart.make(visit, "form", target, {"list": what})
    return FileResponse(target, filename=f"{_(LIST_WORDS[what])}.xlsx")


def show_all(visit: Visit) -> Response:
    """Show where files may be dropped, empty forms, and the files of late."""
    recent = []
    for job in visit.desk.jobs.recent(KIND, 15):
        if not job.arguments.get("apply"):
            done = applied(visit, job)
            entry = int(done.outcome.get("entry", -1)) if done is not None else -1
            undone = bool(undoing.taken_back(visit.db, entry))
            recent.append(
                {"job": job, "what": _(LIST_WORDS[job.arguments["what"]]), "done": done, "undone": undone}
            )
    return visit.show(
        "imports/all.html",
        nav="/units",
        lists=[(key, _(text)) for key, text in LIST_WORDS.items()],
        recent=recent,
        tags=list(TAG_COLUMNS),
    )


ROUTES = (
    page("/imports", show_all),
    page("/imports/form/{what}.xlsx", form_file),
    act("/imports/undo", undo),
    act("/imports/{what}", drop),
    page("/imports/{number}", show),
    page("/imports/{number}/faults.xlsx", faults_file),
    act("/imports/{number}/look", look_again),
    act("/imports/{number}/apply", apply),
)
