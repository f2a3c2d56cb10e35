"""The step of a plan's approval: counts for a leader, and the list as an annex sealed for the key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from auditor.draw.canon import digest
from auditor.errors import AuditorError, FileMissing
from auditor.i18n import N_, _
from auditor.pages.approval import approval_html
from auditor.pages.plan_views import ApprovalView
from auditor.pages.words import REASON_WORDS, word
from auditor.plugins import Plugins
from auditor.seal import age
from auditor.store import Database
from auditor.store.numbers import read_frozen, read_numbers, read_sealed
from auditor.store.records import read_settings
from auditor.workflow.ceremony import expect, number_of
from auditor.workflow.domains import domain_titles
from auditor.workflow.door import Seen, look
from auditor.workflow.keys import PUBLIC, AskPassword, open_key
from auditor.workflow.programmes import programme_of
from auditor.workflow.sealing import BLOCK, Sealed, root_of
from auditor.workflow.secrecy import ENOUGH, public_of, secrecy_text
from auditor.workflow.telling import names_of

FORM = "auditor-plan-annex/v1"
PAGE, ANNEX = "approval.html", "annex.age"
MOST_BYTES = 64_000_000
"""A larger annex is no plan's."""


class NotAnAnnex(AuditorError):
    """A file that opens is no annex of a plan of this bureau, or not the one whose root was approved."""

    exit_code = 4
    sentence = N_("{file} is no annex of a plan of this bureau: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """An annex that was opened: of which number, and its rows in order of day, with names."""

    number: int
    plan_root: str
    sha256: str
    rows: tuple[Mapping[str, Any], ...]


def submit(
    db: Database, number: int, plugins: Plugins, ask: AskPassword
) -> tuple[ApprovalView, dict[str, str]]:
    """Make the papers of an approval: the counts, and page and annex by the names of their files.

    Raises
    ------
    OutOfOrder
        Unless the number has a sealed plan.
    PasswordNeeded, age.WrongPassword
    """
    record = number_of(db, number)
    expect(record, ("planned",), _("only a sealed plan is handed in for approval"))
    seen = look(db, record, ask)
    annex = seal_annex(db, seen)
    view = counts_view(db, record, seen, plugins, digest(annex.encode()))
    return view, {PAGE: approval_html(view), ANNEX: annex}


def counts_view(
    db: Database, record: Mapping[str, Any], seen: Seen, plugins: Plugins, annex_sha256: str
) -> ApprovalView:
    """Count a plan as it stands, after repairs too: nothing else of it is in the view."""
    plan = seen.whole if seen.standing is None else seen.standing
    visits = plan["visits"]
    sorties = {one["sortie"]: one for one in visits}
    words = domain_titles(plugins)
    domains = Counter(key for one in visits for key in one["domains"])
    reasons = Counter(one["reason"] for one in plan["unplaced"] if "draw" in one)
    parts = read_frozen(db, seen.number, "field", "staff")
    free = {one["id"]: len(one["free"]) for one in parts["field"]["staff"]}
    programme = programme_of(db, seen.programme)[0]
    driven = None  # no repair counts metres
    if "objective_m" in plan and len(visits) >= ENOUGH:
        driven = plan["objective_m"] - len(sorties) * plan["sortie_cost_m"]
    return ApprovalView(
        bureau=read_settings(db).get("name", ""),
        programme=programme.name,
        basis=programme.basis + (f"（{programme.document}）" if programme.document else ""),
        number=seen.number,
        level=record["level"],
        drill=seen.drill,
        first=date.fromisoformat(seen.first),
        last=date.fromisoformat(seen.last),
        units=record["facts"]["units"],
        sorties=len(sorties),
        visits=len(visits),
        days=len({one["date"] for one in visits}),
        half_days=(
            sum(len(one["team"]) for one in sorties.values()),
            sum(min(one["half_days"], free[one["id"]]) for one in parts["staff"].values()),
        ),
        metres=driven,
        domains=tuple((words.get(key, key), n) for key, n in sorted(domains.items())),
        unplaced=tuple((word(REASON_WORDS, key), n) for key, n in sorted(reasons.items())),
        plan_root=record["plan_root"],
        annex=ANNEX,
        annex_sha256=annex_sha256,
        secrecy=secrecy_text(told) if (told := public_of(plan)) else "",
        repairs=plan.get("repairs", 0),
        ordered=sum(one["source"] == "directed" for one in visits),
        ordered_left=sum("draw" not in one for one in plan["unplaced"]),
    )


def seal_annex(db: Database, seen: Seen) -> str:
    """Seal the list of an opened plan, with the names of its units and of all inspectors of the number.

    Its length follows from what is public: the length of the sealed plan, the counts, the longest id and
    name of the frames.
    """
    units, people = names_of(db)
    parts = read_frozen(db, seen.number)
    plan = seen.whole
    frames = {one["id"] for key, part in parts.items() if key.startswith("frame/") for one in part["units"]}
    named = {one["unit"] for one in (*plan["visits"], *plan["unplaced"])}
    staff = {one["id"]: people.get(own, own) for own, one in parts["staff"].items()}
    held = {
        "form": FORM,
        "number": seen.number,
        "plan": plan,
        "salts": seen.salts,
        "units": {unit: units.get(unit, unit) for unit in sorted(named)},
        "people": staff,
    }
    data = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    longest = max((len(f"{unit}{units.get(unit, unit)}".encode()) for unit in frames), default=0) + 8
    names = len(json.dumps(staff, ensure_ascii=False).encode())
    rows = len(plan["visits"]) + len(plan["unplaced"])
    whole = len(read_sealed(db, seen.number, "plan") or "") + names + rows * longest + BLOCK
    size = -(-whole // BLOCK) * BLOCK
    return age.seal(data, [read_settings(db)[PUBLIC]], size, _("the annex"))


def open_annex(db: Database, file: Path, ask: AskPassword) -> Annex:
    """Open an annex with the planning key and hold it against the plan root of its number.

    Raises
    ------
    FileMissing, PasswordNeeded, age.WrongPassword, age.NotSealedForThisKey, NotAnAnnex
    """
    if not file.is_file():
        raise FileMissing(file=file)
    if file.stat().st_size > MOST_BYTES:
        raise NotAnAnnex(file=file, why=_("larger than {most} bytes").format(most=MOST_BYTES))
    data = file.read_bytes()
    text = age.unseal(data.decode("utf-8", "replace"), open_key(db, ask), str(file))
    try:
        held = json.loads(text)
        if held["form"] != FORM:
            raise ValueError(held["form"])
        root = root_of(Sealed(record=held["plan"], reserves={}, salts=held["salts"]))
        rows = _rows(held)
        number = int(held["number"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotAnAnnex(file=file, why=_("it holds something else")) from error
    roots = {one["number"]: one.get("plan_root") for one in read_numbers(db)}
    if roots.get(number) != root:
        raise NotAnAnnex(
            file=file, why=_("its list does not give the plan root of number {n}").format(n=number)
        )
    return Annex(number=number, plan_root=root, sha256=digest(data), rows=rows)


def _rows(held: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Give the visits of an annex by day, with names."""
    return tuple(
        {
            **visit,
            "name": held["units"].get(visit["unit"], visit["unit"]),
            "team": [held["people"].get(one, one) for one in visit["team"]],
        }
        for visit in sorted(held["plan"]["visits"], key=lambda one: (one["date"], one["start"], one["id"]))
    )
