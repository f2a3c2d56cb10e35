"""The import of a register: a file read, matched with what is known and settled; kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

from auditor.entities import Unit
from auditor.errors import UsageProblem
from auditor.i18n import _, ngettext, some
from auditor.register import matching
from auditor.register.cells import code, heading, narrow
from auditor.register.columns import UNIT_ALIASES, UNIT_TITLES
from auditor.register.points import judge_points
from auditor.register.recognise import refuse_other
from auditor.register.units import Draft, UnitReading, read_units
from auditor.store import Database, records
from auditor.store import units as unit_store
from auditor.store.writing import write_tx
from auditor.workflow.imports import REFUSED, Imported, Request, tables_of, write_refused
from auditor.workflow.units import IMPORT, MISSING, OF_UNITS, start_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an import writes: it holds as long as nothing else is written.

    `units` are those that are new or changed, `renamed` former ids to new ones, `aliases` ids that mean
    another, `readings` what a person said of the columns of a shape of table, `missing` the ids that the
    file did not have, None where the file is a part of the register; `added`, `changed` and `unchanged`
    count Units.
    """

    units: tuple[Unit, ...]
    renamed: dict[str, str]
    aliases: dict[str, str]
    readings: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0


def import_units(db: Database, path: Path, request: Request, now: datetime) -> Imported:
    """Import a register of Units: all of it, or nothing if any cell is refused.

    With ``partial`` the good rows are taken and the refused ones written to ``FILE.refused.xlsx``. A
    field whose column the file lacks keeps the value that the register has; so does a tag.

    Raises
    ------
    What `read_tables`, `read_units` and `matching.same_pairs` raise; CannotWriteTable.
    """
    imported, settled = look_at_units(db, path, request, now)
    if request.dry_run or settled is None:
        return imported
    if imported.rows:
        imported.refused_file = str(write_refused(path, imported.bad_rows, UNIT_ALIASES))
    keep_units(db, settled, now)
    return imported


def look_at_units(
    db: Database, path: Path, request: Request, now: datetime
) -> tuple[Imported, Settled | None]:
    """Say what `import_units` would do, and settle it; None where it would refuse the file for its cells.

    Raises
    ------
    What `read_tables`, `read_units` and `matching.same_pairs` raise.
    """
    tables = tables_of(path, request)
    refuse_other(tables, "units", str(path), request.mapping)
    reading = read_units(
        tables,
        file=str(path),
        mapping=request.mapping,
        where=request.where,
        crs=request.crs,
        kept=unit_store.read_readings(db, "units"),
        today=now.date(),
    )
    register = {unit.id: unit for unit in unit_store.read_register(db)}
    aliases = unit_store.read_aliases(db)
    join_all = matching.ALL in request.same
    if request.same and request.keep_both:
        raise UsageProblem(
            problem=_("--same says that rows are one unit, --new that they are two: write one of them")
        )
    pairs = {} if join_all else matching.same_pairs(request.same, reading, register, aliases)
    matched = matching.match(
        reading, register, aliases, pairs=pairs, join_all=join_all, keep_both=request.keep_both
    )
    imported = Imported.of(path, reading)
    if imported.rows and not request.partial:
        imported.flags = reading.flags
        return imported, None
    fresh = _settled(db, reading, matched, register, aliases, request)
    imported.flags = [
        one
        for one in reading.flags
        if one["unit"] in fresh and not (fresh[one["unit"]].site_of and one["flag"] in OF_UNITS)
    ]
    _count(imported, reading, fresh, register, matched)
    whole = not (request.where or request.sheets or REFUSED in path.name)
    if not whole:
        imported.missing = []
    changed = tuple(unit for key, unit in fresh.items() if register.get(key) != unit)
    again = tuple(
        replace(unit, site_of=matched.renamed[unit.site_of])
        for unit in register.values()
        if unit.site_of in matched.renamed and unit.id not in fresh
    )
    pointing = {alias: matched.renamed[unit] for alias, unit in aliases.items() if unit in matched.renamed}
    return imported, Settled(
        units=(*changed, *again),
        renamed=dict(matched.renamed),
        aliases={**pointing, **matched.renamed, **matched.aliases},
        readings={shape: dict(mapping) for shape, mapping in reading.readings.items()},
        missing=tuple(imported.missing) if whole else None,
        added=imported.added,
        changed=imported.changed,
        unchanged=imported.unchanged,
    )


def keep_units(db: Database, settled: Settled, now: datetime) -> None:
    """Write Units, new ids with what stands under the old ones, and aliases: what was settled just now."""
    with write_tx(db, IMPORT, now) as tx:
        unit_store.drop_units(tx, settled.renamed)
        unit_store.put_units(tx, settled.units)
        unit_store.rename_elsewhere(db, tx, settled.renamed)
        unit_store.put_aliases(tx, settled.aliases)
        for shape, mapping in settled.readings.items():
            unit_store.put_reading(tx, "units", shape, mapping)
        if settled.missing is not None:
            records.put_settings(tx, {MISSING: "\n".join(settled.missing)})


def _settled(
    db: Database,
    reading: UnitReading,
    matched: matching.Matched,
    register: Mapping[str, Unit],
    aliases: Mapping[str, str],
    request: Request,
) -> dict[str, Unit]:
    """Give the Units as they will stand: beside what was known, with their main schools, points judged."""
    old = {matched.renamed.get(key, key): unit for key, unit in register.items()}
    fresh = {key: _beside(old.get(key), draft) for key, draft in matched.drafts.items()}
    words = [key for key, draft in matched.drafts.items() if "site_of" in draft.present]
    others = {key: unit if unit.id == key else replace(unit, id=key) for key, unit in old.items()}
    fresh, lost = matching.settle_sites(fresh, words, others, {**aliases, **matched.aliases})
    for key in sorted(lost):
        draft = matched.drafts[key]
        reading.flag(draft.row, key, "unknown-parent", draft.unit.site_of, "site_of")
    start = request.at or start_of(db)
    judged = {key for key in fresh if {"lat", "lng"} <= matched.drafts[key].present}
    doubts = judge_points([fresh[key] for key in sorted(judged)], {**others, **fresh}.values(), start)
    for key, flag in sorted(doubts.items()):
        unit, draft = fresh[key], matched.drafts[key]
        reading.flag(draft.row, key, flag, f"{draft.row.cells['lng']},{draft.row.cells['lat']}", "lat")
        if flag == "swapped-point":
            fresh[key] = replace(unit, lat=None, lng=None)
    # a point that the register has, and a file without such columns does not deny, is not missing
    kept = {key for key, unit in fresh.items() if unit.lat is not None and key not in judged}
    reading.flags = [one for one in reading.flags if one["flag"] != "no-point" or one["unit"] not in kept]
    swapped = sum(one["flag"] == "swapped-point" for one in reading.flags)
    if swapped > 1 and swapped * 2 > len(judged):
        reading.notes.append(
            _("most points are exchanged: name the columns with --map lat=… --map lng=… and import again")
        )
    return fresh


@lru_cache(maxsize=64)
def _sides(present: frozenset[str]) -> tuple[tuple[str, ...], Callable[[Unit], object]]:
    """Give the fields that a row does not say, and what takes those that it says out of a Unit."""
    lacking = [one for one in UNIT_TITLES if one not in present and one not in ("id", "name", "tags")]
    if "lat" in lacking or "lng" in lacking:
        lacking += ["lat", "lng"]
    said = [one for one in UNIT_TITLES if one not in lacking and one != "tags"]
    return tuple(dict.fromkeys(lacking)), attrgetter(*said)


def _beside(old: Unit | None, draft: Draft) -> Unit:
    """Give what a row says of a Unit, with what the register says where its sheet has no such column."""
    new, present = draft.unit, draft.present
    if old is None:
        return new
    lacking, said = _sides(present)
    if said(new) == said(old) and new.tags == old.tags and (old.kind or not new.kind):
        return old  # most rows of a second file: nothing to put together
    kept = {one: getattr(old, one) for one in lacking}
    if not kept.get("kind"):
        kept["kind"] = new.kind
    if "tags" not in present:
        kept["tags"] = tuple(sorted({*new.tags, *(tag for tag in old.tags if tag not in present)}))
    return replace(new, **kept)


def _count(
    imported: Imported,
    reading: UnitReading,
    fresh: Mapping[str, Unit],
    register: Mapping[str, Unit],
    matched: matching.Matched,
) -> None:
    """Count what is new, changed, unchanged and missing; Sites are counted apart."""
    was = {new: old for old, new in matched.renamed.items()}
    for key, unit in sorted(fresh.items()):
        if unit.site_of:
            imported.sites += 1
            continue
        imported.compare(register.get(was.get(key, key)), unit, key)
    gone = {matched.renamed.get(key, key) for key in register} - set(fresh)
    here = {matched.renamed.get(key, key): unit for key, unit in register.items()}
    handed_back = _named_in(reading)
    imported.missing = sorted(
        key
        for key in gone
        if not here[key].site_of
        and not here[key].closed
        and key not in handed_back
        and heading(here[key].name) not in handed_back
    )
    renamed = _perhaps_renamed(imported, fresh, here, matched)
    if renamed:
        imported.notes.append(
            _(
                "perhaps one unit renamed; if so, `auditor units undo`, then import with --same: {pairs}"
            ).format(pairs=some(renamed, 5))
        )
    closed = [
        key for key, unit in fresh.items() if unit.closed and "closed" not in matched.drafts[key].present
    ]
    if closed:
        imported.notes.append(
            ngettext(
                "{n} unit of the file is closed in the register and stays so "
                "(`auditor units set ID closed=` opens it): {ids}",
                "{n} units of the file are closed in the register and stay so "
                "(`auditor units set ID closed=` opens one): {ids}",
                len(closed),
            ).format(n=len(closed), ids=some(sorted(closed), 5))
        )
    now_closed = sorted(
        key for key, unit in fresh.items()
        if unit.closed and "closed" in matched.drafts[key].present and not (key in here and here[key].closed)
    )  # fmt: skip
    if now_closed:
        imported.notes.append(
            ngettext(
                "{n} unit is closed by this file and is never drawn: {ids}",
                "{n} units are closed by this file and are never drawn: {ids}",
                len(now_closed),
            ).format(n=len(now_closed), ids=some(now_closed, 5))
        )
    if imported.sites:
        imported.notes.append(
            ngettext(
                "{n} site belongs to its unit (`auditor units show ID`)",
                "{n} sites belong to their units (`auditor units show ID`)",
                imported.sites,
            ).format(n=imported.sites)
        )


def _perhaps_renamed(
    imported: Imported, fresh: Mapping[str, Unit], here: Mapping[str, Unit], matched: matching.Matched
) -> list[str]:
    """Pair missing Units with new ones that have no code: in one township, one name within the other."""
    of_township: dict[str, list[Unit]] = {}
    for key in imported.missing:
        of_township.setdefault(here[key].township, []).append(here[key])
    pairs = []
    for key in imported.new:
        if not matched.drafts[key].own_id:
            new = fresh[key]
            for old in of_township.get(new.township, ()):
                if old.name in new.name or new.name in old.name:
                    pairs.append(f"{old.id}={key}")
    return pairs


def _named_in(reading: UnitReading) -> set[str]:
    """Give the codes and names of refused rows: the file has them, whatever is wrong with them."""
    found = set()
    for row, _why in reading.bad_rows:
        found |= {narrow(code(row.cells.get("id"))), heading(row.cells.get("name"))}
    return found - {""}
