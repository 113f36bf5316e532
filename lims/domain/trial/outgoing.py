"""What leaves for statistics; questions about data, raised and closed by quality, answered by the clinic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.outgoing import (
    DataExported,
    DataFrozen,
    QueryAnswered,
    QueryClosed,
    QueryRaised,
)
from lims.domain.refusals import BadEntry, NotAllowed, Refused
from lims.domain.trial.dataset_catalogue import DATASETS

STREAM = "outgoing"
FORMS = ("csv", "xlsx", "odm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file that was made from what is on file, and from how much of it."""

    sha256: str
    size: int
    women: int
    taken_at: datetime
    sources: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuery:
    """One question about a participant's data, with every answer."""

    number: int
    raised: Entry
    answers: tuple[Entry, ...] = ()
    closed: Entry | None = None

    @property
    def state(self) -> str:
        """open, answered or closed."""
        return "closed" if self.closed else "answered" if self.answers else "open"


def queries_of(entries: Iterable[Entry]) -> Mapping[int, DataQuery]:
    """The questions that a participant's entries tell, by number."""
    found: dict[int, DataQuery] = {}
    for entry in entries:
        match entry.fact:
            case QueryRaised() as fact:
                found[fact.number] = DataQuery(number=fact.number, raised=entry)
            case QueryAnswered() as fact:
                before = found[fact.number]
                found[fact.number] = DataQuery(
                    number=fact.number, raised=before.raised, answers=(*before.answers, entry)
                )
            case QueryClosed() as fact:
                before = found[fact.number]
                found[fact.number] = DataQuery(
                    number=fact.number, raised=before.raised, answers=before.answers, closed=entry
                )
            case _:
                pass
    return MappingProxyType(found)


def raise_query(
    stream: str, on_file: Mapping[int, DataQuery], *, dataset: str, column: str, question: Detached
) -> tuple[Draft, ...]:
    """A question about one column of one table."""
    table = next((item for item in DATASETS if item.code == dataset), None)
    if table is None:
        raise BadEntry("choice.unknown", field="place")
    if column not in {item.code for item in table.columns}:
        raise BadEntry("choice.unknown", field="place")
    fact = QueryRaised(number=len(on_file) + 1, dataset=dataset, column=column, question=question)
    return (Draft(stream=stream, fact=fact),)


def answer_query(
    stream: str, on_file: Mapping[int, DataQuery], *, number: int, answer: Detached
) -> tuple[Draft, ...]:
    """An answer; another may follow until the question is closed."""
    _check_open(on_file, number)
    return (Draft(stream=stream, fact=QueryAnswered(number=number, answer=answer)),)


def close_query(
    stream: str, on_file: Mapping[int, DataQuery], *, number: int, person: str
) -> tuple[Draft, ...]:
    """Closed once somebody else has answered."""
    query = _check_open(on_file, number)
    if not query.answers:
        raise Refused("query.unanswered", number=number)
    if query.answers[-1].person == person:
        raise NotAllowed("query.own_answer")
    return (Draft(stream=stream, fact=QueryClosed(number=number)),)


def _check_open(on_file: Mapping[int, DataQuery], number: int) -> DataQuery:
    query = on_file.get(number)
    if query is None:
        raise Refused("query.unknown", number=number)
    if query.closed:
        raise Refused("query.closed", number=number)
    return query


def export(form: str, made: Made) -> tuple[Draft, ...]:
    """The file went out."""
    if form not in FORMS:
        raise BadEntry("choice.unknown", field="form")
    fact = DataExported(
        form=form,
        sha256=made.sha256,
        size=made.size,
        women=made.women,
        taken_at=made.taken_at,
        sources=made.sources,
    )
    return (Draft(stream=STREAM, fact=fact),)


def freeze(
    entries: Iterable[Entry],
    made: Made,
    *,
    purpose: Detached,
    protocol: str,
    version: str,
    open_queries: int,
) -> tuple[Draft, ...]:
    """The next freeze; earlier ones stay as they are."""
    fact = DataFrozen(
        number=1 + sum(isinstance(entry.fact, DataFrozen) for entry in entries),
        purpose=purpose,
        protocol=protocol,
        version=version,
        sha256=made.sha256,
        size=made.size,
        women=made.women,
        open_queries=open_queries,
        taken_at=made.taken_at,
        sources=made.sources,
    )
    return (Draft(stream=STREAM, fact=fact),)
