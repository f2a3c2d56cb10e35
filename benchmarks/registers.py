"""How long registers take, each command in a process of its own, on this machine.

python benchmarks/registers.py                 20,000 rows in and out, and ``units list``
python benchmarks/registers.py REGISTER …      and these registers, as they are
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

RUNS = 3
ROWS = 20_000
HEAD = ("学校标识码", "学校名称", "办学类型", "区县", "乡镇", "经度", "纬度", "学生数", "寄宿生数", "食堂")

MEASURED = """
import resource, subprocess, sys
code = subprocess.run([sys.executable, "-m", "auditor", *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""
"""A process between, so that the peak is that of one command."""


def measure(*arguments: object) -> tuple[float, int, int]:
    """Run a command; give its seconds, peak MB and exit code."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    code, peak = map(int, done.stdout.split())
    return seconds, peak, code


def tell(what: str, runs: list[tuple[float, int, int]]) -> None:
    """Print the median of some runs, the slowest and the highest peak."""
    times = [seconds for seconds, _peak, _code in runs]
    peak = max(peak for _seconds, peak, _code in runs)
    codes = "/".join(map(str, sorted({code for *_rest, code in runs})))
    print(
        f"{what:44} {statistics.median(times):6.2f} s  (slowest {max(times):.2f}, N = {len(runs)}), "
        f"{peak} MB, exit {codes}",
        flush=True,
    )


def rows() -> Iterator[tuple[object, ...]]:
    """Rows as a county sends them, all different."""
    for at in range(ROWS):
        yield (
            f"{5_100_000_000 + at}",
            f"第{at}小学",
            "小学",
            f"{at % 7}县",
            f"{at % 40}镇",
            round(105 + at % 97 / 97, 6),
            round(30 + at % 89 / 89, 6),
            at % 900,
            at % 90,
            "有" if at % 3 else "无",
        )


def write_registers(folder: Path) -> list[Path]:
    """Write the same register as CSV and as a workbook."""
    from openpyxl import Workbook

    with (folder / "big.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows())
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEAD)
    for row in rows():
        sheet.append(row)
    book.save(folder / "big.xlsx")
    return [folder / "big.csv", folder / "big.xlsx"]


def main(registers: list[Path]) -> None:
    """Print the table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell("an empty process of Python between", [measure("--version") for _ in range(RUNS)])
        for file in [*write_registers(folder), *registers]:
            bureaus = [folder / f"{file.name}-{at}.db" for at in range(RUNS)]
            tell(f"import {file.name}", [measure("units", "import", file, "--db", db) for db in bureaus])
            tell("  the same again", [measure("units", "import", file, "--db", db) for db in bureaus])
            tell("  units list", [measure("units", "list", "--db", db) for db in bureaus])
        for suffix in (".csv", ".xlsx", ".json"):
            out = folder / f"out{suffix}"
            tell(f"export {suffix}", [measure("units", "export", "--out", out, "--db", bureaus[0])])


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
