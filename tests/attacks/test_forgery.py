"""From a copy of everything stored nobody signs for a person, and what was redacted is in no byte that is left.

The copy: the database file with its log, the files, the server's keys and the code (21 CFR 11.70, 11.200(a)(3)).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from lims.actions import redaction, release
from lims.actions.secrets import find_person, prove_password
from lims.actions.signing import Signer, sign
from lims.actions.work import Actor, Scene
from lims.domain.entries.batch import Annotated, DisposedFinally
from lims.domain.entries.envelope import Authorship, Detached, Draft, Entry
from lims.domain.entries.keys import RedactionProposed, SignatureMade
from lims.domain.refusals import BadEntry
from lims.domain.signatures import intent_bytes
from lims.ledger import credentials
from lims.ledger.findings import Check
from lims.ledger.keys import KeyPair, WrongSecret, make_key, unwrap
from tests.builders import At, Played, Theatre, refuses
from tests.cast import COORD, QA_A, QA_B, TECH_A
from tests.player.cast import PASSWORD, PIN


def wrapped(played: Played, person: str) -> str:
    """A person's wrapped key, as a thief reads it."""
    with played.stage.site.ledger.reading() as book:
        kept = credentials.load(book, person)
    assert kept is not None
    return kept.wrapped


def signature_in(played: Played, stream: str) -> Entry:
    """The last signature of a stream."""
    return [entry for entry in played.entries(stream) if isinstance(entry.fact, SignatureMade)][-1]


def forge(played: Played, stream: str, fact: Callable[[Entry], SignatureMade], *, person: str) -> Entry:
    """Append, past every act, a signature over the stream's last entry that says to be the person's."""
    ledger, now = played.stage.site.ledger, played.now
    by = Authorship(time=now, person=person, role="qa", station="QA-1", act="dispose_finally", request=None)
    with ledger.writing(write={stream}) as book:
        scene = Scene(site=played.stage.site, book=book, now=now, actor=Actor(person=person, station=""))
        covered = book.entries(stream)[-1]
        return scene.append([Draft(stream=stream, fact=fact(covered))], by)[0]


def made_with(pair: KeyPair, covered: Entry, played: Played, *, name: str) -> SignatureMade:
    """A signature as the corridor makes it, but with this key."""
    draft = sign(
        Signer(name=name, pair=pair),
        covered,
        meaning="dispose_finally",
        sentence="All results are in.",
        language="en",
        shown="0" * 64,
        time=played.now,
        zone="Asia/Shanghai",
    )
    assert isinstance(draft.fact, SignatureMade)
    return draft.fact


def named(played: Played) -> set[tuple[Check, str, int]]:
    """What verification names."""
    return {(item.check, item.stream, item.seq) for item in played.verified().findings}


def test_guessed_and_empty_passwords_open_nothing(at: At) -> None:
    played = at("staffed")
    box, keys = wrapped(played, QA_A), played.stage.site.keys
    for guess in ("", " ", PIN, "password", QA_A, PASSWORD.upper(), keys.pepper.hex(), keys.digest_key.hex()):
        with pytest.raises(WrongSecret):
            unwrap(box, guess)
    assert unwrap(box, PASSWORD).kid == played.stage.signers[QA_A].kid


def test_a_wrapping_cannot_be_made_weaker_or_another_persons(at: At) -> None:
    """Every field of the wrapping is bound to it: another salt, cost or public key opens nothing."""
    played = at("staffed")
    mine, theirs = json.loads(wrapped(played, QA_A)), json.loads(wrapped(played, QA_B))
    for field in ("salt", "nonce", "ciphertext", "public"):
        with pytest.raises(WrongSecret):
            unwrap(json.dumps(mine | {field: theirs[field]}), PASSWORD)


@pytest.mark.parametrize("key", ["checkpoint", "fresh"])
def test_the_servers_keys_sign_for_nobody(at: At, key: str) -> None:
    """Signed with the server's checkpoint key under the person's key id, or with a key of the thief's own."""
    played = at("waiting")
    stream, kid = f"batch:{played.batch}", played.stage.signers[QA_A].kid
    pair = played.stage.site.keys.checkpoint if key == "checkpoint" else make_key()

    def fact(covered: Entry) -> SignatureMade:
        return replace(made_with(pair, covered, played, name="QA officer A"), kid=kid)

    entry = forge(played, stream, fact, person=QA_A)
    assert named(played) == {(Check.SIGNATURE, stream, entry.seq)}


def test_a_key_that_nobody_vouched_for_signs_for_nobody(at: At) -> None:
    played = at("waiting")
    stream, pair = f"batch:{played.batch}", make_key()
    entry = forge(
        played, stream, lambda covered: made_with(pair, covered, played, name="QA officer A"), person=QA_A
    )
    assert named(played) == {(Check.SIGNATURE, stream, entry.seq)}


def test_a_colleagues_genuine_key_signs_for_nobody_else(at: At) -> None:
    """A valid signature by qa-b in an entry that says qa-a stands behind it."""
    played = at("waiting")
    stream, signer = f"batch:{played.batch}", played.stage.signers[QA_B]
    entry = forge(
        played,
        stream,
        lambda covered: made_with(signer.pair, covered, played, name=signer.name),
        person=QA_A,
    )
    assert named(played) == {(Check.SIGNATURE, stream, entry.seq)}


def test_a_signature_over_another_content_is_named(at: At) -> None:
    """I5: signed by the person's own key, but over a hash that the covered entry does not have."""
    played = at("waiting")
    stream, signer = f"batch:{played.batch}", played.stage.signers[QA_A]

    def fact(covered: Entry) -> SignatureMade:
        return made_with(signer.pair, replace(covered, hash="0" * 64), played, name=signer.name)

    entry = forge(played, stream, fact, person=QA_A)
    assert named(played) == {(Check.SIGNATURE, stream, entry.seq)}


@pytest.mark.parametrize("where", ["same", "other"])
def test_a_copied_signature_signs_nothing_else(at: At, where: str) -> None:
    """21 CFR 11.70: not excised, copied or transferred. Also not onto a later entry of the same record."""
    played = at("disposed")
    genuine = signature_in(played, f"batch:{played.batch}").fact
    assert isinstance(genuine, SignatureMade)
    stream = f"batch:{played.batch if where == 'same' else played.other}"
    release.annotate(
        played.stage.site,
        played.actor(TECH_A),
        played.request(),
        batch=stream.partition(":")[2],
        text="To be signed.",
    )
    copied = genuine if where == "other" else _aimed_anew(genuine, played.entries(stream)[-1])
    entry = forge(played, stream, lambda covered: copied, person=QA_A)
    assert named(played) == {(Check.SIGNATURE, stream, entry.seq)}


def _aimed_anew(genuine: SignatureMade, covered: Entry) -> SignatureMade:
    """The genuine signature with its intent rewritten to cover another entry."""
    intent = json.loads(genuine.intent)
    intent |= {"covers": [covered.stream, covered.seq], "covers_hash": covered.hash}
    spelled = json.dumps(intent, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert intent_bytes(spelled) != intent_bytes(genuine.intent)
    return replace(genuine, intent=spelled)


def test_a_planted_key_passes_no_verification(at: At) -> None:
    """The thief puts a key of their own in place of the person's credentials: password proved, key not theirs."""
    played = at("waiting")
    site, pair = played.stage.site, make_key()
    planted = credentials.seal_credentials(
        pair,
        person=QA_A,
        password="the thief knows this",
        pin=None,
        pepper=site.keys.pepper,
        now=played.now,
    )
    with site.ledger.writing(write=set()) as book:
        credentials.store(book, planted)
    person = find_person(site, user_id=QA_A)
    assert person is not None
    signer = prove_password(site, person, "the thief knows this", during="sign")
    thief = Actor(person=QA_A, station="QA-1", signer=signer, identified=True)
    with refuses(played, "act.key_not_attested", filed=f"batch:{played.batch}!refusals"):
        release.dispose_finally(
            site, thief, played.request(), batch=played.batch, disposition="nonconforming", reason="Mine."
        )
    with pytest.raises(BadEntry):
        prove_password(site, person, PASSWORD, during="sign")
    assert not any(isinstance(entry.fact, DisposedFinally) for entry in played.record().entries)


def test_a_planted_key_with_a_rewritten_key_list_is_named(at: At) -> None:
    """The thief also writes an enrolment of the key in the person's name, and vouches with the server's keys."""
    from lims.domain.entries.keys import PersonKeyAttested, PersonKeyEnrolled
    from lims.domain.signatures import attestation_bytes

    played = at("waiting")
    site, pair = played.stage.site, make_key()
    text_of = attestation_bytes(
        kid=pair.kid, public=pair.public, holder=QA_A, name="QA officer A", purpose="person"
    )
    enrolled = PersonKeyEnrolled(
        kid=pair.kid, public=pair.public, person=QA_A, name="QA officer A", proof=pair.sign(text_of)
    )
    vouched = [
        PersonKeyAttested(
            kid=pair.kid,
            public=pair.public,
            person=QA_A,
            name="QA officer A",
            by_kid=site.keys.checkpoint.kid if by == "server" else played.stage.signers[by].kid,
            signature=site.keys.checkpoint.sign(text_of),
        )
        for by in ("server", QA_B)
    ]
    with site.ledger.writing(write={"keys"}) as book:
        scene = Scene(site=site, book=book, now=played.now, actor=Actor(person=QA_B, station=""))
        by = Authorship(time=played.now, person=QA_B, role="qa", station="", act="attest_key", request=None)
        added = scene.append([Draft(stream="keys", fact=fact) for fact in (enrolled, *vouched)], by)
    stream = f"batch:{played.batch}"
    entry = forge(
        played, stream, lambda covered: made_with(pair, covered, played, name="QA officer A"), person=QA_A
    )
    assert named(played) == {
        (Check.KEY, "keys", added[1].seq),
        (Check.KEY, "keys", added[2].seq),
        (Check.SIGNATURE, stream, entry.seq),
    }


SECRET_WORDS = "Frau Musterfrau rang us at half past nine 秘密"


def noted(played: Played, words: str = SECRET_WORDS) -> Detached:
    """A note whose words must go."""
    outcome = release.annotate(
        played.stage.site, played.actor(TECH_A), played.request(), batch=played.batch, text=words
    )
    return outcome.of(Annotated).words


def propose(played: Played, commitment: str, *, person: str = QA_A) -> int:
    outcome = redaction.propose_redaction(
        played.stage.site,
        played.actor(person),
        played.request(),
        stream=f"batch:{played.batch}",
        commitment=commitment,
        reason_code="names_a_person",
    )
    assert outcome.has(RedactionProposed)
    return outcome.entries[0].seq


def countersign(played: Played, seq: int, *, person: str = QA_B) -> None:
    redaction.countersign_redaction(
        played.stage.site,
        played.actor(person),
        played.request(),
        stream=f"batch:{played.batch}",
        proposed_seq=seq,
        reason_code="names_a_person",
    )


@pytest.fixture
def at_file(theatre: Theatre, tmp_path: Path) -> Iterator[At]:
    """Always on SQLite, whose file is looked into; what PostgreSQL keeps until VACUUM is in docs/threat-model.md."""
    gives = At(theatre, tmp_path)
    yield gives
    gives.close()


def stored_bytes(played: Played) -> bytes:
    """The database file with its write-ahead log, as a thief copies it."""
    name = played.stage.site.ledger.engine.url.database
    assert name is not None
    return b"".join(path.read_bytes() for path in sorted(Path(name).parent.glob("ledger.db*")))


def test_what_two_people_redact_is_in_no_byte_of_the_database(at_file: At) -> None:
    """ICH E6(R3) 4.2.2(b), PIPL: chain whole, gap visible, value and salt gone from file and log."""
    played = at_file("counting")
    words = noted(played)
    with played.stage.site.ledger.reading() as book:
        salt = book.values([words.commitment])[words.commitment].salt
    assert salt is not None
    before = stored_bytes(played)
    assert SECRET_WORDS.encode() in before and salt.encode() in before
    countersign(played, propose(played, words.commitment))
    after = stored_bytes(played)
    assert SECRET_WORDS.encode() not in after
    assert "秘密".encode() not in after
    assert salt.encode() not in after
    assert played.verified().findings == ()


def test_one_person_alone_redacts_nothing(at: At) -> None:
    played = at("counting")
    words = noted(played)
    seq = propose(played, words.commitment)
    with refuses(played, "person.self", filed=f"batch:{played.batch}!refusals"):
        countersign(played, seq, person=QA_A)
    with played.stage.site.ledger.reading() as book:
        assert book.values([words.commitment])[words.commitment].value == SECRET_WORDS


def test_a_redaction_is_countersigned_as_it_was_proposed_and_once(at: At) -> None:
    played = at("counting")
    words = noted(played)
    seq = propose(played, words.commitment, person=COORD)
    with refuses(played, "redaction.none", filed=f"batch:{played.batch}!refusals"):
        countersign(played, seq - 1)
    countersign(played, seq)
    with refuses(played, "redaction.none", filed=f"batch:{played.batch}!refusals"):
        countersign(played, seq)
    with refuses(played, "redaction.none", filed=f"batch:{played.batch}!refusals"):
        propose(played, words.commitment)


def test_a_value_of_another_record_is_not_redacted_here(at: At) -> None:
    played = at("counting")
    enrolled = played.participant().enrolled
    assert enrolled is not None
    with refuses(played, "redaction.none", filed=f"batch:{played.batch}!refusals"):
        propose(played, enrolled.name.commitment)


def test_every_connection_overwrites_what_it_erases(at_file: At) -> None:
    played = at_file("staffed")
    with played.stage.site.ledger.engine.connect() as connection:
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
