"""``auditor leak``: can somebody who knows every past plan foretell the next visits?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import json_option, lang_option, progress, say, show, table
from auditor.errors import UNVERIFIED, WARNINGS, UsageProblem
from auditor.i18n import _

if TYPE_CHECKING:
    from auditor.workflow.leaks import Tested


@click.group(help=_("What the plans give away to somebody who knows everything but the key."))
def leak() -> None:
    """Group of the commands about leaks."""


@leak.command(
    "test",
    help=_(
        "Attack the plans: learn from past ones, foretell the next, and compare with what the published "
        "rules alone tell.\n\n"
        "With --simulate the tool's own draw, lots and plan run for N invented semesters; with --plans the "
        "closed plans of a bureau are attacked, and what is sealed is not read. Exit 4 where the tool leaks, "
        "5 where the test cannot say.\n\n"
        "\b\nExample:\n  auditor leak test --simulate 60\n  auditor leak test --plans bureau.db --json"
    ),
)
@click.option(
    "--simulate",
    "count",
    type=click.IntRange(min=2, max=1000),
    metavar="N",
    help=_("Foretell N simulated semesters (60 where nothing is said)."),
)
@click.option(
    "--plans",
    "db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="DB",
    help=_("Attack the closed plans of this bureau's file instead."),
)
@click.option("--seed", default="1", metavar="S", help=_("Another text gives other semesters (default 1)."))
@click.option(
    "--train",
    type=click.IntRange(min=2, max=1000),
    metavar="K",
    help=_("Learn from K semesters (else 14 simulated ones, or the earlier half of a bureau's)."),
)
@click.option(
    "--processes",
    type=click.IntRange(min=1, max=64),
    default=2,
    show_default=True,
    help=_("How many simulations run side by side; the result does not depend on it."),
)
@lang_option
@json_option
@click.pass_context
def test(
    ctx: click.Context,
    as_json: bool,
    count: int | None,
    db: Path | None,
    seed: str,
    train: int | None,
    processes: int,
) -> None:
    """Run the test and say what it found."""
    from auditor.leak.attacker import boosting
    from auditor.workflow import leaks
    from auditor.workflow.bureau import opened
    from auditor.workflow.domains import load_all

    if count is not None and db is not None:
        raise UsageProblem(problem=_("--simulate and --plans exclude each other"))
    if db is not None and not db.is_file():
        raise UsageProblem(
            problem=_("{file}: there is no such file; name a bureau's file with --plans").format(file=db)
        )
    boosting()  # missing? then before minutes of simulation
    if db is None:
        wanted, learn = count or leaks.SEMESTERS, train or leaks.TRAIN
        if not as_json:
            say(_("{n} semesters are simulated, then attacked; this takes minutes").format(n=wanted + learn))
        step = progress(leaks.steps(wanted, learn), "auditor leak test")
        found = leaks.run_simulated(wanted, learn, seed, processes=processes, progress=step)
    else:
        with opened(db) as database:
            if not as_json:
                say(_("the closed plans are attacked; this may take minutes"))
            step = progress(leaks.steps(0, 0), "auditor leak test")
            found = leaks.run_plans(database, seed, load_all(ctx.obj, database), train, step)
    show(_record(found, seed), as_json, _text(found))
    for warning in found.warnings:
        say(_("Warning: {text}").format(text=warning))
    if found.leaks:
        ctx.exit(UNVERIFIED)
    if not found.passed or found.warnings:
        ctx.exit(WARNINGS)


def _record(found: Tested, seed: str) -> dict[str, Any]:
    """Write what was found; no elapsed time, so that the same seed gives the same bytes."""

    def ratio(one: Any) -> dict[str, float]:
        return {"R": round(one.r.value, 4), "R_low": round(one.r.low, 4), "R_high": round(one.r.high, 4)}

    return {
        "tasks": {
            name: {
                "lift": round(one.lift, 4),
                "auc": round(one.auc, 4),
                "bottom_lift": round(one.bottom_lift, 4),
            }
            for name, one in found.tasks.items()
        },
        **ratio(found.leak),
        "controls": {"shuffle": ratio(found.shuffle), "planted": ratio(found.planted)},
        "N": found.tested,
        "seed": seed,
        "train": found.train,
        "units": found.units,
        "visits": found.visits,
        "rho": round(found.rho, 4),
        "km_per_day": None if found.km is None else round(found.km, 1),
        "policy_lift": round(found.leak.policy, 4),
        "min_entropy_bits": round(found.leak.min_entropy_bits, 2),
        "warned": round(found.tasks["T2"].warned, 4),
        "passed": found.passed,
    }


def _text(found: Tested) -> str:
    """Say in plain words what each task came to and whether the tool passes."""
    from auditor.workflow.leaks import GATE, SEEN

    questions = {
        "T1": _("the night before: which units tomorrow"),
        "T2": _("the same day: the first stop is seen, who is next"),
        "T3": _("on the eve of a week: who is visited in it, who is safe"),
        "T4": _("which of those who stand by will go"),
        "T5": _("which days have visits at all"),
    }
    rows = [
        (
            name,
            questions[name],
            f"{one.lift:.2f}",
            f"{one.auc:.3f}",
            f"{one.bottom_lift:.2f}",
        )
        for name, one in found.tasks.items()
    ]
    ratios = [
        (what, f"{one.r.value:.3f}", f"{one.r.low:.3f} – {one.r.high:.3f}", must, _yes(good))
        for what, one, must, good in (
            (_("the plans"), found.leak, f"≤ {GATE:.2f}", found.leak.r.high <= GATE),
            (_("control: shuffled"), found.shuffle, f"≤ {GATE:.2f}", found.shuffle.r.high <= GATE),
            (_("control: planted bias"), found.planted, f"≥ {SEEN:.2f}", found.planted.r.value >= SEEN),
        )
    ]
    lines = [
        _(
            "{tested} semesters foretold after {train} learnt from: {units} units, {visits} visits, "
            "rho {rho:.2f} visits a unit and semester"
        ).format(
            tested=found.tested,
            train=found.train,
            units=found.units,
            visits=found.visits,
            rho=found.rho,
        ),
        "" if found.km is None else _("{km:.1f} km on a day with visits").format(km=found.km),
        "",
        table((_("task"), _("question"), _("lift"), _("AUC"), _("bottom lift")), rows),
        "",
        _(
            "lift: how much oftener than by chance the attacker's first tenth comes true (1: he knows "
            "nothing); bottom lift: how often the last tenth does (0: a sure list of the safe, 1: none)"
        ),
        _("Of the later visits of a day, {warned:.0%} are given away by the first stop.").format(
            warned=found.tasks["T2"].warned
        ),
        "",
        table((_("tool leak R on T1"), _("R"), _("95 % interval"), _("must be"), _("kept")), ratios),
        _(
            "R: the lift of the attacker who knows all ({full:.2f}) over that of one who knows the published "
            "rules only ({policy:.2f}); what is above 1 the tool adds."
        ).format(full=found.leak.full, policy=found.leak.policy),
        "",
        verdict(found),
    ]
    return "\n".join(lines)


def _yes(good: bool) -> str:
    return _("yes") if good else _("no")


def verdict(found: Tested) -> str:
    """Say in one sentence what the test came to."""
    if not found.controlled:
        return _("The test says nothing: a control does not read what it must. Take more semesters.")
    if found.leaks:
        return _("The tool leaks: whoever knows past plans foretells more than the rules tell.")
    if not found.passed:
        return _("Not shown: the interval reaches above the limit. Take more semesters.")
    return _("Passed: past plans foretell no more than the published rules do.")
