"""A cytometer's own file goes on the record of a batch only if it is of this cytometer, this day and this sample."""

from datetime import date
from zoneinfo import ZoneInfo

from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import SampleTaken
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.instruments import FlowFileKept
from lims.domain.entries.values import Attached
from lims.domain.equipment import Equipment, check_usable
from lims.domain.instruments import Cytometer, FlowFile
from lims.domain.qc import received_sample
from lims.domain.refusals import Refused

CYTOMETER = "flow_cytometer"


def keep_flow_file(
    batch: BatchRecord,
    *,
    test_code: str,
    told: FlowFile,
    instrument: Equipment,
    setting: Cytometer | None,
    file: Attached,
    sha256: str,
    today: date,
) -> tuple[Draft, ...]:
    """The file is kept beside the test; refuses another cytometer's, another day's and another sample's file."""
    taken = received_sample(batch, test_code)
    if not batch.master.test(test_code).flow_file:
        raise Refused("fcs.no_flow", test=batch.master.test(test_code).title.en)
    assert isinstance(taken.fact, SampleTaken)
    check_usable(instrument, equipment_class=CYTOMETER, today=today)
    for entry in kept_files(batch, test_code):
        assert isinstance(entry.fact, FlowFileKept)
        if entry.fact.sha256 == sha256:
            raise Refused("fcs.known", entry=entry.seq)
    if setting is None:
        raise Refused("fcs.not_set_up", name=instrument.name)
    if told.cytometer != setting.written_as:
        found = told.cytometer or "?"
        raise Refused(
            "fcs.other_cytometer", found=found[:40], name=instrument.name, wanted=setting.written_as
        )
    day_taken = taken.time.astimezone(ZoneInfo(batch.issue.zone)).date()
    if told.acquired is not None and not day_taken <= told.acquired <= today:
        raise Refused("fcs.other_day", day=told.acquired.isoformat(), taken=day_taken.isoformat())
    said = told.said(setting.sample_keyword) if setting.sample_keyword else ""
    if said and said != taken.fact.code:
        raise Refused("fcs.other_sample")
    fact = FlowFileKept(
        test=test_code,
        sample_code=taken.fact.code,
        instrument=instrument.code,
        instrument_name=instrument.name,
        file=file,
        sha256=sha256,
        version=told.version,
        events=told.events,
        channels=len(told.channels),
        cytometer=told.cytometer,
        acquired=told.acquired,
        names_sample=bool(said),
        off_by_one=told.off_by_one,
    )
    return (Draft(stream=batch.stream, fact=fact),)


def kept_files(batch: BatchRecord, test_code: str) -> tuple[Entry, ...]:
    """The entries by which files were kept beside a test, in their order."""
    return tuple(
        entry
        for entry in batch.entries
        if isinstance(entry.fact, FlowFileKept) and entry.fact.test == test_code
    )
