"""What instruments wrote: lines that wait for their sample, and a cytometer's files beside a test."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.actions.attaching import Upload
from lims.actions.instruments import value_of
from lims.actions.temperature_log import held
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import SampleTaken
from lims.domain.entries.envelope import Entry
from lims.domain.entries.instruments import FlowFileKept
from lims.domain.equipment import Equipment, TrayLine
from lims.domain.flow_files import kept_files
from lims.domain.folds import Folded
from lims.domain.master_batch_record import Test
from lims.domain.qc import received_sample
from lims.domain.refusals import Refused
from lims.domain.results_files import FileValue
from lims.domain.rows import TaskRow
from lims.ledger.read_tables import find
from lims.queries.look import NotOnFile, Reader, batch_of, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line that waits, with what the file says in it."""

    item: Equipment
    line: TrayLine
    value: FileValue | None
    """None where the program that wrote the file is set up no more."""
    person: str
    """Who took the file in."""

    @property
    def key(self) -> str:
        """What tells it from every other line."""
        return f"{self.item.code}-{self.line.taken.seq}-{self.line.line}-{self.line.test}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPage:
    """One test with the cytometer's files that are kept beside it."""

    batch: BatchRecord
    test: Test
    sample: Entry
    kept: tuple[Entry, ...]
    people: Mapping[str, str]

    @property
    def code(self) -> str:
        """The sample's code."""
        assert isinstance(self.sample.fact, SampleTaken)
        return self.sample.fact.code


def tray(reader: Reader) -> tuple[Waiting, ...]:
    """Every line whose sample nobody knew, the oldest first."""
    found: list[Waiting] = []
    with reader.site.ledger.reading() as book:
        for row in find(book, TaskRow, what="settle_file_line", order=("since",)):
            item = book.derived(row.stream, Folded.of).record
            assert isinstance(item, Equipment)
            names = people_names(reader, book, {line.taken.person for line in item.tray})
            found += [
                Waiting(
                    item=item,
                    line=line,
                    value=value_of(reader.site, line),
                    person=names[line.taken.person],
                )
                for line in item.tray
            ]
    return tuple(found)


def flow(reader: Reader, *, batch: str, test: str) -> FlowPage:
    """A test whose sample the laboratory has; not on file otherwise."""
    with reader.site.ledger.reading() as book:
        record = batch_of(reader, book, batch)
        try:
            sample = received_sample(record, test)
        except Refused as refused:
            raise NotOnFile(refused.rule, **dict(refused.reason.about)) from None
        kept = kept_files(record, test)
        names = people_names(reader, book, {entry.person for entry in kept})
    return FlowPage(batch=record, test=record.master.test(test), sample=sample, kept=kept, people=names)


def flow_content(reader: Reader, page: FlowPage, seq: int) -> Upload | None:
    """The bytes of a file that is kept beside the test; none for an entry that keeps none."""
    for entry in page.kept:
        if entry.seq == seq and isinstance(entry.fact, FlowFileKept):
            return held(reader.site, name="", sha256=entry.fact.sha256)
    return None
