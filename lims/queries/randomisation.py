"""Randomisation as people may see it: who has which place and, after the close, the list run again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lims.domain.canonical import Json
from lims.domain.entries.envelope import Entry
from lims.domain.entries.randomisation import PlaceTaken
from lims.domain.folds import Folded
from lims.domain.participant import Participant
from lims.domain.protocol import StratumFactor, StudyProtocol
from lims.domain.refusals import Reason
from lims.domain.rows import ParticipantRow
from lims.domain.trial.randomisation import STREAM, Randomisation, differing, unmet
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.history import Line, history
from lims.queries.look import NotOnFile, Reader, people_names
from lims.queries.masters import protocol_in_force
from lims.queries.trial import course


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A place that was taken, with who randomised and when."""

    fact: PlaceTaken
    entry: Entry
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The page of randomisation. Nothing of it tells what was sealed before it was told to everyone."""

    state: Randomisation
    protocol: StudyProtocol | None
    given: tuple[Given, ...]
    """Newest first."""
    by_arm: Mapping[str, int]
    elsewhere: int
    """Participants whose arm came from an external record."""
    differing: tuple[PlaceTaken, ...]
    unlike: tuple[str, ...]
    """Participants whose own record has another arm than their place."""
    names: Mapping[str, str]
    history: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What stands on the page on which one participant is randomised."""

    participant: Participant
    protocol: StudyProtocol | None
    state: Randomisation
    unmet: tuple[Reason, ...]
    factors: tuple[StratumFactor, ...]


def standing(reader: Reader) -> Standing:
    """How randomisation stands."""
    protocol = protocol_in_force(reader)
    with reader.site.ledger.reading() as book:
        state = _state(book)
        entries = [entry for entry in book.entries(STREAM) if isinstance(entry.fact, PlaceTaken)]
        names = people_names(reader, book, [entry.person for entry in book.entries(STREAM)])
        rows = {row.trial_id: row for row in find(book, ParticipantRow)}
        told = history(reader, book, STREAM)
    given = tuple(
        Given(fact=entry.fact, entry=entry, name=names[entry.person])
        for entry in reversed(entries)
        if isinstance(entry.fact, PlaceTaken)
    )
    ours = {fact.participant for fact in state.taken}
    return Standing(
        state=state,
        protocol=protocol,
        given=given,
        by_arm=Counter(fact.arm for fact in state.taken),
        elsewhere=sum(1 for row in rows.values() if row.arm and row.trial_id not in ours),
        differing=differing(state),
        unlike=tuple(
            fact.participant
            for fact in state.taken
            if fact.participant not in rows or rows[fact.participant].arm != fact.arm
        ),
        names=names,
        history=told,
    )


def desk(reader: Reader, trial_id: str) -> Desk:
    """Whether one participant can be randomised now, and by which factors."""
    protocol, person = protocol_in_force(reader), course(reader, trial_id).participant
    with reader.site.ledger.reading() as book:
        state = _state(book)
    frozen = {factor.code for factor in state.opened.factors} if state.opened else set()
    return Desk(
        participant=person,
        protocol=protocol,
        state=state,
        unmet=unmet(state, person, protocol) if protocol else (),
        factors=tuple(factor for factor in protocol.strata if factor.code in frozen) if protocol else (),
    )


def is_opened(reader: Reader) -> bool:
    """This trial's arms come from its own randomisation."""
    with reader.site.ledger.reading() as book:
        return _state(book).opened is not None


def told(reader: Reader) -> Json:
    """Everything that it takes to run the list again; there is no such thing before the close."""
    with reader.site.ledger.reading() as book:
        state = _state(book)
    if state.opened is None or state.closed is None:
        raise NotOnFile("randomisation.not_told")
    arms: list[Json] = [[arm.code, arm.share] for arm in state.opened.arms]
    places: list[Json] = [[taken.place, taken.stratum, taken.arm] for taken in state.taken]
    return {
        "algorithm": state.opened.algorithm,
        "arms": arms,
        "commitment": state.opened.commitment,
        "places": places,
        "secret": state.closed.secret,
    }


def _state(book: Book) -> Randomisation:
    record = book.derived(STREAM, Folded.of).record
    assert isinstance(record, Randomisation)
    return record
