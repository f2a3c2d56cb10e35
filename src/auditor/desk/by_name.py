"""The desk's own pages by what people call them, in both languages: who does not find one types its name."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.i18n import N_, _, in_all
from auditor.workflow.finding import Found

NAMED = {
    "/": (
        N_("Home"),
        "首页 工作台 本月 待办 撤销 home start desk month to do undo",
    ),
    "/units": (
        N_("Units"),
        "单位 检查对象 名录 名录库 学校 导入 地图 撤销 units register schools import map undo",
    ),
    "/units/-/new": (
        N_("New unit"),
        "新增单位 添加 录入 学校 new unit add school",
    ),
    "/people": (
        N_("People"),
        "人员 检查人员 通讯录 导入 people staff inspectors import",
    ),
    "/people/-/new": (
        N_("New person"),
        "新增人员 添加 录入 new person add",
    ),
    "/leave": (
        N_("Leave"),
        "请假 休假 销假 外出 报备 离岗 审批 leave away absence requests",
    ),
    "/leave/new": (
        N_("Note leave"),
        "登记请假 休假 note leave away absence",
    ),
    "/imports": (
        N_("Files in"),
        "导入文件 导入 模板 excel wps csv files in import templates",
    ),
    "/programmes": (
        N_("Programmes"),
        "任务 抽查计划 专项检查 方案 必查 programmes programme",
    ),
    "/programmes/new": (
        N_("Make a programme"),
        "新建任务 抽查计划 专项检查 方案 make a programme new",
    ),
    "/draws": (
        N_("Draws"),
        "抽取 抽签 摇号 双随机 见证 大屏 公示 draws ceremony lottery witnesses",
    ),
    "/draws/ledger": (
        N_("Ledger of draws"),
        "抽取登记簿 台账 记录 ledger of draws",
    ),
    "/verify": (
        N_("Verify"),
        "核对 校验 验证 抽取记录 公开 verify check transcript",
    ),
    "/plans": (
        N_("Plans"),
        "检查安排 排任务 检查任务 任务单 派车单 解封 下达 结果 递补 改期 "
        "plans visits release task sheets outcomes stand in repair postpone",
    ),
    "/rosters": (
        N_("Rosters"),
        "值班表 值班 带班 排班 调班 替班 顶班 rosters duty swap sick",
    ),
    "/rosters/hours": (
        N_("Hours on duty"),
        "值班时长 工时 加班 补贴 hours on duty",
    ),
    "/rosters/wishes": (
        N_("Wishes about duty"),
        "值班意愿 意愿 愿望 wishes about duty",
    ),
    "/rosters/desk": (
        N_("Posts and rules of the duty desk"),
        "值班岗位与规则 值班 岗位 规则 设置 posts and rules of the duty desk settings",
    ),
    "/calendars": (
        N_("Calendars"),
        "日历 放假 节假日 假期 调休 补班 学期 重点时段 订阅 手机 "
        "calendars holidays terms key periods ics phone",
    ),
    "/calendars#blackouts": (
        N_("Days without visits"),
        "不排检查的日子 停课 考试 中考 高考 days without visits exams closures",
    ),
    "/domains": (
        N_("Domains"),
        "检查领域 检查表 检查项 插件 打印 domains checklists items plugins bundle print",
    ),
    "/health": (
        N_("Health of the file"),
        "数据文件体检 健康 备份 检查数据 日志 health of the file doctor backup log",
    ),
    "/search": (
        N_("Search everything"),
        "全部搜索 搜索 查找 search everything find",
    ),
}
"""By address: what the page is called, and by which other words it is looked for, in both languages."""


def named_pages() -> Iterator[Found]:
    """Give the pages, named in the language of the context."""
    for address, (name, words) in NAMED.items():
        yield Found(kind="page", key=address, name=_(name), words=" ".join((*in_all(name), words)))
