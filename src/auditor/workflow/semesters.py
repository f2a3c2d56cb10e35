"""Simulated semesters: the tool's own draw, lots and plan, month after month, in a made-up county.

The county has two inspection districts with inspectors of their own, and each district draws and
plans its month by itself, as bureaus of that size do. A unit that a main draw took is in no other
main draw of the semester, so that all are covered; the weekly draws take everyone, each week anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import cos, pi, sin

from auditor import __version__
from auditor.draw import commit as commits
from auditor.draw import frames as frame_room
from auditor.draw import seed as seeds
from auditor.draw.canon import canon, digest
from auditor.draw.forms import BALLS
from auditor.draw.ledger import NO_PREVIOUS
from auditor.draw.prf import Coins, prf
from auditor.draw.probabilities import MILLION, probabilities
from auditor.draw.programmes import LEAST_FLOOR, TEAM
from auditor.draw.weekly import weekly_pi, weeks
from auditor.entities import Inspector, Unit
from auditor.leak.records import County, Semester
from auditor.plugins import Plugins
from auditor.roster.standby import standby
from auditor.workflow import frames, plans
from auditor.workflow.county import START
from auditor.workflow.drawn import Drawn, draw_number
from auditor.workflow.draws import LEVEL
from auditor.workflow.eligible import only
from auditor.workflow.frames import MAIN
from auditor.workflow.freezing import draw_record
from auditor.workflow.means import Means
from auditor.workflow.months import Month, calendar, month_of
from auditor.workflow.publicity import Public, semester_of
from auditor.workflow.service import Service

MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12")
DOMAINS = ("buildings", "fire", "management", "security")
DISTRICTS = 2
TOWNS = 6
"""Towns of a district."""
IN_TOWN = 18
PEOPLE = 16
"""Inspectors of a district; each holds three of the four domains."""
EAST_KM, NORTH_KM = 95.8, 111.2
"""Kilometres of a degree of longitude and of latitude there."""
WORK = 2.0
FLOOR_SHARE = Fraction(2, 5)
"""The part of all visits that the weekly draws make: enough for a third visit to every three units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """One district of the made-up county: where its inspectors start, its units and inspectors."""

    start: tuple[float, float]
    units: tuple[Unit, ...]
    inspectors: tuple[Inspector, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a made-up county is."""

    districts: int = DISTRICTS
    towns: int = TOWNS
    in_town: int = IN_TOWN
    people: int = PEOPLE
    months: tuple[str, ...] = MONTHS


COUNTY = Size()


def districts_of(seed: str, size: Size) -> tuple[District, ...]:
    """Make up a county: its districts lie side by side, each with a centre and towns around it."""
    coins = Coins(prf(seed.encode(), "auditor/leak-county/v1"), "place")

    def part() -> float:
        return coins.below(MILLION) / MILLION

    def at(middle: tuple[float, float], way: float, km: float) -> tuple[float, float]:
        return (
            round(middle[0] + km * sin(way) / NORTH_KM, 6),
            round(middle[1] + km * cos(way) / EAST_KM, 6),
        )

    found = []
    for district in range(size.districts):
        start = at(START, 0.0, 30.0 * district)
        units = []
        for town in range(size.towns):
            middle = at(start, 2 * pi * (town + part()) / size.towns, 9 + 8 * part() if town else 0.0)
            for number in range(size.in_town):
                point = at(middle, 2 * pi * part(), 1.5 * part() ** 0.5)
                name = f"U{district}{town:02d}{number:03d}"
                units.append(
                    Unit(
                        id=name,
                        name=name,
                        kind="primary",
                        district=f"D{district}",
                        township=f"T{district}{town:02d}",
                        lat=point[0],
                        lng=point[1],
                    )
                )
        found.append(
            District(
                start=start,
                units=tuple(units),
                inspectors=tuple(_inspector(district, number, units, size) for number in range(size.people)),
            )
        )
    return tuple(found)


def _inspector(district: int, number: int, units: Sequence[Unit], size: Size) -> Inspector:
    name = f"I{district}{number:02d}"
    home = f"T{district}{number // 6 % size.towns:02d}"
    return Inspector(
        id=name,
        name=name,
        department=f"D{number % 4}",
        domains=tuple(one for at, one in enumerate(DOMAINS) if at != number % len(DOMAINS)),
        conflicts=tuple(unit.id for unit in units if unit.township == home) if number % 6 == 5 else (),
    )


def county_of(districts: Sequence[District]) -> County:
    """Give the county as the attacker knows it."""
    units = [unit for one in districts for unit in one.units]
    return County(
        units=tuple(unit.id for unit in units),
        points=tuple((unit.lat or 0.0, unit.lng or 0.0) for unit in units),
        towns=tuple(unit.township for unit in units),
        strata=tuple(unit.stratum for unit in units),
        staff=tuple(person.id for one in districts for person in one.inspectors),
        starts=tuple(one.start for one in districts for _ in one.units),
    )


def simulate(seed: str, number: int, plugins: Plugins, size: Size = COUNTY) -> Semester:
    """Run one semester of a made-up county through draw, lots and plan.

    The same seed and number give the same semester; another number of one seed is another semester
    of the same county.
    """
    districts = districts_of(seed, size)
    cal = calendar()
    months = [month_of(name, cal) for name in size.months]
    closed = []
    for at, district in enumerate(districts):
        left = {unit.id for unit in district.units}
        n = len(left) // (len(months) + 1)
        for month in months:
            share = seeds.stand_in_share(f"auditor/leak/{seed}/{number}/{at}/{month.key}")
            drawn, made = plan_month(district, sorted(left), n, month, plugins, share=share)
            left -= set(drawn.units[MAIN])
            closed.append(
                Public(
                    commit=drawn.commit,
                    frames=drawn.frames,
                    field=drawn.field,
                    visits=made.visits,
                    staff={neutral: own for own, neutral in drawn.staff_key.items()},
                    metres=sum(sortie.metres for sortie in made.made.sorties),
                )
            )
    return semester_of(closed, county_of(districts), plugins)


def plan_month(
    district: District,
    left: Sequence[str],
    n: int,
    month: Month,
    plugins: Plugins,
    *,
    share: bytes,
) -> tuple[Drawn, plans.Planned]:
    """Draw and plan a district's month: `n` of the units that are `left`, and weekly ones of all."""
    drawn = draw_month(district, left, n, month, plugins, share=share)
    places = plans.places_of({unit.id: unit for unit in district.units}, district.start)
    made = plans.plan(
        drawn,
        places,
        plugins,
        Means(),
        provisional=month.provisional,
        work=WORK,
        progress=lambda step: None,
    )
    return drawn, made


def draw_month(
    district: District,
    left: Sequence[str],
    n: int,
    month: Month,
    plugins: Plugins,
    *,
    share: bytes,
) -> Drawn:
    """Draw a district's month: `n` of the units that are `left`, and weekly ones of all."""
    frame = frames.make_frame(district.units, [], plugins, month, DOMAINS)
    strata = {unit.id: unit.stratum for unit in district.units}
    ids = frames.neutral_ids(district.inspectors, 1)
    staff = frames.make_staff(
        district.inspectors, standby(district.inspectors, month.working), ids, frame.units
    )
    main = only(frame, left)
    chances = probabilities(main.shares, n, LEAST_FLOOR)
    frozen = {MAIN: frames.record_of(main, chances, strata, DOMAINS)}
    draws = [draw_record(MAIN, "pivotal", n, month.first, month.last, frozen[MAIN])]
    service = Service(frame, staff, strata, plugins, Means(), team=TEAM, each=None)
    eve = month.first - timedelta(days=1)
    weekly = []
    for week in weeks(month.first, month.last, month.working, eve):
        days = tuple(frames.days_record(week.working))
        kept = only(frame, [unit.id for unit in district.units if service.served(unit, days)])
        if kept.units:
            weekly.append((week, kept))
    chance = weekly_pi(n, FLOOR_SHARE, [len(kept.units) for _, kept in weekly])
    for week, kept in weekly:
        frozen[week.key] = frames.record_of(kept, dict.fromkeys(kept.units, chance), strata, DOMAINS)
        draws.append(draw_record(week.key, "poisson", 0, week.first, week.last, frozen[week.key]))
    field = frame_room.field_record(staff, frames.days_record(month.working))
    coins = Coins(share, "event")
    at = month.midnight - timedelta(hours=2)
    event = {"what": "balls", "at": at.isoformat(), "form": BALLS}
    record = commits.commit_record(
        level=LEVEL,
        team=TEAM,
        floor=LEAST_FLOOR,
        period=(f"{month.first:%Y-%m-%d}", f"{month.last:%Y-%m-%d}"),
        domains=DOMAINS,
        programme_sha256=digest(canon([*DOMAINS])),
        tool=f"auditor {__version__}",
        draws=draws,
        field_sha256=digest(canon(field)),
        share_sha256=[digest(share)],
        event=event,
        fallback=event | {"at": (at + timedelta(hours=1)).isoformat()},
        number=1,
        previous=NO_PREVIOUS,
    )
    return draw_number(
        commit=record,
        commit_sha256=digest(canon(record)),
        frames=frozen,
        field=field,
        half_days={one.id: one.share for one in staff},
        staff_key=ids,
        shares=[share],
        beacon={
            "source": "event",
            "value": " ".join(str(coins.below(10)) for _ in range(int(BALLS["numbers"]))),
            "published_at": at.isoformat(),
        },
    )
