"""Short plain texts of a roster, to be pasted into a chat (WeChat): of a week, a month, a person."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.entities import CalendarDay
from auditor.i18n import _, labelled, language, listed
from auditor.pages.roster_views import MemberView, RosterView, half_day_words, remark, weeks
from auditor.pages.words import day_name, month_name, weekday


def month_text(view: RosterView) -> str:
    """Give the month, a line a day: posts by their names, leaders first, no telephone."""
    title = _("{bureau}: duty roster of {month}").format(bureau=view.bureau, month=month_name(view.month))
    lines = _head(view, title)
    lines += [_short(view, day) for day in view.days]
    lines += ["", *(labelled(post.name, post.hours) for post in view.posts)]
    return "\n".join(lines).strip("\n") + "\n"


def week_texts(view: RosterView) -> dict[str, str]:
    """Give a text for each week, with telephones, by the ISO date of its first day in the month."""
    found = {}
    for days in weeks(view.days):
        first, last = days[0].day, days[-1].day
        span = f"{day_name(first)}–{day_name(last)}" if first != last else day_name(first)
        title = _("{bureau}: on duty {span}").format(bureau=view.bureau, span=span)
        lines = _head(view, title)
        for day in days:
            special = remark(day)
            lines += ["", f"{day_name(day.day)} {special}".rstrip()]
            for post in view.posts:
                people = [_contact(one) for one in view.on(day.day, post.id)]
                if people:
                    lines.append(labelled(f"{post.name} {post.hours}", listed(people)))
        found[first.isoformat()] = "\n".join(lines).strip("\n") + "\n"
    return found


def person_text(view: RosterView, member: MemberView) -> str:
    """Give one person's own duties, with the times and with whom; and the stand-by half-days."""
    title = _("{name}: duty in {month}").format(name=member.name, month=month_name(view.month))
    lines = _head(view, title)
    duties = view.of(member.id)
    by_day = {one.day: one for one in view.days}
    for seat in duties:
        post = view.post(seat.post)
        special = remark(by_day[seat.day]) if seat.day in by_day else ""
        lines.append(f"{day_name(seat.day)} {post.name} {post.hours}{_in_brackets(special)}")
        others = [f"{other.name} {_contact(who)}" for other, who in view.beside(seat)]
        if others:
            lines.append("  " + labelled(_("on duty with"), listed(others)))
    if not duties:
        lines.append(_("no duty in this month"))
    if member.standby:
        lines += ["", labelled(_("Stand-by half-days"), listed(half_day_words(member.standby)))]
    return "\n".join(lines).strip("\n") + "\n"


def _head(view: RosterView, title: str) -> list[str]:
    """Give the title and what must be known of the roster, a line each."""
    state = " · ".join(one for one in (view.standing, *view.marks) if one)
    return [f"【{title}】" if language() == "zh" else title, *filter(None, [state])]


def _short(view: RosterView, day: CalendarDay) -> str:
    told = []
    for post in view.posts:
        people = [one.name for one in view.on(day.day, post.id)]
        if people:
            told.append(f"{post.name} {listed(people)}")
    on = (
        f"{day.day.day}日（周{weekday(day.day)}）"
        if language() == "zh"
        else f"{weekday(day.day)} {day.day.day}"
    )
    return f"{on}{_in_brackets(remark(day))} {_split(told)}".rstrip()


def _split(told: Sequence[str]) -> str:
    return "｜".join(told) if language() == "zh" else " | ".join(told)


def _in_brackets(text: str) -> str:
    if not text:
        return ""
    return f"【{text}】" if language() == "zh" else f" ({text})"


def _contact(one: MemberView) -> str:
    return f"{one.name} {one.phone}".rstrip()
