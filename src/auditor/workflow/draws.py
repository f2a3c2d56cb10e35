"""The open demonstration of a draw: one stand-in share and six balls that all show 0, not sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from auditor import __version__
from auditor.draw import commit as commits
from auditor.draw import frames, seed
from auditor.draw.canon import canon, digest
from auditor.draw.forms import BALLS
from auditor.draw.ledger import NO_PREVIOUS
from auditor.draw.probabilities import probabilities
from auditor.draw.programmes import LEAST_FLOOR, TEAM
from auditor.entities import Staff
from auditor.workflow.drawn import Drawn, draw_number
from auditor.workflow.frames import MAIN, Frame, days_record, record_of
from auditor.workflow.months import Month

LEVEL = "simple"
"""The level of a draw that nobody attends: of a demonstration, or of a simulated semester."""
DEMONSTRATION = "demonstration"
"""What stands for the event of a demonstration, and for the reason of its outcomes."""


def draw(
    frame: Frame,
    staff: tuple[Staff, ...],
    staff_key: Mapping[str, str],
    month: Month,
    *,
    n: int,
    seed_text: str,
    programme_sha256: str,
    domains: Sequence[str],
) -> Drawn:
    """Run the open demonstration of a draw: ``main`` of a month, its seed a text that all may know."""
    strata = {unit.id: unit.stratum for unit in frame.units.values()}
    frame_record = record_of(frame, probabilities(frame.shares, n, LEAST_FLOOR), strata, domains)
    field_record = frames.field_record(staff, days_record(month.working))
    share = seed.stand_in_share(seed_text)
    eve = month.midnight - timedelta(days=1)
    period = (f"{month.first:%Y-%m-%d}", f"{month.last:%Y-%m-%d}")
    record = commits.commit_record(
        level=LEVEL,
        team=TEAM,
        floor=LEAST_FLOOR,
        period=period,
        domains=domains,
        programme_sha256=programme_sha256,
        tool=f"auditor {__version__}",
        draws=[
            {
                "key": MAIN,
                "method": "pivotal",
                "n": n,
                "from": period[0],
                "to": period[1],
                "frame_sha256": digest(canon(frame_record)),
            }
        ],
        field_sha256=digest(canon(field_record)),
        share_sha256=[digest(share)],
        event={"what": DEMONSTRATION, "at": eve.replace(hour=22).isoformat(), "form": BALLS},
        fallback={"what": DEMONSTRATION, "at": eve.replace(hour=23).isoformat(), "form": BALLS},
        number=1,
        previous=NO_PREVIOUS,
    )
    return draw_number(
        commit=record,
        commit_sha256=digest(canon(record)),
        frames={MAIN: frame_record},
        field=field_record,
        half_days={one.id: one.share for one in staff},
        staff_key=staff_key,
        shares=[share],
        beacon={
            "source": "event",
            "value": " ".join("0" * int(BALLS["numbers"])),
            "published_at": record["event"]["at"],
        },
    )
