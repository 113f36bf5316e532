"""Sealed papers: a batch record printed at a named head, with the record inside it, and put on file as issued.

Rendering and sealing happen outside the lock; only that the paper went out is decided under it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.documents.attachment import attach_record
from lims.documents.batch_record_paper import print_batch_record
from lims.documents.record_file import (
    Chain,
    Checkpoint,
    ListedFile,
    Opened,
    Pair,
    Proof,
    RecordFile,
    Withheld,
    compose,
)
from lims.documents.record_file import Site as RecordSite
from lims.documents.seal import PemKey, seal
from lims.domain.acts import ACTS
from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import Json, instant, parse
from lims.domain.entries.envelope import Draft, Entry, refusals_of, stream_of
from lims.domain.entries.keys import DocumentIssued
from lims.domain.folds import Folded, Told
from lims.domain.people import Person, check_may
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger import checkpoints
from lims.ledger.files import Files
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find

PAPER: Final = "batch_record"
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
    """What a batch record is printed from, all read at one moment."""

    batch: BatchRecord
    refusals: tuple[Entry, ...]
    people: Mapping[str, str]
    """Printed names by person."""
    words: Mapping[str, str]
    """Free text by commitment; one that was redacted is absent."""
    record: RecordFile
    issued: tuple[DocumentIssued, ...]
    """Papers of this batch that went out before."""


def issue_record(site: Site, actor: Actor, request_id: str, *, batch: str, language: str) -> IssuedPaper:
    """Print the batch record as it stands, sealed, with a copy number; an older copy is superseded by it.

    The same request gives the same paper again. Raises Refused when the person may not, when there is no such
    batch, or when somebody else printed at the same moment.
    """
    asked = {"batch": batch, "language": language, "paper": PAPER}
    if (again := _answered(site, actor, request_id)) is not None:
        return paper_of(site, _issue(site, actor, request_id, asked=asked, fact=again), batch=batch)
    _check_may_print(site, actor)
    make_checkpoint(site)
    gathered = gather(site, batch)
    now = site.clock.now()
    content = _sealed(site, gathered, by=gathered.people[actor.person], language=language, now=now)
    fact = DocumentIssued(
        paper=PAPER,
        language=language,
        copy_number=len(gathered.issued) + 1,
        sha256=Files(site.ledger.files).put(content),
        size=len(content),
        head_stream=gathered.batch.stream,
        head_seq=gathered.batch.seq,
        head_hash=gathered.batch.entries[-1].hash,
        supersedes=gathered.issued[-1].sha256 if gathered.issued else None,
    )
    outcome = _issue(site, actor, request_id, asked=asked, fact=fact)
    return paper_of(site, outcome, batch=batch)


def paper_of(site: Site, outcome: Outcome, *, batch: str) -> IssuedPaper:
    """The paper that an act put on file; raises FileNotFoundError when its file is gone."""
    fact = outcome.of(DocumentIssued)
    return IssuedPaper(
        content=Files(site.ledger.files).get(fact.sha256),
        sha256=fact.sha256,
        filename=filename(batch, fact.copy_number, fact.language),
        fact=fact,
    )


def filename(batch: str, copy_number: int, language: str) -> str:
    """How the file is called: `batch-0042-copy-3-en.pdf`."""
    return f"batch-{batch}-copy-{copy_number}-{language}.pdf"


def gather(site: Site, batch: str) -> Gathered:
    """Everything that the printed and the embedded record are made of; refuses an unknown batch."""
    stream = stream_of("batch", batch)
    with site.ledger.reading() as book:
        if book.head(stream) is None:
            raise Refused("act.unknown_target", sort="batch", code=batch)
        record = book.derived(stream, Folded.of).record
        assert isinstance(record, BatchRecord)
        file = record_file(site, book, stream)
        return Gathered(
            batch=record,
            refusals=book.entries(refusals_of(stream)),
            people={row.person: row.name for row in find(book, PersonRow)},
            words={item.commitment: item.value for item in file.detached},
            record=file,
            issued=_issued(book.entries(stream_of("documents", batch))),
        )


def record_file(site: Site, book: Book, stream: str) -> RecordFile:
    """record.json of one record: chain, refusals, keys, the values that may be told, the newest checkpoint."""
    chains = tuple(Chain(stream=name, entries=book.bodies(name)) for name in (stream, refusals_of(stream)))
    keys = book.bodies("keys")
    told = [pair for chain in chains for pair in chain.entries]
    detached, withheld = _disclosed(book, (*told, *keys))
    founded = site.founded
    return RecordFile(
        site=RecordSite(
            name=founded.site,
            zone=founded.zone,
            kind=founded.instance_kind,
            root_kid=founded.root_kid,
            founding=book.bodies("system")[0],
        ),
        keys=keys,
        chains=chains,
        detached=detached,
        withheld=withheld,
        checkpoints=_newest_checkpoint(book, (stream, refusals_of(stream), "keys")),
        files=tuple(_listed(detached, told)),
    )


def _sealed(site: Site, gathered: Gathered, *, by: str, language: str, now: datetime) -> bytes:
    batch, founded = gathered.batch, site.founded
    pdf = print_batch_record(
        batch,
        people=gathered.people,
        words=gathered.words,
        language=language,
        kind=founded.instance_kind,
        site_name=founded.site,
        zone=founded.zone,
        printed_by=by,
        printed_at=now,
        copy_number=len(gathered.issued) + 1,
        record_hash=batch.entries[-1].hash,
        supersedes=gathered.issued[-1].sha256 if gathered.issued else None,
        refusals=gathered.refusals,
    )
    title = f"Batch record {batch.number}"
    attached = attach_record(pdf, compose(gathered.record), title=title, language=TAGS[language], time=now)
    key = PemKey(key_pem=site.keys.seal_private, certificate_pem=site.keys.seal_certificate)
    return seal(attached, key=key, reason=title, location=founded.site, time=now)


def _issue(
    site: Site, actor: Actor, request_id: str, *, asked: dict[str, str], fact: DocumentIssued
) -> Outcome:
    stream = stream_of("documents", asked["batch"])

    def rule(scene: Scene) -> Decision:
        told = scene.record(stream)
        assert isinstance(told, Told)
        before = _issued(told.entries)
        newest = before[-1].sha256 if before else None
        if (len(before) + 1, newest) != (fact.copy_number, fact.supersedes):
            raise Refused("request.again")
        return Decision(drafts=(Draft(stream=stream, fact=fact),))

    ask = Ask(request_id=request_id, act="issue_document", on=stream, asked=asked)
    return perform(site, actor, ask, rule)


def _answered(site: Site, actor: Actor, request_id: str) -> DocumentIssued | None:
    """The paper with which this request was answered before."""
    with site.ledger.reading() as book:
        facts = (entry.fact for entry in book.answers(actor.person, request_id))
        return next((fact for fact in facts if isinstance(fact, DocumentIssued)), None)


def _check_may_print(site: Site, actor: Actor) -> None:
    """Nobody has a paper rendered for nothing; under the lock the corridor asks again."""
    with site.ledger.reading() as book:
        stream = stream_of("person", actor.person)
        person = book.derived(stream, Folded.of).record
        assert isinstance(person, Person)
        scene = Scene(site=site, book=book, now=site.clock.now(), actor=actor)
        check_may(person, ACTS["issue_document"], today=scene.today)


def _issued(entries: Iterable[Entry]) -> tuple[DocumentIssued, ...]:
    return tuple(
        entry.fact
        for entry in entries
        if isinstance(entry.fact, DocumentIssued) and entry.fact.paper == PAPER
    )


def _disclosed(book: Book, pairs: Iterable[Pair]) -> tuple[tuple[Opened, ...], tuple[Withheld, ...]]:
    """Each value that the entries committed to: told, or withheld because it is an identity or was redacted."""
    sorts: dict[str, str] = {}
    redacted: dict[str, tuple[str, int]] = {}
    for body, _ in pairs:
        entry = parse(body)
        assert isinstance(entry, dict)
        fact = entry["fact"]
        for commitment, sort in _commitments(fact):
            sorts[commitment] = sort
        if entry["kind"] == "value_redacted.1":
            assert isinstance(fact, dict)
            redacted[str(fact["commitment"])] = (str(entry["stream"]), int(str(entry["seq"])))
    kept = book.values(sorts)
    opened, withheld = [], []
    for commitment, sort in sorts.items():
        value = kept.get(commitment)
        if commitment in redacted:
            withheld.append(Withheld(commitment=commitment, why="redacted", entry=redacted[commitment]))
        elif sort == "identity":
            withheld.append(Withheld(commitment=commitment, why="identity"))
        elif value is not None and value.salt is not None and value.value is not None:
            opened.append(Opened(commitment=commitment, salt=value.salt, value=value.value))
    return tuple(opened), tuple(withheld)


def _commitments(value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if set(value) == {"commitment", "size", "sort"}:
            yield str(value["commitment"]), str(value["sort"])
        for item in value.values():
            yield from _commitments(item)
    elif isinstance(value, list):
        for item in value:
            yield from _commitments(item)


def _listed(opened: Iterable[Opened], pairs: Iterable[Pair]) -> Iterator[ListedFile]:
    """Attached files by their description; their bytes travel in a zip, not in the PDF."""
    files = {
        commitment for body, _ in pairs for commitment, sort in _commitments(parse(body)) if sort == "file"
    }
    for item in opened:
        if item.commitment in files:
            told = parse(item.value)
            assert isinstance(told, dict)
            yield ListedFile(
                name=str(told["name"]),
                sha256=str(told["sha256"]),
                size=int(str(told["size"])),
                present=False,
            )


def _newest_checkpoint(book: Book, streams: Iterable[str]) -> tuple[Checkpoint, ...]:
    found = [proof for stream in streams if (proof := checkpoints.proof(book, stream)) is not None]
    if not found:
        return ()
    point = found[0].checkpoint
    proofs = tuple(
        Proof(index=item.index, leaf=(item.stream, item.seq, item.hash), path=item.path) for item in found
    )
    return (
        Checkpoint(
            number=point.number,
            root=point.root,
            size=point.size,
            previous_root=point.previous_root,
            time=instant(point.made_at),
            kid=point.kid,
            signature=point.signature,
            proofs=proofs,
        ),
    )
