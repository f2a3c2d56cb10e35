"""How long registers take, each command in a process of its own, on this machine.

python benchmarks/registers.py                 20,000 rows in and out, lists, the log, large and hostile files
python benchmarks/registers.py REGISTER …      and these registers, as they are
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

RUNS = 3
ROWS = 20_000
MANY = 50_000
HEAD = ("学校标识码", "学校名称", "办学类型", "区县", "乡镇", "经度", "纬度", "学生数", "寄宿生数", "食堂")

MEASURED = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "-m", "auditor", *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_maxrss // 1024, used.ru_utime + used.ru_stime)
"""
"""A process between, so that peak and seconds of the processor are those of one command."""

Run = tuple[float, float, int, int]


def measure(*arguments: object) -> Run:
    """Run a command; give its seconds, those of the processor, peak MB and exit code."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    code, peak, processor = done.stdout.split()
    return seconds, float(processor), int(peak), int(code)


def tell(what: str, runs: list[Run]) -> None:
    """Print the median of some runs, the slowest, the processor's seconds and the highest peak.

    Where others use the machine, the processor's seconds are the figure that can be compared.
    """
    times, processor, peaks, codes = zip(*runs, strict=True)
    print(
        f"{what:36} {statistics.median(times):6.2f} s  (slowest {max(times):.2f}, N = {len(runs)}), "
        f"processor {statistics.median(processor):.2f} s, {max(peaks)} MB, "
        f"exit {'/'.join(map(str, sorted(set(codes))))}",
        flush=True,
    )


def rows(count: int = ROWS, more: int = 0) -> Iterator[tuple[object, ...]]:
    """Rows as a county sends them, all different; `more` pupils in each."""
    for at in range(count):
        yield (
            f"{5_100_000_000 + at}",
            f"第{at}小学",
            "小学",
            f"{at % 7}县",
            f"{at % 40}镇",
            round(105 + at % 97 / 97, 6),
            round(30 + at % 89 / 89, 6),
            at % 900 + more,
            at % 90,
            "有" if at % 3 else "无",
        )


def write_csv(path: Path, count: int = ROWS, more: int = 0) -> Path:
    """Write a register as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows(count, more))
    return path


def write_registers(folder: Path) -> list[Path]:
    """Write the same register as CSV and as a workbook."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEAD)
    for row in rows():
        sheet.append(row)
    book.save(folder / "big.xlsx")
    return [write_csv(folder / "big.csv"), folder / "big.xlsx"]


def _workbook(path: Path, sheet: bytes) -> Path:
    """Write a workbook with one sheet of these bytes."""
    from openpyxl import Workbook

    plain = io.BytesIO()
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return path


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>'
    b"</worksheet>"
)
ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="a"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
    'table:number-columns-repeated="1024" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


def hostile(folder: Path) -> Iterator[Path]:
    """Write files that ask for far more than they hold."""
    corner = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    wide = b'<row r="2"><c r="XFD2" t="inlineStr"><is><t>x</t></is></c></row>'
    yield _workbook(folder / "far-apart.xlsx", SHEET % (wide + corner))
    yield _workbook(folder / "tags.xlsx", SHEET % (b"<c " * 30_000_000))
    yield _workbook(
        folder / "bomb.xlsx", SHEET % (b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 2_400_000)
    )
    with zipfile.ZipFile(folder / "repeats.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS)
    yield folder / "repeats.ods"
    with gzip.open(folder / "bomb.csv.gz", "wb", compresslevel=1) as file:
        for _ in range(1000):
            file.write(b"0," * 2**20)
    yield folder / "bomb.csv.gz"
    for name, text in (
        ("brackets.json", b"[" * 100_000_000),
        ("objects.json", b"[" + b"{}," * 30_000_000 + b"{}]"),
        ("line.csv", b"a," * 50_000_000),
        ("cell.csv", b"a" * 100_000_000),
        ("quote.csv", b'"' + b"a,b\n" * 20_000_000),
        ("cells.xls", b"<html><table>" + b"<td>1" * 20_000_000),
    ):
        (folder / name).write_bytes(text)
        yield folder / name


def main(registers: list[Path]) -> None:
    """Print the table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell("--version", [measure("--version") for _ in range(RUNS)])
        for file in [*write_registers(folder), *registers]:
            bureaus = [folder / f"{file.name}-{at}.db" for at in range(RUNS)]
            tell(f"import {file.name}", [measure("units", "import", file, "--db", db) for db in bureaus])
            tell("  the same again", [measure("units", "import", file, "--db", db) for db in bureaus])
            tell("  units list", [measure("units", "list", "--db", db) for db in bureaus])
        for suffix in (".csv", ".xlsx", ".json"):
            out = folder / f"out{suffix}"
            runs = [measure("units", "export", "--out", out, "--db", db) for db in bureaus]
            tell(f"export {suffix} of the last register", runs)
        many = folder / "many.db"
        tell(
            "import of 50,000 rows",
            [measure("units", "import", write_csv(folder / "a.csv", MANY), "--db", many)],
        )
        changed = write_csv(folder / "b.csv", MANY, 1)
        tell("  all of them changed", [measure("units", "import", changed, "--db", many)])
        where = ("--where", "township=7镇")
        tell("  units list --where", [measure("units", "list", *where, "--db", many) for _ in range(RUNS)])
        tell(
            "  log verify, 100,000 rows in the log",
            [measure("log", "verify", "--db", many) for _ in range(RUNS)],
        )
        tell("  units undo", [measure("units", "undo", "--db", many)])
        huge = write_csv(folder / "huge.csv", 500_000)
        tell("500,000 rows of CSV", [measure("units", "import", huge, "--db", folder / "huge.db")])
        for file in hostile(folder):
            tell(f"hostile {file.name}", [measure("units", "import", file, "--db", folder / "no.db")])
            file.unlink()


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
