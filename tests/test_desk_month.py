"""A month of a real roster with what happens at its desk: leave, repair, log, spot checks, all together."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from auditor.draw import spot
from auditor.workflow import bureau
from auditor.workflow.custody import Opening
from auditor.workflow.duty import desks, duty_log, leave_requests, roster_life, spot_checks, spot_closing
from auditor.workflow.duty import spot_draws as draws
from auditor.workflow.duty.roster_repairs import repair
from auditor.workflow.events import Announced
from desk_world import at, broken, desk_people, make_desk, rows


def nobody() -> None:
    """The planning key has no password."""


def test_leave_is_asked_for_mended_called_and_ended(tmp_path: Path) -> None:
    """Each step sees what the one before it did, and the roster keeps every rule again after its repair."""
    path = tmp_path / "bureau.db"
    make_desk(path, "2026-12")
    with bureau.opened(path) as db:
        # an officer asks for three days on which he has a duty
        seats = rows(roster_life.current(db, "2026-12"))
        day = "2026-12-15"
        who = next(row[2] for row in seats if row[:2] == (day, "day"))
        first = date.fromisoformat(day)
        asked = leave_requests.Ask(who=who, first=first, last=first + timedelta(days=2))
        request, found = leave_requests.ask(db, asked, at("2026-12-01"))
        assert any(day in one for one in found)
        assert broken(db, "2026-12") == []  # asking changes nothing
        leave_requests.decide(db, request["id"], agreed=True, by="甲局长", note="", now=at("2026-12-02"))
        assert any(one.startswith("leave") and who in one for one in broken(db, "2026-12"))
        told = repair(db, now=at("2026-12-02"), work=10)
        assert who in {person["person"] for month in told["months"] for person in month["tell"]}
        assert broken(db, "2026-12") == []
        assert not any(row[2] == who and row[0] == day for row in rows(roster_life.current(db, "2026-12")))
        assert leave_requests.clashes(db, request) == []

        # spot checks are drawn from what is published now; who is called is whoever stands in
        record = draws.commit(
            db,
            desks.Asked(month="2026-12", day=12, night=12, weights={"key": 3}),
            Announced(),
            [],
            at("2026-12-03"),
            drill=True,
        )
        draws.run(
            db, None, "3 1 4 1 5 9", Opening(), nobody, at("2026-12-03", 10),
            source="event", published=None, drill=True,
        )  # fmt: skip
        called = draws.calls(db, draws.draw_of(db, None), nobody)
        assert len({one.unit for one in called}) == len(called) >= 24
        assert all(one.due > at("2026-12-03", 24) for one in called)
        one = called[-1]
        due = next(x for x in spot_checks.due_calls(db, None, nobody, one.due) if x.id == one.id)
        names = {name for seat in due.posts for name in seat.people}
        current = rows(roster_life.current(db, "2026-12"))
        _desk, on, _times = one.unit.rsplit("/", 2)
        posts = {seat.seat.post for seat in due.posts}
        known = {person.id: person.name for person in desk_people()}
        assert names == {known[row[2]] for row in current if row[0] == on and row[1] in posts}
        spot_checks.record(
            db, one.id, line="desk", results={seat.seat.post: "present" for seat in due.posts}, at=one.due,
            password=nobody, now=one.due,
        )  # fmt: skip

        # the log knows who is on duty; a return gives days back, and the roster still keeps every rule
        night = next(row[2] for row in current if row[:2] == ("2026-12-16", "night"))
        entry, on_duty = duty_log.add(
            db, duty_log.Entry(by=night, at=at("2026-12-16", 23), text="巡查"), at("2026-12-16", 23)
        )
        assert on_duty
        assert entry["day"] == "2026-12-16"
        leave_requests.come_back(db, request["id"], first + timedelta(days=1), at("2026-12-16"))
        repair(db, now=at("2026-12-16"), work=10)
        assert broken(db, "2026-12") == []

        # opened after the month: the published verifier agrees, and all but one call have no record
        closed = spot_closing.close(db, None, tmp_path / "open", nobody, None, at("2027-01-03"))
        assert closed["unrecorded"] == len(called) - 1
        assert closed["commit_sha256"] == record["commit_sha256"]
        chances = spot.chances_of(record["frames"])
        assert all(0 < chance < 1 for chance in chances.values())
