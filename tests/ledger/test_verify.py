"""A verification names what is wrong, and nothing when nothing is."""

from dataclasses import replace
from datetime import timedelta

from lims.domain.canonical import canon, commitment_of, leaf_hash, parse, walk_path
from lims.domain.entries.batch import StepConfirmed
from lims.domain.entries.envelope import Draft, Reliance
from lims.domain.entries.keys import PersonKeyEnrolled, PersonKeyRevoked
from lims.domain.signatures import attestation_bytes
from lims.ledger import verify_entries
from lims.ledger.book import Ledger
from lims.ledger.checkpoints import made, make_checkpoint, proof, witness_code
from lims.ledger.findings import Check
from lims.ledger.keys import make_key
from lims.ledger.verify import verify
from tests.ledger.examples import SALT, by, put, redacted, step
from tests.ledger.founding import LATER, enrol, found, no_rows, signature

MUCH_LATER = LATER + timedelta(hours=1)


def checks(ledger: Ledger) -> set[Check]:
    return {finding.check for finding in verify(ledger, rows_of=no_rows).findings}


def test_nothing_is_found_where_nothing_is_wrong(ledger: Ledger) -> None:
    found(ledger)
    report = verify(ledger, rows_of=no_rows)
    assert report.findings == ()
    assert (report.counts.streams, report.counts.entries, report.counts.signatures) == (5, 19, 1)
    assert (report.counts.values, report.counts.files, report.counts.checkpoints) == (2, 1, 1)


def test_a_redacted_value_is_no_finding(ledger: Ledger) -> None:
    found(ledger)
    commitment = commitment_of(SALT, "The medium was warm.")
    with ledger.writing(write=["batch:1"]) as book:
        book.append(redacted("batch:1", commitment), by(time=MUCH_LATER))
        book.erase(commitment)
    assert checks(ledger) == set()


def test_a_redaction_that_left_the_value_is_found(ledger: Ledger) -> None:
    found(ledger)
    with ledger.writing(write=["batch:1"]) as book:
        book.append(redacted("batch:1", commitment_of(SALT, "The medium was warm.")), by(time=MUCH_LATER))
    assert checks(ledger) == {Check.VALUE}


def test_a_signature_with_another_persons_key_is_found(ledger: Ledger) -> None:
    keys = found(ledger)
    with ledger.writing(write=["batch:2"]) as book:
        covered = book.entries("batch:2")[-1]
        book.append(signature(covered, keys.quality, name="Quality A", time=LATER), by(time=LATER))
    assert checks(ledger) == {Check.SIGNATURE}


def test_a_signature_with_a_key_that_nobody_vouched_for_is_found(ledger: Ledger) -> None:
    found(ledger)
    with ledger.writing(write=["batch:2"]) as book:
        covered = book.entries("batch:2")[-1]
        book.append(signature(covered, make_key(), name="Technician A", time=LATER), by(time=LATER))
    assert checks(ledger) == {Check.SIGNATURE}


def test_a_signature_over_another_entry_is_found(ledger: Ledger) -> None:
    keys = found(ledger)
    with ledger.writing(write=["batch:2"]) as book:
        covered = replace(book.entries("batch:2")[-1], hash="0" * 64)
        book.append(signature(covered, keys.technician, name="Technician A", time=LATER), by(time=LATER))
    assert checks(ledger) == {Check.SIGNATURE}


def test_a_key_that_vouches_for_itself_is_found(ledger: Ledger) -> None:
    found(ledger)
    with ledger.writing(write=["keys"]) as book:
        pair = make_key()
        enrol(book, pair, person="stranger", root=pair)
    assert checks(ledger) == {Check.KEY}


def test_an_entry_that_relied_on_something_not_on_file_is_found(ledger: Ledger) -> None:
    found(ledger)
    nowhere = Reliance(stream="lot:1", seq=1, hash="0" * 64)
    with ledger.writing(write=["batch:2"]) as book:
        draft = Draft(stream="batch:2", fact=StepConfirmed(step="feed"), relied_on=(nowhere,))
        book.append(draft, by(time=LATER))
    assert checks(ledger) == {Check.RELIANCE}


def test_an_entry_that_relied_on_what_is_on_file_is_no_finding(ledger: Ledger) -> None:
    found(ledger)
    with ledger.writing(write=["batch:2"], read=["lot:1"]) as book:
        there = book.entries("lot:1")[0].reference
        book.append(replace(step("batch:2"), relied_on=(there,)), by(time=LATER))
    assert checks(ledger) == set()


def test_a_checkpoint_with_another_key_is_found(ledger: Ledger) -> None:
    found(ledger)
    with ledger.writing(write=["checkpoints"]) as book:
        make_checkpoint(book, by(time=MUCH_LATER), key=make_key())
    assert checks(ledger) == {Check.CHECKPOINT}


def test_a_second_checkpoint_lists_only_what_changed(ledger: Ledger) -> None:
    keys = found(ledger)
    with ledger.writing(write=["checkpoints", "batch:2"]) as book:
        put(book, "batch:2", start=LATER)
        make_checkpoint(book, by(time=MUCH_LATER), key=keys.checkpoint)
        second = list(made(book.entries("checkpoints")))[-1]
    assert [name for name, _, _ in second.changed] == ["batch:2", "checkpoints"]
    assert checks(ledger) == set()


def test_a_witness_code_of_the_logbook_is_that_of_a_checkpoint(ledger: Ledger) -> None:
    found(ledger)
    with ledger.reading() as book:
        code = witness_code(next(made(book.entries("checkpoints"))))
    assert verify(ledger, rows_of=no_rows, witnessed=[code]).holds
    assert not verify(ledger, rows_of=no_rows, witnessed=["0000-0000-0000"]).holds


def test_the_proof_of_a_stream_leads_to_the_signed_root(ledger: Ledger) -> None:
    found(ledger)
    with ledger.reading() as book:
        for stream in ("batch:1", "batch:2", "keys", "lot:1"):
            shown = proof(book, stream)
            assert shown is not None
            assert walk_path(leaf_hash(shown.leaf), shown.path) == shown.checkpoint.root
        assert proof(book, "batch:9") is None


def test_the_fast_look_at_a_body_judges_as_the_canonical_form() -> None:
    for text in (
        '{"a":1.5}',
        '{"a":1e3}',
        '{"a":NaN}',
        '{"a": 1}',
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a":"\\u00e9"}',
    ):
        try:
            same = verify_entries._spell(verify_entries._parse(text)) == text
        except ValueError:
            same = False
        assert not same
    good = canon({"a": 1, "b": ["é", None, True], "c": {"d": "\u2028\n"}})
    assert verify_entries._spell(verify_entries._parse(good)) == good == canon(parse(good))


def test_a_signature_with_a_key_that_only_its_holder_enrolled_is_found(ledger: Ledger) -> None:
    found(ledger)
    pair = make_key()
    message = attestation_bytes(
        kid=pair.kid, public=pair.public, holder="newcomer", name="Newcomer", purpose="person"
    )
    fact = PersonKeyEnrolled(
        kid=pair.kid, public=pair.public, person="newcomer", name="Newcomer", proof=pair.sign(message)
    )
    with ledger.writing(write=["keys", "batch:2"]) as book:
        book.append(Draft(stream="keys", fact=fact), by(time=LATER, person="newcomer"))
        covered = book.entries("batch:2")[-1]
        draft = signature(covered, pair, name="Newcomer", time=MUCH_LATER)
        book.append(draft, by(time=MUCH_LATER, person="newcomer"))
    assert checks(ledger) == {Check.SIGNATURE}


def test_a_signature_counts_until_its_key_was_revoked_and_not_after(ledger: Ledger) -> None:
    keys = found(ledger)
    revoked = PersonKeyRevoked(kid=keys.technician.kid, person="technician-a", reason_code="left")
    with ledger.writing(write=["keys", "batch:2"]) as book:
        book.append(Draft(stream="keys", fact=revoked), by(time=LATER))
    assert checks(ledger) == set()
    with ledger.writing(write=["batch:2"]) as book:
        covered = book.entries("batch:2")[-1]
        draft = signature(covered, keys.technician, name="Technician A", time=MUCH_LATER)
        book.append(draft, by(time=MUCH_LATER))
    assert checks(ledger) == {Check.SIGNATURE}
