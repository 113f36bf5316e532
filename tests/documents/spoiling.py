"""Ways to spoil a good record: each is what a forger or an accident can do, with the check that finds it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lims.documents.record_file import RecordFile
from lims.domain.canonical import canon
from tests.documents.site_builder import (
    BATCH,
    NEWCOMER,
    OFFICER,
    REFUSALS,
    TECHNICIAN,
    Bench,
    Key,
    Person,
    built,
    close_batch,
    closed_batch,
    founded,
    open_batch,
    rehashed,
    with_entries,
    withheld_of,
)


@dataclass(frozen=True)
class Spoilt:
    """A spoilt record, the check that must fail, and the entry that it must name (None: no entry is to blame)."""

    record: RecordFile
    check: str
    at: tuple[str, int] | None = None


def change_body(seq: int, rewrite: Callable[[dict[str, Any]], None], *, stream: str = BATCH) -> RecordFile:
    """The closed record with one body rewritten and the whole chain hashed anew."""
    record = closed_batch().record
    entries = (
        record.keys if stream == "keys" else next(c.entries for c in record.chains if c.stream == stream)
    )
    bodies = [body for body, _ in entries]
    value = json.loads(bodies[seq - 1])
    rewrite(value)
    bodies[seq - 1] = canon(value)
    return with_entries(record, stream, rehashed(bodies))


def without(stream: str, seq: int) -> RecordFile:
    """The closed record without one entry."""
    record = closed_batch().record
    entries = (
        record.keys if stream == "keys" else next(c.entries for c in record.chains if c.stream == stream)
    )
    return with_entries(record, stream, entries[: seq - 1] + entries[seq:])


def _value_changed() -> Spoilt:
    record = closed_batch().record
    pairs = list(record.chains[0].entries)
    pairs[1] = (pairs[1][0].replace("78.5", "88.5"), pairs[1][1])
    return Spoilt(with_entries(record, BATCH, tuple(pairs)), "chain", (BATCH, 2))


def _value_changed_and_rehashed() -> Spoilt:
    return Spoilt(change_body(2, lambda body: body["fact"].update(value="88.5")), "signatures", (BATCH, 3))


def _not_canonical() -> Spoilt:
    record = closed_batch().record
    bodies = [body for body, _ in record.chains[0].entries]
    bodies[1] = bodies[1].replace('{"act"', '{ "act"')
    return Spoilt(with_entries(record, BATCH, rehashed(bodies)), "canonical", (BATCH, 2))


def _renumbered() -> Spoilt:
    return Spoilt(change_body(5, lambda body: body.update(seq=6)), "sequence", (BATCH, 5))


def _other_stream() -> Spoilt:
    return Spoilt(change_body(1, lambda body: body.update(stream="batch:9")), "stream", (BATCH, 1))


def _earlier() -> Spoilt:
    return Spoilt(
        change_body(4, lambda body: body.update(time="2026-03-01T00:00:00.000000Z")), "time", (BATCH, 4)
    )


def _middle_dropped() -> Spoilt:
    return Spoilt(without(BATCH, 4), "sequence", (BATCH, 4))


def _tail_dropped_under_a_checkpoint() -> Spoilt:
    return Spoilt(without(BATCH, 10), "checkpoints", (BATCH, 10))


def _refusals_dropped() -> Spoilt:
    return Spoilt(with_entries(closed_batch().record, REFUSALS, ()), "checkpoints", (REFUSALS, 1))


def _middle_dropped_and_renumbered_after_close() -> Spoilt:
    bench = open_batch()
    bench.write(BATCH, "record_closed.1", {"count": len(bench.streams[BATCH]) + 1}, by="p2")
    return Spoilt(built(bench).record, "closure", (BATCH, len(bench.streams[BATCH])))


def _relied_on_another_key_list() -> Spoilt:
    record = change_body(1, lambda body: body.update(relied_on=[["keys", 1, "0" * 64]]))
    return Spoilt(record, "reliance", (BATCH, 1))


def _detached_dropped() -> Spoilt:
    record = closed_batch().record
    kept = tuple(item for item in record.detached if "二次" not in item.value)
    return Spoilt(replace(record, detached=kept), "detached", (BATCH, 2))


def _detached_changed() -> Spoilt:
    record = closed_batch().record
    changed = tuple(replace(item, value=item.value.replace("≤", "≥")) for item in record.detached)
    return Spoilt(replace(record, detached=changed), "detached", (BATCH, 2))


def _text_withheld_as_identity() -> Spoilt:
    record = closed_batch().record
    words = next(item for item in record.detached if "二次" in item.value)
    kept = tuple(item for item in record.detached if item is not words)
    hidden = replace(record.withheld[0], commitment=words.commitment)
    return Spoilt(replace(record, detached=kept, withheld=(*record.withheld, hidden)), "detached", (BATCH, 2))


def _text_withheld_as_redacted() -> Spoilt:
    record = closed_batch().record
    words = next(item for item in record.detached if "二次" in item.value)
    kept = tuple(item for item in record.detached if item is not words)
    hidden = replace(record.withheld[1], commitment=words.commitment)
    return Spoilt(
        replace(record, detached=kept, withheld=(*record.withheld, hidden)), "redactions", (BATCH, 7)
    )


def _redacted_yet_disclosed() -> Spoilt:
    one = closed_batch()
    note = one.bench.detached[withheld_of(one.bench)[1].commitment]
    record = replace(one.record, detached=(*one.record.detached, note), withheld=one.record.withheld[:1])
    return Spoilt(record, "redactions", (BATCH, 7))


def _redacted_by_one() -> Spoilt:
    bench = founded()
    name, note = bench.detach("Demo", sort="identity"), bench.detach("a name that does not belong here")
    bench.write(BATCH, "annotated.1", {"name": name, "words": note}, by="p1")
    fact = {"commitment": note["commitment"], "reason_code": "privacy"}
    bench.sign(TECHNICIAN, bench.write(BATCH, "redaction_proposed.1", fact, by="p1"))
    bench.sign(TECHNICIAN, bench.write(BATCH, "value_redacted.1", fact | {"proposed_seq": 2}, by="p1"))
    return Spoilt(bench.record(withheld=withheld_of(bench)), "redactions", (BATCH, 4))


def _file_renamed() -> Spoilt:
    record = closed_batch().record
    return Spoilt(replace(record, files=(replace(record.files[0], name="other.csv"),)), "files")


def _file_unlisted() -> Spoilt:
    return Spoilt(replace(closed_batch().record, files=()), "files")


def _site_renamed() -> Spoilt:
    record = closed_batch().record
    return Spoilt(replace(record, site=replace(record.site, kind="production")), "site", ("system", 1))


def _checkpoint_of_another_root() -> Spoilt:
    record = closed_batch().record
    point = replace(record.checkpoints[0], root="0" * 64)
    return Spoilt(replace(record, checkpoints=(point, *record.checkpoints[1:])), "checkpoints")


def _leaf_moved() -> Spoilt:
    record = closed_batch().record
    point = record.checkpoints[0]
    proofs = (replace(point.proofs[0], index=point.proofs[0].index + 1), *point.proofs[1:])
    points = (replace(point, proofs=proofs), *record.checkpoints[1:])
    return Spoilt(replace(record, checkpoints=points), "checkpoints", (BATCH, point.proofs[0].leaf[1]))


def _side_of_a_step_swapped() -> Spoilt:
    record = closed_batch().record
    point = record.checkpoints[0]
    step, *rest = point.proofs[0].path
    other = {"L": "R", "R": "L"}[step[0]] + step[1:]
    proofs = (replace(point.proofs[0], path=(other, *rest)), *point.proofs[1:])
    points = (replace(point, proofs=proofs), *record.checkpoints[1:])
    return Spoilt(replace(record, checkpoints=points), "checkpoints", (BATCH, point.proofs[0].leaf[1]))


def _signed(work: Callable[[Bench, tuple[str, int, str]], None], bench: Bench | None = None) -> Spoilt:
    bench = bench or founded()
    step = bench.write(BATCH, "step_confirmed.1", {}, by="p1")
    work(bench, step)
    return Spoilt(bench.record(), "signatures", (BATCH, 2))


def _signature_by_another_key() -> Spoilt:
    return _signed(lambda bench, step: bench.sign(TECHNICIAN, step, key=OFFICER.key))


def _signature_under_another_name() -> Spoilt:
    return _signed(lambda bench, step: bench.sign(TECHNICIAN, step, name=OFFICER.name))


def _signature_of_an_unknown_key() -> Spoilt:
    return _signed(lambda bench, step: bench.sign(Person("p1", "Technician A", Key("stranger")), step))


def _signature_at_another_time() -> Spoilt:
    return _signed(lambda bench, step: bench.sign(TECHNICIAN, step, time=bench.time.replace(year=2025)))


def _signature_after_revocation() -> Spoilt:
    bench = founded()
    bench.revoke(TECHNICIAN)
    return _signed(lambda bench, step: bench.sign(TECHNICIAN, step), bench)


def _signature_with_a_key_that_one_person_vouched_for() -> Spoilt:
    bench = founded()
    late = Person("p4", "Technician C", Key("p4"))
    bench.enrol(late)
    bench.vouch(late, by=TECHNICIAN)
    step = bench.write(BATCH, "step_confirmed.1", {}, by="p4")
    bench.sign(late, step)
    return Spoilt(bench.record(), "signatures", (BATCH, 2))


def _signature_copied_within_the_stream() -> Spoilt:
    bench = founded()
    bench.sign(TECHNICIAN, bench.write(BATCH, "step_confirmed.1", {}, by="p1"))
    fact = json.loads(bench.streams[BATCH][1][0])["fact"]
    bench.write(BATCH, "step_confirmed.1", {}, by="p1")
    bench.write(BATCH, "signature_made.1", fact, by="p1", same_act=True)
    return Spoilt(bench.record(), "signatures", (BATCH, 4))


def _signature_repeated_at_once() -> Spoilt:
    bench = founded()
    bench.sign(TECHNICIAN, bench.write(BATCH, "step_confirmed.1", {}, by="p1"))
    fact = json.loads(bench.streams[BATCH][1][0])["fact"]
    bench.write(BATCH, "signature_made.1", fact, by="p1", same_act=True)
    return Spoilt(bench.record(), "signatures", (BATCH, 3))


def _signature_copied_to_another_stream() -> Spoilt:
    bench = founded()
    bench.write(BATCH, "batch_issued.1", {}, by="p1")
    step = bench.write(REFUSALS, "act_refused.1", {}, by="p1")
    bench.sign(TECHNICIAN, step)
    fact = json.loads(bench.streams[REFUSALS][1][0])["fact"]
    bench.write(BATCH, "signature_made.1", fact, by="p1", same_act=True)
    return Spoilt(bench.record(), "signatures", (BATCH, 2))


def _signature_over_another_persons_act() -> Spoilt:
    return _signed(lambda bench, step: bench.sign(OFFICER, step))


def _signed_words_changed() -> Spoilt:
    def reword(body: dict[str, Any]) -> None:
        body["fact"]["intent"] = body["fact"]["intent"].replace("performed", "verified", 1)

    return Spoilt(change_body(3, reword), "signatures", (BATCH, 3))


def _key_vouched_for_by_its_holder() -> Spoilt:
    bench = founded()
    again = Person("p1", "Technician A", Key("p1 again"))
    bench.enrol(again)
    bench.vouch(again, by=TECHNICIAN)
    return _batch_and(bench, "keys", len(bench.streams["keys"]))


def _key_vouched_for_by_a_revoked_holder() -> Spoilt:
    bench = founded()
    late = Person("p4", "Technician C", Key("p4"))
    bench.revoke(TECHNICIAN)
    bench.enrol(late)
    bench.vouch(late, by=TECHNICIAN)
    return _batch_and(bench, "keys", len(bench.streams["keys"]))


def _key_without_possession() -> Spoilt:
    return Spoilt(
        change_body(4, lambda body: body["fact"].update(proof="0" * 128), stream="keys"), "keys", ("keys", 4)
    )


def _key_vouched_for_by_a_forger() -> Spoilt:
    record = change_body(5, lambda body: body["fact"].update(signature="0" * 128), stream="keys")
    return Spoilt(record, "keys", ("keys", 5))


def _seal_not_signed_by_the_root() -> Spoilt:
    record = change_body(2, lambda body: body["fact"].update(public="0" * 64), stream="keys")
    return Spoilt(record, "keys", ("keys", 2))


def _second_root() -> Spoilt:
    bench = founded()
    bench.site_key(Key("other root"), "root", signer=Key("other root"))
    return _batch_and(bench, "keys", len(bench.streams["keys"]))


def _fact_of_a_key_without_its_fields() -> Spoilt:
    bench = founded()
    bench.write("keys", "person_key_revoked.1", {"kid": 7})
    return _batch_and(bench, "keys", len(bench.streams["keys"]))


def _batch_and(bench: Bench, check: str, seq: int) -> Spoilt:
    bench.write(BATCH, "batch_issued.1", {}, by=NEWCOMER.id)
    return Spoilt(bench.record(), check, ("keys", seq))


SPOILINGS = [
    value
    for name, value in sorted(globals().items())
    if callable(value)
    and name.startswith("_")
    and name not in ("_signed", "_batch_and")
    and not name.startswith("__")
]
__all__ = ["SPOILINGS", "Spoilt", "close_batch", "without"]
