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


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
