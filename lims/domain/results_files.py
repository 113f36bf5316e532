"""A file of results: read by the model of its program, and each value placed on the batch whose sample it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lims.domain.acts import ACTS
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import BadCode, read
from lims.domain.entries.batch import DeviationOpened, SampleTaken
from lims.domain.entries.envelope import Draft
from lims.domain.instruments import ResultColumn, ResultsModel
from lims.domain.late_failure import is_late
from lims.domain.qc import FromFile, enter_result, sample_for
from lims.domain.refusals import BadEntry, Reason, Refused
from lims.domain.sheets import FIELD, read_lines, with_point

MOST_LINES: Final = 5_000
UNKNOWN: Final = "sheet.unknown"
"""The rule that keeps a line in the tray: its sample is on file nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileValue:
    """One value of the file: line, sample and test as mapped, and what stands in the cell."""

    line: int
    sample: str
    """The sample's 16 digits; empty where the cell holds something else."""
    written: str
    """What stands in the sample's cell, for the eye only."""
    column: ResultColumn
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of a value: the batch and its entries, or why it is kept out."""

    value: FileValue
    batch: str = ""
    drafts: tuple[Draft, ...] = ()
    why: Reason | None = None

    @property
    def waits(self) -> bool:
        """It goes into the tray: nobody knows yet whose it is."""
        return self.why is not None and self.why.rule == UNKNOWN


def read_results(content: bytes, model: ResultsModel) -> tuple[FileValue, ...]:
    """Every value of the file in its order; a damaged or cut file is refused with the line that is wrong."""
    columns = (model.sample_column, *(item.column for item in model.results))
    found: list[FileValue] = []
    lines = read_lines(content, separator=model.separator, columns=columns[:1], model=model.code)
    for count, (line, row) in enumerate(lines, start=1):
        if count > MOST_LINES:
            raise BadEntry("sheet.long", field=FIELD, most=MOST_LINES)
        if not {*row} & {*columns[1:]}:
            raise BadEntry("sheet.columns", field=FIELD, wanted=", ".join(columns[1:]), model=model.code)
        for column in model.results:
            raw = row.get(column.column, "")
            if raw not in model.no_result:
                written = row[model.sample_column]
                value = FileValue(line=line, sample=_code(written), written=written, column=column, raw=raw)
                found.append(value)
    if not found:
        raise BadEntry("sheet.empty", field=FIELD)
    return tuple(found)


def _code(written: str) -> str:
    try:
        return str(read(written))
    except BadCode:
        return ""


def place_all(
    values: Sequence[FileValue],
    *,
    owners: Mapping[str, BatchRecord],
    model: ResultsModel,
    instrument: str,
    sha256: str,
    now: datetime,
    person: str,
) -> tuple[Placed, ...]:
    """Every value with its batch's entries or its reason; `owners` are the batches by their samples' codes.

    A sample that has two values for one test in the file gets neither: a file does not choose what is reported.
    """
    twice = _twice(values)
    before: dict[str, tuple[Draft, ...]] = {}
    found = []
    for value in values:
        batch = owners.get(value.sample)
        if batch is None:
            placed = Placed(value=value, why=Reason(rule=UNKNOWN))
        elif (value.sample, value.column.test) in twice:
            placed = Placed(value=value, batch=batch.number, why=Reason(rule="sheet.twice"))
        else:
            earlier = before.get(batch.number, ())
            placed = place(
                value,
                batch,
                model=model,
                source=FromFile(instrument=instrument, sha256=sha256, line=value.line),
                now=now,
                person=person,
                drafts=earlier,
            )
            before[batch.number] = (*earlier, *placed.drafts)
        found.append(placed)
    return tuple(found)


def place(
    value: FileValue,
    batch: BatchRecord,
    *,
    model: ResultsModel,
    source: FromFile,
    now: datetime,
    person: str,
    drafts: Sequence[Draft] = (),
) -> Placed:
    """One value as a result of this batch, or why it cannot be one."""
    try:
        entered = _entered(value, batch, model=model, source=source, now=now, person=person, drafts=drafts)
    except Refused as refused:
        return Placed(value=value, batch=batch.number, why=refused.reason)
    return Placed(value=value, batch=batch.number, drafts=entered)


def _entered(
    value: FileValue,
    batch: BatchRecord,
    *,
    model: ResultsModel,
    source: FromFile,
    now: datetime,
    person: str,
    drafts: Sequence[Draft],
) -> tuple[Draft, ...]:
    stages = ACTS["enter_result"].in_stages
    if stages is not None and batch.stage not in stages:
        raise Refused("act.stage", stage=batch.stage.value)
    test = next((item for item in batch.master.tests if item.code == value.column.test), None)
    taken = sample_for(batch, test) if test else None
    if test is None or taken is None:
        raise Refused("sheet.not_mapped")
    assert isinstance(taken.fact, SampleTaken)
    if taken.fact.code != value.sample:
        raise Refused("sheet.not_mapped")
    raw, option = with_point(value.raw, decimal_mark=model.decimal_mark), ""
    if test.options:
        option = next((item.option for item in value.column.answers if item.text == value.raw), "")
        if not option:
            raise BadEntry("sheet.text", field=FIELD, value=value.raw[:24])
        raw = ""
    if raw is None:
        raise BadEntry("sheet.point", field=FIELD, value=value.raw[:24])
    found = enter_result(
        batch,
        test_code=test.code,
        raw=raw,
        option=option,
        outcome="",
        instrument=source.instrument,
        reason=None,
        now=now,
        person=person,
        source=source,
        drafts=drafts,
    )
    if is_late(batch) and any(isinstance(draft.fact, DeviationOpened) for draft in found):
        raise Refused("sheet.late")
    return found


def _twice(values: Sequence[FileValue]) -> set[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    twice: set[tuple[str, str]] = set()
    for value in values:
        key = (value.sample, value.column.test)
        (twice if key in seen else seen).add(key)
    return twice
