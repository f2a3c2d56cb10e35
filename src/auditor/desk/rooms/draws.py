"""Draws: every number with its next step, the ceremony in three screens, the ledger.

Before a number is closed these pages show what everybody may know of it: no unit, no lot, no share. What
opens something is typed into a password field and goes to the work that needs it, never into a page, a log
or a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.responses import Response

from auditor.desk import openings
from auditor.desk.looks import group, query
from auditor.desk.numbers import expect, folder_of, lies, number_of, shares_of
from auditor.desk.routes import act, page
from auditor.desk.tasks import draw_run
from auditor.desk.visit import NotFound, Visit
from auditor.draw.forms import form_words, is_spelled, tidied
from auditor.draw.rules import LEAST_SHARES, moment
from auditor.draw.shares import LEAST_ROLLS
from auditor.entities import SLOTS
from auditor.errors import AuditorError, UsageProblem
from auditor.i18n import N_, _, listed, ngettext
from auditor.pages.words import OUTCOME_WORDS, SLOT_WORDS, draw_name, word
from auditor.store.once import AlreadyDone, Overtaken
from auditor.workflow import (
    ceremony,
    closing,
    draw_views,
    freezing,
    programmes,
    telling,
    transcripts,
)
from auditor.workflow.frames import left_out_text
from auditor.workflow.months import BEIJING, calendar_of
from auditor.workflow.texts import clean, whole_number
from auditor.workflow.units import Search, find_units

NEXT_WORDS = {
    draw_views.COMMIT: N_("seal the fingerprint"), draw_views.WAIT: N_("sign, then wait for the event"),
    draw_views.RUN: N_("draw"), draw_views.PLAN: N_("plan the visits"),
    draw_views.VISITS: N_("visits; closed after the period"), draw_views.CLOSE: N_("close and publish"),
    draw_views.NOTHING: "",
}  # fmt: skip
TONES = {
    "frozen": "ready", "committed": "ready", "run": "running", "planned": "running", "closed": "done",
    "abandoned": "todo",
}  # fmt: skip
LEVEL_WORDS = {"simple": N_("simple level"), "standard": N_("standard level"), "strict": N_("strict level")}
FORMS = (
    ("numbers:20:1:80", N_("20 numbers from 1 to 80")), ("numbers:7:1:33", N_("7 numbers from 1 to 33")),
    ("numbers:7:1:35", N_("7 numbers from 1 to 35")), ("numbers:6:0:9", N_("6 numbers from 0 to 9")),
    ("hex:64", N_("64 hexadecimal digits (a beacon)")), ("hex:128", N_("128 hexadecimal digits (a beacon)")),
)  # fmt: skip
"""How values of public events are spelled, as `draw.forms.read_form` reads it."""
FILE_WORDS = {
    "transcript.json": N_("transcript"), "ledger.json": N_("ledger of draws"),
    "programme.toml": N_("the programme's file"), "verify_draw.py": N_("verifier to read, in Python"),
    "verify.html": N_("verifier for a browser"),
}  # fmt: skip
"""What the files to publish are called."""
A_PAGE = 100
MOST_MINUTES = 600
"""So long may a draw at level simple wait for its balls."""
LOCAL = "%Y-%m-%dT%H:%M"
MOST_WAIT_MS = 6 * 3600 * 1000
_COMMAND = re.compile(r"\s*[(（][^()（）]*`?auditor [^()（）]*[)）]")


class Unsigned(AuditorError):
    """Nobody said that the protocol was signed."""

    sentence = N_("first the witness signs the printed protocol; then tick the box")


def plain(note: str) -> str:
    """Leave out of a sentence what is said to people at a command line."""
    return _COMMAND.sub("", note)


# the list, and the ledger


def show_draws(visit: Visit) -> Response:
    """Show every number, and which list may be locked next."""
    month = visit.month()
    rows = draw_views.number_rows(visit.db, visit.now)
    here = [one for one in rows if not month or draw_views.in_month(one.first, one.last, month)]
    ready = draw_views.to_freeze(visit.db, visit.now)
    if month:
        first = [one for one in ready if draw_views.in_month(f"{one.first}", f"{one.last}", month)]
        ready = first or ready
    going = next((one for one in here if one.next not in (draw_views.NOTHING, draw_views.VISITS)), None)
    return visit.show(
        "draws/list.html",
        nav="/draws",
        rows=rows,
        going=going,
        ready=ready,
        locked=draw_views.uncommitted(visit.db),
        month=month,
        programmes=len(programmes.rows(visit.db)),
        next_words={key: _(text) if text else "" for key, text in NEXT_WORDS.items()},
        states={key: _(text) for key, text in ceremony.STATES.items()},
        tones=TONES,
        group=group,
    )


def show_ledger(visit: Visit) -> Response:
    """Show the ledger: every committed number and what became of it."""
    states = {"open": _("open"), "closed": _("closed and published"), "abandoned": _("abandoned")}
    rows = [{**one, "told": states[one["state"]]} for one in telling.ledger_rows(visit.db)]
    return visit.show("draws/ledger.html", nav="/draws", rows=rows, group=group)


def give_ledger(visit: Visit) -> Response:
    """Give ``ledger.json``."""
    return visit.give(transcripts.ledger_bytes(visit.db), "ledger.json", "application/json")


# the first screen: the list is locked


def freeze(visit: Visit) -> Response:
    """Lock the list of a programme as the next number."""
    key = visit.field("programme")
    waiting = draw_views.uncommitted(visit.db)
    if waiting is not None:
        said = _("No. {number} is locked and waits for its fingerprint; finish it or take it back first.")
        return visit.go(f"/draws/{waiting}", said.format(number=waiting))
    programmes.programme_of(visit.db, key)
    if not _is_quick(visit):
        return visit.work("freeze", {"programme": key})
    plugins = visit.plugins()
    with visit.writing() as db:
        facts = freezing.freeze(
            db, key, plugins, visit.now, level=ceremony.level_of(db), drill=visit.desk.is_drill
        )
    return visit.go(f"/draws/{facts['number']}", _("the list is locked"))


def _is_quick(visit: Visit) -> bool:
    return find_units(visit.db, Search(limit=0))[1] <= draw_views.QUICK_UNITS


# one number


def show_draw(visit: Visit) -> Response:
    """Show one number: its three screens, the one that is on now open."""
    record = number_of(visit)
    return draw_page(visit, record)


def draw_page(visit: Visit, record: dict[str, Any], problem: str = "", status: int = 200) -> Response:
    """Show a number, with what was wrong with the form that was sent."""
    made, _data = programmes.programme_of(visit.db, record["programme"])
    facts = record["facts"]
    step = draw_views.next_of(record, visit.now)
    values: dict[str, Any] = {
        "record": record,
        "number": record["number"],
        "made": made,
        "facts": facts,
        "step": step,
        "state_word": _(ceremony.STATES[record["state"]]),
        "tone": TONES[record["state"]],
        "level_word": _(LEVEL_WORDS[record["level"]]),
        "simple": draw_views.is_simple(record),
        "strict": draw_views.is_strict(record),
        "left_out": left_out_text(facts["left_out"]),
        "notes": [plain(one) for one in facts["notes"]],
        "cars": listed(
            f"{word(SLOT_WORDS, slot)} {facts['cars'][slot]}" for slot in SLOTS if slot in facts["cars"]
        ),
        "draws": [{**one, "word": draw_name(one["key"])} for one in facts["draws"]],
        "strata": sorted(facts["strata"].items()),
        "group": group,
        "months": facts["period"][0][:7],
        "needs_password": openings.needs_password(visit),
        "problem": problem,
        "custodians": record.get("custodians", []),
    }
    more = {
        draw_views.COMMIT: _locked_values, draw_views.WAIT: _event_values, draw_views.RUN: _event_values,
    }.get(step)  # fmt: skip
    if more is not None:
        values |= more(visit, record)
    if "beacon" in record:
        values["value"] = record["beacon"]["value"].split()
        values["source"] = (
            _("the public event") if record["beacon"]["source"] == "event" else _("the fallback")
        )
    if record["state"] == "closed":
        values |= _closed_values(visit, record)
    return visit.show("draws/draw.html", status=status, nav="/draws", **values)


def _locked_values(visit: Visit, record: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the second screen shows before the fingerprint is sealed."""
    event, later = draw_views.lotteries(visit.now, calendar_of(visit.db))
    shares = [] if draw_views.is_simple(record) else shares_of(visit, record["number"])
    return {
        "shares": shares,
        "least": LEAST_SHARES[record["level"]],
        "forms": [(key, _(text)) for key, text in FORMS],
        "least_rolls": LEAST_ROLLS,
        "announced": {
            "event": visit.field("event") or event.what,
            "event_at": visit.field("event_at") or f"{event.at:{LOCAL}}",
            "form": visit.field("form") or event.form,
            "fallback": visit.field("fallback") or later.what,
            "fallback_at": visit.field("fallback_at") or f"{later.at:{LOCAL}}",
            "fallback_form": visit.field("fallback_form") or later.form,
        },
    }


def _event_values(visit: Visit, record: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the second screen shows from the commitment to the draw."""
    made = record["commit"]
    event, fallback = (moment(made[one]["at"]).astimezone(BEIJING) for one in ("event", "fallback"))
    source = _asked(visit, "source")
    if source not in ("event", "fallback"):
        source = "event" if visit.now < fallback else "fallback"
    form = made[source]["form"]
    typed = _asked(visit, "value")
    value = tidied(typed, form) if typed else ""
    fault = ""
    if typed and not is_spelled(value, form):
        fault = _("{value} is not {form}").format(value=typed[:80], form=form_words(form))
    signed = _asked(visit, "signed") not in ("", "0", "no")
    if typed and not fault and not signed:
        fault = _("first the witness signs the printed protocol; then tick the box")
    files = {one.sha256 for _file, one in shares_of(visit, record["number"])}
    return {
        "at": event,
        "fallback_at": fallback,
        "late": visit.now >= fallback,
        "source_asked": source,
        "what": made[source]["what"],
        "form_told": form_words(form),
        "typed": typed,
        "asked_value": "" if fault or visit.now < event else value,
        "balls": value.split() if "numbers" in form else group(value),
        "fault": fault,
        "signed": signed,
        "published": _asked(visit, "published"),
        "keepers": [
            {"name": name, "there": sha256 in files or lies(record, at)}
            for at, (name, sha256) in enumerate(zip(record["custodians"], made["share_sha256"], strict=False))
        ],
        "fallback": made["fallback"],
        "wait_ms": min(int((event - visit.now).total_seconds() * 1000) + 700, MOST_WAIT_MS),
    }


def _asked(visit: Visit, name: str) -> str:
    """Give what was typed of the event: it stands in the address, or in a form that could not be done."""
    return visit.field(name) or visit.text(name)


def _closed_values(visit: Visit, record: Mapping[str, Any]) -> dict[str, Any]:
    number = record["number"]
    rows = visit.desk.kept(f"drawn/{number}", visit.db, lambda: draw_views.drawn_rows(visit.db, number))
    offset = visit.number("offset")
    folder = folder_of(visit, "published", number)
    return {
        "drawn": rows[offset : offset + A_PAGE],
        "list": {"count": len(rows), "limit": A_PAGE, "offset": offset, "query": visit.query},
        "draw_name": draw_name,
        "outcome_word": lambda code: word(OUTCOME_WORDS, code),
        "files": [name for name in closing.FILES if (folder / name).is_file()],
        "file_words": {name: _(text) for name, text in FILE_WORDS.items()},
        "all_files": all((folder / name).is_file() for name in closing.FILES),
        "folder": folder,
    }


# the second screen, first half: the fingerprint


def commit(visit: Visit) -> Response:
    """Seal the fingerprint: what is drawn, from which shares, by which event."""
    record = number_of(visit)
    expect(record, ("frozen",), _("the fingerprint is sealed once"))
    number = record["number"]
    files = [] if draw_views.is_simple(record) else [file for file, _one in shares_of(visit, number)]
    if not draw_views.is_simple(record) and len(files) < LEAST_SHARES[record["level"]]:
        problem = ngettext(
            "{n} share is here; three custodians or more each make one first",
            "{n} shares are here; three custodians or more each make one first", len(files),
        ).format(n=len(files))  # fmt: skip
        return draw_page(visit, record, problem, 400)
    try:
        announced = _announced(visit, record)
        with visit.writing() as db:
            ceremony.commit(db, number, files, announced, visit.now, drill=visit.desk.is_drill)
    except (AlreadyDone, Overtaken):
        raise
    except AuditorError as error:
        return draw_page(visit, record, plain(str(error)), 400)
    return visit.go(f"/draws/{number}", _("the fingerprint is sealed: print the protocol and have it signed"))


def _announced(visit: Visit, record: Mapping[str, Any]) -> ceremony.Announced:
    """Read what the form announces; at level simple nothing need be said."""
    how = visit.field("event_how")
    if draw_views.is_simple(record) and how != "other":
        if not visit.field("minutes"):
            return ceremony.Announced()
        minutes = whole_number(visit.field("minutes"))
        if minutes is None or not 1 <= minutes <= MOST_MINUTES:
            raise UsageProblem(problem=_("write whole minutes, from 1 to {most}").format(most=MOST_MINUTES))
        return ceremony.Announced(event_at=visit.now + timedelta(minutes=minutes))
    needed = ("event", "event_at", "form", "fallback", "fallback_at")
    if not draw_views.is_simple(record) and not all(visit.field(name) for name in needed):
        raise UsageProblem(problem=_("say what the event is, when, and what counts where it gives nothing"))
    return ceremony.Announced(
        event=visit.field("event") or None,
        event_at=_moment(visit, "event_at"),
        form=visit.field("form") or None,
        fallback=visit.field("fallback") or None,
        fallback_at=_moment(visit, "fallback_at"),
        fallback_form=visit.field("fallback_form") or None,
    )


def _moment(visit: Visit, name: str) -> datetime | None:
    """Read a moment of a form, in the bureau's time; None for an empty field."""
    text = visit.field(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageProblem(
            problem=_("{text}: write a moment like 2026-12-01 21:15").format(text=text)
        ) from None
    if not 2000 <= found.year <= 2100:
        raise UsageProblem(problem=_("{text}: lies outside the years 2000 to 2100").format(text=text))
    return found.replace(tzinfo=BEIJING) if found.tzinfo is None else found


# the second screen, second half: the event and its value


def run(visit: Visit) -> Response:
    """Draw, after the event: its value was typed, shown large and confirmed.

    What stands in the way is said beside the balls, which stay: they were drawn before witnesses, once.
    """
    record = number_of(visit)
    expect(record, ("committed",), _("it is drawn once, after its fingerprint was sealed"))
    try:
        return _run(visit, record)
    except (AlreadyDone, Overtaken):
        raise
    except AuditorError as error:
        return draw_page(visit, record, plain(str(error)), 400)


def _run(visit: Visit, record: Mapping[str, Any]) -> Response:
    if not visit.field("signed"):
        raise Unsigned
    source = "fallback" if visit.field("source") == "fallback" else "event"
    made = record["commit"]
    value = tidied(visit.field("value"), made[source]["form"])
    published = _moment(visit, "published")
    if published is not None:  # the contract wants one offset, and an older program wrote the machine's
        published = published.astimezone(moment(made[source]["at"]).tzinfo)
    arguments: dict[str, Any] = {
        "number": record["number"],
        "value": value,
        "source": source,
        "published": published.isoformat() if published else "",
        "back": f"/draws/{record['number']}{query({}, **_typed(visit, value))}",
    }
    secrets = openings.key_secrets(visit) if draw_views.is_simple(record) else {}
    if record["custodians"]:
        arguments["files"] = _files_for(visit, record)
        for at in range(len(made["share_sha256"])):
            for name in (draw_run.PASSPHRASE, draw_run.PAPER):
                if visit.field(f"{name}{at}"):
                    secrets[f"{name}{at}"] = visit.field(f"{name}{at}")
    if not (draw_views.is_simple(record) and record["facts"]["units"] <= draw_views.QUICK_UNITS):
        return visit.work("draw_run", arguments, secrets=secrets)
    with visit.writing() as db:
        outcome = draw_run.draw(db, arguments, secrets, visit.plugins, visit.now, drill=visit.desk.is_drill)
    return visit.go(outcome["go"], draw_run.told(outcome))


def _typed(visit: Visit, value: str) -> dict[str, str]:
    """Give the query under which the number's page shows what was typed of the event."""
    return {"value": value, "signed": "1"} | {name: visit.field(name) for name in ("source", "published")}


def _files_for(visit: Visit, record: Mapping[str, Any]) -> list[str]:
    """Give the files of the shares, those that lie here first; empty where they lie where they lay."""
    if all(lies(record, at) for at in range(len(record["share_files"]))):
        return []
    here = {one.sha256: file for file, one in shares_of(visit, record["number"])}
    lain = dict(zip(record["commit"]["share_sha256"], record["share_files"], strict=False))
    return [
        str(here.get(sha256) or lain[sha256])
        for sha256 in record["commit"]["share_sha256"]
        if sha256 in here or Path(lain.get(sha256, "")).is_file()
    ]


# the end: abandoned, or closed and published


def abandon(visit: Visit) -> Response:
    """Abandon a number with its reason; one that is only locked is taken back."""
    record = number_of(visit)
    expect(record, ("frozen", "committed", "run"), _("it cannot be abandoned any more"))
    number = record["number"]
    reason = clean(_("reason"), visit.field("reason"))
    if not reason:
        return draw_page(visit, record, _("write why: the reason is published"), 400)
    if record["state"] == "run":
        secrets = openings.key_secrets(visit)
        return visit.work("draw_abandon", {"number": number, "reason": reason}, secrets=secrets)
    try:
        with visit.writing() as db:
            ceremony.abandon(db, number, reason, visit.now, drill=visit.desk.is_drill)
    except ceremony.NoExcuse as error:
        return draw_page(visit, record, str(error), 409)
    if record["state"] == "frozen":
        for file, _one in shares_of(visit, number):
            file.unlink()
        return visit.go("/draws", _("no. {number} is taken back; the next list has its number").format(
            number=number))  # fmt: skip
    return visit.go(f"/draws/{number}", _("no. {number} is abandoned").format(number=number))


def close(visit: Visit) -> Response:
    """Close a number after its period, or write the files of a closed one again."""
    record = number_of(visit)
    expect(record, ("planned", "closed"), _("there is nothing to close yet"))
    if record["state"] == "planned" and draw_views.next_of(record, visit.now) != draw_views.CLOSE:
        raise closing.TooEarly(number=record["number"], day=record["facts"]["period"][1])
    arguments = {
        "number": record["number"],
        "folder": str(folder_of(visit, "published", record["number"])),
        "rest": visit.field("rest"),
    }
    secrets = openings.key_secrets(visit)
    if visit.field("recovery"):
        secrets["recovery"] = visit.field("recovery")
    return visit.work("draw_close", arguments, secrets=secrets)


def give_file(visit: Visit) -> Response:
    """Give one of the files that a close published."""
    record = number_of(visit)
    name = visit.of["name"]
    file = folder_of(visit, "published", record["number"]) / name
    if record["state"] != "closed" or name not in closing.FILES or not file.is_file():
        raise NotFound
    return visit.give(file.read_bytes(), name, "application/octet-stream")


ROUTES = (
    page("/draws", show_draws),
    page("/draws/ledger", show_ledger),
    page("/draws/ledger.json", give_ledger),
    act("/draws/freeze", freeze),
    page("/draws/{number}", show_draw),
    act("/draws/{number}/commit", commit),
    act("/draws/{number}/run", run),
    act("/draws/{number}/abandon", abandon),
    act("/draws/{number}/close", close),
    page("/draws/{number}/files/{name}", give_file),
)
