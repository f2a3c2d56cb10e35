"""The step of programmes: a file in, kept as it is; listed, and shown as it is published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from auditor.draw.canon import digest
from auditor.draw.programmes import LEAST_FLOOR, BadProgramme, Programme, read_programme
from auditor.errors import USAGE, AuditorError, FileMissing
from auditor.i18n import N_, _, listed
from auditor.plugins import Plugins
from auditor.store import Database
from auditor.store.numbers import put_programme, read_numbers, read_programmes
from auditor.store.records import put_settings, read_plans, read_settings
from auditor.store.staff import read_inspectors
from auditor.store.units import read_units
from auditor.store.writing import write_tx
from auditor.workflow.domains import domain_titles, known_domains
from auditor.workflow.starts import check_starts, far_starts

MOST_BYTES = 100_000


DOMAINS_OF = "programme_domains/"
"""The setting that keeps which domains a programme names by title: this, then its id."""


class LowFloor(AuditorError):
    """The floor is below what nobody may be left under by default."""

    exit_code = USAGE
    sentence = N_(
        "{file}: floor = {floor} leaves units a chance below 0.3 of the mean; "
        "repeat with --accept-lower-floor if that is meant: it is printed on every page"
    )


class ProgrammeInUse(AuditorError):
    """A programme that a number was drawn from stays as it is."""

    sentence = N_(
        "{id} was kept with another text, and number {number} was made from it; give the new one a new id"
    )


class NoProgramme(AuditorError):
    """There is no programme of this id."""

    exit_code = 2
    sentence = N_("{id} is no programme of this bureau; there are {known}; {cure}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of a programme's file: `state` is "new", "changed" or "unchanged"; `next` is a command."""

    programme: Programme
    sha256: str
    state: str
    notes: tuple[str, ...]
    next: str


def add(db: Database, file: Path, plugins: Plugins, now: datetime, *, accept_lower_floor: bool) -> Added:
    """Keep a programme's file as it is, to the byte.

    Raises
    ------
    FileMissing, BadProgramme, LowFloor, ProgrammeInUse
    """
    if not file.is_file():
        raise FileMissing(file=file)
    with file.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadProgramme(file=file, faults=_("larger than {most} bytes").format(most=MOST_BYTES))
    return add_document(db, data, file.name, plugins, now, accept_lower_floor=accept_lower_floor)


def add_document(
    db: Database, data: bytes, name: str, plugins: Plugins, now: datetime, *, accept_lower_floor: bool
) -> Added:
    """Keep a programme's document; see `add`."""
    programme = read_programme(data, name)
    named = {word: _key_of(word, plugins) for word in programme.domains}
    strange = [word for word, key in named.items() if not key]
    if strange:
        raise BadProgramme(
            file=name,
            faults=_("domains: {key} is not loaded; there are {known}").format(
                key=strange[0], known=known_domains(plugins)
            ),
        )
    titles = {word: key for word, key in named.items() if word != key}
    programme = _with_keys(programme, titles, name)
    if programme.floor < LEAST_FLOOR and not accept_lower_floor:
        raise LowFloor(file=name, floor=float(Fraction(programme.floor, 1_000_000)))
    check_starts(db, programme, name)
    document = data.decode("utf-8")
    with write_tx(db, "programme add", now) as tx:
        known = read_programmes(db).get(programme.id)
        if known is not None and known != document:
            used = [one["number"] for one in read_numbers(db) if one["programme"] == programme.id]
            if used:
                raise ProgrammeInUse(id=programme.id, number=used[0])
        state = "new" if known is None else "unchanged" if known == document else "changed"
        put_programme(tx, programme.id, digest(data), document)
        if titles or DOMAINS_OF + programme.id in read_settings(db):
            put_settings(
                tx, {DOMAINS_OF + programme.id: json.dumps(titles, ensure_ascii=False, sort_keys=True)}
            )
    return Added(
        programme=programme,
        sha256=digest(data),
        state=state,
        notes=tuple(_notes(db, programme, plugins)),
        next=_next(db, programme),
    )


def _key_of(word: str, plugins: Plugins) -> str:
    """Give the key of a domain that is named by key or title; "" for one that is not loaded."""
    if word in plugins.domains:
        return word
    return next((key for key, one in plugins.domains.items() if word in (one.zh, one.en)), "")


def _with_keys(programme: Programme, titles: Mapping[str, str], file: object) -> Programme:
    """Give a programme with the keys of the domains that it names by title; raises BadProgramme."""
    keys = tuple(sorted({titles.get(word, word) for word in programme.domains}))
    if programme.domains_each is not None and programme.domains_each > len(keys):
        fault = _("domains_each: there are only {count} domains").format(count=len(keys))
        raise BadProgramme(file=file, faults=fault)
    return replace(programme, domains=keys)


def _kept(db: Database, key: str, document: str) -> Programme:
    """Read a programme that is kept: its domains by the keys that their titles meant when it was kept."""
    titles = json.loads(read_settings(db).get(DOMAINS_OF + key, "{}"))
    return _with_keys(read_programme(document.encode(), key), titles, key)


def _next(db: Database, programme: Programme) -> str:
    """Give the command that comes next: register and staff come before a programme is frozen."""
    if not read_units(db):
        return "auditor units import FILE"
    if len(read_inspectors(db)) < programme.team:
        return "auditor people import FILE"
    return f"auditor draw freeze --programme {programme.id}"


def _notes(db: Database, programme: Programme, plugins: Plugins) -> list[str]:
    notes = []
    inspectors = read_inspectors(db)
    held = {key for one in inspectors for key in one.domains}
    unknown = [one.name for one in inspectors if programme.mix and not one.department.strip()]
    if unknown:
        notes.append(
            _("mix: nobody knows the department of {names}; they bring none to a team").format(
                names=", ".join(unknown)
            )
        )
    alone = [key for key in programme.domains if key not in held]
    if alone:
        notes.append(
            _("no inspector holds {domains}: its visits could not be placed").format(
                domains=listed(domain_titles(plugins)[key] for key in alone)
            )
        )
    notes += far_starts(db, programme)
    if programme.floor < LEAST_FLOOR:
        notes.append(_("the floor is below 0.3; this is printed on every page"))
    return notes


def programmes(db: Database) -> list[Programme]:
    """Give all programmes by id."""
    return [_kept(db, key, document) for key, document in read_programmes(db).items()]


def cure_here(db: Database, cure: str) -> str:
    """Give `cure`, or where the file holds a demonstration and nothing else, what to do instead."""
    if read_numbers(db) or not any("/" not in key for key in read_plans(db)):
        return cure
    return _(
        "this file holds a demonstration, which seals nothing and is not changed later; to try that, "
        "`auditor draw ceremony --rehearsal`"
    )


def programme_of(db: Database, key: str) -> tuple[Programme, bytes]:
    """Give a programme and the bytes of its file; raises NoProgramme."""
    known = read_programmes(db)
    if key not in known:
        cure = cure_here(db, _("keep it with `auditor programme add FILE`"))
        raise NoProgramme(id=key, known=listed(known) or _("none"), cure=cure)
    return _kept(db, key, known[key]), known[key].encode()


def rows(db: Database) -> list[dict[str, Any]]:
    """Give a row for every programme, with its numbers."""
    numbers = read_numbers(db)
    return [
        {
            "id": one.id,
            "name": one.name,
            "from": f"{one.first:%Y-%m-%d}",
            "to": f"{one.last:%Y-%m-%d}",
            "domains": list(one.domains),
            "units": number_words(one),
            "numbers": [number["number"] for number in numbers if number["programme"] == one.id],
        }
        for one in programmes(db)
    ]


def number_words(programme: Programme) -> str:
    """Say how many units are drawn: a number, a share, or by capacity."""
    if programme.units is not None:
        return str(programme.units)
    if programme.share is not None:
        return f"{float(programme.share * 100):g} %"
    return _("by capacity")


def record(programme: Programme, sha256: str) -> dict[str, Any]:
    """Give what a programme says, for JSON."""
    return {
        "id": programme.id,
        "name": programme.name,
        "kind": "sample",
        "from": f"{programme.first:%Y-%m-%d}",
        "to": f"{programme.last:%Y-%m-%d}",
        "basis": programme.basis,
        "item": programme.item or None,
        "document": programme.document or None,
        "domains": list(programme.domains),
        "domains_each": programme.domains_each,
        "units": programme.units,
        "share": None if programme.share is None else float(programme.share),
        "capacity": programme.units is None and programme.share is None,
        "floor": programme.floor / 1_000_000,
        "strata": programme.strata,
        "certain": list(programme.certain),
        "grades": list(programme.grades),
        "team": programme.team,
        "weekly": float(programme.weekly),
        "modes": list(programme.modes),
        "cap": programme.cap,
        "cap_enterprises": programme.cap_enterprises,
        "keep": programme.keep,
        "revisit_gap_days": programme.revisit_gap_days,
        "cars": dict(programme.cars),
        "driver_seat": programme.driver_seat,
        "mix": programme.mix,
        "partners": dict(programme.partners),
        "starts": {name: f"{lng},{lat}" for name, (lat, lng) in programme.starts.items()},
        "sha256": sha256,
    }


PUBLIC_COLUMNS = (
    "抽查事项名称", "抽查子项", "抽查依据", "抽查主体", "抽查对象",
    "抽查比例", "抽查频次", "抽查方式", "检查人员要求", "备注",
)  # fmt: skip
"""The columns of a published list of items of random inspection (抽查事项清单)."""


def public_row(db: Database, programme: Programme, plugins: Plugins) -> dict[str, str]:
    """Give the programme's row of the bureau's published list; Chinese, as it is published."""
    names = [plugins.domain(key).zh for key in programme.domains if key in plugins.domains]
    if programme.units is not None:
        share = f"抽取{programme.units}家"
    elif programme.share is not None:
        share = f"{float(programme.share * 100):g}%"
    else:
        share = "按检查力量确定"
    notes = [f"保底概率系数{programme.floor / 1_000_000:g}"]
    if programme.weekly:
        notes.append(f"另按周随机抽查约占{float(programme.weekly * 100):g}%")
    if programme.domains_each is not None:
        notes.append(f"每家随机抽取{programme.domains_each}个领域")
    if programme.certain:
        notes.append(
            "必查："
            + "、".join(
                {"grade": "风险等级", "overdue-major": "重大隐患逾期"}[one] for one in programme.certain
            )
        )
    if programme.cap is not None or programme.cap_enterprises is not None:
        limits = [("每家", programme.cap), ("企业", programme.cap_enterprises)]
        notes.append("年度上限：" + "、".join(f"{who}{most}次" for who, most in limits if most is not None))
    if programme.partners:
        notes.append("每组另有：" + "、".join(f"{who}{count}人" for who, count in programme.partners.items()))
    if programme.revisit_gap_days:
        gap = f"{programme.revisit_gap_days}天"
        notes.append(
            f"检查时段之前{gap}内已检查的事项不重复抽查（交办除外）；按周随机抽查每周重新抽取，同一单位在时段内可能再次抽到"
            if programme.weekly
            else f"同一事项{gap}内不重复抽查（交办除外）"
        )
    basis = programme.basis + (f"（{programme.document}）" if programme.document else "")
    values = (
        programme.item or programme.name,
        "、".join(names),
        basis,
        read_settings(db).get("name", "") or "教育行政部门",
        "名录库内的学校、幼儿园和校外培训机构",
        share,
        "至".join(f"{day.year}年{day.month}月{day.day}日" for day in (programme.first, programme.last))
        + f"，{frequency(programme)}",
        "随机抽查，" + "、".join(programme.modes),
        f"每组{programme.team}人，随机选派，持有相应领域，实行回避"
        + ("，来自两个以上科室" if programme.mix else ""),
        "；".join(notes),
    )
    return dict(zip(PUBLIC_COLUMNS, values, strict=True))


def frequency(programme: Programme) -> str:
    """Say how often is drawn."""
    return "抽取一次，并按周抽取" if programme.weekly else "抽取一次"
