"""Papers of the ceremony: digits whole and readable, no unit on them, drills marked, one page each."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, datetime
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
import segno

from auditor.draw.shares import line_check as check_of_typed
from auditor.draw.shares import typed_share
from auditor.i18n import set_language
from auditor.pages import ceremony_views
from auditor.pages.ceremony import protocol, record, witness_screen
from auditor.pages.ceremony_views import (
    EventView,
    FrameView,
    ItemRowView,
    NoticeView,
    ProgrammeRowView,
    ProtocolView,
    RecordView,
    SharePaperView,
    ShareView,
    WitnessScreenView,
)
from auditor.pages.handouts import line_check, notice, notice_text, programme_row, share_paper
from auditor.pages.qr import QUIET, qr_svg
from browser import Browser

NASTY = "</style><script>alert('1')</script>\"&"
VOID = {"meta", "br", "path", "rect"}
COMMIT, ROOT, SHARE = (sha256(name).hexdigest() for name in (b"commit", b"root", b"share"))
BUREAU = "青石县教育局"
PROGRAMME = "2026年12月学校安全双随机抽查"
BASIS = (
    "《教育督导条例》第十一条、《中小学幼儿园安全管理办法》第六条，"
    "《青石县教育局2026年度行政检查计划》第3项（青教〔2026〕15号）"
)


def digest(name: str) -> str:
    """A fingerprint of something that is called so."""
    return sha256(name.encode()).hexdigest()


def balls(
    told: str = "现场摇号：从标有0至9的十个球中每次摇出一个，记下后放回，共六次，按摇出的次序",
) -> EventView:
    """Six balls of ten."""
    return EventView(
        what=told, at=datetime.fromisoformat("2026-11-27T15:30:00+08:00"), numbers=6,
        form="6 whole numbers from 0 to 9, without leading zeros, one blank between, in the order named",
    )  # fmt: skip


def lottery(told: str = "中国福利彩票“快乐8”2026年11月29日开奖的20个号码，由小到大") -> EventView:
    """Twenty numbers of eighty."""
    return EventView(
        what=told, at=datetime.fromisoformat("2026-11-29T21:30:00+08:00"), numbers=20,
        form="20 whole numbers from 1 to 80, without leading zeros, one blank between, in the order named",
    )  # fmt: skip


def protocol_view(name: str = "", *, drill: bool = False, shares: int = 1, frames: int = 1) -> ProtocolView:
    """A protocol whose texts all bear a name, if one is given."""
    people = (
        "派驻纪检监察组",
        "县中心小学家长委员会代表",
        "县人大教科文卫工作委员会",
        "学校安全专家组",
        "督学代表",
        "教师代表",
    )
    return ProtocolView(
        bureau=name or BUREAU, number=12, programme=name or PROGRAMME, first=date(2026, 12, 1),
        last=date(2026, 12, 31), basis=name or BASIS, level=name or ("simple" if shares == 1 else "strict"),
        units=437, n=80, floor=300_000, certain=3,
        frames=tuple(
            FrameView(
                key=name or (f"floor/2026-W{48 + at}" if at else "main"),
                n=0 if at else 80,
                sha256=digest(f"f{at}"),
            )
            for at in range(frames)
        ),
        field_sha256=digest("field"),
        shares=tuple(
            ShareView(custodian=name or ("" if shares == 1 else people[at % 6]), sha256=digest(f"s{at}"))
            for at in range(shares)
        ),
        event=balls(*([name] if name else [])), fallback=lottery(*([name] if name else [])),
        previous=digest("previous"), commit_sha256=COMMIT,
        published_at=name or "县教育局公告栏、https://jyj.example.gov.cn/双随机", drill=drill,
    )  # fmt: skip


def screen_view(
    name: str = "", *, drill: bool = False, value: str = "", plan_root: str = ""
) -> WitnessScreenView:
    """A screen."""
    return WitnessScreenView(
        bureau=name or BUREAU, number=12, programme=name or PROGRAMME, units=437, n=80,
        event=balls(*([name] if name else [])), commit_sha256=COMMIT, value=value,
        plan_root=plan_root, drill=drill,
    )  # fmt: skip


def share_view(name: str = "", *, drill: bool = False) -> SharePaperView:
    """A share on paper."""
    return SharePaperView(
        number=12, custodian=name or "派驻纪检监察组", share_sha256=digest("s"), share=SHARE, drill=drill
    )


def record_view(name: str = "", *, drill: bool = False, plan_root: str = ROOT) -> RecordView:
    """A record after six balls."""
    return RecordView(
        bureau=name or BUREAU, number=12, programme=name or PROGRAMME, first=date(2026, 12, 1),
        last=date(2026, 12, 31), level=name or "strict", units=437, drawn=80, commit_sha256=COMMIT,
        source=name or "event", event=balls(*([name] if name else [])), value=name or "3 1 4 1 5 9",
        occurred_at=datetime.fromisoformat("2026-11-27T15:34:20+08:00"),
        custodians=(name,) if name else ("派驻纪检监察组", "县中心小学家长委员会代表", "学校安全专家组"),
        plan_root=plan_root, published_at=name or "县教育局公告栏", drill=drill,
    )  # fmt: skip


def notice_view(
    name: str = "",
    *,
    drill: bool = False,
    published_at: str = "县教育局公告栏、https://jyj.example.gov.cn/双随机",
) -> NoticeView:
    """A notice."""
    return NoticeView(
        bureau=name or BUREAU, number=12, programme=name or PROGRAMME, first=date(2026, 12, 1),
        last=date(2026, 12, 31), commit_sha256=COMMIT, plan_root=ROOT,
        published_at=name or published_at, drill=drill,
    )  # fmt: skip


def row_view(name: str = "", *, drill: bool = False) -> ProgrammeRowView:
    """A published list of one row."""
    told = ItemRowView(
        item="学校安全检查", sub_item="消防、食品、校车交通、宿舍", basis=BASIS, body=BUREAU,
        objects="全县中小学、幼儿园、校外培训机构", share="18.3%（80/437）", frequency="每月1次",
        way="随机抽查，明查、暗访",
        staff="每组2人，合起来具备所查领域", remarks="每个单位不低于平均概率的30%；另按周随机抽查约占25%",
    )  # fmt: skip
    if name:
        told = ItemRowView(**{one.name: name for one in fields(ItemRowView)})
    return ProgrammeRowView(bureau=name or BUREAU, programme=name or PROGRAMME, rows=(told,), drill=drill)


def pages(name: str = "", *, drill: bool = False) -> dict[str, str]:
    """Every page, by what it is."""
    return {
        "protocol": protocol(protocol_view(name, drill=drill)),
        "screen": witness_screen(screen_view(name, drill=drill, value="3 1 4 1 5 9", plan_root=ROOT)),
        "share": share_paper(share_view(name, drill=drill)),
        "record": record(record_view(name, drill=drill)),
        "notice": notice(notice_view(name, drill=drill)),
        "row": programme_row(row_view(name, drill=drill)),
    }


class Reader(HTMLParser):
    """Collect tags, visible text, fingerprints in groups; whatever is opened must be closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.hashes: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if ("class", "hash") in attrs:
            self.hashes.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.hashes[-1] += data
        if "style" not in self.open:
            self.text += data


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("drill", [False, True])
def test_a_hostile_text_stays_text_on_every_page(language: str, drill: bool) -> None:
    """Each text field of each view: escaped, the page balanced, no script."""
    set_language(language)
    for kind, page in pages(NASTY, drill=drill).items():
        reader = Reader(page)
        assert reader.open == [], kind
        assert "script" not in reader.tags, kind
        assert not [name for name in reader.attributes if name.startswith("on")], kind
        assert page.count("</style>") == 1, kind
        assert "alert('1')" in reader.text, kind


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_loaded_and_nothing_is_a_link(language: str) -> None:
    """An address in a text stays a text: no element of the page points anywhere."""
    set_language(language)
    for kind, page in pages().items():
        reader = Reader(page)
        assert not set(reader.attributes) & {"href", "src", "srcset", "action", "xlink:href"}, kind
        assert not set(reader.tags) & {"a", "img", "link", "script", "iframe", "form", "object"}, kind
        assert not re.search(r"url\(|@import", page), kind
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page


def test_the_same_view_gives_the_same_bytes() -> None:
    """A page can be made again and compared."""
    assert pages() == pages()
    assert pages() != pages("甲")


def test_groups_of_eight_join_to_the_whole_fingerprint() -> None:
    """Copied from a page or read aloud, it is the fingerprint: eight groups of eight, in two lines or one."""
    found = {kind: Reader(page).hashes for kind, page in pages().items()}
    assert found["protocol"] == [" ".join(COMMIT[at : at + 8] for at in range(0, 32, 8)) + " ".join(
        COMMIT[at : at + 8] for at in range(32, 64, 8)
    )]  # fmt: skip
    joined = {kind: ["".join(one.split()) for one in hashes] for kind, hashes in found.items()}
    assert joined == {
        "protocol": [COMMIT],
        "screen": [COMMIT, ROOT],
        "share": [],
        "record": [COMMIT, ROOT],
        "notice": [COMMIT, ROOT, COMMIT, ROOT],
        "row": [],
    }


def modules_of(svg: str) -> list[list[int]]:
    """Read the modules of a QR code back from its path, the white around it included."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    matrix = [[0] * side for _ in range(side)]
    path = re.search(r'<path d="([^"]*)"', svg)[1]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join("M{} {}h{}v1h-{}z".format(*run) for run in runs) == path
    for across, down, length, back in (map(int, run) for run in runs):
        assert length == back
        for at in range(across, across + length):
            matrix[down][at] = 1
    return matrix


def codes_of(page: str) -> list[list[list[int]]]:
    """The modules of every QR code of a page."""
    return [modules_of(svg) for svg in re.findall(r'<svg class="qr".*?</svg>', page)]


def code(content: str) -> list[list[int]]:
    """What segno draws for this text, with four white modules around."""
    bare = [list(row) for row in segno.make(content, error="m", boost_error=False, micro=False).matrix]
    side = len(bare) + 2 * QUIET
    white = [[0] * side for _ in range(QUIET)]
    return [*white, *([0] * QUIET + row + [0] * QUIET for row in bare), *white]


def test_qr_codes_hold_what_they_promise() -> None:
    """Module for module; the notice has one code, with number and both fingerprints."""
    told = pages()
    assert codes_of(told["protocol"]) == [code(COMMIT)]
    assert codes_of(told["record"]) == [code(COMMIT), code(ROOT)]
    assert codes_of(told["share"]) == [code(SHARE)]
    promised = f"auditor-draw/v1\n12\n{COMMIT}\n{ROOT}"
    assert notice_text(notice_view()) == promised
    assert codes_of(told["notice"]) == [code(promised)] * 2
    assert codes_of(told["screen"]) == codes_of(told["row"]) == []


def test_a_qr_code_is_named_and_its_title_is_escaped() -> None:
    """Who cannot see it hears what it is."""
    svg = qr_svg("a", 'x"<y')
    assert 'role="img" aria-label="x&quot;&lt;y"' in svg
    assert "<title>x&quot;&lt;y</title>" in svg


def share_lines(page: str) -> list[str]:
    """The four lines of a share as a person types them, check digits at the end."""
    rows = re.findall(r'<tr><th scope="row">\d</th>(.*?)</tr>', page, re.DOTALL)
    return [" ".join(re.findall(r"<td[^>]*>([^<]*)</td>", row)) for row in rows]


def test_what_the_paper_says_can_be_typed_back() -> None:
    """Four lines of four groups of four and two check digits give the share again."""
    lines = share_lines(share_paper(share_view()))
    assert all(re.fullmatch(r"([0-9a-f]{4} ){4}[0-9a-f]{2}", line) for line in lines)
    assert typed_share("\n".join(lines), "paper") == bytes.fromhex(SHARE)
    assert typed_share("\n".join(lines).upper(), "paper") == bytes.fromhex(SHARE)
    assert lines[0].split()[-1] == sha256(SHARE[:16].encode()).hexdigest()[:2] == line_check(SHARE[:16])
    assert all(
        line_check(SHARE[at : at + 16]) == check_of_typed(SHARE[at : at + 16]) for at in (0, 16, 32, 48)
    )


def test_a_single_wrong_digit_is_found_with_the_chance_that_is_stated() -> None:
    """Of all single wrong digits of 64 lines, those that keep their check digits are about one in 256."""
    missed = tried = 0
    for seed in range(64):
        line = digest(f"line {seed}")[:16]
        for at in range(16):
            for wrong in set("0123456789abcdef") - {line[at]}:
                tried += 1
                missed += line_check(line[:at] + wrong + line[at + 1 :]) == line_check(line)
    assert tried == 64 * 16 * 15
    assert 0.5 < missed / tried * 256 < 1.5
    assert "255 in 256" in share_paper(share_view())


def test_a_share_on_paper_is_not_in_its_repr() -> None:
    """A traceback or a log line that names the view does not open the share."""
    assert SHARE not in repr(share_view())
    assert digest("s") in repr(share_view())


def test_no_page_of_the_ceremony_has_a_field_for_a_unit() -> None:
    """What a view cannot hold, a page cannot show."""
    assert {one.name for one in fields(WitnessScreenView)} == {
        "bureau", "number", "programme", "units", "n", "event", "commit_sha256", "value",
        "plan_root", "drill",
    }  # fmt: skip
    assert {one.name for one in fields(NoticeView)} == {
        "bureau", "number", "programme", "first", "last", "commit_sha256", "plan_root",
        "published_at", "drill",
    }  # fmt: skip
    for view in (WitnessScreenView, RecordView, ProtocolView):
        kinds = {one.name: one.type for one in fields(view)}
        assert kinds["units"] == "int"
        assert kinds.get("drawn", "int") == "int"
        assert not {"unit", "unit_id", "names", "visits", "places"} & set(kinds)


def test_every_view_takes_keywords_only() -> None:
    """Two fingerprints side by side are not exchanged by their order."""
    for name in vars(ceremony_views):
        if name.endswith("View"):
            assert all(one.kw_only for one in fields(getattr(ceremony_views, name))), name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_drill_is_marked_across_every_page_and_nothing_else_is(language: str) -> None:
    """演练 and DRILL stand across it in both languages, with a banner; each half of a notice has its own."""
    set_language(language)
    for kind, page in pages(drill=True).items():
        marks = 2 if kind == "notice" else 1
        assert page.count('<div class="drill" aria-hidden="true"><b>演练 DRILL</b></div>') == marks, kind
        assert page.count('class="banner"') == marks, kind
    assert "not valid" in pages(drill=True)["row"] or language == "zh"
    for kind, page in pages().items():
        assert 'class="drill"' not in page, kind
        assert 'class="banner"' not in page, kind


def test_the_protocol_has_a_box_for_each_number_of_the_event() -> None:
    """Six balls six boxes, twenty numbers twenty; hexadecimal digits get a line."""
    view = protocol_view()
    for event, boxes in ((balls(), 6), (lottery(), 20), (replace(balls(), numbers=0), 1)):
        page = protocol(replace(view, event=event))
        assert re.search(r'<div class="cells[^"]*">(.*?)</div>', page)[1] == "<i></i>" * boxes


def test_the_protocol_says_what_is_fixed_and_what_a_signature_means() -> None:
    """Counts, fingerprints of lists, staff, shares and the number before; the first has none before."""
    page = protocol(protocol_view(shares=3, frames=3))
    names = ("f0", "f1", "f2", "field", "s0", "s1", "s2", "previous")
    assert all(digest(name) in page for name in names)
    told = Reader(page).text
    for fact in ("437", "80", "30 %", "派驻纪检监察组", "15:30 (UTC+08:00)", "1 December 2026", BASIS):
        assert fact in told
    assert "before the first ball was drawn" in told
    assert "I keep a copy" in told
    assert "0" * 64 not in protocol(replace(protocol_view(), previous="0" * 64))
    many = protocol(protocol_view(frames=9))
    assert digest("f2") in many
    assert digest("f3") not in many
    assert "6 more draws" in many


def test_the_screen_shows_empty_balls_until_the_event_and_then_its_value() -> None:
    """Six dashed circles, then six numbers; the plan's fingerprint when it is there."""
    before = witness_screen(screen_view())
    assert before.count('<b class="open">') == 6
    assert ROOT[:8] not in before
    after = witness_screen(screen_view(value="3 1 4 1 5 9", plan_root=ROOT))
    assert re.findall(r"<b>(\d)</b>", after) == list("314159")
    assert "open" not in re.findall(r'<b class="(\w+)">', after)
    digits = replace(balls(), numbers=0)
    told = witness_screen(replace(screen_view(value=COMMIT), event=digits))
    assert f"<span>{COMMIT[:8]}</span> <span>{COMMIT[8:16]}</span>" in told


def test_a_notice_without_a_place_leaves_a_line_to_fill_in() -> None:
    """A stack can be printed before anyone knows the address."""
    assert '<span class="fill">' in notice(notice_view(published_at=""))
    assert '<span class="fill">' not in notice(notice_view())


def test_the_published_list_has_the_ten_columns() -> None:
    """抽查事项清单, as bureaus publish it."""
    page = programme_row(row_view())
    assert page.count('<th scope="col"') == 10
    assert page.count("<td") == 10


Print = Callable[[str], int]


@pytest.fixture(scope="module")
def print_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Print]:
    """Print a page with a browser and give its number of pages, or skip where no browser is."""
    folder: Path = tmp_path_factory.mktemp("print")
    with Browser(folder / "profile") as browser:

        def count(page: str) -> int:
            (folder / "page.html").write_text(page, encoding="utf-8")
            shown = browser.open((folder / "page.html").as_uri())
            printed = shown.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
            return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"])))

        yield count


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_paper_is_one_page(print_pages: Print, language: str) -> None:
    """Six custodians, nine draws and a long basis still make one sheet, under a drill's banner too."""
    set_language(language)
    papers = pages(drill=True) | {
        "long protocol": protocol(protocol_view(shares=6, frames=9, drill=True)),
        "lottery": protocol(replace(protocol_view(shares=3, frames=3, drill=True), event=lottery())),
        "twenty": record(
            replace(
                record_view(drill=True), event=lottery(), value=" ".join(str(4 * at + 1) for at in range(20))
            )
        ),
    }
    assert {kind: print_pages(page) for kind, page in papers.items()} == dict.fromkeys(papers, 1)


def test_the_screen_fills_a_projector_without_scrolling(tmp_path: Path) -> None:
    """At 1280×720 and 1920×1080 nothing lies outside the window; the digits are 3.4 % of its width."""
    long = "第二十一届全国中小学生安全教育月专项督导随机抽查暨冬季消防安全检查" * 2
    views = {
        "full": screen_view(value="3 1 4 1 5 9", plan_root=ROOT, drill=True),
        "long": replace(screen_view(plan_root=ROOT, drill=True), programme=long, event=lottery(long * 3)),
        "hex": replace(screen_view(value=COMMIT * 2, plan_root=ROOT), event=replace(balls(), numbers=0)),
    }
    with Browser(tmp_path / "profile") as browser:
        for name, view in views.items():
            file = tmp_path / f"{name}.html"
            file.write_text(witness_screen(view), encoding="utf-8")
            page = browser.open(file.as_uri())
            for width, height in ((1280, 720), (1920, 1080)):
                page.resize(width, height)
                outside = page.evaluate(
                    "[...document.querySelectorAll('body *:not(.drill):not(.drill *)')].filter(one => {"
                    " const box = one.getBoundingClientRect(); return box.left < 0 || box.top < 0 ||"
                    " box.right > innerWidth + 1 || box.bottom > innerHeight + 1 }).map(one => one.outerHTML)"
                )
                assert outside == [], (name, width)
                overlap = page.evaluate(
                    "[...document.querySelectorAll('main > :not(.drill)')].some((one, at, all) => at > 0 &&"
                    " one.getBoundingClientRect().top < all[at - 1].getBoundingClientRect().bottom - 1)"
                )
                assert not overlap, (name, width)
                size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.hash')).fontSize)")
                assert size == pytest.approx(width * 0.034, rel=0.02)
                tall = page.evaluate("document.documentElement.scrollHeight <= innerHeight")
                assert tall, (name, width)
