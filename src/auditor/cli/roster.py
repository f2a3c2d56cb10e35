"""``auditor roster``: settings of the desk, wishes, make a month, check it, say why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.options import Work, bureau_options, progress, say, show, table
from auditor.entities import BUREAU_CLOCK
from auditor.errors import INFEASIBLE, WARNINGS
from auditor.i18n import _, labelled, listed

if TYPE_CHECKING:
    from auditor.roster.desk import DutyDesk

SHOWN = 15
"""So many seats of a shortage are printed."""


@click.group(help=_("The duty roster: who is on duty, and whether it keeps every rule."))
def roster() -> None:
    """Group of the commands about rosters."""


@roster.command(
    "check",
    help=_(
        "Check FILE, or the stored roster, against people, leave, stand-by and calendar, without the solver "
        "(exit 4 with each broken rule). Without FILE and --month: every month that is not over.\n\n"
        "\b\nExamples:\n  auditor roster check\n"
        "  auditor roster check auditor-demo/roster.json --db auditor-demo/bureau.db"
    ),
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--month", metavar="YYYY-MM", help=_("Which month (else every one that is not over; FILE's own).")
)
@bureau_options()
def check(db: Path, now: datetime, as_json: bool, file: Path | None, month: str | None) -> None:
    """Print every breach."""
    from auditor.cli.checks import damage_is_told, read_record, stored_month
    from auditor.errors import VerificationFailed
    from auditor.store.rosters import read_rosters
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import rosters
    from auditor.workflow.duty.roster_words import breach_said, post_names
    from auditor.workflow.months import calendar_of, month_of
    from auditor.workflow.people import names as all_names

    rows, lines = [], []
    with damage_is_told(db), opened(db) as database:
        stored = read_rosters(database)
        asked = month
        record = read_record(file) if file is not None else None
        if asked is None and isinstance(record, dict) and record.get("month") in stored:
            asked = record["month"]
        key = stored_month(stored, asked, _("roster"))
        keys = [key]
        if file is None and month is None:
            keys = [one for one in stored if one >= f"{now.astimezone(BUREAU_CLOCK):%Y-%m}"] or keys
        names = all_names(database)
        for one in keys:
            of = month_of(one, calendar_of(database))
            found = rosters.check(database, stored[one] if file is None else record, of, now)
            posts = post_names(stored[one])
            rows += [
                {"month": one, "rule": each.rule, "where": each.where, "what": each.what} for each in found
            ]
            for each in found:
                rule, where, what = breach_said(each, names, posts)
                lines.append(labelled(" · ".join([one, rule, where]), what))
            if not found:
                lines.append(_("the roster of {month} keeps every rule").format(month=one))
            lines += empty_seats(stored[one] if file is None else record)
    show(rows, as_json, "\n".join(lines))
    if rows:
        raise VerificationFailed(count=len(rows))


def empty_seats(record: object) -> list[str]:
    """Name the seats that a roster leaves empty, in a line; none where all are filled."""
    from auditor.workflow.duty.roster_words import post_names

    short = record.get("short", ()) if isinstance(record, dict) else ()
    if not short or not isinstance(record, dict):
        return []
    posts = post_names(record)
    seats = (f"{row['date']} {posts[row['post']]}" for row in short)
    return [labelled(_("{month}: seats that stay empty").format(month=record["month"]), listed(seats))]


@roster.command(
    "make",
    help=_(
        "Make a month's roster and keep it as a draft. In style rotation (轮转) everyone's turn goes on from "
        "the month before, and each turn that is left is told with the rule that forbids it; in style fair "
        "duties are shared out as evenly as is proven to be possible. Exit 3 where the desk cannot be "
        "staffed: `auditor roster explain` says why.\n\n"
        "\b\nExamples:\n  auditor roster make --month 2026-12\n"
        "  auditor roster make --month 2026-12 --style fair --sharing leximin"
    ),
)
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the next one)."))
@click.option(
    "--style",
    type=click.Choice(["rotation", "fair"]),
    help=_("In turn, or as evenly as possible (else as the desk's settings say: in turn)."),
)
@click.option(
    "--sharing",
    type=click.Choice(["squares", "leximin"]),
    help=_("Least sum of squares, or class by class the least greatest count (for style fair)."),
)
@click.option(
    "--short", is_flag=True, help=_("Leave seats empty, as few as possible, where not all can be filled.")
)
@click.option(
    "--fix",
    "fixed",
    multiple=True,
    metavar="DAY/POST=PERSON",
    help=_("A cell that stands, like 2026-12-05/lead=l03; repeat it for more."),
)
@click.option(
    "--work", type=Work(), default=60.0, help=_("Units of solver work for each step, about seconds.")
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1, max=36_000),
    help=_("End by the clock as well; then the result is valid, and need not repeat."),
)
@click.option("--past", is_flag=True, help=_("Make a month that is over; else that is refused as a slip."))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=_("Write the record here too."))
@bureau_options()
@click.pass_context
def make(
    ctx: click.Context,
    db: Path,
    now: datetime,
    as_json: bool,
    month: str | None,
    style: str | None,
    sharing: str | None,
    short: bool,
    fixed: tuple[str, ...],
    work: float,
    seconds: float | None,
    past: bool,
    out: Path | None,
) -> None:
    """Make, check, keep, and print what is proven."""
    import json

    from auditor.store.rosters import read_rosters
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_life, rosters
    from auditor.workflow.months import calendar_of, month_of, next_month
    from auditor.workflow.people import names as all_names

    with opened(db) as database:
        of = month_of(month or next_month(now), calendar_of(database))
        roster_life.may_be_made(database, of.key, now, past=past)
        before, gap = roster_life.skipped(database, of.key)
        step = progress(4, "auditor roster make")
        asked = rosters.Asked(
            style=style, sharing=sharing, short=short, work=work, seconds=seconds, fixed=fixed
        )
        record = rosters.make(database, of, asked=asked, progress=step)
        roster_life.revise(database, of.key, record, now=now)
        names = all_names(database)
        later = [key for key in read_rosters(database) if key > of.key]
    if out is not None:
        out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    show(record, as_json, made_text(record, names))
    if record["provisional"]:
        say(_("The roster is provisional (暂定): the year's holiday notice is not known."))
    if later:
        say(
            _(
                "The counters of {months} go on from it now; their turns are those they were made with: make "
                "a draft among them anew."
            ).format(months=listed(later))
        )
    if gap:
        say(
            _("No roster of {months} is stored: counters and turns go on from {before}.").format(
                months=listed(gap), before=before
            )
        )
    if record.get("short"):
        ctx.exit(WARNINGS)


def made_text(record: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say what was made: stages with what is proven, empty seats, turns that were left."""
    from auditor.workflow.duty.roster_words import STAGE_SAID, out_of_turn, post_names, rule_said

    posts = post_names(record)
    style = record.get("style", record["desk"]["style"])
    left, made = out_of_turn(record.get("departures", ()))
    lines = [
        _("{month}: {duties} duties, in turn; {left} not in turn, {made} make an earlier turn up").format(
            month=record["month"], duties=len(record["assignments"]), left=left, made=made
        )
        if style == "rotation"
        else _("{month}: {duties} duties, shared out fairly").format(
            month=record["month"], duties=len(record["assignments"])
        )
    ]
    proven = record["status"] == "optimal"
    if "stages" in record:
        rows = [
            (
                who_said(one["roles"]),
                _(STAGE_SAID[one["name"]]) if one["name"] in STAGE_SAID else word_of_class(one["name"]),
                one["value"],
                _("proven") if one["value"] == one["bound"] else f"≥ {one['bound']}",
            )
            for one in record["stages"]
        ]
        lines.append(table((_("who"), _("what was made small"), _("value"), _("bound")), rows))
    else:
        lines.append(
            labelled(
                _("weighted squares"),
                f"{record['objective']} ({_('proven') if proven else '≥ ' + str(record['bound'])})",
            )
        )
    if record.get("short"):
        lines.append(_("Empty seats:"))
        lines.append(
            table(
                (_("day"), _("post"), _("lacks")),
                [(row["date"], posts[row["post"]], row["short"]) for row in record["short"]],
            )
        )
    if record.get("departures"):
        lines.append(_("Turns that were left, and turns that are made up; one duty can have several:"))
        turns = [
            (
                row["date"],
                posts[row["post"]],
                names.get(row["turn"], row["turn"]),
                names.get(row["given"], row["given"]),
                rule_said(row["rule"]),
            )
            for row in record["departures"]
        ]
        lines.append(table((_("day"), _("post"), _("whose turn"), _("given to"), _("why")), turns))
    broken = [row for row in record.get("wishes", ()) if row["cost"]]
    if broken:
        lines.append(_("Wishes that could not be kept:"))
        lines += [
            f"  {names.get(row['person'], row['person'])} {row['from']} – {row['to']}" for row in broken
        ]
    return "\n".join(lines)


def who_said(roles: Iterable[str]) -> str:
    """Say whom these roles are."""
    from auditor.pages.words import ROLE_WORDS, word

    return listed(word(ROLE_WORDS, role) for role in roles)


def word_of_class(name: str) -> str:
    """Say a class that duties are counted in."""
    from auditor.pages.words import COUNTED_WORDS, word

    return word(COUNTED_WORDS, name)


@roster.command(
    "explain",
    help=_(
        "Say why a month cannot be staffed: which seats lack people, a smallest set of rules that cannot all "
        "be kept, and the cheapest ways out, each tried. Of a roster that is sent for approval or published: "
        "why what is to come cannot be filled. Exit 3 where it cannot, 0 where it can.\n\n"
        "\b\nExample:\n  auditor roster explain --month 2026-12"
    ),
)
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the next one)."))
@click.option(
    "--work", type=Work(), default=30.0, help=_("Units of solver work for each try, about seconds.")
)
@bureau_options()
@click.pass_context
def explain(
    ctx: click.Context, db: Path, now: datetime, as_json: bool, month: str | None, work: float
) -> None:
    """Print the reasons."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_repairs
    from auditor.workflow.months import calendar_of, month_of, next_month

    with opened(db) as database:
        of = month_of(month or next_month(now), calendar_of(database))
        found = roster_repairs.explain(database, of, now=now, work=work)
    lines = []
    if found.shortage or found.contradicted:
        lines = [_("{month} cannot be staffed:").format(month=found.month)]
        if found.contradicted:
            lines.append("  " + _("rules about people contradict one another, whatever seats stay empty"))
        lines += [f"  {row['text']}" for row in found.shortage[:SHOWN]]
        if len(found.shortage) > SHOWN:
            lines.append(
                _("… and {count} more (all of them with --json)").format(count=len(found.shortage) - SHOWN)
            )
        for roles in dict.fromkeys(tuple(row["roles"]) for row in found.core):
            lines.append(
                labelled(who_said(roles), _("these cannot all be kept, and none of them can be left out"))
            )
            lines += [f"  {row['text']}" for row in found.core if tuple(row["roles"]) == roles]
        if found.ways:
            lines.append(_("Ways out, the cheapest first (each was tried):"))
            rows = [(who_said(row["roles"]), row["cost"], row["text"]) for row in found.ways]
            lines.append(table((_("who"), _("cost"), _("what")), rows))
    elif found.unknown:
        lines = [_("no duty roster was found within the work limit; raise it with --work")]
    elif found.made:
        lines = [_("{month} can be staffed: auditor roster make --month {month}").format(month=found.month)]
    else:
        lines = [
            _(
                "every seat of {month} that is to come can be filled: auditor roster repair --month {month}"
            ).format(month=found.month)
        ]
    answer = {
        "month": found.month,
        "possible": found.possible,
        "contradicted": found.contradicted,
        "shortage": found.shortage,
        "core": found.core,
        "ways": found.ways,
    }
    show(answer, as_json, "\n".join(lines))
    if not found.possible:
        ctx.exit(INFEASIBLE)


@roster.command(
    "fairness",
    help=_(
        "Print what everyone bears of each class: expected, carried, new, how much that lies above or below, "
        "and why it cannot be lower (为什么轮到我).\n\n"
        "\b\nExamples:\n  auditor roster fairness\n  auditor roster fairness --person l03"
    ),
)
@click.option("--month", metavar="YYYY-MM", help=_("Which month (else the last one made)."))
@click.option("--person", "asked", multiple=True, metavar="ID", help=_("Only this person, by id or name."))
@click.option(
    "--work", type=Work(), default=10.0, help=_("Units of solver work for each try, about seconds.")
)
@bureau_options()
def fairness(
    db: Path, now: datetime, as_json: bool, month: str | None, asked: tuple[str, ...], work: float
) -> None:
    """Print the accounts."""
    from auditor.cli.checks import stored_month
    from auditor.errors import UsageProblem
    from auditor.store.rosters import read_rosters
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_explaining
    from auditor.workflow.months import calendar_of, month_of
    from auditor.workflow.people import names as all_names

    with opened(db) as database:
        stored = read_rosters(database)
        key = stored_month(stored, month, _("roster"))
        names = all_names(database)
        on_it = {row["id"] for row in stored[key]["people"]}
        people = []
        for one in asked:
            found = sorted(who for who in on_it if one in (who, names.get(who)))
            if len(found) != 1:
                raise UsageProblem(
                    problem=_("--person {text}: nobody, or more than one, on the roster of {month}").format(
                        text=one, month=key
                    )
                )
            people += found
        of = month_of(key, calendar_of(database))
        told = roster_explaining.accounts_of(database, of, stored[key], people=people, work=work)
        duties = {
            who: roster_explaining.duties_told(
                database, of, stored[key], who, roster_explaining.history_command(key)
            )
            for who in people
        }
    rows = [
        (
            names.get(one.account.person, one.account.person),
            word_of_class(one.account.cls),
            f"{float(one.account.expected):.1f}",
            one.account.carried,
            one.account.new,
            f"{float(one.account.deviation):+.1f}",
            one.why,
        )
        for one in told
    ]
    titles = (
        _("name"),
        _("class"),
        _("expected"),
        _("carried"),
        _("new"),
        _("deviation"),
        _("why not lower"),
    )
    show(
        [
            {
                "person": one.account.person,
                "role": one.account.role,
                "class": one.account.cls,
                "expected": round(float(one.account.expected), 4),
                "carried": one.account.carried,
                "new": one.account.new,
                "deviation": round(float(one.account.deviation), 4),
                "kind": one.kind,
                "rules": list(one.rules),
                "why": one.why,
                **(
                    {"duties": duties[one.account.person]}
                    if one.account.cls == "total" and one.account.person in duties
                    else {}
                ),
            }
            for one in told
        ],
        as_json,
        "\n".join([table(titles, rows), *_duties_text(duties, stored[key], names)]),
    )


def _duties_text(
    duties: Mapping[str, Sequence[Mapping[str, Any]]], record: Mapping[str, Any], names: Mapping[str, str]
) -> list[str]:
    """Say how each duty came to whom."""
    from auditor.workflow.duty.roster_words import post_names

    posts = post_names(record)
    return [
        table(
            (_("name"), _("day"), _("post"), _("why")),
            [(names.get(who, who), row["date"], posts[row["post"]], row["why"]) for row in own],
        )
        for who, own in duties.items()
    ]


@roster.group(help=_("The settings of the duty desk: posts, demand, rules; one TOML file."))
def settings() -> None:
    """Group of the commands about settings."""


@settings.command(
    "template",
    help=_(
        "Print a file of settings to begin with: the default desk, all else as comments.\n\n"
        "\b\nExample:\n  auditor roster settings template > desk.toml"
    ),
)
@bureau_options(db=False)
def template(now: datetime, as_json: bool) -> None:
    """Print the template."""
    from auditor.roster.desk import TEMPLATE, DutyDesk, desk_json

    show(desk_json(DutyDesk()), as_json, TEMPLATE.rstrip("\n"))


@settings.command(
    "import",
    help=_(
        "Keep a file of settings; rosters made from now on go by it, those that are there stay.\n\n"
        "\b\nExample:\n  auditor roster settings import desk.toml"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@bureau_options()
def import_settings(db: Path, now: datetime, as_json: bool, file: Path) -> None:
    """Read, judge, keep."""
    from auditor.roster.desk import desk_json
    from auditor.workflow.bureau import bureau_for_import, opened
    from auditor.workflow.duty import desk_settings

    with bureau_for_import(db, now) as (target, keep):
        with opened(target) as database:
            desk, state = desk_settings.keep_desk(database, file, now)
        if keep():
            say(_("{db} was not there and was made").format(db=db))
    said = {"new": _("kept"), "changed": _("kept, instead of the ones before"), "unchanged": _("as before")}
    show(
        {"state": state, "desk": desk_json(desk)},
        as_json,
        _("settings of the duty desk: {posts} posts, {said}; next: auditor roster make").format(
            posts=len(desk.posts), said=said[state]
        ),
    )


@settings.command(
    "show",
    help=_("Show the settings of the duty desk.\n\n\b\nExample:\n  auditor roster settings show"),
)
@bureau_options()
def show_settings(db: Path, now: datetime, as_json: bool) -> None:
    """Print the settings."""
    from auditor.pages.words import ROLE_WORDS, word
    from auditor.roster.desk import clock, desk_json
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import desk_settings
    from auditor.workflow.duty.roster_words import KIND_SAID, STYLE_SAID
    from auditor.workflow.people import names as all_names

    with opened(db) as database:
        desk = desk_settings.desk_of(database)
        names = all_names(database)
    rows = [
        (
            post.id,
            post.zh,
            word(ROLE_WORDS, post.role),
            clock(post.start),
            post.minutes,
            _("yes") if post.night else "",
            _(KIND_SAID[post.kind]) + (_(" by telephone") if post.by_phone else ""),
            " ".join(f"{desk.need[post.id][cls]}" for cls in ("work", "weekend", "holiday", "key")),
            desk.rest(post),
        )
        for post in desk.posts
    ]
    lines = [
        labelled(_("style"), _(STYLE_SAID[desk.style])),
        table(
            (
                _("post"), _("name"), _("role"), _("from"), _("minutes"), _("night"), _("kind"),
                _("need: work day, weekend, holiday, key period"), _("rest"),
            ),
            rows,
        ),
    ]  # fmt: skip
    show(desk_json(desk), as_json, "\n".join([*lines, *_rules_text(desk, names)]))


def _rules_text(desk: DutyDesk, names: Mapping[str, str]) -> list[str]:
    """Say the rules of a desk beside its posts, a line each, with its key in the file."""
    from auditor.pages.words import COUNTED_WORDS, ROLE_WORDS, word
    from auditor.roster.desk import post_said
    from auditor.workflow.duty.roster_words import rule_said

    def called(people: Iterable[str]) -> str:
        return listed(names.get(who, who) for who in people)

    def counted(own: Mapping[str, int]) -> str:
        return listed(f"{word(COUNTED_WORDS, cls)} {count}" for cls, count in own.items())

    lines = [
        labelled(
            f"{rule_said(rule)} ({key})",
            listed(f"{word(ROLE_WORDS, role)} {value}" for role, value in limits.items()),
        )
        for key, rule, limits in (
            ("gaps", "gap", desk.gaps), ("runs", "runs", desk.runs), ("week", "week", desk.week),
            ("month", "month", desk.month),
        )
        if limits
    ]  # fmt: skip
    lines.append(labelled(_("weights"), counted(desk.weights)))
    posts = {post.id: post_said(post) for post in desk.posts}
    if desk.weekend_block:
        blocks = listed(posts.get(post, post) for post in desk.weekend_block)
        lines.append(labelled(f"{rule_said('weekend-block')} (weekend_block)", blocks))
    for pair in desk.pairs:
        said = _("together: {people}") if pair.together else _("never on one day: {people}")
        lines.append(labelled(f"{rule_said('pairs')} (pairs)", said.format(people=called(pair.people))))
    lines += [
        _("fixed group of {leader}: {members}").format(
            leader=names.get(group.leader, group.leader), members=called(group.members)
        )
        for group in desk.groups
    ]
    lines += [
        _("{other} acts for {name} (acting)").format(name=names.get(who, who), other=names.get(other, other))
        for who, other in sorted(desk.acting.items())
    ]
    if desk.order:
        lines.append(labelled(_("order"), called(desk.order)))
    lines += [
        labelled(_("{name} begins with (opening)").format(name=names.get(who, who)), counted(own))
        for who, own in sorted(desk.opening.items())
    ]
    return lines


@roster.group(help=_("Wishes about duty: the last thing that a roster looks at, after fairness or turns."))
def wish() -> None:
    """Group of the commands about wishes."""


DAY = click.DateTime(formats=["%Y-%m-%d"])


@wish.command(
    "add",
    help=_(
        "Keep a wish for no duty on some days, or with --want for one; --weight says how much it matters.\n\n"
        "\b\nExample:\n  auditor roster wish add --person l03 --from 2026-12-05 --to 2026-12-06"
    ),
)
@click.option("--person", required=True, metavar="ID", help=_("Who wishes, by id or name."))
@click.option("--from", "first", required=True, type=DAY, help=_("First day."))
@click.option("--to", "last", type=DAY, help=_("Last day (else the first one)."))
@click.option("--want", is_flag=True, help=_("A duty is wanted, not unwanted."))
@click.option("--post", default="", metavar="POST", help=_("Only this post."))
@click.option(
    "--weight", type=click.IntRange(1, 10), default=1, show_default=True, help=_("How much it matters.")
)
@bureau_options()
def add_wish(
    db: Path,
    now: datetime,
    as_json: bool,
    person: str,
    first: datetime,
    last: datetime | None,
    want: bool,
    post: str,
    weight: int,
) -> None:
    """Keep one."""
    from auditor.roster.wishes import Wish
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_wishes

    asked = Wish(person, first.date(), (last or first).date(), want, post, weight)
    with opened(db) as database:
        row = roster_wishes.add_wish(database, asked, now)
    show(row, as_json, _("kept: {wish}").format(wish=wish_text(row, {})))


@wish.command(
    "list", help=_("List the wishes that are kept.\n\n\b\nExample:\n  auditor roster wish list --json")
)
@bureau_options()
def list_wishes(db: Path, now: datetime, as_json: bool) -> None:
    """Print all."""
    from auditor.store.wishes import read_wishes
    from auditor.workflow.bureau import opened
    from auditor.workflow.people import names as all_names

    with opened(db) as database:
        rows = read_wishes(database)
        names = all_names(database)
    show(rows, as_json, "\n".join(wish_text(row, names) for row in rows))


@wish.command(
    "remove",
    help=_(
        "Take a wish away, by its person and days.\n\n"
        "\b\nExample:\n  auditor roster wish remove --person l03 --from 2026-12-05 --to 2026-12-06"
    ),
)
@click.option("--person", required=True, metavar="ID", help=_("Who wished, by id or name."))
@click.option("--from", "first", required=True, type=DAY, help=_("First day."))
@click.option("--to", "last", type=DAY, help=_("Last day (else the first one)."))
@bureau_options()
def remove_wish(
    db: Path, now: datetime, as_json: bool, person: str, first: datetime, last: datetime | None
) -> None:
    """Take one away."""
    from auditor.workflow.bureau import opened
    from auditor.workflow.duty import roster_wishes

    with opened(db) as database:
        roster_wishes.drop_wish(database, person, first.date(), (last or first).date(), now)
    show({"removed": 1}, as_json, _("taken away"))


def wish_text(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say a wish."""
    text = _("{name} would like duty, {first} – {last}") if row["want"] else (
        _("{name} would like no duty, {first} – {last}")
    )  # fmt: skip
    said = text.format(name=names.get(row["person"], row["person"]), first=row["from"], last=row["to"])
    more = [row["post"]] if row["post"] else []
    more += [_("weight {weight}").format(weight=row["weight"])] if row["weight"] > 1 else []
    return said + (f" ({', '.join(more)})" if more else "")
