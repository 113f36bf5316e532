"""Values of a record in words: what a person reads beside a slot, in a list, on a board."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext

from lims.domain.attached import AttachedFile, described, size_shown
from lims.domain.entries.values import (
    Attached,
    Branched,
    Calculated,
    Choice,
    Controlled,
    Counts,
    Elapsed,
    HandedOver,
    Labelled,
    Means,
    Moment,
    Number,
    Scanned,
    Text,
    TotalTime,
    Value,
    Witnessed,
)
from lims.domain.limits import Limit
from lims.domain.master_batch_record import (
    AnySlot,
    BranchSlot,
    CalculationSlot,
    ChoiceSlot,
    CountsSlot,
    HoldTimeSlot,
    InProcessControlSlot,
    MasterBatchRecord,
    NumberSlot,
    TotalTimeSlot,
)
from lims.domain.rounding import as_written, plain
from lims.domain.sentences import in_sentence
from lims.domain.sentences_values import scanned_name, stock_in_words
from lims.web.filters import local, said
from lims.web.telling import tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A value ready for a page: the figure, its unit, and a line on how it came about."""

    text: str
    unit: str = ""
    note: str = ""
    numeric: bool = False


def unit_words(unit: str) -> str:
    """A unit as it stands behind a figure; a bare number has none."""
    return "" if unit == "1" else unit


def limit_words(limit: Limit | None) -> str:
    """The limit as it is shown before entry."""
    return limit.shown() if limit else ""


def shown(
    value: Value, slot: AnySlot | None, words: Mapping[str, str], *, master: MasterBatchRecord
) -> Shown:
    """The value in the language of the page."""
    match value:
        case Number():
            return Shown(text=plain(value.value), unit=unit_words(value.unit), numeric=True)
        case Calculated():
            inputs = ", ".join(f"{name} = {plain(figure)}" for name, figure in value.inputs)
            note = f"{value.formula} · {inputs}"
            text = as_written(value.value, value.decimals)
            return Shown(text=text, unit=unit_words(value.unit), note=note, numeric=True)
        case Controlled():
            return _controlled(value, slot)
        case Elapsed():
            hours, minutes = divmod(value.seconds // 60, 60)
            text = gettext("{h} h {m} min").format(h=hours, m=minutes) if hours else _minutes(value)
            return Shown(text=text, note=f"{local(value.since)} → {local(value.until)}")
        case Scanned():
            typed = [gettext("typed, not scanned")] if value.means is Means.TYPED else []
            noted = stock_in_words(value)
            note = " · ".join(typed + ([tell(in_sentence(noted, words))] if noted else []))
            name = scanned_name(value, master)
            return Shown(text=name if isinstance(name, str) else said(name), note=note)
        case Choice():
            return Shown(text=_option(value, slot))
        case Text():
            return Shown(text=words.get(value.words.commitment, gettext("erased")))
        case Moment():
            reason = words.get(value.reason.commitment, gettext("erased")) if value.reason else ""
            late = gettext("late entry: {reason}").format(reason=reason) if value.late else ""
            return Shown(text=local(value.at), note=late)
        case Counts():
            return _counts(value)
        case Witnessed():
            return Shown(text=value.name)
        case Labelled():
            note = gettext("{applied} applied · {attached} attached · {destroyed} destroyed").format(
                applied=value.applied, attached=value.attached, destroyed=value.destroyed
            )
            return Shown(text=gettext("{n} printed").format(n=value.printed), note=note)
        case HandedOver():
            return Shown(text=gettext("taken by {name}").format(name=value.to_name))
        case Branched():
            ways = slot.ways if isinstance(slot, BranchSlot) else ()
            way = next((said(way.title) for way in ways if way.code == value.way), value.way)
            by = (
                f"{plain(value.value)} {unit_words(value.unit or '')}".strip()
                if value.value is not None
                else ""
            )
            return Shown(text=way, note=by)
        case Attached():
            return _attached(value, words)
        case TotalTime():
            total = as_written(Decimal(value.seconds) / 3600, 2)
            left_out = sum(not item.counted for item in value.stretches)
            note = gettext("{n} intervals, {left} not counted").format(n=len(value.stretches), left=left_out)
            return Shown(text=total, unit="h", note=note, numeric=True)


def _attached(value: Attached, words: Mapping[str, str]) -> Shown:
    file = described(value, words)
    if file is None:
        return Shown(text=gettext("erased"))
    return Shown(text=file.name, note=f"{size_shown(file.size)} · {file.media_type}")


def file_of(value: Value, words: Mapping[str, str]) -> AttachedFile | None:
    """The attached file behind a value; none for any other value, or once it was erased."""
    return described(value, words) if isinstance(value, Attached) else None


def _minutes(value: Elapsed) -> str:
    return str(gettext("{n} min")).format(n=value.seconds // 60)


def _controlled(value: Controlled, slot: AnySlot | None) -> Shown:
    note = ""
    if isinstance(slot, InProcessControlSlot):
        note = next((said(b.says) for b in slot.bands if b.limit.judge(value.value).is_within), "")
        decimals = slot.bands[0].limit.decimals
        return Shown(text=as_written(value.value, decimals), unit=value.unit, note=note, numeric=True)
    return Shown(text=plain(value.value), unit=value.unit, numeric=True)


def _option(value: Choice, slot: AnySlot | None) -> str:
    options = slot.options if isinstance(slot, ChoiceSlot) else ()
    return next((said(option.title) for option in options if option.code == value.option), value.option)


def _counts(value: Counts) -> Shown:
    each = " · ".join(f"{count.live} / {count.dead}" for count in value.counts)
    figures = gettext("viability {viability} % · CV {cv} % · dilution {dilution}").format(
        viability=as_written(value.viability, 1), cv=as_written(value.cv, 1), dilution=plain(value.dilution)
    )
    used = gettext("live / dead: {each}").format(each=each)
    text = as_written(value.concentration, 0)
    return Shown(text=text, unit=gettext("cells/mL"), note=f"{used} · {figures}", numeric=True)


def limit_of(slot: AnySlot) -> str:
    """What the slot's value must be, in words; nothing when it has no limit."""
    match slot:
        case NumberSlot() | CalculationSlot():
            return limit_words(slot.limit)
        case CountsSlot():
            return str(gettext("CV {limit}")).format(limit=limit_words(slot.greatest_cv))
        case InProcessControlSlot():
            return limit_words(slot.bands[0].limit)
        case TotalTimeSlot():
            return limit_words(slot.limit)
        case HoldTimeSlot():
            return str(gettext("at most {n} min")).format(n=slot.most_minutes)
        case BranchSlot():
            return " · ".join(
                f"{limit_words(way.limit)}: {said(way.title)}" for way in slot.ways if way.limit
            )
        case _:
            return ""
