"""Every table that leaves for statistics; a field of a course that is in none is named by a test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lims.domain.master_batch_record import Words
from lims.domain.trial.course import AttemptEnd, Cohort, Course, NotAssessable
from lims.domain.trial.dataset_columns import column as _column
from lims.domain.trial.dataset_columns import table_of as _table
from lims.domain.trial.datasets import Dataset
from lims.domain.trial.pregnancy import (
    Conception,
    DatingMethod,
    DeliveryOnset,
    Pregnancy,
    PregnancyEndKind,
    Ultrasound,
)


def _joined(name: str) -> Callable[[Any], str | None]:
    def of(thing: Any) -> str | None:
        owner = thing
        for part in name.split("."):
            owner = getattr(owner, part) if owner is not None else None
        return None if owner is None else " ".join(owner)

    return of


@dataclass(frozen=True, slots=True)
class Within:
    """A thing with the thing that it belongs to."""

    outer: Any
    inner: Any


def _within(outers: str, inners: str) -> Callable[[Course], Iterator[Within]]:
    def each(course: Course) -> Iterator[Within]:
        for outer in getattr(course, outers):
            for inner in getattr(outer, inners):
                yield Within(outer, inner)

    return each


def _measured(course: Course) -> Iterator[Within]:
    for round_ in course.rounds:
        for attempt in round_.attempts:
            for item in attempt.measured:
                yield Within(attempt, item)


def _fetuses(course: Course) -> Iterator[tuple[Pregnancy, Ultrasound, Any]]:
    for pregnancy in course.pregnancies:
        for scan in pregnancy.ultrasounds:
            for fetus in scan.fetuses:
                yield pregnancy, scan, fetus


def _neonates(course: Course) -> Iterator[Within]:
    for pregnancy in course.pregnancies:
        for child in pregnancy.end.neonates if pregnancy.end else ():
            yield Within(pregnancy, child)


_ROUND = _column("outer.number", "Round", "轮次", "integer", code="round")
_PREGNANCY = _column("outer.number", "Pregnancy of hers", "第几次妊娠", "integer", code="pregnancy")

PARTICIPANTS = _table(
    "participants",
    ("Participants", "受试者"),
    ("one woman", "一名受试者"),
    lambda course: (course,),
    _column("cohort", "Where she is counted", "归入人群", kind=Cohort),
    _column("pre_screened_on", "Pre-screened on", "预筛日期", "date"),
    _column("not_going_on", "Why not after the first look", "初筛后未继续原因", of=_joined("not_going_on")),
    _column("consented_on", "First consent on", "首次知情同意日期", "date"),
    _column("registered_on", "Baseline menstrual-blood analysis on", "基线经血检测日期", "date"),
    _column("eligibility.on", "Eligibility decided on", "入选判定日期", "date"),
    _column("eligibility.eligible", "Eligible", "符合入选", "yes_no"),
    _column("eligibility.reasons", "Why not eligible", "不符合原因", of=_joined("eligibility.reasons")),
    _column("eligibility.failure_type", "Type of reproductive failure", "生殖障碍类型"),
    _column("eligibility.rule_set", "Rule set that judged her", "判定规则版本"),
    _column("randomisation.on", "Randomised on", "随机化日期", "date"),
    _column("randomisation.at", "Randomised at", "随机化时间", "moment"),
    _column("randomisation.arm", "Arm", "组别"),
    _column("randomisation.receives_product", "Arm receives the product", "该组接受产品", "yes_no"),
    _column("randomisation.stratum", "Stratum", "层"),
    _column("randomisation.in_error_on", "Marked as randomised in error on", "标记误随机化日期", "date"),
    _column("planned_rounds", "Rounds planned", "计划轮次", "integer"),
    _column("no_further_round_on", "Decided on: no further round", "决定不再进行下一轮的日期", "date"),
    _column("withdrawn_on", "Withdrew on", "退出日期", "date"),
    _column("lost_on", "Lost to follow-up after", "失访日期", "date"),
    _column("reached_on", "Last reached on", "最近联系到日期", "date"),
)
DEVIATIONS = _table(
    "deviations",
    ("Protocol deviations", "方案偏离"),
    ("one deviation", "一次偏离"),
    lambda course: course.deviations,
    _column("on", "On", "日期", "date"),
    _column("code", "What", "内容"),
    _column("major", "Ends per protocol", "重大（不再符合方案集）", "yes_no"),
)
ANALYSES = _table(
    "analyses",
    ("Menstrual-blood NK analyses", "经血 NK 检测"),
    ("one analysis, done or due", "一次检测（已做或应做）"),
    lambda course: course.analyses,
    _column("number", "Number; 0 is the baseline", "序号，0 为基线", "integer"),
    _column("on", "Collected on, or due on", "采集日期或应采日期", "date"),
    _column("rule_set", "Rule set", "判定规则版本"),
    _column("not_assessable", "Why it cannot be judged", "无法判定原因", kind=NotAssessable),
    _column("abnormal", "Abnormal", "异常", "yes_no"),
    _column("normalised", "Normalised against baseline", "较基线恢复正常", "yes_no"),
    _column("partial", "Partly improved against baseline", "较基线部分改善", "yes_no"),
)
MARKERS = _table(
    "markers",
    ("Markers of menstrual-blood analyses", "经血检测指标"),
    ("one marker of one analysis", "一次检测中的一个指标"),
    _within("analyses", "readings"),
    _column("outer.number", "Number of the analysis", "检测序号", "integer", code="analysis"),
    _column("inner.code", "Marker", "指标", code="marker"),
    _column("inner.value", "Value", "数值", "decimal", code="value"),
    _column("inner.unit", "Unit", "单位", code="unit"),
    _column("inner.abnormal", "Outside its range", "超出范围", "yes_no", code="abnormal"),
)
ROUNDS = _table(
    "rounds",
    ("Rounds", "轮次"),
    ("one round", "一个轮次"),
    lambda course: course.rounds,
    _column("number", "Round", "轮次", "integer", code="round"),
    _column("planned_on", "Planned for", "计划日期", "date"),
    _column("perfused_on", "Perfused on", "灌注日期", "date"),
    _column("perfused_at", "Perfused at", "灌注时间", "moment"),
    _column("batch", "Batch that was perfused", "灌注批次"),
    _column("delivered_dose", "Viable cells delivered", "送达活细胞数", "decimal", unit="cells"),
)
BATCHES = _table(
    "batches",
    ("Manufacturing attempts", "制备尝试"),
    ("one batch", "一个批次"),
    _within("rounds", "attempts"),
    _ROUND,
    _column("inner.number", "Attempt", "尝试序号", "integer", code="attempt"),
    _column("inner.batch", "Batch", "批次", code="batch"),
    _column("inner.opened_on", "Opened on", "建批日期", "date", code="opened_on"),
    _column("inner.collected_at", "Blood drawn at", "采血时间", "moment", code="collected_at"),
    _column("inner.released_at", "Released at", "放行时间", "moment", code="released_at"),
    _column("inner.ended", "How it ended", "结局", code="ended", kind=AttemptEnd),
    _column("inner.ended_on", "Ended on", "结束日期", "date", code="ended_on"),
)
ATTRIBUTES = _table(
    "attributes",
    ("Quality attributes of products", "产品质量属性"),
    ("one attribute of one batch", "一个批次的一个属性"),
    _measured,
    _column("outer.batch", "Batch", "批次", code="batch"),
    _column("inner.code", "Attribute", "属性", code="attribute"),
    _column("inner.value", "Value", "数值", "decimal", code="value"),
    _column("inner.unit", "Unit", "单位", code="unit"),
)
CANCELLATIONS = _table(
    "cancellations",
    ("Cancellations", "取消"),
    ("one cancellation of a round", "一次轮次取消"),
    _within("rounds", "cancellations"),
    _ROUND,
    _column("inner.on", "On", "日期", "date", code="on"),
    _column("inner.reason", "Reason", "原因", code="reason"),
)
VISITS = _table(
    "visits",
    ("Visits", "访视"),
    ("one planned visit", "一次计划访视"),
    lambda course: course.visits,
    _column("code", "Visit", "访视"),
    _column("on", "On", "日期", "date"),
    _column("done", "Took place", "已完成", "yes_no"),
)
TRIES = _table(
    "conception_attempts",
    ("Attempts to conceive", "备孕尝试"),
    ("one cycle", "一个周期"),
    lambda course: course.conception_attempts,
    _column("on", "Asked on", "询问日期", "date"),
    _column("trying", "Trying", "正在备孕", "yes_no"),
    _column("how", "How", "方式", kind=Conception),
)
PREGNANCIES = _table(
    "pregnancies",
    ("Pregnancies", "妊娠"),
    ("one pregnancy", "一次妊娠"),
    lambda course: course.pregnancies,
    _column("number", "Pregnancy of hers", "第几次妊娠", "integer", code="pregnancy"),
    _column("found_on", "Found on", "发现日期", "date"),
    _column("conception", "Conceived by", "受孕方式", kind=Conception),
    _column("end.on", "Ended on", "结束日期", "date"),
    _column("end.kind", "How it ended", "结局类别", kind=PregnancyEndKind),
    _column("end.onset", "Onset of delivery", "分娩发动方式", kind=DeliveryOnset),
    _column("lost_on", "Lost to follow-up on", "失访日期", "date"),
)
DATINGS = _table(
    "datings",
    ("Datings of pregnancies", "孕周推算"),
    ("one dating", "一次推算"),
    _within("pregnancies", "datings"),
    _PREGNANCY,
    _column("inner.method", "By", "依据", code="method", kind=DatingMethod),
    _column("inner.on", "Day that it goes by", "依据日期", "date", code="on"),
    _column("inner.recorded_on", "Recorded on", "记录日期", "date", code="recorded_on"),
    _column("inner.embryo_days", "Age of the embryo", "胚胎日龄", "integer", code="embryo_days", unit="days"),
    _column(
        "inner.measured_days",
        "Gestational age by the scan",
        "超声孕龄",
        "integer",
        code="measured_days",
        unit="days",
    ),
)
ULTRASOUNDS = _table(
    "ultrasounds",
    ("Ultrasounds", "超声检查"),
    ("one scan", "一次检查"),
    _within("pregnancies", "ultrasounds"),
    _PREGNANCY,
    _column("inner.on", "On", "日期", "date", code="on"),
    _column("inner.sacs_in_uterus", "Sacs in the uterus", "宫内孕囊数", "integer", code="sacs_in_uterus"),
    _column("inner.sac_elsewhere", "Sac elsewhere", "宫外孕囊", "yes_no", code="sac_elsewhere"),
)
FETUSES = _table(
    "fetuses",
    ("Fetuses seen", "所见胎儿"),
    ("one fetus on one scan", "一次检查中的一个胎儿"),
    _fetuses,
    _column("", "Pregnancy of hers", "第几次妊娠", "integer", code="pregnancy", of=lambda it: it[0].number),
    _column("", "Scan on", "检查日期", "date", code="on", of=lambda it: it[1].on),
    _column("", "Fetus", "胎儿", code="fetus", of=lambda it: it[2].fetus),
    _column("", "Heartbeat", "胎心", "yes_no", code="heartbeat", of=lambda it: it[2].heartbeat),
    _column(
        "",
        "Size agrees with age",
        "大小与孕龄相符",
        "yes_no",
        code="size_consistent",
        of=lambda it: it[2].size_consistent,
    ),
)
NEONATES = _table(
    "neonates",
    ("Children at birth", "新生儿"),
    ("one child", "一名新生儿"),
    _neonates,
    _PREGNANCY,
    _column("inner.fetus", "Fetus", "胎儿", code="fetus"),
    _column("inner.signs_of_life", "Signs of life", "生命体征", "yes_no", code="signs_of_life"),
)
ADVERSE_EVENTS = _table(
    "adverse_events",
    ("Adverse events", "不良事件"),
    ("one event", "一次事件"),
    lambda course: course.adverse_events,
    _column("number", "Number", "序号", "integer"),
    _column("began_on", "Began on", "开始日期", "date"),
    _column("ended_on", "Ended on", "结束日期", "date"),
    _column("code", "Event", "事件"),
    _column("grade", "Grade", "分级", "integer"),
    _column("serious", "Serious", "严重", "yes_no"),
    _column("related", "Related to the product", "与产品的相关性"),
)

DATASETS: tuple[Dataset, ...] = (
    PARTICIPANTS,
    DEVIATIONS,
    ANALYSES,
    MARKERS,
    ROUNDS,
    BATCHES,
    ATTRIBUTES,
    CANCELLATIONS,
    VISITS,
    TRIES,
    PREGNANCIES,
    DATINGS,
    ULTRASOUNDS,
    FETUSES,
    NEONATES,
    ADVERSE_EVENTS,
)


def title_of(dataset: str, column: str) -> Words:
    """What a column is called, with its table; its codes where there is no such column any more."""
    for table in DATASETS:
        for one in table.columns:
            if (table.code, one.code) == (dataset, column):
                return Words(en=f"{table.title.en}: {one.title.en}", zh=f"{table.title.zh}：{one.title.zh}")
    return Words(en=f"{dataset}.{column}", zh=f"{dataset}.{column}")
