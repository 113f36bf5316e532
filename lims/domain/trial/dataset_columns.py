"""How the columns of the trial's tables are made, and what each coded value means in both languages."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lims.domain.master_batch_record import Words
from lims.domain.trial.course import AttemptEnd, Cohort, Course, NotAssessable
from lims.domain.trial.datasets import Codes, Column, Dataset, Sort
from lims.domain.trial.pregnancy import Conception, DatingMethod, DeliveryOnset, PregnancyEndKind

MEANINGS: Mapping[StrEnum, tuple[str, str]] = MappingProxyType(
    {
        Cohort.PRE_SCREENED: ("not yet analysed", "尚未检测"),
        Cohort.NOT_RANDOMISED: ("analysed, never randomised", "已检测，未随机化"),
        Cohort.RANDOMISED: ("randomised", "已随机化"),
        NotAssessable.PREGNANT: ("pregnant", "妊娠"),
        NotAssessable.AMENORRHOEA: ("no menses", "闭经"),
        NotAssessable.INADEQUATE: ("sample inadequate", "样本不合格"),
        NotAssessable.MISSED: ("missed", "漏采"),
        NotAssessable.SUPPRESSED: ("cycle suppressed", "月经受抑制"),
        NotAssessable.LOST: ("lost to follow-up", "失访"),
        AttemptEnd.PERFUSED: ("perfused", "已灌注"),
        AttemptEnd.REJECTED: ("rejected by quality", "质量部门拒放"),
        AttemptEnd.FAILED: ("process failed", "制备失败"),
        AttemptEnd.CANCELLED: ("cancelled by the clinic", "临床取消"),
        AttemptEnd.EXPIRED: ("expired before perfusion", "灌注前过期"),
        Conception.NATURAL: ("natural", "自然"),
        Conception.INSEMINATION: ("insemination", "人工授精"),
        Conception.IVF: ("IVF or ICSI, fresh transfer", "体外受精，鲜胚移植"),
        Conception.FROZEN_TRANSFER: ("frozen transfer", "冻胚移植"),
        DatingMethod.LMP: ("last menses", "末次月经"),
        DatingMethod.ULTRASOUND: ("ultrasound", "超声"),
        DatingMethod.FERTILISATION: ("fertilisation", "受精日"),
        DatingMethod.TRANSFER: ("embryo transfer", "胚胎移植"),
        PregnancyEndKind.ENDED: ("loss or delivery", "丢失或分娩"),
        PregnancyEndKind.TERMINATED: ("induced termination", "人工终止"),
        PregnancyEndKind.ECTOPIC: ("ectopic", "异位妊娠"),
        PregnancyEndKind.BIOCHEMICAL: ("biochemical only", "仅生化妊娠"),
        DeliveryOnset.SPONTANEOUS: ("spontaneous", "自发"),
        DeliveryOnset.IATROGENIC: ("iatrogenic", "医源性"),
    }
)


def _codes(kind: type[StrEnum]) -> Codes:
    return tuple((code.value, Words(en=MEANINGS[code][0], zh=MEANINGS[code][1])) for code in kind)


YES_NO: Codes = (("yes", Words(en="yes", zh="是")), ("no", Words(en="no", zh="否")))


def column(
    path: str,
    en: str,
    zh: str,
    sort: Sort = "code",
    *,
    code: str = "",
    of: Callable[[Any], Any] | None = None,
    unit: str = "",
    kind: type[StrEnum] | None = None,
) -> Column:
    """A column that follows the path from the row's thing; None on the way is an empty value."""

    def along(thing: Any) -> Any:
        for name in path.split("."):
            if thing is None:
                return None
            thing = getattr(thing, name)
        return thing

    codes = _codes(kind) if kind else YES_NO if sort == "yes_no" else ()
    return Column(
        code=code or path.replace(".", "_"),
        title=Words(en=en, zh=zh),
        sort=sort,
        of=of or along,
        unit=unit,
        codes=codes,
    )


def table_of(
    code: str,
    title: tuple[str, str],
    row: tuple[str, str],
    each: Callable[[Course], Any],
    *columns: Column,
) -> Dataset:
    return Dataset(
        code=code,
        title=Words(en=title[0], zh=title[1]),
        row=Words(en=row[0], zh=row[1]),
        columns=columns,
        each=each,
    )
