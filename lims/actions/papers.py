"""Sealed papers: printed at a named head, sealed by the site, and put on file as issued.

Which papers there are, when each can be printed and who draws it: `lims/documents/papers.py`. Rendering and sealing
happen outside the lock; only that the paper went out is decided under it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lims.actions.record_inside import origin_file, record_file
from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, batch_of, perform
from lims.documents.attachment import attach_record
from lims.documents.batch_record_copy import Copy
from lims.documents.papers import BATCH_RECORD, PAPERS, Paper, earlier, filename, place_of
from lims.documents.record_file import RecordFile, compose
from lims.domain.acts import ACTS
from lims.domain.attached import attached_in, described
from lims.domain.batch_record import BatchRecord
from lims.domain.capa import STREAM as CAPAS
from lims.domain.capa import Capa, Capas
from lims.domain.entries.envelope import Draft, Entry, refusals_of, stream_of
from lims.domain.entries.keys import DocumentIssued
from lims.domain.folds import Folded, Told
from lims.domain.participant import Participant, fold_participant
from lims.domain.people import Person, check_may
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger.files import Files
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find

TAGS: Final = {"en": "en", "zh_Hans": "zh-Hans"}
"""BCP 47 tags of the site's languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedPaper:
    """A sealed paper as it went out."""

    content: bytes
    sha256: str
    filename: str
    fact: DocumentIssued


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What papers of a batch are printed from, all read at one moment."""

    batch: BatchRecord
    participant: Participant
    """As her record stood at the conditional release; as it stands now, if there is none."""
    refusals: tuple[Entry, ...]
    people: Mapping[str, str]
    """Printed names by person."""
    words: Mapping[str, str]
    """Free text by commitment; one that was redacted is absent."""
    capas: tuple[Capa, ...]
    """Actions that came from its deviations, as they stand."""
    words_of_capas: Mapping[str, str]
    record: RecordFile
    issued: tuple[DocumentIssued, ...]
    """Papers of this batch that went out before, oldest first."""
    pictures: Mapping[str, bytes]
    """Attached photos by hash, for the printed pages."""


def issue_paper(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    language: str,
    paper: str = BATCH_RECORD,
    subject: str = "",
) -> IssuedPaper:
    """Print a paper of a batch as it stands, sealed, with a copy number; an older copy is superseded by it.

    The same request gives the same paper again. Raises Refused when the person may not, when there is no such batch
    or paper, when the batch does not stand so that it can be printed, or when somebody else printed at the same
    moment.
    """
    sort = PAPERS.get(paper)
    if sort is None:
        raise Refused("paper.unknown", paper=paper)
    asked = {"batch": batch, "language": language, "paper": paper}
    if subject:
        asked["subject"] = subject
    if (again := answered(site, actor, request_id)) is not None:
        return paper_of(site, _issue(site, actor, request_id, sort, asked, again), code=batch)
    check_may_print(site, actor, act="issue_document")
    if sort.holds_record:
        make_checkpoint(site)
    gathered = gather(site, batch)
    if sort.unmet_about(gathered.batch, subject):
        # Asked in the corridor, so that the refusal is on file; it prints nothing.
        _issue(site, actor, request_id, sort, asked, None)
    copy = copy_of(site, gathered, sort, by=gathered.people[actor.person], language=language, subject=subject)
    title = f"{sort.title} {subject or batch}"
    inside = gathered.record if sort.holds_record else origin(site)
    content = sealed(
        site, sort.draw(copy), record=inside, title=title, language=language, now=copy.printed_at
    )
    number, before = place_of(sort, gathered.issued, subject)
    fact = kept_paper(
        site,
        content,
        paper=paper,
        language=language,
        copy_number=number,
        made_from=gathered.batch.entries[-1],
        supersedes=before.sha256 if before else None,
        subject=subject,
    )
    return paper_of(site, _issue(site, actor, request_id, sort, asked, fact), code=batch)


def paper_of(site: Site, outcome: Outcome, *, code: str) -> IssuedPaper:
    """The paper that an act put on file; raises FileNotFoundError when its file is gone."""
    fact = outcome.of(DocumentIssued)
    return IssuedPaper(
        content=Files(site.ledger.files).get(fact.sha256),
        sha256=fact.sha256,
        filename=filename(fact.paper, code, fact.copy_number, fact.language, subject=fact.subject),
        fact=fact,
    )


def gather(site: Site, batch: str) -> Gathered:
    """Everything that the printed and the embedded record are made of; refuses an unknown batch."""
    stream = stream_of("batch", batch)
    with site.ledger.reading() as book:
        if book.head(stream) is None:
            raise Refused("act.unknown_target", sort="batch", code=batch)
        record = book.derived(stream, Folded.of).record
        assert isinstance(record, BatchRecord)
        file = record_file(site, book, stream)
        words = {item.commitment: item.value for item in file.detached}
        capas = capas_of(book, record)
        return Gathered(
            batch=record,
            participant=_participant(book, record),
            refusals=book.entries(refusals_of(stream)),
            people={row.person: row.name for row in find(book, PersonRow)},
            words=words,
            capas=capas,
            words_of_capas=_words_of(book, capas),
            record=file,
            issued=issued_in(book.entries(stream_of("documents", batch))),
            pictures=pictures_of(site, record, words),
        )


def pictures_of(site: Site, record: BatchRecord, words: Mapping[str, str]) -> Mapping[str, bytes]:
    """The attached photos of a batch by hash; one whose bytes are gone or changed is left out, and print says so."""
    files = Files(site.ledger.files)
    told = (described(value, words) for value in attached_in(record.entries))
    hashes = {file.sha256 for file in told if file is not None and file.is_picture}
    return {sha256: files.get(sha256) for sha256 in sorted(hashes) if files.fault(sha256) is None}


def capas_of(book: Book, batch: BatchRecord) -> tuple[Capa, ...]:
    """The actions that came from any deviation of the batch."""
    record = book.derived(CAPAS, Folded.of).record
    assert isinstance(record, Capas)
    return tuple(
        capa for capa in record.by_number.values() if set(capa.fact.deviations) & set(batch.deviations)
    )


def _words_of(book: Book, capas: Iterable[Capa]) -> Mapping[str, str]:
    wanted = {value.commitment for capa in capas for value in capa.free_text}
    return {at: kept.value for at, kept in book.values(wanted).items() if kept.value is not None}


def copy_of(
    site: Site, gathered: Gathered, paper: Paper, *, by: str, language: str, subject: str = ""
) -> Copy:
    """The next copy of a paper, before it is drawn."""
    number, before = place_of(paper, gathered.issued, subject)
    named = earlier(gathered.batch.number, gathered.issued)
    return Copy(
        record=gathered.batch,
        participant=gathered.participant,
        people=gathered.people,
        words={**gathered.words, **gathered.words_of_capas},
        capas=gathered.capas,
        language=language,
        kind=site.founded.instance_kind,
        site_name=site.founded.site,
        zone=site.founded.zone,
        printed_by=by,
        printed_at=site.clock.now(),
        copy_number=number,
        record_hash=gathered.batch.entries[-1].hash,
        supersedes=next((item for item in named if before and item.sha256 == before.sha256), None),
        refusals=gathered.refusals,
        earlier=named,
        pictures=gathered.pictures,
        subject=subject,
    )


def origin(site: Site) -> RecordFile:
    """What lies in a paper that is no record, so that its seal can be proved from the file and the site code alone."""
    with site.ledger.reading() as book:
        return origin_file(site, book)


def sealed(site: Site, pdf: bytes, *, record: RecordFile, title: str, language: str, now: datetime) -> bytes:
    """The pages under the site's seal, with the record inside, or with what proves the seal."""
    from lims.documents.seal import PemKey, seal  # at the first paper: pyHanko takes half a second to load

    tag = TAGS[language]
    whole = attach_record(pdf, compose(record), title=title, language=tag, time=now)
    key = PemKey(key_pem=site.keys.seal_private, certificate_pem=site.keys.seal_certificate)
    return seal(whole, key=key, reason=title, location=site.founded.site, time=now)


def kept_paper(
    site: Site,
    content: bytes,
    *,
    paper: str,
    language: str,
    copy_number: int,
    made_from: Entry,
    supersedes: str | None,
    subject: str = "",
) -> DocumentIssued:
    """The file is kept, and what there is to say of it: its hash, the entry it was made from, what it replaces."""
    return DocumentIssued(
        paper=paper,
        language=language,
        copy_number=copy_number,
        sha256=Files(site.ledger.files).put(content),
        size=len(content),
        head_stream=made_from.stream,
        head_seq=made_from.seq,
        head_hash=made_from.hash,
        supersedes=supersedes,
        subject=subject,
    )


def put_on_file(
    site: Site,
    actor: Actor,
    ask: Ask,
    fact: DocumentIssued | None,
    *,
    place: Callable[[Scene, tuple[DocumentIssued, ...]], tuple[int, DocumentIssued | None]],
) -> Outcome:
    """Under the lock: the paper went out, unless somebody printed meanwhile; `place` refuses what cannot print."""

    def rule(scene: Scene) -> Decision:
        told = scene.record(ask.on)
        assert isinstance(told, Told)
        number, before = place(scene, issued_in(told.entries))
        if fact is None or (number, before.sha256 if before else None) != (fact.copy_number, fact.supersedes):
            raise Refused("request.again")
        return Decision(drafts=(Draft(stream=ask.on, fact=fact),))

    return perform(site, actor, ask, rule)


def _issue(
    site: Site,
    actor: Actor,
    request_id: str,
    paper: Paper,
    asked: dict[str, str],
    fact: DocumentIssued | None,
) -> Outcome:
    def place(scene: Scene, issued: tuple[DocumentIssued, ...]) -> tuple[int, DocumentIssued | None]:
        subject = asked.get("subject", "")
        paper.check(batch_of(scene, asked["batch"]), subject)
        return place_of(paper, issued, subject)

    ask = Ask(
        request_id=request_id,
        act="issue_document",
        on=stream_of("documents", asked["batch"]),
        asked=asked,
        read=(stream_of("batch", asked["batch"]),),
    )
    return put_on_file(site, actor, ask, fact, place=place)


def answered(site: Site, actor: Actor, request_id: str) -> DocumentIssued | None:
    """The paper with which this request was answered before."""
    with site.ledger.reading() as book:
        facts = (entry.fact for entry in book.answers(actor.person, request_id))
        return next((fact for fact in facts if isinstance(fact, DocumentIssued)), None)


def check_may_print(site: Site, actor: Actor, *, act: str) -> None:
    """Nobody has a paper rendered for nothing; under the lock the corridor asks again."""
    with site.ledger.reading() as book:
        stream = stream_of("person", actor.person)
        person = book.derived(stream, Folded.of).record
        assert isinstance(person, Person)
        scene = Scene(site=site, book=book, now=site.clock.now(), actor=actor)
        check_may(person, ACTS[act], today=scene.today)


def issued_in(entries: Iterable[Entry]) -> tuple[DocumentIssued, ...]:
    """Papers that went out, oldest first."""
    return tuple(entry.fact for entry in entries if isinstance(entry.fact, DocumentIssued))


def _participant(book: Book, batch: BatchRecord) -> Participant:
    stream = stream_of("participant", batch.issue.participant)
    until = batch.released.time if batch.released else None
    entries = [entry for entry in book.entries(stream) if until is None or entry.time <= until]
    return fold_participant(stream, entries)
