"""One result outside its specification, with everything that was found, judged and tested again because of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain import oos
from lims.domain.batch_record import BatchRecord, Investigation, Result
from lims.domain.entries.oos import OosExamined, OosJudged
from lims.domain.master_batch_record import Test
from lims.domain.refusals import Refused
from lims.queries.look import Reader, batch_of, free_text, people_names


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationSeen:
    """An investigation as its page and its paper show it."""

    batch: BatchRecord
    investigation: Investigation
    test: Test
    phase: oos.Phase
    first: Result
    retests: tuple[Result, ...]
    left: int
    """Retests of the plan that are still to be entered."""
    reporting: oos.Reporting
    """What the declared rule reports from what is on file."""
    is_own: bool
    """The reader entered or examined the result."""
    words: Mapping[str, str | None]
    people: Mapping[str, str]

    @property
    def examined(self) -> OosExamined | None:
        """What the laboratory found."""
        fact = self.investigation.examined.fact if self.investigation.examined else None
        return fact if isinstance(fact, OosExamined) else None

    @property
    def judged(self) -> tuple[OosJudged, ...]:
        """Quality's judgements."""
        return tuple(entry.fact for entry in self.investigation.judged if isinstance(entry.fact, OosJudged))


def investigation_of(reader: Reader, number: str, oos_number: str) -> InvestigationSeen:
    """The investigation of that number; refuses one that is not on file."""
    with reader.site.ledger.reading() as book:
        batch = batch_of(reader, book, number)
        found = batch.investigations.get(oos_number)
        if found is None:
            raise Refused("oos.none", number=oos_number)
        entries = [entry for entry in (found.examined, *found.judged) if entry is not None]
        facts = [entry.fact for entry in entries if isinstance(entry.fact, OosExamined | OosJudged)]
        words = free_text(reader, book, [fact.words.commitment for fact in facts])
        people = people_names(reader, book, {entry.person for entry in batch.entries})
    first = oos.first_result(batch, found)
    examiner = found.examined.person if found.examined else None
    return InvestigationSeen(
        batch=batch,
        investigation=found,
        test=batch.master.test(found.test),
        phase=oos.phase_of(batch, found),
        first=first,
        retests=oos.retests(batch, found),
        left=oos.retests_left(batch, found),
        reporting=oos.reporting_of(batch, found),
        is_own=reader.person in (first.entry.person, examiner),
        words=words,
        people=people,
    )
