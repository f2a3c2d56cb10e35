"""The expert's road: a domain as a spreadsheet, as a file, and back, so that nobody writes code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w

from auditor.checklists import BadDomain, Fault, find_faults, load_domain, read_domain
from auditor.checklists.cells import WORDS
from auditor.checklists.documents import ITEM_KEYS, json_of
from auditor.checklists.sheet import HEAD, ITEM, Read, from_rows, is_head, is_items, title, to_rows
from auditor.entities import Domain
from auditor.errors import AuditorError
from auditor.i18n import N_, _, some
from auditor.plugins.bundles import version_order
from auditor.tables.forms import Form, write_form
from auditor.tables.reading import read_tables
from auditor.tables.table import Table
from auditor.tables.writing import write_file
from auditor.workflow.domains import shipped_codes

SHEETS = ("领域", "检查项")
"""The two sheets: the head, and the items."""

START = {"version": "1", "minutes": 20, "people": 2, "profile": "百分制", "windows": "上午; 下午"}
"""What stands in an empty form already."""


class NoSheet(AuditorError):
    """A workbook lacks one of the two sheets, or has it twice."""

    sentence = N_("{file}: {problem}; begin with `auditor plugins new --template FILE.xlsx`")


class VersionMustRise(AuditorError):
    """A domain was changed under a version that is already there."""

    sentence = N_(
        "{file}: the content was changed, and the version is {version}; version {before} is already there, "
        "so raise it in the sheet"
    )


def domain_files(path: Path) -> list[Path]:
    """Give the domain's files of a path: itself, those of a folder, or of the plugins in it."""
    if path.is_file():
        return [path]
    return sorted({*path.glob("*.toml"), *path.glob("*/*.toml")})


def check(path: Path) -> list[Fault]:
    """Give all faults of a domain's file, or of those of a folder; codes that stand in two are one too."""
    files = domain_files(path)
    if not files:
        return [
            Fault(file=path.name, line=1, code="", key="TOML", problem=_("there is no domain's file (.toml)"))
        ]
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    others = shipped_codes()
    for file in files:
        found = find_faults(file)
        faults += found
        if found:
            continue
        domain = load_domain(file)
        for item in domain.items:
            other = seen.setdefault(item.code, file.name)
            if other != file.name:
                problem = _("stands in {other} as well").format(other=other)
            elif others.get(item.code, domain.key) != domain.key:
                problem = _taken(others[item.code])
            else:
                continue
            faults.append(Fault(file=file.name, line=1, code=item.code, key="code", problem=problem))
    return faults


def _taken(key: str) -> str:
    return _("is an item of the domain {key} that comes with auditor; choose another code").format(key=key)


def write_template(path: Path) -> None:
    """Write an empty workbook for a domain; raises UsageProblem, CannotWriteTable."""
    _write(path, [START.get(key) for key in HEAD], [])


def write_sheet(domain: Domain, path: Path) -> None:
    """Write a domain as a workbook that reads back the same; raises UsageProblem, CannotWriteTable."""
    _write(path, *to_rows(domain))


def write_page(domain: Domain, path: Path) -> None:
    """Write a domain as a form to print and to fill by hand; raises CannotWriteTable."""
    from auditor.pages.checklist import checklist_html

    write_file(path, checklist_html(domain).encode())


def _write(path: Path, head: list[Any], items: list[list[Any]]) -> None:
    choices = {key: list(words.values()) for key, words in WORDS.items()}
    write_form(
        path,
        Form(
            sheet=SHEETS[0],
            titles={key: title(HEAD, key) for key in HEAD},
            rows=[head],
            choices={"profile": choices["profile"], "applies_when": WHENS},
            explained=_explained_head(),
            text_fields=("version", "retired"),
            required=("version", "zh", "minutes", "windows"),
            down=True,
        ),
        Form(
            sheet=SHEETS[1],
            titles={key: title(ITEM, key) for key in ITEM},
            rows=items,
            choices={key: choices[key] for key in ITEM if key in choices}
            | {"applies_when": WHENS, "follow_up": FOLLOW_UPS},
            explained=_explained_items(),
            text_fields=("code", "same_as"),
            required=("code", "zh", "severity", "evidence", "basis"),
            widths={"zh": 48, "en": 40, "basis": 36, "how": 36, "fault": 36, "applies_when": 22}
            | {key: 13 for key in ITEM if key not in ("zh", "en", "basis", "how", "fault", "applies_when")},
        ),
    )


WHENS = ("有食堂", "有寄宿生", "有校车", "办学类型 含 幼儿园", "标签 含 游泳池")
FOLLOW_UPS = ("不符合要照片", "不符合要测量", "符合要照片")
"""Usual conditions and demands, to choose from or to write anew."""


def _explained_head() -> dict[str, str]:
    return {
        "key": _("short name in commands: small letters, digits, hyphens; the folder's name if empty"),
        "version": _("numbers with points, such as 2026.1; it rises with every change"),
        "zh": _("the name that people read"),
        "en": _("the English name; the Chinese one if empty"),
        "minutes": _("how long its part of a visit takes, 1 to 180"),
        "people": _("how many inspectors it takes, 1 to 9; 2 if empty"),
        "profile": _(
            "百分制: points of 100; 量化分级: mean of 0 to 10; 重点项计数: failed items alone; "
            "重大隐患判定: the same, and whether there is a major hazard; "
            "扣分制: 100 less a deduction for each fault"
        ),
        "windows": _(
            "half-days in which it can be inspected, each with its hours if need be: {example}"
        ).format(example="上午 09:00-10:30; 下午"),
        "applies_when": _(
            "where it is inspected, everywhere if empty; several joined by 且 (all) or 或 (one): {example}"
        ).format(example="办学类型 含 小学、初级中学 且 寄宿生数 > 0"),
        "retired": _("codes of earlier items, never to be used again, with ; between"),
        "score": _("bands of its own, from the best to the worst: {example}").format(
            example="85 good; 60 fair; 0 poor"
        ),
        "determination": _("rarely needed; see docs/plugins.md"),
        "hazard": _("days to put a fault right where the item does not say: {example}").format(
            example="否决项 1; 重点项 7; 一般项 30"
        ),
    }


def _explained_items() -> dict[str, str]:
    return {
        "code": _("capitals, a hyphen and a number, such as POL-01; never used twice, nor again"),
        "zh": _("one thing that can be seen, in a sentence that is true when all is well"),
        "en": _("the same in English; the Chinese wording if empty"),
        "severity": _("否决项: one failure decides; 重点项; 一般项"),
        "op": _("only where the item is one number; then comparison, number and unit go together"),
        "value": _("the number"),
        "unit": _("what the number counts or measures: 人, m, ℃"),
        "evidence": _("what shows it"),
        "basis": _("law or standard with its article; 工作要求 if there is none"),
        "source": _("whether the text of the basis was read; 未核实 if empty; several with ; between"),
        "how": _("how it is checked on the spot"),
        "fault": _("the sentence of the notice, such as 未按规定配备救生员"),
        "rectify_days": _("days to put it right, 0 to 365"),
        "penalty": _("the article that punishes it"),
        "scheme": _("直接判定, 综合判定: elements of a major hazard; 关键项: key item of a grade; 可罚款"),
        "weight": _("points of its own; else 10, 5, 2 by severity"),
        "per": _("where it is answered once for each building, room or vehicle"),
        "same_as": _("the code of another domain's item that asks the same: answered there, counted once"),
        "applies_when": _("where it is asked, everywhere if empty; as in the first sheet"),
        "follow_up": _("what an answer must bring: {example}").format(example="不符合要照片; 不符合要测量"),
    }


def _sheets(path: Path) -> tuple[Table, Table]:
    """Find the two sheets by their names, else by their headings; raises NoSheet, and what reading raises."""
    tables = read_tables(path)
    found = []
    for name, fits in zip(SHEETS, (is_head, is_items), strict=True):
        named = [table for table in tables if table.sheet == name] or [
            table for table in tables if fits(table.rows)
        ]
        if not named:
            raise NoSheet(file=path, problem=_("there is no sheet {name}").format(name=name))
        if len(named) > 1:
            names = "、".join(table.sheet for table in named)
            raise NoSheet(file=path, problem=_("which sheet counts, {names}? Call it {name}").format(
                names=names, name=name))  # fmt: skip
        found.append(named[0])
    return found[0], found[1]


def read_sheet(path: Path, key: str = "") -> Read:
    """Read a workbook of a domain; `key` is the domain's where the sheet leaves it out.

    Raises
    ------
    NoSheet, and what `read_tables` raises
    """
    head, items = _sheets(path)
    return from_rows(path.name, (head.sheet, items.sheet), head.rows, items.rows, key)


def write_domain(document: dict[str, Any], path: Path) -> None:
    """Write a domain's file; raises CannotWriteTable."""
    write_file(path, tomli_w.dumps(document, multiline_strings=False).encode())


class FolderThere(AuditorError):
    """A plugin of this name is there already."""

    sentence = N_("{file} is there already and was left as it is; choose another name")


def new_skeleton(name: str, folder: Path) -> Path:
    """Make the folder of a plugin with one example item, to be edited as text.

    Raises
    ------
    FolderThere, CannotWriteTable
    """
    target = folder / f"{name}.toml"
    if target.exists():
        raise FolderThere(file=target)
    prefix = name.replace("_", "")[:3].upper()
    document = {
        "key": name.replace("_", "-"), "version": "1", "zh": name, "en": name, "minutes": 20, "people": 2,
        "profile": "weighted", "windows": [{"slot": "morning"}, {"slot": "afternoon"}],
        "items": [
            {
                "code": f"{prefix}-01", "zh": "要检查的一件事，没有问题时这句话成立",
                "en": "One thing to look at, true when all is well", "severity": "general",
                "evidence": "photo", "basis": "工作要求", "source": ["unverified"], "how": "现场查看。",
                "fault": "未做到要检查的这件事", "rectify_days": 15,
            }
        ],
    }  # fmt: skip
    read_domain(target.name, document)
    write_domain(document, target)
    return target


def new_from_sheet(name: str, source: Path, folder: Path) -> tuple[Path, Read]:
    """Make or renew the folder of a plugin from a workbook.

    Returns
    -------
    The domain's file, and what was read; with faults nothing is written.

    Raises
    ------
    NoSheet, VersionMustRise, CannotWriteTable, and what `read_tables` raises
    """
    read = read_sheet(source, name.replace("_", "-"))
    target = folder / f"{name}.toml"
    if read.faults:
        return target, read
    made = read_domain(target.name, read.document)
    others = shipped_codes()
    read.faults += [
        Fault(file=source.name, sheet=read.sheet, line=read.rows[at], code=item.code, key="code",
              problem=_taken(others[item.code]))
        for at, item in enumerate(made.items) if others.get(item.code, made.key) != made.key
    ]  # fmt: skip
    if read.faults:
        return target, read
    if target.exists():
        try:
            old = load_domain(target)
        except BadDomain:
            old = None
        if old is not None:
            gone = sorted(old.codes - made.codes)
            if gone:
                read.document["retired"] = [*read.document.get("retired", []), *gone]
                read.notes.append(
                    _("retired and never to be used again: {codes}").format(codes=some(gone, 10))
                )
        if old is not None and old != made and version_order(made.version) <= version_order(old.version):
            raise VersionMustRise(file=source, version=made.version, before=old.version)
    write_domain(read.document, target)
    return target, read


def record(domain: Domain) -> dict[str, Any]:
    """Give the record of ``plugins show --json``: every key of every item, empty ones too."""
    document = json_of(domain)
    empty: dict[str, Any] = {
        key: [] if key in ("applies_when", "scheme", "follow_up") else None for key in ITEM_KEYS
    }
    return {**document, "items": [{**empty, **item} for item in document["items"]]}
