"""Checking detached values: each is disclosed as committed, or withheld for a named reason; redactions; files."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lims.documents.chain_reading import EntryRead, Malformed
from lims.documents.findings import N_, Notes
from lims.documents.record_file import RecordFile
from lims.documents.signature_check import SignaturesRead
from lims.domain.canonical import NotCanonical, commitment_of, parse

WITHHOLDABLE = {"identity": "identity", "foreign": "identity", "file": "file"}
"""Why a value may be withheld, and the sort that it must then have; anything may be redacted."""

_FILE_FIELDS = {"name", "sha256", "size", "type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A commitment as it lies in an entry."""

    commitment: str
    sort: str
    size: int
    place: tuple[str, int]


def committed_in(entries: Iterable[EntryRead]) -> Iterator[Committed]:
    """Every commitment in these entries: each object with exactly the fields commitment, sort and size."""
    for entry in entries:
        for item in _walk(entry.fact):
            yield Committed(
                commitment=item["commitment"],
                sort=item["sort"],
                size=item["size"],
                place=entry.place,
            )


def _walk(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if set(value) == {"commitment", "sort", "size"}:
            yield value
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)


def check_disclosure(notes: Notes, record: RecordFile, entries: Sequence[EntryRead]) -> None:
    """Nothing that an entry committed to is silently missing, and nothing is there that no entry committed to."""
    committed = list(committed_in(entries))
    sorts = {item.commitment: item for item in committed}
    given = Counter(item.commitment for item in record.detached)
    given.update(item.commitment for item in record.withheld)
    for item in committed:
        if given[item.commitment] != 1:
            notes.fail(
                "detached",
                N_("A value of this entry is neither disclosed nor withheld, or both."),
                item.place,
            )
    for opened in record.detached:
        known = sorts.get(opened.commitment)
        if known is None:
            notes.fail("detached", N_("A value is disclosed that no entry committed to."))
        elif commitment_of(opened.salt, opened.value) != opened.commitment or known.size != len(
            opened.value.encode()
        ):
            notes.fail(
                "detached",
                N_("The value disclosed is not the one committed to."),
                known.place,
            )
    for withheld in record.withheld:
        known = sorts.get(withheld.commitment)
        if known is None:
            notes.fail("detached", N_("A value is withheld that no entry committed to."))
        elif withheld.why != "redacted" and (WITHHOLDABLE.get(withheld.why) != known.sort or withheld.entry):
            notes.fail("detached", N_("A value is withheld for no good reason."), known.place)
    notes.ok(
        "detached",
        N_("%(opened)s values disclosed as committed, %(withheld)s withheld."),
        opened=len(record.detached),
        withheld=len(record.withheld),
    )


def check_redactions(
    notes: Notes,
    record: RecordFile,
    entries: Sequence[EntryRead],
    signed: SignaturesRead,
) -> None:
    """A redacted value names the entry that redacted it: proposed by one person, done by another, both signed."""
    on_file = {entry.place: entry for entry in entries}
    redacted = {}
    for entry in entries:
        if entry.kind == "value_redacted.1":
            try:
                redacted[entry.text("commitment")] = entry.place
                fault = _redaction_fault(entry, on_file, signed)
            except Malformed:
                fault = N_("The redaction does not say what it redacted.")
            if fault:
                notes.fail("redactions", fault, entry.place)
    for opened in record.detached:
        if opened.commitment in redacted:
            notes.fail(
                "redactions",
                N_("A value is disclosed that was redacted."),
                redacted[opened.commitment],
            )
    for withheld in record.withheld:
        if withheld.why == "redacted" and (
            not withheld.entry or redacted.get(withheld.commitment) != withheld.entry
        ):
            notes.fail(
                "redactions",
                N_("A value is called redacted, but no such redaction is on file."),
                withheld.entry,
            )
    places = ", ".join(f"{stream} {seq}" for stream, seq in redacted.values())
    if places:
        notes.ok(
            "redactions",
            N_("Redacted by two people: see entries %(places)s."),
            places=places,
        )
    notes.ok("redactions", N_("Nothing was redacted."))


def _redaction_fault(
    entry: EntryRead, on_file: dict[tuple[str, int], EntryRead], signed: SignaturesRead
) -> str | None:
    proposed = on_file.get((entry.stream, entry.number("proposed_seq")))
    if proposed is None or proposed.kind != "redaction_proposed.1" or proposed.seq >= entry.seq:
        return N_("The redaction was not proposed.")
    if proposed.text("commitment") != entry.text("commitment"):
        return N_("The redaction is not the one proposed.")
    if proposed.person == entry.person:
        return N_("One person alone redacted a value.")
    if not signed.signers.get(proposed.place) or not signed.signers.get(entry.place):
        return N_("The redaction is not signed by both people.")
    return None


def check_files(notes: Notes, record: RecordFile, entries: Sequence[EntryRead]) -> None:
    """The list of attached files is exactly the files that the entries committed to and that are not withheld."""
    places = {item.commitment: item.place for item in committed_in(entries) if item.sort == "file"}
    due = []
    for opened in record.detached:
        if opened.commitment in places:
            due.append(_file(opened.value))
            if due[-1] is None:
                notes.fail(
                    "files",
                    N_("The attached file is not described as it must be."),
                    places[opened.commitment],
                )
    listed = [(item.name, item.sha256, item.size) for item in record.files]
    if sorted(listed) != sorted(item for item in due if item):
        notes.fail("files", N_("The list of attached files is not the one committed to."))
    absent = ", ".join(item.name for item in record.files if not item.present)
    if absent:
        notes.ok("files", N_("Not with the record, only pinned: %(absent)s."), absent=absent)
    notes.ok(
        "files",
        N_("%(count)s attached files, each pinned by its SHA-256."),
        count=len(listed),
    )


def _file(text: str) -> tuple[str, str, int] | None:
    try:
        value = parse(text)
    except NotCanonical:
        return None
    if not isinstance(value, dict) or set(value) != _FILE_FIELDS:
        return None
    match value["name"], value["sha256"], value["size"]:
        case str(name), str(digest), int(size):
            return name, digest, size
        case _:
            return None
