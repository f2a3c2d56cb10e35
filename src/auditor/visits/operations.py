"""Operations of a visit: each only adds; what stands is the last of each Item and place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.errors import AuditorError
from auditor.i18n import N_, _


class Conflict(AuditorError):
    """Another operation answered the same Item after the base that this one knows."""

    sentence = N_(
        "{item}: revision {revision} answered it meanwhile ({answer}); look at it with `auditor visit show "
        "{visit}`, then answer again"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: `revision` counts from 1, `base` is the revision that its author saw.

    `what` is "answer", "decide" or "close"; `data` what it says.
    """

    id: str
    visit: str
    revision: int
    base: int
    what: str
    at: str
    data: Mapping[str, Any]

    def record(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {
            "id": self.id, "visit": self.visit, "revision": self.revision, "base": self.base,
            "what": self.what, "at": self.at, "data": dict(self.data),
        }  # fmt: skip


def refuse_conflict(operations: Sequence[Operation], item: str, place: str, base: int, visit: str) -> None:
    """Refuse an answer whose author has not seen a later one of the same Item and place.

    Raises
    ------
    Conflict
    """
    for one in operations:
        same = one.what == "answer" and one.data["item"] == item and one.data.get("place", "") == place
        if same and one.revision > base:
            raise Conflict(item=item, revision=one.revision, answer=one.data["answer"], visit=visit)


def standing(operations: Sequence[Operation]) -> dict[str, list[dict[str, Any]]]:
    """Give the answers that stand: Item to one for each place, the latest, in the order of their places."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for one in sorted(operations, key=lambda one: one.revision):
        if one.what == "answer":
            last[one.data["item"], one.data.get("place", "")] = dict(one.data)
    found: dict[str, list[dict[str, Any]]] = {}
    for (item, _place), data in sorted(last.items()):
        found.setdefault(item, []).append(data)
    return found


def decisions(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """Give what persons decided beside the computed suggestion, the earliest first."""
    return [dict(one.data) | {"at": one.at} for one in operations if one.what == "decide"]


def missing_follow_ups(
    answers: Mapping[str, Sequence[Mapping[str, Any]]], follow_ups: Mapping[str, Sequence[tuple[str, str]]]
) -> list[str]:
    """Say which answers lack the photo or measured value that they must bring, by Item and place."""
    lacking = []
    words = {"photo": _("a photo"), "measure": _("a measured value")}
    for item, several in answers.items():
        for one in several:
            for on, ask in follow_ups.get(item, ()):
                there = one.get("photo") if ask == "photo" else one.get("value") is not None
                if one["answer"] == on and not there:
                    place = f" ({one['place']})" if one.get("place") else ""
                    lacking.append(
                        _("{item}{place} needs {what}").format(item=item, place=place, what=words[ask])
                    )
    return lacking
