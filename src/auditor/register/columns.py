"""Which column means which field: headings in Chinese (both scripts) and English, of one row or more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from auditor.register.cells import Cell, heading, text

UNIT_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "学校标识码", "學校標識碼", "学校（机构）标识码", "机构标识码", "标识码", "URN", "学校代码",
        "學校代碼", "学校编码", "单位代码", "單位代碼", "机构代码", "统一社会信用代码", "社会信用代码",
        "编码", "编号", "代码", "代碼", "編碼", "school code", "code", "id",
    ),
    "name": (
        "学校名称", "學校名稱", "学校（机构）名称", "学校（幼儿园）名称", "单位名称", "單位名稱", "机构名称",
        "幼儿园名称", "园所名称", "学校（教学点）名称",
        "学校全称", "检查对象", "校名", "学校名", "园名", "名称", "名稱", "学校", "學校",
        "school name", "name of school", "establishment name", "school", "name",
    ),
    "kind": (
        "学段", "學段", "办学类型", "辦學類型", "学校类型", "学校类别", "办学层次", "机构类型", "单位类型",
        "类型", "類型", "类别", "school type", "level", "school level", "type", "type of establishment",
        "kind",
    ),
    "district": (
        "区县", "區縣", "县区", "县市区", "区县市", "縣市別", "县市", "所属区县", "行政区划", "行政区",
        "county", "Local Authority", "district",
    ),
    "township": (
        "乡镇", "鄉鎮", "街道", "乡镇街道", "乡镇/街道", "乡镇(街道)", "镇街", "镇乡", "镇街道", "乡镇名称",
        "乡（镇）", "镇（街道）", "乡镇（街道）", "镇（乡）", "镇（乡、街道）", "乡镇(街道、园区)",
        "所在乡镇", "所属乡镇", "所在镇街", "所属镇街", "所在街道", "鄉鎮市區", "urban", "town",
        "township",
    ),
    "lat": ("纬度", "緯度", "高德纬度", "百度纬度", "腾讯纬度", "lat", "latitude", "y"),
    "lng": ("经度", "經度", "高德经度", "百度经度", "腾讯经度", "lng", "lon", "long", "longitude", "x"),
    "point": (
        "高德坐标", "百度坐标", "腾讯坐标", "高德地图坐标", "百度地图坐标", "腾讯地图坐标",
        "坐标", "坐標", "经纬度", "經緯度", "坐标点", "地理坐标", "经度纬度", "经度,纬度", "坐标(经度,纬度)",
        "位置坐标", "coordinates", "point",
    ),
    "crs": ("坐标系", "坐標系", "坐标系统", "坐标系名称", "坐标类型", "crs", "datum"),
    "students": (
        "学生数", "學生數", "学生", "學生", "在校（园）学生数", "在校（园）生数", "在校（园）人数",
        "在园（校）学生数", "在校生数", "在校学生数", "学生人数", "學生人數", "学生总数", "在校人数",
        "在校生", "在园幼儿数", "幼儿数", "学员数", "enrolment", "enrollment", "number of pupils",
        "number of students", "pupils", "students",
    ),
    "boarders": (
        "寄宿生数", "住宿生数", "寄宿生人数", "住宿生人数", "住校生数", "寄宿学生数", "住宿学生数",
        "寄宿人数", "住宿人数", "寄宿生", "住宿生", "其中寄宿生", "其中：寄宿生", "其中住宿生",
        "其中：住宿生", "其中寄宿生数", "其中：寄宿生数",
        "number of boarders", "boarders",
    ),
    "canteen": ("食堂", "有无食堂", "是否有食堂", "学校食堂", "有食堂", "食堂情况", "canteen"),
    "buses": (
        "校车数", "校车", "校车辆数", "校车数量", "校车台数", "school buses", "number of buses", "buses",
    ),
    "ownership": ("办别", "辦別", "办学性质", "公办民办", "举办性质", "ownership"),
    "sponsor": ("举办者", "舉辦者", "举办单位", "sponsor"),
    "parent": ("归口中心校", "中心校", "所属中心校", "parent"),
    "site_of": ("所属学校", "所屬學校", "主校", "所属主校", "主校名称", "主校区", "main school", "site of"),
    "closed": (
        "Date Closed", "停办", "撤并", "停办日期", "撤并日期", "停办或撤并", "停办撤并", "停办/撤并",
        "关闭日期", "撤并时间", "停办时间", "撤并年月", "停办年月", "辦學狀態", "停辦", "school status",
        "办学状态", "办园状态", "学校状态", "运行状态", "办学情况", "状态", "closed", "close date",
    ),
    "tags": ("标签", "標籤", "tags"),
}  # fmt: skip

TAG_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "自建房": ("自建房", "含自建房", "有自建房", "是否自建房"),
    "租赁校舍": ("租赁校舍", "租赁", "租用校舍"),
    "C/D级": ("C/D级", "CD级", "C、D级", "CD级危房", "C/D级校舍", "危房"),
    "地灾点": ("地灾点", "地质灾害点", "地灾隐患点"),
}
"""Columns that give a Unit a tag of their name."""

UNIT_TITLES: Mapping[str, str] = {
    "id": "学校代码", "name": "学校名称", "kind": "办学类型", "district": "区县", "township": "乡镇",
    "lat": "纬度", "lng": "经度", "students": "学生数", "boarders": "寄宿生数", "canteen": "食堂",
    "buses": "校车数", "tags": "标签", "ownership": "办别", "sponsor": "举办者", "parent": "归口中心校",
    "closed": "停办", "site_of": "所属学校",
}  # fmt: skip
"""The heading of each field of a Unit in an export; each reads back."""

UNIT_TITLES_EN: Mapping[str, str] = {
    "id": "code", "name": "school name", "kind": "school type", "district": "district",
    "township": "township", "lat": "latitude", "lng": "longitude", "students": "number of students",
    "boarders": "number of boarders", "canteen": "canteen", "buses": "school buses", "tags": "tags",
    "ownership": "ownership", "sponsor": "sponsor", "parent": "parent", "closed": "date closed",
    "site_of": "main school",
}  # fmt: skip
"""The same headings in English; each reads back too."""

STAFF_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("工号", "人员编号", "职工号", "编号", "检查证号", "证号", "staff id", "id"),
    "name": ("姓名", "检查人员", "人员姓名", "full name", "name"),
    "roles": ("角色", "值班角色", "承担角色", "人员类别", "roles", "role"),
    "post": ("职务", "职位", "岗位", "post", "position"),
    "phone": ("值班电话", "联系电话", "手机", "手机号", "电话", "duty telephone", "phone", "telephone"),
    "department": ("部门", "科室", "股室", "所在科室", "所属部门", "单位", "department"),
    "domains": ("领域", "检查领域", "负责领域", "分管领域", "专业领域", "专业", "domains"),
    "conflicts": ("回避", "回避单位", "回避情况", "conflicts"),
    "half_days": ("半天数", "每月半天数", "可用半天", "每月可用半天", "half_days", "half days"),
    "share": ("份额", "值班份额", "值班系数", "折算系数", "share"),
    "from": ("到岗日期", "到岗", "到任日期", "入职日期", "借调开始", "joined", "from"),
    "to": ("离岗日期", "离岗", "离任日期", "离职日期", "借调结束", "left", "to"),
    "kin": ("亲属单位", "亲属所在单位", "亲属任职单位", "近亲属单位", "kin work at", "kin"),
    "borrowed": (
        "借调自",
        "原单位",
        "借调单位",
        "借出单位",
        "借用自",
        "借调学校",
        "borrowed from",
        "borrowed",
    ),
    "area": (
        "联系片区",
        "包片",
        "联片包校",
        "包校",
        "包片包校",
        "责任片区",
        "联系学校",
        "包保学校",
        "contact area",
        "area",
    ),
}

STAFF_TITLES: Mapping[str, str] = {
    "id": "工号", "name": "姓名", "roles": "角色", "post": "职务", "phone": "值班电话", "department": "部门",
    "domains": "领域", "conflicts": "回避", "half_days": "半天数", "share": "份额", "from": "到岗日期",
    "to": "离岗日期", "kin": "亲属单位", "borrowed": "借调自", "area": "联系片区",
}  # fmt: skip
"""The heading of each field of an office-holder in a form; each reads back."""

STAFF_TITLES_EN: Mapping[str, str] = {
    "id": "staff id", "name": "full name", "roles": "roles", "post": "post", "phone": "duty telephone",
    "department": "department", "domains": "domains", "conflicts": "conflicts", "half_days": "half days",
    "share": "share", "from": "joined", "to": "left", "kin": "kin work at", "borrowed": "borrowed from",
    "area": "contact area",
}  # fmt: skip

LEAVE_ALIASES: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "工号", "id", "姓名", "人员", "编号", "请假人", "name"),
    "from": ("from", "开始", "开始日期", "开始时间", "起始日期", "请假开始", "起", "自", "start"),
    "to": ("to", "结束", "结束日期", "结束时间", "终止日期", "请假结束", "止", "至", "end"),
    "half": ("时段", "半天", "上午下午", "上/下午", "half"),
    "kind": ("kind", "类别", "假别", "请假类型", "请假类别", "事由"),
    "days": ("days", "天数", "请假天数", "共计天数", "合计天数"),
}

BLACKOUT_ALIASES: Mapping[str, tuple[str, ...]] = {
    "scope": ("scope", "范围", "单位", "学校代码", "学校名称", "学校", "单位名称", "乡镇", "适用范围"),
    "from": ("from", "开始", "开始日期", "起始日期", "日期", "起", "自", "start", "date"),
    "to": ("to", "结束", "结束日期", "终止日期", "止", "至", "end"),
    "kind": ("kind", "类别", "事由类别", "类型"),
    "reason": ("reason", "事由", "说明", "原因", "备注"),
}

YEAR_ALIASES: Mapping[str, tuple[str, ...]] = {
    "from": (
        "from", "first", "日期", "开始日期", "开始", "起始日期", "起", "自", "放假时间", "放假日期", "时间",
        "首日", "start", "date", "day", "first day",
    ),
    "to": ("to", "last", "结束日期", "结束", "终止日期", "止", "至", "末日", "end", "last day"),
    "kind": ("kind", "类别", "类型", "性质", "日期类型", "日期性质", "种类"),
    "name": ("name", "名称", "节日", "节假日", "假期", "节假日名称", "事项", "说明", "备注", "note"),
    "source": ("source", "来源", "依据", "文件", "文号", "通知", "通知文号"),
    "work": ("work", "调休上班", "调休上班日", "调休上班日期", "上班日", "上班日期", "补班", "补班日期"),
}  # fmt: skip

PAST_ALIASES: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit", "检查对象", "学校代码", "学校名称", "单位名称", "单位", "学校", "id", "name"),
    "on": ("date", "检查日期", "检查时间", "日期", "时间", "on"),
    "domains": ("domains", "检查领域", "领域", "检查事项", "检查内容", "事项"),
    "people": ("people", "检查人员", "检查组成员", "人员", "姓名"),
    "directed": ("directed", "交办文号", "交办", "交办单位", "文号"),
}

SERIAL = ("序号", "序", "编号", "no", "no.", "#", "項次", "项次", "行号")
"""Headings of a column that only numbers the lines."""

_ASIDE = re.compile(
    r"(\*|\((°|度|北纬|东经|e|n|人|名|所|辆|台|个|必填|选填|全称|规范全称|公里|wgs84|cgcs2000|gcj02|bd09"
    r"|火星坐标|百度坐标|高德坐标|百度|高德|腾讯|十进制度?|有/?无|是/?否|decimaldegrees?|degrees?)\))+$"
)
"""What a heading may say besides its field: a unit of measure, or that it must be filled in."""

_TOTALS = {
        "合计", "合計", "总计", "總計", "小计", "小計", "总数", "總數", "计", "計", "人数", "人數",
        "total", "有无",
    "有無", "是否有", "有/无",
}  # fmt: skip
"""A lower heading that says no more than the upper one above it."""

_PARTS = re.compile(r"[㐀-鿿豈-﫿]+|[A-Za-z][A-Za-z _.]*[A-Za-z.]|[A-Za-z]")


def _bare(folded: str) -> str:
    return _ASIDE.sub("", folded)


def places(levels: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """Give the column of each heading, the first of two alike, also without unit of measure.

    Parameters
    ----------
    levels
        The rows of the header, the upper first. What stands lowest goes before what stands above,
        and both together (规模 over 学生数, 学生数 over 合计) after the lower alone.
    """
    width = max((len(row) for row in levels), default=0)
    stacks = [
        [heading(row[column]) for row in levels if column < len(row) and heading(row[column])]
        for column in range(width)
    ]
    stacks = [[one for at, one in enumerate(stack) if one not in stack[:at]] for stack in stacks]
    known: dict[str, int] = {}
    for column, stack in enumerate(stacks):
        if stack:
            known.setdefault(stack[-1], column)
    for column, stack in enumerate(stacks):
        if stack:
            known.setdefault(_bare(stack[-1]), column)
    for column, stack in enumerate(stacks):
        if len(stack) > 1:
            known.setdefault("".join(stack), column)
            known.setdefault("".join(stack[-2:]), column)
            if stack[-1] in _TOTALS:
                known.setdefault(stack[-2], column)
                known.setdefault(_bare(stack[-2]), column)
    known.pop("", None)
    return known


@lru_cache(maxsize=4096)
def _double(title: str) -> tuple[str, ...]:
    """Give the names that a heading in two languages holds, folded; () if it holds one."""
    parts = tuple(heading(part) for part in _PARTS.findall(unicodedata.normalize("NFKC", title)))
    return parts if len(parts) > 1 else ()


def find_columns(
    levels: Sequence[Sequence[Cell]], aliases: Mapping[str, Sequence[str]], mapping: Mapping[str, str]
) -> dict[str, int]:
    """Give the column of every field that the rows of a header name, the earlier alias winning.

    A `mapping` of field to heading goes first and takes its column away from the aliases; a field whose
    heading is "" is not read. A heading that holds two names of one field (``School Name 学校名称``) means
    that field.
    """
    known = places(levels)
    found: dict[str, int] = {}
    for field, title in mapping.items():
        if title and heading(title) in known:
            found[field] = known[heading(title)]
    aliases = {field: names for field, names in aliases.items() if mapping.get(field) != ""}
    for field, names in aliases.items():
        if field in found:
            continue
        column = next((known[heading(name)] for name in names if heading(name) in known), None)
        if column is not None and column not in found.values():
            found[field] = column
    for row in reversed(levels):
        for column, cell in enumerate(row):
            lowest = heading(levels[-1][column]) if column < len(levels[-1]) else ""
            telling = row is levels[-1] or lowest in _TOTALS or not lowest
            parts = _double(text(cell)) if telling and column not in found.values() else ()
            for field, names in aliases.items():
                if parts and field not in found and set(parts) <= set(map(heading, names)):
                    found[field] = column
                    break
    return found


def crs_of_heading(title: str) -> str:
    """Give what a heading says of the system of coordinates: 经度（GCJ-02）; "" if nothing."""
    found = re.search(r"gcj02|bd09|火星|高德|腾讯|百度", heading(title))
    return found[0] if found else ""
