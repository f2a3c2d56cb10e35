"""What a flag means, for the person who mends the register: the unit loads, the field stays empty."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.i18n import N_

FLAGS: Mapping[str, tuple[str, str]] = {
    "no-point": (
        N_("no coordinates"),
        N_("write longitude and latitude; until then it is planned by township"),
    ),
    "zero-point": (N_("the coordinates are 0,0"), N_("write the true ones")),
    "swapped-point": (
        N_("longitude and latitude are exchanged"),
        N_("exchange the two cells; if all are so, name the columns with --map lat=… --map lng=…"),
    ),
    "out-of-range": (N_("there is no such place on earth"), N_("mend longitude and latitude")),
    "far-from-district": (
        N_("far from the other units of its district; the point is kept"),
        N_("see whether the point, its system of coordinates or the district is wrong"),
    ),
    "unreadable-number": (
        N_("not a whole number"),
        N_("write the number alone, such as 300, of a point 109.445523"),
    ),
    "unreadable-yes-no": (N_("neither yes nor no"), N_("write 是 or 否, 有 or 无, yes or no")),
    "unknown-kind": (
        N_("a kind of unit that is not known"),
        N_("write 小学, 初中, 高中, 幼儿园, 九年一贯制, 完全中学, 职业学校, 特殊教育学校 or 培训机构"),
    ),
    "unclear-closed": (
        N_("whether it is closed is not clear; it stays as the register has it, a new one is open"),
        N_("write 是 or the day of closing; leave the cell of an open one empty"),
    ),
    "unknown-parent": (
        N_("its main school is not in the register; it is taken as a unit of its own"),
        N_("write the main school's name or code as it stands in the register"),
    ),
    "teachers-on-pupil-free-day": (
        N_("teaching staff is on duty on a day without pupils"),
        N_("put leaders and others of the staff on duty; teachers have these days off"),
    ),
}
"""Every flag, with what was found and the cure."""
