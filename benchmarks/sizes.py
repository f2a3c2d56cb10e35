"""Plan programmes of several sizes and draw how time and memory grow, as one picture.

    python benchmarks/sizes.py INSTANCE[@VISITS] ... --out docs/plan-sizes.svg [--seconds S]

An instance is one of `benchmarks/visits.py`. With a number of visits behind it a part is taken, of units and
inspectors alike, or it is taken again, mirrored and with other inspectors, until there are so many. Each is
planned by `benchmarks/visits.py` in a process of its own, with evenness, and must end without a fault.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parent / "visits.py"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 64, 64, 56, 52
USUAL, GROWTH = 750, 1.5
"""Programmes with more visits than this are given more seconds, by this power of how many times as many."""
SECONDS_COLOUR, MEMORY_COLOUR = "#0b6e4f", "#9c4a1a"


def sized(city: dict[str, Any], visits: int) -> dict[str, Any]:
    """Give an instance of about so many visits, with inspectors in proportion (at least six)."""
    copies = [_mirrored(city, number) for number in range(-(-visits // len(city["visits"])))]
    every = [one for copy in copies for one in copy["visits"]]
    people = [one for copy in copies for one in copy["inspectors"]]
    units = sorted({one["unit"] for one in every}, key=lambda unit: unit * 7919 % 10_007)
    kept: set[int] = set()
    count = 0
    for unit in units:
        if count >= visits:
            break
        kept.add(unit)
        count += sum(one["unit"] == unit for one in every)
    wanted = max(6, round(len(people) * count / len(every)))
    return city | {
        "name": f"{count} visits",
        "visits": [one for one in every if one["unit"] in kept],
        "inspectors": people[:wanted],
    }


def _mirrored(city: dict[str, Any], number: int) -> dict[str, Any]:
    """Give a copy with ids of its own; every other one lies on the other side of the bureau."""
    side = -1 if number % 2 else 1
    step = 100_000 * number
    return {
        "visits": [
            one | {"id": one["id"] + step, "unit": one["unit"] + step, "x_km": side * one["x_km"]}
            for one in city["visits"]
        ],
        "inspectors": [
            one | {"id": one["id"] + step, "conflicts": [unit + step for unit in one["conflicts"]]}
            for one in city["inspectors"]
        ],
    }


def measured(instance: dict[str, Any], seconds: float, folder: Path) -> dict[str, float]:
    """Plan an instance in a process of its own; gives visits, seconds, megabytes and ratio to the bound."""
    file, out = folder / "instance.json", folder / "result.json"
    file.write_text(json.dumps(instance), encoding="utf-8")
    words = [sys.executable, str(SCRIPT), str(file), "--seconds", str(seconds), "--out", str(out)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    line = ended.stdout.strip()
    print(line, flush=True)
    if ended.returncode:
        raise SystemExit(f"{instance['name']}: exit {ended.returncode}\n{ended.stderr}")
    peak = re.search(r"(\d+) MB", line)
    result = json.loads(out.read_text(encoding="utf-8"))
    return {
        "visits": len(instance["visits"]),
        "seconds": result["seconds"],
        "megabytes": float(peak[1]) if peak else 0.0,
        "ratio": result["objective"] / result["bound"],
    }


def picture(points: list[dict[str, float]]) -> str:
    """Draw seconds and megabytes against visits, both axes from 0."""
    most = {name: max(one[name] for one in points) for name in ("visits", "seconds", "megabytes")}
    top = {name: _round_up(value) for name, value in most.items()}

    def x(visits: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * visits / top["visits"]

    def y(value: float, name: str) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top[name]

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="13" role="img" aria-label="time and memory of planning against the number of visits">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="24" fill="{SECONDS_COLOUR}">秒 seconds</text>',
        f'<text x="{WIDTH - RIGHT}" y="24" fill="{MEMORY_COLOUR}" text-anchor="end">内存 MB</text>',
    ]
    for part in range(5):
        share = part / 4
        level = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
        parts += [
            f'<path d="M{LEFT} {level:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>',
            f'<text x="{LEFT - 8}" y="{level + 4:.1f}" text-anchor="end" fill="{SECONDS_COLOUR}">'
            f"{top['seconds'] * share:g}</text>",
            f'<text x="{WIDTH - RIGHT + 8}" y="{level + 4:.1f}" fill="{MEMORY_COLOUR}">'
            f"{top['megabytes'] * share:g}</text>",
        ]
    for name, colour in (("seconds", SECONDS_COLOUR), ("megabytes", MEMORY_COLOUR)):
        spots = [(x(one["visits"]), y(one[name], name)) for one in points]
        line = "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in spots]
    for one in points:
        at = x(one["visits"])
        parts += [
            f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{one["visits"]:g}</text>',
            f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 35}" text-anchor="middle" fill="#555">'
            f"{one['ratio']:.4f}</text>",
        ]
    parts.append(f'<text x="{LEFT - 56}" y="{HEIGHT - BOTTOM + 18}">次 visits</text>')
    parts.append(f'<text x="{LEFT - 56}" y="{HEIGHT - BOTTOM + 35}" fill="#555">÷ bound</text>')
    return "\n".join([*parts, "</svg>", ""])


def _round_up(value: float) -> float:
    """Give a round number that is not less, four parts of which are round too."""
    unit = 10.0 ** math.floor(math.log10(max(1.0, value)))
    return next(unit * step for step in (1, 2, 4, 6, 8, 10, 20) if unit * step >= value)


def main() -> int:
    """Measure the sizes and write the picture."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("instances", nargs="+")
    words.add_argument("--out", type=Path, required=True)
    words.add_argument("--seconds", type=float, default=60.0, help="for each up to 750 visits, more beyond")
    asked = words.parse_args()
    points = []
    for name in asked.instances:
        file, _at, visits = name.partition("@")
        instance = json.loads(Path(file).read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory() as folder:
            whole = sized(instance, int(visits)) if visits else instance
            seconds = asked.seconds * max(1.0, len(whole["visits"]) / USUAL) ** GROWTH
            points.append(measured(whole, round(seconds), Path(folder)))
    asked.out.write_text(picture(points), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
