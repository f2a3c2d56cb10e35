"""The whole loop on one month: register, draw, plan, roster, calendars, pages."""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.draw.canon import digest
from auditor.draw.capacity import Capacity
from auditor.draw.probabilities import probabilities
from auditor.draw.programmes import LEAST_FLOOR, TEAM
from auditor.draw.transcript import outcomes_done
from auditor.draw.verify import verify
from auditor.entities import Breach, Finding, Inspector, Person, Unit
from auditor.errors import AuditorError, Infeasible, UsageProblem
from auditor.i18n import N_, _, language
from auditor.plugins import DomainMissing, Plugins
from auditor.roster.free import free_half_days
from auditor.store import Database
from auditor.store import findings as finding_store
from auditor.store import records as record_store
from auditor.store import rosters as roster_store
from auditor.store import staff as staff_store
from auditor.store import units as unit_store
from auditor.store.doctor import DEMONSTRATION
from auditor.store.writing import write_tx
from auditor.workflow import bureau, county, defaults, draws, frames, imports, plans, programme, unit_imports
from auditor.workflow import people as staff_step
from auditor.workflow.drawn import Drawn, closed_transcript
from auditor.workflow.duty import rosters
from auditor.workflow.imports import Imported
from auditor.workflow.means import Means
from auditor.workflow.months import BEIJING, Month, calendar, month_of, next_month
from auditor.workflow.needs import capacity_of

STAMP_FILES = (
    "bureau.db", "programme.toml", "draw.json", "plan.json", "plan.xlsx", "roster.json", "roster.xlsx",
    "duty.ics", "summary.html", "people", "tasks",
)  # fmt: skip
"""What a demonstration writes; only a folder that holds nothing else is replaced."""


class NotOurFolder(AuditorError):
    """The folder holds other files."""

    sentence = N_("{folder} holds other files ({found}); it was left as it is; choose another with --out")


class NotAFolder(AuditorError):
    """The target is a file."""

    sentence = N_("{file} is a file and was left as it is; choose a folder with --out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What ``auditor demo`` was asked for; paths and texts as given, None where not."""

    out: Path
    units: Path | None = None
    inspectors: Path | None = None
    leave: Path | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    at: tuple[float, float] | None = None
    n: int | None = None
    month: str | None = None
    now: datetime | None = None
    seed: str | None = None
    work: float = 60.0
    program: str = "auditor"
    """How the person at this terminal calls the program."""


@dataclass(slots=True)
class Loop:
    """Everything one demonstration made, for its pages and its summary."""

    month: Month
    now: datetime
    seed: str
    synthetic: bool
    bureau_name: str
    start: tuple[float, float]
    units: list[Unit]
    notes: list[str]
    plugins: Plugins
    people: list[Person]
    inspectors: list[Inspector]
    frame: frames.Frame
    findings: list[Finding]
    capacity: Capacity
    roster: dict[str, Any]
    drawn: Drawn
    planned: plans.Planned
    closed: dict[str, Any]
    flags: int
    programme: str
    program: str

    @property
    def pi(self) -> dict[str, int]:
        """The probability of each unit of the frame, in millionths."""
        return {one["id"]: one["pi"] for one in self.drawn.frames[frames.MAIN]["units"]}


def run(
    request: Request,
    plugins: Plugins,
    write_pages: Callable[[Loop, Path], None],
    progress: Callable[[str], None] = lambda step: None,
) -> Loop:
    """Run the loop into a new folder and put it in its place only when all of it is checked.

    Raises
    ------
    AuditorError
        For anything that stands in the way; the folder is then as it was.
    """
    for failed in plugins.failed:
        raise DomainMissing(key=failed.key, why=failed.error)
    month = month_of(request.month or next_month(request.now or datetime.now(BEIJING)), calendar())
    now = request.now or (month.midnight if request.month else datetime.now(BEIJING))
    with _folder(request.out) as folder:
        bureau.init(folder / "bureau.db", "", None, now)
        with bureau.opened(folder / "bureau.db") as db:
            loop = _loop(db, request, plugins, month, now, progress)
            progress(_("pages"))
            write_pages(loop, folder)
    return loop


def _refuse_foreign(out: Path) -> None:
    """Refuse a file, a folder with other files, or one whose bureau no demonstration made."""
    if not out.is_dir():
        raise NotAFolder(file=out)
    names = sorted(one.name for one in out.iterdir())
    strange = [name for name in names if name not in STAMP_FILES]
    if strange:
        raise NotOurFolder(folder=out, found=", ".join(strange[:3]))
    if names:
        made = False
        if (out / "bureau.db").is_file():
            with bureau.opened(out / "bureau.db") as db:
                made = record_store.read_settings(db).get(DEMONSTRATION) == "1"
        if not made:
            raise NotOurFolder(folder=out, found=", ".join(names[:3]))


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """Give a new folder beside `out`, and put it in its place if nothing was raised."""
    if out.exists():
        _refuse_foreign(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise UsageProblem(
            problem=_("{folder} cannot be made ({error}); choose another with --out").format(
                folder=out, error=error.strerror
            )
        ) from error
    try:
        made.chmod(0o755)
        yield made
        if out.exists():
            shutil.rmtree(out)
        made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _loop(
    db: Database,
    request: Request,
    plugins: Plugins,
    month: Month,
    now: datetime,
    progress: Callable[[str], None],
) -> Loop:
    progress(_("register"))
    synthetic = request.units is None
    units, inspectors, findings, notes, flags = _register(db, request, plugins, month, now)
    middle = defaults.start_point(units)
    start = request.at or (county.START if synthetic else middle) or county.START
    if middle is None:
        notes.append(
            _(
                "start: no unit has coordinates, so all distances are assumed; "
                "coordinates and --at LNG,LAT help"
            )
        )
    elif not synthetic and request.at is None:
        notes.append(
            _(
                "start: not said; taken as the middle of all units, {lng},{lat} (--at LNG,LAT says better)"
            ).format(lng=start[1], lat=start[0])
        )
    name = county.NAME if synthetic else _("Education bureau (demonstration)")
    with write_tx(db, "settings", now) as tx:
        record_store.put_settings(
            tx, {"name": name, "start_lat": repr(start[0]), "start_lng": repr(start[1]), DEMONSTRATION: "1"}
        )

    progress(_("duty roster"))
    roster = rosters.make(db, month, work=request.work, style="fair")
    plans.passed(_("roster"), rosters.check(db, roster, month))
    with write_tx(db, "roster", now) as tx:
        roster_store.put_roster(tx, month.key, roster)

    progress(_("draw"))
    domains = held_domains(inspectors, plugins)
    if not synthetic and (left := sorted(plugins.domains.keys() - set(domains))):
        zh = language() == "zh"
        names = ", ".join(one.zh if zh else one.en for one in map(plugins.domain, left))
        notes.append(_("not inspected, since no inspector holds them: {names}").format(names=names))
    frame = frames.make_frame(units, findings, plugins, month, domains)
    _enough(frame, inspectors, month)
    notes += unknown_conflicts(units, inspectors)
    pattern = rosters.pattern(inspectors, month)
    free = free_half_days(pattern, staff_store.read_absences(db), rosters.duties_of(roster))
    can = capacity_of(
        frame,
        {one.id: one.half_days for one in inspectors},
        free,
        plugins,
        month,
        lambda n: probabilities(frame.shares, n, LEAST_FLOOR),
        Means(),
        frames.days_record(month.working),
        team=TEAM,
    )
    n = request.n if request.n is not None else can.n
    if request.n is None and n < 1:
        raise Infeasible(
            reason=_(
                "the month's half-days ({usable} that teams may use) carry not even one unit; "
                "add inspectors or shorten leave"
            ).format(usable=can.usable)
        )
    if not 1 <= n <= len(frame.units):
        raise UsageProblem(
            problem=_("--n {n}: the frame has {count} units; choose a number from 1 to {count}").format(
                n=n, count=len(frame.units)
            )
        )
    ids = frames.neutral_ids(inspectors, 1)
    staff = frames.make_staff(inspectors, free, ids, frame.units)
    text = programme.programme_toml(month, domains, n)
    seed_text = request.seed if request.seed is not None else secrets.token_hex(16)
    drawn = draws.draw(
        frame,
        staff,
        ids,
        month,
        n=n,
        seed_text=seed_text,
        programme_sha256=digest(text.encode()),
        domains=domains,
    )

    progress(_("plan"))
    planned = plans.plan(
        drawn,
        plans.places_of(frame.units, start),
        plugins,
        Means(),
        provisional=month.provisional,
        work=request.work,
        progress=lambda step: None,
    )
    closed = closed_transcript(
        drawn,
        planned.visits,
        planned.unplaced,
        planned.departures,
        outcomes_done(planned.visits, draws.DEMONSTRATION),
    )
    failed, _told = verify(json.dumps(closed).encode(), closed["commit_sha256"], closed["plan_root"])
    plans.passed(_("draw"), [Breach(rule="transcript", where="draw", what=one) for one in failed])
    with write_tx(db, "draw", now) as tx:
        record_store.put_draw(tx, closed)
        record_store.put_settings(tx, {"staff_key/1": json.dumps(ids, ensure_ascii=False, sort_keys=True)})
        record_store.put_plan(tx, month.key, 1, planned.record)
    plans.passed(_("plan"), plans.check(db, planned.record, month.key, plugins))
    return Loop(
        month=month,
        now=now,
        seed=seed_text,
        synthetic=synthetic,
        bureau_name=name,
        start=start,
        units=units,
        notes=notes,
        plugins=plugins,
        people=staff_store.read_people(db),
        inspectors=inspectors,
        frame=frame,
        findings=findings,
        capacity=can,
        roster=roster,
        drawn=drawn,
        planned=planned,
        closed=closed,
        flags=flags,
        programme=text,
        program=request.program,
    )


def held_domains(inspectors: Sequence[Inspector], plugins: Plugins) -> list[str]:
    """Give the keys of the loaded Domains that some Inspector holds; all of them where nobody holds any."""
    held = {key for one in inspectors for key in one.domains}
    return sorted(held & plugins.domains.keys()) or sorted(plugins.domains)


def unknown_conflicts(units: Sequence[Unit], inspectors: Sequence[Inspector]) -> list[str]:
    """Say which conflicts of interest name no unit, district or township: a typing error would hide one."""
    known = {name for unit in units for name in (unit.id, unit.district, unit.township)}
    return [
        _("conflict of {person}: {name} is no unit, district or township of this register").format(
            person=one.name, name=name
        )
        for one in inspectors
        for name in one.conflicts
        if name not in known
    ]


def _register(
    db: Database, request: Request, plugins: Plugins, month: Month, now: datetime
) -> tuple[list[Unit], list[Inspector], list[Finding], list[str], int]:
    """Fill the bureau's file: units, inspectors, people, leave, findings; say what was taken as given."""
    folder = county.folder()
    notes: list[str] = []
    file = request.units or folder / "units.csv"
    asked = imports.Request(mapping=request.mapping, where=request.where)
    imported = unit_imports.import_units(db, file, asked, now)
    _refuse(imported)
    notes += imported.notes
    plain = imports.Request(mapping={}, where={})
    _refuse(
        staff_step.import_staff(
            db, request.inspectors or folder / "inspectors.csv", plain, now, plugins=plugins, inspectors=True
        )
    )
    inspectors = staff_store.read_inspectors(db)
    people = county.people()
    if request.inspectors is not None:
        known = {person.id for person in people}
        own = [one for one in inspectors if one.id not in known]
        synthetic_ids = {one.id for one in inspectors if one.id in known}
        leaders = [person for person in people if person.role == "leader"]
        officers = [
            person for person in people if person.role == "officer" and person.id not in synthetic_ids
        ]
        people = [
            *leaders,
            *(county.as_officer(one) for one in inspectors),
            *officers[: max(0, county.OFFICERS - len(inspectors))],
        ]
        notes.append(
            _(
                "duty desk: {leaders} leaders and {officers} officers are synthetic, "
                "beside your {own} inspectors"
            ).format(
                leaders=len(leaders), officers=len(people) - len(leaders) - len(inspectors), own=len(own)
            )
        )
    elif request.units is not None:
        notes.append(
            _(
                "people: none given; the synthetic county's 12 inspectors and "
                "32 people of the duty desk are taken"
            )
        )
        # their conflicts are with units of the synthetic county
        inspectors = [replace(one, conflicts=()) for one in inspectors]
    findings = county.findings(month.first) if request.units is None else []
    if request.units is not None:
        notes.append(_("past findings: none are known for this register"))
    with write_tx(db, "people", now) as tx:
        staff_store.put_staff(tx, county.everyone(people, inspectors))
        finding_store.put_findings(tx, findings)
    if request.leave is not None or request.inspectors is None:
        _refuse(staff_step.import_leave(db, request.leave or folder / "leave.csv", plain, now))
    else:
        notes.append(_("leave: none given"))
    units, filled = defaults.fill_units(unit_store.read_units(db))
    return units, inspectors, findings, notes + filled, len(imported.flags)


def _refuse(imported: Imported) -> None:
    if imported.rows:
        first = imported.rows[0]
        raise UsageRefused(
            file=imported.file,
            row=first["row"],
            column=first["column"],
            value=first["value"],
            problem=first["problem"],
            cure=first["cure"],
            count=len(imported.rows),
        )


class UsageRefused(AuditorError):
    """A cell of a file cannot be taken."""

    sentence = N_(
        "{file}, row {row}, column {column}, {value!r}: {problem}; {cure}; "
        "{count} cells were refused in all, and nothing was written"
    )


def _enough(frame: frames.Frame, inspectors: Sequence[Inspector], month: Month) -> None:
    """Refuse a month in which nothing can be drawn or nobody can go, with the reason."""
    if len(inspectors) < TEAM:
        raise Infeasible(
            reason=_("a team is {team} inspectors, and there are {count}; add inspectors").format(
                team=TEAM, count=len(inspectors)
            )
        )
    if not frame.units:
        counts = frames.left_out_text(frame.left_out)
        raise Infeasible(
            reason=_("no unit can be drawn in {month} ({counts})").format(
                month=month.key, counts=counts or "0"
            )
        )


def verify_command(loop: Loop, out: Path) -> str:
    """Give the very command with which anyone checks the draw."""
    return (
        f"{loop.program} draw verify {shlex.quote(str(out / 'draw.json'))} "
        f"--commit {loop.closed['commit_sha256']} --plan-root {loop.closed['plan_root']}"
    )
