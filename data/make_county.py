"""Make the synthetic county 青石县: a register, people, inspectors, leave and past findings.

Run ``python data/make_county.py`` to write ``data/auditor_data/county/*.csv`` again; the same bytes
come out on every machine, and a test compares them. Nobody and nothing in it is real: the county
does not exist, the names of people are the sixty pairs of the Chinese calendar (甲子, 乙丑, …), the
telephone numbers are of the kind that films use. Items of the findings are those of the domains in
``plugins/``: run the script again after changing a checklist.
"""

from __future__ import annotations

import csv
import io
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from auditor.checklists import load_domain
from auditor.entities import Domain, Unit

ROOT = Path(__file__).parent.parent
COUNTY = ROOT / "data" / "auditor_data" / "county"
SEED = "auditor/county/1"

DISTRICT = "青石县"
CENTRE = (30.5205, 105.2108)
KM_LAT, KM_LNG = 111.195, 95.79
"""Kilometres of a degree at this latitude; constants, so that no machine's cosine matters."""

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
LEADERS, OFFICERS = 8, 24


class Township(NamedTuple):
    """A township: its middle in km east and north of the bureau, its spread, how many units of a kind."""

    name: str
    east: float
    north: float
    spread: float
    counts: Mapping[str, int]


TOWNSHIPS = (
    Township("青石镇", 0, 0, 2.6, {"幼儿园": 11, "小学": 8, "初级中学": 3, "九年一贯制学校": 1, "高级中学": 2,
                                "完全中学": 1, "中等职业学校": 1, "特殊教育学校": 1, "培训机构": 10}),
    Township("柳溪镇", 6, -3, 2.4, {"幼儿园": 5, "小学": 6, "初级中学": 2, "完全中学": 1, "培训机构": 2}),
    Township("云坪镇", -5, 6, 2.4, {"幼儿园": 5, "小学": 6, "初级中学": 1, "培训机构": 1}),
    Township("枫坪镇", 4, 8, 2.6, {"幼儿园": 5, "小学": 6, "初级中学": 1, "九年一贯制学校": 1,
                               "培训机构": 1}),
    Township("石渡镇", -8, -4, 2.6, {"幼儿园": 4, "小学": 6, "初级中学": 1, "中等职业学校": 1}),
    Township("鹤岭乡", 9.5, 5, 2.8, {"幼儿园": 4, "小学": 5, "初级中学": 1, "九年一贯制学校": 1}),
    Township("竹溪乡", -3, -12.5, 3.0, {"幼儿园": 3, "小学": 4, "九年一贯制学校": 1}),
    Township("雪坪乡", 13.5, -9, 3.2, {"幼儿园": 3, "小学": 4, "九年一贯制学校": 1}),
)  # fmt: skip

KINDS = {
    "幼儿园": "kindergarten",
    "小学": "primary",
    "初级中学": "junior",
    "九年一贯制学校": "nine-year",
    "高级中学": "senior",
    "完全中学": "complete",
    "中等职业学校": "vocational",
    "特殊教育学校": "special",
    "培训机构": "training",
}

STUDENTS = {
    "幼儿园": (60, 330),
    "小学": (60, 620),
    "初级中学": (380, 1100),
    "九年一贯制学校": (300, 900),
    "高级中学": (1500, 2600),
    "完全中学": (1100, 2100),
    "中等职业学校": (700, 1600),
    "特殊教育学校": (60, 110),
    "培训机构": (20, 240),
}

BOARDING = {
    "高级中学": (60, 85),
    "完全中学": (40, 65),
    "中等职业学校": (50, 75),
    "特殊教育学校": (40, 60),
    "初级中学": (20, 55),
    "九年一贯制学校": (15, 40),
}
"""Per cent of the pupils who board, in kinds that have dormitories."""

KINDERGARTENS = ("春苗", "蓝天", "小星星", "金果", "阳光", "童心", "晨露", "彩虹", "小海豚", "百灵", "绿芽")
VILLAGES = ("上湾", "下坪", "双井", "杨柳", "梨园", "大堰", "松坡", "新塘", "桃源", "水磨", "高桥")
TRAINING = ("启明", "博雅", "知行", "晨光", "墨香", "弘文", "乐韵", "星河", "致远", "青禾", "思齐", "远航",
            "言蹊", "清音")  # fmt: skip
SUBJECTS = ("艺术", "体育", "外语", "书画", "科技")

WITHOUT_POINT = {("云坪镇", "小学", 2), ("雪坪乡", "小学", 3), ("枫坪镇", "培训机构", 0)}
"""Units of which the register has no coordinates."""

TAGS = ("自建房", "租赁校舍", "C/D级", "地灾点")

DEPARTMENTS = (
    "安全管理股",
    "体卫艺股",
    "教育督导室",
    "基础教育股",
    "办公室",
    "人事股",
    "计划财务股",
    "职成教股",
)
LEADER_POSTS = ("局长", "副局长", "副局长", "副局长", "总督学", "副局长", "机关党委书记", "工会主席")
OFFICER_POSTS = ("股长", "副股长", "科员")

DOMAINS = (
    "fire;food;transport;dorms", "fire;transport;dorms", "food;transport;dorms",
    "fire;food;transport", "fire;transport;dorms", "food;dorms",
    "fire;food;transport", "fire;transport;dorms", "fire;food;dorms",
    "fire;food;transport", "fire;food;dorms", "food;transport;dorms",
)  # fmt: skip
"""Of o01 to o12: three of each of the first four departments, so that most pairs cover a daytime visit."""

LEAVE_YEARS = range(2026, 2031)
LEAVE_KINDS = ("年休假", "公差", "学习培训")
FINDING_YEARS = range(2024, 2031)
FINDINGS_A_YEAR = 60


class Dice:
    """Chance that is the same everywhere: only ``random()`` of a generator seeded with a text."""

    def __init__(self, label: str) -> None:
        self._random = random.Random(f"{SEED}/{label}").random

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def spread(self, width: float) -> float:
        """Give a number between -width and width, more often near 0."""
        return (self._random() + self._random() - 1) * width

    def hits(self, percent: int) -> bool:
        """Say yes in `percent` of a hundred cases."""
        return self._random() * 100 < percent


def _name(township: Township, kind: str, number: int, taken: int) -> str:
    """Name the `number`-th unit of a kind in a township; `taken` counts this kind in all before it."""
    seat = township.name == "青石镇"
    place = DISTRICT if seat else township.name
    if kind == "幼儿园":
        if number == 0:
            return f"{DISTRICT}机关幼儿园" if seat else f"{place}中心幼儿园"
        return f"{township.name}{KINDERGARTENS[taken % len(KINDERGARTENS)]}幼儿园"
    if kind == "小学":
        if seat:
            return f"{DISTRICT}第{'一二三四五六七八'[number]}小学"
        at = (taken * 3 + number) % len(VILLAGES)
        return f"{place}中心小学" if number == 0 else f"{place}{VILLAGES[at]}小学"
    if kind == "初级中学":
        return f"{DISTRICT}第{'三四五'[number]}初级中学" if seat else f"{place}{('', '第二')[number]}初级中学"
    if kind == "九年一贯制学校":
        return f"{DISTRICT}实验学校" if seat else f"{place}九年一贯制学校"
    if kind == "高级中学":
        return f"{DISTRICT}第{'一二'[number]}高级中学"
    if kind == "完全中学":
        return f"{DISTRICT}完全中学" if seat else f"{place}完全中学"
    if kind == "中等职业学校":
        return f"{DISTRICT}职业中学" if seat else f"{DISTRICT}农业技术学校"
    if kind == "特殊教育学校":
        return f"{DISTRICT}特殊教育学校"
    return f"{TRAINING[taken]}{SUBJECTS[taken % len(SUBJECTS)]}培训中心"


def _private(kind: str, number: int) -> bool:
    return kind == "培训机构" or (kind == "幼儿园" and number % 2 == 1)


def unit_rows() -> list[dict[str, str]]:
    """Make the register: 120 units of all kinds in eight townships."""
    dice = Dice("units")
    rows: list[dict[str, str]] = []
    taken = dict.fromkeys(KINDS, 0)
    for at, township in enumerate(TOWNSHIPS):
        seat = at == 0
        for kind, count in township.counts.items():
            for number in range(count):
                low, high = (400, 1300) if seat and kind == "小学" else STUDENTS[kind]
                students = dice.whole(low, high)
                lat = CENTRE[0] + (township.north + dice.spread(township.spread)) / KM_LAT
                lng = CENTRE[1] + (township.east + dice.spread(township.spread)) / KM_LNG
                private = _private(kind, number)
                dorms = kind in BOARDING and not (seat and kind in ("初级中学", "九年一贯制学校"))
                boarders = students * dice.whole(*BOARDING[kind]) // 100 if dorms else 0
                rides = {
                    "幼儿园": 55 if private else 8,
                    "小学": 14,
                    "九年一贯制学校": 35,
                    "特殊教育学校": 100,
                }
                buses = dice.whole(1, 4) if dice.hits(rides.get(kind, 0)) else 0
                rented = (kind == "培训机构" and dice.hits(45)) or (
                    kind == "幼儿园" and private and dice.hits(25)
                )
                own = not rented and private and dice.hits(22)
                worn = not private and not seat and kind == "小学" and dice.hits(6)
                slope = at >= 4 and not private and dice.hits(10)
                sponsor = "县教育局" if not private else "企业" if kind == "培训机构" else "社会组织"
                rows.append(
                    {
                        "学校标识码": f"00990{at + 1:02d}{len(rows) + 1:03d}",
                        "学校名称": _name(township, kind, number, taken[kind]),
                        "办学类型": kind,
                        "区县": DISTRICT,
                        "乡镇": township.name,
                        "经度": f"{lng:.6f}",
                        "纬度": f"{lat:.6f}",
                        "学生数": str(students),
                        "寄宿生数": str(boarders),
                        "食堂": "否" if kind == "培训机构" else "是",
                        "校车数": str(buses),
                        "自建房": "是" if own else "否",
                        "租赁校舍": "是" if rented else "否",
                        "C/D级": "是" if worn else "否",
                        "地灾点": "是" if slope else "否",
                        "办别": "民办" if private else "公办",
                        "举办者": sponsor,
                    }
                )
                if (township.name, kind, number) in WITHOUT_POINT:
                    rows[-1]["经度"] = rows[-1]["纬度"] = ""
                taken[kind] += 1
    return rows


def units() -> list[Unit]:
    """Give the register as values, for what the findings need."""
    return [
        Unit(
            id=row["学校标识码"],
            name=row["学校名称"],
            kind=KINDS[row["办学类型"]],
            boarders=int(row["寄宿生数"]),
            canteen=row["食堂"] == "是",
            buses=int(row["校车数"]),
            tags=tuple(tag for tag in TAGS if row[tag] == "是"),
        )
        for row in unit_rows()
    ]


def people_rows() -> list[dict[str, str]]:
    """Make 8 leaders and 24 officers, three of each department."""
    rows = []
    for at in range(LEADERS + OFFICERS):
        leader = at < LEADERS
        number = at if leader else at - LEADERS
        rows.append(
            {
                "id": f"{'l' if leader else 'o'}{number + 1:02d}",
                "name": STEMS[at % 10] + BRANCHES[at % 12],
                "role": "leader" if leader else "officer",
                "post": LEADER_POSTS[number] if leader else OFFICER_POSTS[number % 3],
                "phone": f"5550-{at + 1:04d}",
                "department": "局领导" if leader else DEPARTMENTS[number // 3],
            }
        )
    return rows


def inspector_rows() -> list[dict[str, str]]:
    """Make the 12 inspectors: the officers of the first four departments, with two conflicts."""
    officers = [row for row in people_rows() if row["role"] == "officer"][: len(DOMAINS)]
    kept_off = {
        "o05": next(row["学校标识码"] for row in unit_rows() if row["学校名称"] == "柳溪镇初级中学"),
        "o08": "石渡镇",
    }
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "department": row["department"],
            "domains": domains,
            "conflicts": kept_off.get(row["id"], ""),
            "half_days": "4",
        }
        for row, domains in zip(officers, DOMAINS, strict=True)
    ]


def leave_rows() -> list[dict[str, str]]:
    """Make about three short leaves a month; nobody is away twice in one month."""
    dice = Dice("leave")
    ids = [row["id"] for row in people_rows()]
    rows = []
    for year in LEAVE_YEARS:
        for month in range(1, 13):
            away: list[tuple[date, str, int, str]] = []
            for _turn in range(dice.whole(2, 4)):
                person = ids[dice.whole(0, len(ids) - 1)]
                first = date(year, month, dice.whole(1, 24))
                length = dice.whole(1, 4)
                kind = LEAVE_KINDS[dice.whole(0, len(LEAVE_KINDS) - 1)]
                if person not in {one[1] for one in away}:
                    away.append((first, person, length, kind))
            rows += [
                {
                    "person": person,
                    "from": first.isoformat(),
                    "to": (first + timedelta(days=length - 1)).isoformat(),
                    "kind": kind,
                }
                for first, person, length, kind in sorted(away)
            ]
    return rows


def _school_days(year: int) -> list[date]:
    """Give the weekdays of a year outside the usual holidays, roughly."""
    days = (date(year, 1, 1) + timedelta(days=at) for at in range(365))
    closed = ((1, 16), (2, 25)), ((5, 1), (5, 5)), ((7, 1), (8, 31)), ((10, 1), (10, 8))
    return [
        day
        for day in days
        if day.weekday() < 5
        and (day.month, day.day) != (1, 1)
        and not any(first <= (day.month, day.day) <= last for first, last in closed)
    ]


def finding_rows(domains: Sequence[Domain]) -> list[dict[str, str]]:
    """Make past findings, about 60 a year; a unit in which much was found is looked at more often."""
    dice = Dice("findings")
    every = units()
    often = [unit for unit in every for _ in range(1 + len(unit.tags) + (1 if dice.hits(25) else 0))]
    rows = []
    for year in FINDING_YEARS:
        days = _school_days(year)
        found: set[tuple[date, str, str, str, str]] = set()
        while len(found) < FINDINGS_A_YEAR:
            unit = often[dice.whole(0, len(often) - 1)]
            day = days[dice.whole(0, len(days) - 1)]
            here = [domain for domain in domains if domain.applies(unit)]
            for _turn in range(dice.whole(1, 4)):
                domain = here[dice.whole(0, len(here) - 1)]
                items = [item for item in domain.asked(unit) if item.severity != "veto" or dice.hits(25)]
                if items and len(found) < FINDINGS_A_YEAR:
                    item = items[dice.whole(0, len(items) - 1)]
                    found.add((day, unit.id, domain.key, item.code, item.severity))
        rows += [
            {"unit": unit_id, "found_on": day.isoformat(), "domain": key, "item": code, "severity": severity}
            for day, unit_id, key, code, severity in sorted(found)
        ]
    return rows


def load_domains() -> list[Domain]:
    """Read the four domains that come with auditor, by key."""
    return [
        load_domain(ROOT / "plugins" / f"auditor_{key}" / f"{key}.toml")
        for key in ("dorms", "fire", "food", "transport")
    ]


def county_files() -> Iterator[tuple[str, bytes]]:
    """Give every file of the county: its name and its bytes (UTF-8 with BOM, so that Excel reads it)."""
    tables = {
        "units.csv": unit_rows(),
        "people.csv": people_rows(),
        "inspectors.csv": inspector_rows(),
        "leave.csv": leave_rows(),
        "findings.csv": finding_rows(load_domains()),
    }
    for name, rows in tables.items():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        yield name, text.getvalue().encode("utf-8-sig")


def main(folder: Path) -> None:
    """Write the county's files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in county_files():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else COUNTY)
