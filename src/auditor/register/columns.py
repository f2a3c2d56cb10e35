"""Which column means which field: headings in Chinese (both scripts) and English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from auditor.register.cells import Cell, heading, text

UNIT_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "学校标识码", "學校標識碼", "学校（机构）标识码", "机构标识码", "URN", "学校代码", "學校代碼",
        "单位代码", "單位代碼", "统一社会信用代码", "编码", "代码", "code", "id",
    ),
    "name": (
        "学校名称", "學校名稱", "学校（机构）名称", "单位名称", "單位名稱", "机构名称", "校名",
        "名称", "名稱", "school name", "establishment name", "name",
    ),
    "kind": (
        "学段", "學段", "办学类型", "辦學類型", "学校类型", "学校类别", "类型", "類型",
        "type", "type of establishment", "kind",
    ),
    "district": (
        "区县", "區縣", "县区", "县市区", "区县市", "縣市別", "县市", "county", "Local Authority", "district",
    ),
    "township": (
        "乡镇", "鄉鎮", "街道", "乡镇街道", "乡镇/街道", "乡镇(街道)", "镇街", "所在乡镇", "所属乡镇",
        "鄉鎮市區", "urban", "town", "township",
    ),
    "lat": ("纬度", "緯度", "lat", "latitude", "y"),
    "lng": ("经度", "經度", "lng", "lon", "long", "longitude", "x"),
    "students": (
        "学生数", "學生數", "在校生数", "在校学生数", "学生人数", "enrolment", "enrollment",
        "number of pupils", "students",
    ),
    "boarders": ("寄宿生数", "住宿生数", "寄宿生人数", "住校生数", "寄宿生", "住宿生", "boarders"),
    "canteen": ("食堂", "有无食堂", "是否有食堂", "学校食堂", "canteen"),
    "buses": ("校车数", "校车", "校车辆数", "校车数量", "buses", "school buses"),
    "ownership": ("办别", "辦別", "办学性质", "公办民办", "ownership"),
    "sponsor": ("举办者", "舉辦者", "举办单位", "sponsor"),
    "parent": ("归口中心校", "中心校", "所属中心校", "parent"),
    "closed": ("Date Closed", "停办", "撤并", "停办日期", "关闭日期", "closed", "close date"),
    "tags": ("标签", "標籤", "tags"),
}  # fmt: skip

TAG_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "自建房": ("自建房", "含自建房"),
    "租赁校舍": ("租赁校舍", "租赁", "租用校舍"),
    "C/D级": ("C/D级", "CD级", "C、D级", "CD级危房", "C/D级校舍", "危房"),
    "地灾点": ("地灾点", "地质灾害点", "地灾隐患点"),
}
"""Columns that give a Unit a tag of their name."""

UNIT_TITLES: Mapping[str, str] = {
    "id": "学校代码", "name": "学校名称", "kind": "办学类型", "district": "区县", "township": "乡镇",
    "lat": "纬度", "lng": "经度", "students": "学生数", "boarders": "寄宿生数", "canteen": "食堂",
    "buses": "校车数", "tags": "标签", "ownership": "办别", "sponsor": "举办者", "parent": "归口中心校",
    "closed": "停办",
}  # fmt: skip
"""The heading of each field in an export; each reads back."""

STAFF_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "工号", "编号", "人员编号", "检查证号"),
    "name": ("name", "姓名", "检查人员"),
    "department": ("department", "部门", "科室", "股室", "单位"),
    "domains": ("domains", "领域", "检查领域", "专业"),
    "conflicts": ("conflicts", "回避", "回避单位"),
    "half_days": ("half_days", "半天数", "每月半天数", "可用半天"),
}

LEAVE_ALIASES: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "工号", "id", "姓名", "人员", "编号", "name"),
    "from": ("from", "开始", "开始日期", "起", "自", "start"),
    "to": ("to", "结束", "结束日期", "止", "至", "end"),
    "kind": ("kind", "类别", "假别", "请假类型", "事由"),
}


_ASIDE = re.compile(r"(\*|\((°|度|北纬|东经|人|名|所|辆|台|必填|选填|wgs84|十进制度?)\))+$")
"""What a heading may say besides its field: a unit of measure, or that it must be filled in."""


def places(row: Sequence[Cell]) -> dict[str, int]:
    """Give the column of each heading of a row, the first of two alike, also without unit of measure."""
    known: dict[str, int] = {}
    for fold in (heading, lambda cell: _ASIDE.sub("", heading(cell))):
        for at, cell in enumerate(row):
            known.setdefault(fold(cell), at)
    known.pop("", None)
    return known


def find_columns(
    row: Sequence[Cell], aliases: Mapping[str, Sequence[str]], mapping: Mapping[str, str]
) -> dict[str, int]:
    """Give the column of every field that a row of headings names, the earlier alias winning.

    A `mapping` of field to heading goes first and takes its column away from the aliases.
    """
    known = places(row)
    found: dict[str, int] = {}
    for field, title in mapping.items():
        if heading(title) in known:
            found[field] = known[heading(title)]
    for field, names in aliases.items():
        if field in found:
            continue
        column = next((known[heading(name)] for name in names if heading(name) in known), None)
        if column is not None and column not in found.values():
            found[field] = column
    return found


def titles(row: Sequence[Cell]) -> list[str]:
    """Give the headings of a row that say anything."""
    return [text(cell) for cell in row if text(cell)]
