"""One woman's follow-up: her window, what is due now, her pregnancies as they count, and everything on file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lims.domain.acts import Role
from lims.domain.entries.envelope import Detached, stream_of
from lims.domain.folds import Folded
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.rows import TaskRow
from lims.domain.trial.definitions import SafetyRules, TrialDefinitions
from lims.domain.trial.followed import Filed, Followed
from lims.domain.trial.planning import Standing, rules_of, standing, window_of
from lims.domain.trial.pregnancy_reading import PregnancyReading
from lims.domain.trial.redating import DatingStep, dating_steps
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find
from lims.queries.history import Line, lines_of
from lims.queries.look import NotOnFile, Reader, free_text
from lims.queries.masters import protocol_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """One thing on file with its sentence, what it was before, and why it was corrected or struck."""

    filed: Filed
    now: Line
    before: tuple[Line, ...]
    why: str | None
    """None where nothing was corrected, or where the reason was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One pregnancy as it counts, with what each dating changed."""

    reading: PregnancyReading
    steps: tuple[DatingStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The page of one woman's follow-up; no identity is in here."""

    participant: Participant
    protocol: StudyProtocol
    rules: TrialDefinitions
    """Frozen in her plan."""
    safety: SafetyRules
    """In force now: they judge the next event."""
    standing: Standing
    today: date
    now: datetime
    due: tuple[TaskRow, ...]
    """What can be done now, the most urgent first."""
    coming: tuple[TaskRow, ...]
    """What opens later, the next first."""
    pregnancies: tuple[Carried, ...]
    on_file: tuple[OnFile, ...]
    """Newest first."""
    words: Mapping[str, str | None]

    @property
    def followed(self) -> Followed:
        """What her stream tells."""
        return self.participant.followed

    @property
    def batches(self) -> tuple[str, ...]:
        """The products that she received or was to receive."""
        return tuple(number for one in self.participant.rounds.values() for number in one.attempts)

    def said(self, value: Detached | None) -> str:
        """The words behind a commitment; empty where they were erased or there are none."""
        return (self.words.get(value.commitment) or "") if value else ""


def follow_up(reader: Reader, trial_id: str) -> FollowUp:
    """One participant's follow-up; not on file when there is no such code."""
    protocol = protocol_in_force(reader)
    today = reader.local(reader.now).date()
    with reader.site.ledger.reading() as book:
        stream = stream_of("participant", trial_id)
        person = book.derived(stream, Folded.of).record if book.head(stream) else None
        if not isinstance(person, Participant) or protocol is None:
            raise NotOnFile("act.unknown_target", sort="participant", code=trial_id)
        followed = person.followed
        rows = _tasks(book, person.stream)
        now = standing(followed, on=today, zone=reader.site.founded.zone)
        return FollowUp(
            participant=person,
            protocol=protocol,
            rules=rules_of(followed.plan),
            safety=protocol.trial.safety,
            standing=now,
            today=today,
            now=reader.now,
            due=tuple(row for row in rows if row.since <= reader.now),
            coming=tuple(sorted((row for row in rows if row.since > reader.now), key=_since)),
            pregnancies=tuple(_carried(followed, reading) for reading in now.readings),
            on_file=tuple(_on_file(reader, book, one) for one in reversed(followed.filed)),
            words=_words(reader, book, followed),
        )


def _tasks(book: Book, stream: str) -> tuple[TaskRow, ...]:
    """Each task once, though several roles may do it."""
    rows = find(book, TaskRow, stream=stream, role=Role.COORDINATOR.value, order=("due_at",))
    return tuple(rows)


def _since(row: TaskRow) -> datetime:
    return row.since


def _carried(followed: Followed, reading: PregnancyReading) -> Carried:
    rules = rules_of(followed.plan)
    return Carried(reading=reading, steps=dating_steps(reading.pregnancy, window_of(followed.plan), rules))


def _on_file(reader: Reader, book: Book, filed: Filed) -> OnFile:
    told = lines_of(reader, book, (*filed.before, filed.entry))
    reason = filed.reason
    kept = free_text(reader, book, [reason.commitment]) if reason else {}
    return OnFile(
        filed=filed,
        now=told[-1],
        before=told[:-1],
        why=kept.get(reason.commitment) if reason else None,
    )


def _words(reader: Reader, book: Book, followed: Followed) -> Mapping[str, str | None]:
    """Notes and stories of everything on file; reasons stand beside what they explain."""
    values = [
        value
        for one in followed.filed
        for name in ("notes", "story")
        if isinstance(value := getattr(one.fact, name, None), Detached)
    ]
    return free_text(reader, book, [value.commitment for value in values])
