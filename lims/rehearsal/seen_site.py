"""What administrators and quality do at a page about people, masters and erasures, as a rehearsal plays it."""

from datetime import date
from pathlib import Path

from lims.actions import master_paper, masters, people, quality_review, redaction, register
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.documents.papers import version_code
from lims.domain.entries.envelope import Entry, stream_of
from lims.domain.entries.keys import RedactionProposed
from lims.domain.masters import fold_versions
from lims.domain.people import fold_person
from lims.queries.quality_review import quality_review as period_review
from lims.queries.record_words import words_of_entries
from lims.queries.register import register as year_register
from lims.rehearsal.cast import PASSWORD, PIN
from lims.rehearsal.eyes import reader_of


def _entries(site: Site, stream: str) -> tuple[Entry, ...]:
    with site.ledger.reading() as book:
        return book.entries(stream)


def set_credentials(
    site: Site, actor: Actor, request_id: str, *, password: str = PASSWORD, pin: str = PIN
) -> Outcome:
    """The person chooses password and PIN, with the enrolment code or, once they have a key, with that key."""
    if actor.signer is not None:
        return people.change_password(site, actor, request_id, password=password, pin=pin)
    code = people.enrolment_code(site, actor.person)
    return people.set_credentials(site, actor, request_id, enrolment=code, password=password, pin=pin)


def attest_key(site: Site, actor: Actor, request_id: str, *, person: str) -> Outcome:
    """The actor vouches for the signing key that the person has now."""
    stream = stream_of("person", person)
    member = fold_person(stream, _entries(site, stream))
    return people.attest_key(site, actor, request_id, kid=member.kid or "")


def propose_protocol(site: Site, actor: Actor, request_id: str, *, file: Path) -> Outcome:
    """A study protocol is handed in from a file beside the rehearsal."""
    text = file.read_text(encoding="utf-8")
    return masters.propose_protocol(site, actor, request_id, text=text, name=file.name)


def propose_master(site: Site, actor: Actor, request_id: str, *, file: Path) -> Outcome:
    """A master batch record is handed in from a file beside the rehearsal."""
    text = file.read_text(encoding="utf-8")
    return masters.propose_master(site, actor, request_id, text=text, name=file.name)


def approve_protocol(site: Site, actor: Actor, request_id: str, *, code: str, version: str) -> Outcome:
    """The version is approved over the two hashes that its page shows."""
    file, canonical = _hashes(site, "study", version)
    return masters.approve_protocol(
        site, actor, request_id, code=code, version=version, file_sha256=file, canonical_sha256=canonical
    )


def approve_master(site: Site, actor: Actor, request_id: str, *, code: str, version: str) -> Outcome:
    """The version is approved over the two hashes that its page shows."""
    file, canonical = _hashes(site, stream_of("master", code), version)
    return masters.approve_master(
        site, actor, request_id, code=code, version=version, file_sha256=file, canonical_sha256=canonical
    )


def _hashes(site: Site, stream: str, version: str) -> tuple[str, str]:
    versions = fold_versions(stream, _entries(site, stream)).versions
    found = next((item for item in versions if item.version == version), None)
    return (found.file_sha256, found.canonical_sha256) if found else ("", "")


def propose_redaction(
    site: Site, actor: Actor, request_id: str, *, words: str, reason_code: str, stream: str = "batch:${batch}"
) -> Outcome:
    """One person asks that these very words, kept beside a stream, be erased."""
    with site.ledger.reading() as book:
        told = words_of_entries(book, book.entries(stream))
    commitment = next((at for at, value in told.items() if value == words), "")
    return redaction.propose_redaction(
        site, actor, request_id, stream=stream, commitment=commitment, reason_code=reason_code
    )


def countersign_redaction(
    site: Site, actor: Actor, request_id: str, *, stream: str = "batch:${batch}"
) -> Outcome:
    """A second person agrees to the newest redaction that was proposed there."""
    proposed = [entry for entry in _entries(site, stream) if isinstance(entry.fact, RedactionProposed)]
    fact = proposed[-1].fact if proposed else None
    reason_code = fact.reason_code if isinstance(fact, RedactionProposed) else ""
    return redaction.countersign_redaction(
        site,
        actor,
        request_id,
        stream=stream,
        proposed_seq=proposed[-1].seq if proposed else 0,
        reason_code=reason_code,
    )


def print_blank_master(
    site: Site, actor: Actor, request_id: str, *, code: str, version: str, language: str = "en"
) -> Outcome:
    """A version of a master batch record is printed blank, sealed, and put on file as issued."""
    paper = master_paper.issue_blank_master(
        site, actor, request_id, code=code, version=version, language=language
    )
    issued = _entries(site, stream_of("documents", version_code(code, version)))
    return Outcome(entries=tuple(entry for entry in issued if entry.fact == paper.fact))


def print_register(site: Site, actor: Actor, request_id: str, *, year: int, language: str = "en") -> Outcome:
    """The certification register of a year is printed, sealed, and put on file as issued."""
    found = year_register(reader_of(site, actor), year)
    paper = register.issue_register(site, actor, request_id, found=found, language=language)
    on_file = _entries(site, stream_of("documents", f"register-{found.year}"))
    return Outcome(entries=tuple(entry for entry in on_file if entry.fact == paper.fact))


def print_quality_review(
    site: Site, actor: Actor, request_id: str, *, begin: date, end: date, language: str = "en"
) -> Outcome:
    """The review of a period is printed, sealed, and put on file as issued."""
    found = period_review(reader_of(site, actor), begin, end)
    paper = quality_review.issue_quality_review(site, actor, request_id, found=found, language=language)
    on_file = _entries(site, stream_of("documents", quality_review.code_of_period(found)))
    return Outcome(entries=tuple(entry for entry in on_file if entry.fact == paper.fact))
