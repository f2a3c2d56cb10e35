"""The second file: which row is which Unit of the register, and which Sites belong to which Unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from auditor.entities import Unit
from auditor.errors import UsageProblem
from auditor.i18n import _, ngettext
from auditor.register.cells import heading
from auditor.register.units import Draft, UnitReading

ALL = "all"


@dataclass(slots=True)
class Matched:
    """The rows by the id that each Unit will bear.

    `renamed` gives the new id of each Unit that takes one; `aliases` what further ids stand for.
    """

    drafts: dict[str, Draft] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


class _Names:
    """Units by name: who could be the Unit that a row means."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, list[Unit]] = {}
        for unit in units:
            self._units.setdefault(heading(unit.name), []).append(unit)

    def like(self, unit: Unit) -> list[Unit]:
        """Give the Units of the same name whose township and district are the same or unknown."""
        return [
            one
            for one in self._units.get(heading(unit.name), ())
            if all(
                not a or not b or heading(a) == heading(b)
                for a, b in ((one.township, unit.township), (one.district, unit.district))
            )
        ]

    def called(self, word: str) -> list[Unit]:
        """Give the Units of a name."""
        return self._units.get(heading(word), [])


def same_pairs(
    same: Iterable[str], reading: UnitReading, register: Mapping[str, Unit], aliases: Mapping[str, str]
) -> dict[str, str]:
    """Read ``OLD=NEW`` pairs into NEW to OLD.

    Raises
    ------
    UsageProblem
        If OLD is not in the register, or NEW not in the file or a Unit of its own.
    """
    pairs = {}
    for text in same:
        old, sign, new = (part.strip() for part in text.partition("="))
        if not sign or not old or not new:
            raise UsageProblem(problem=_("--same {text}: write OLD=NEW, or all").format(text=text))
        if aliases.get(old) == new:
            continue  # joined already
        if old not in register:
            raise UsageProblem(
                problem=_("--same {text}: {id} is not in the register").format(text=text, id=old)
            )
        if new not in reading.drafts:
            raise UsageProblem(problem=_("--same {text}: {id} is not in the file").format(text=text, id=new))
        if new in register:
            raise UsageProblem(
                problem=_("--same {text}: {id} is a unit of its own in the register").format(
                    text=text, id=new
                )
            )
        pairs[new] = old
    return pairs


def match(
    reading: UnitReading,
    register: Mapping[str, Unit],
    aliases: Mapping[str, str],
    *,
    pairs: Mapping[str, str],
    join_all: bool,
    keep_both: bool,
) -> Matched:
    """Find the Unit of every row; a row that may be a Unit under another id is refused with the pair.

    Parameters
    ----------
    pairs
        New id to the id that it replaces, as a person said.
    join_all
        Join every pair; of two ids that differ only by leading zeros the longer stays.
    keep_both
        Take every pair as two Units.
    """
    matched = Matched()
    known = all(key in register or key in aliases for key in reading.drafts)
    names = _Names(() if known else register.values())
    known_by_name = 0
    zeros: dict[str, list[Unit]] = {}
    for unit in register.values() if not known else ():
        if unit.id.isdigit() and len(unit.id) > 3:
            zeros.setdefault(unit.id.lstrip("0"), []).append(unit)
    for key, draft in sorted(reading.drafts.items()):
        final = key
        fresh = key not in register and key not in aliases and key not in pairs
        others = names.like(draft.unit) if fresh else []
        if fresh and draft.own_id and not others:
            others = zeros.get(key.lstrip("0"), [])
        if key not in register and key in aliases:
            final = aliases[key]
        elif key in pairs:
            matched.renamed[pairs[key]] = key
        elif others and not draft.own_id:
            if len(others) > 1:
                _refuse_pair(reading, draft, others)
                continue
            final = others[0].id
            known_by_name += 1
        elif others and not keep_both:
            if not join_all or len(others) > 1:
                _refuse_pair(reading, draft, others)
                continue
            old = others[0].id
            if old.lstrip("0") == key.lstrip("0") and len(old) > len(key):
                final, matched.aliases[key] = old, old
            else:
                matched.renamed[old] = key
        if final in matched.drafts:
            first = matched.drafts.pop(final)
            for one, other in ((first, draft), (draft, first)):
                where = other.row.place
                reading.refuse(
                    one.row,
                    "id" if one.own_id else "name",
                    _("two rows mean the same unit {id}").format(id=final),
                    _("leave one of them (the other: {place})").format(place=where),
                    value=one.unit.id,
                )
            continue
        same = draft.unit.id == final
        matched.drafts[final] = draft if same else replace(draft, unit=replace(draft.unit, id=final))
    if known_by_name:
        reading.notes.append(
            ngettext(
                "{n} row without a code was known by name and township",
                "{n} rows without a code were known by name and township",
                known_by_name,
            ).format(n=known_by_name)
        )
    moved = {draft.unit.id: final for final, draft in _was(reading, matched).items()}
    reading.flags = [one | {"unit": moved.get(one["unit"], one["unit"])} for one in reading.flags]
    return matched


def _was(reading: UnitReading, matched: Matched) -> dict[str, Draft]:
    """Give the rows, as they were read, of Units whose id is another now."""
    by_row = {(draft.row.sheet, draft.row.number): draft for draft in reading.drafts.values()}
    return {
        final: by_row[draft.row.sheet, draft.row.number]
        for final, draft in matched.drafts.items()
        if by_row[draft.row.sheet, draft.row.number].unit.id != final
    }


def _refuse_pair(reading: UnitReading, draft: Draft, others: list[Unit]) -> None:
    ids = ", ".join(unit.id for unit in others)
    problem = _("name and township stand in the register under {ids}").format(ids=ids)
    if heading(others[0].name) != heading(draft.unit.name):
        problem = _("differs only by leading zeros from {ids} ({name}) of the register").format(
            ids=ids, name=others[0].name
        )
    if len(others) > 1:
        cure = _("write the unit's code; several units are called so")
    else:
        cure = _("the same unit: --same {old}={new} or --same all; another unit: --new").format(
            old=others[0].id, new=draft.unit.id
        )
    reading.refuse(draft.row, "id" if draft.own_id else "name", problem, cure, value=draft.unit.id)


def settle_sites(
    units: Mapping[str, Unit], fresh: Iterable[str], register: Mapping[str, Unit], aliases: Mapping[str, str]
) -> tuple[dict[str, Unit], set[str]]:
    """Turn the words for main schools into their ids.

    Parameters
    ----------
    units
        The Units that a file gives, by id; `fresh` are those whose `site_of` is still a word.
    register
        The Units that stand, by id; those of `units` go before them.

    Returns
    -------
    The Units with ids as `site_of`, and the ids of those whose main school is nowhere: they are Units.
    """
    words = {key: units[key].site_of for key in fresh if units[key].site_of}
    if not words:
        return dict(units), set()
    every = {**register, **units}
    names = _Names(every.values())
    settled, lost = dict(units), set()
    for key, word in words.items():
        target = word if word in every else aliases.get(word, "")
        if not target:
            called = [unit for unit in names.called(word) if unit.id != key]
            here = [unit for unit in called if unit.township == units[key].township]
            narrowed = here if len(called) > 1 else called
            target = narrowed[0].id if len(narrowed) == 1 else ""
        if not target:
            lost.add(key)
        settled[key] = replace(units[key], site_of="" if target == key else target)
    for key in words:  # a site of a site belongs to the unit of both
        seen = {key}
        root = settled[key].site_of
        while root and root not in seen:
            seen.add(root)
            above = settled[root] if root in settled else register[root]
            if not above.site_of:
                break
            root = above.site_of
        else:
            root = ""
            lost.add(key)
        settled[key] = replace(settled[key], site_of=root)
    return settled, lost
