"""Stored bodies decode strictly, and every kind ever stored decodes for ever."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from lims.domain.canonical import canon, parse
from lims.domain.entries.batch import BatchIssued, EvidenceRecorded, StepConfirmed
from lims.domain.entries.envelope import Authorship, Draft, Fact, body_of
from lims.domain.master_batch_record import Frozen
from lims.ledger import codec
from lims.ledger.faults import EntryUnreadable
from tests.ledger.examples import by, step
from tests.ledger.make_golden import FOLDER, golden_bodies, golden_path
from tests.rules.played_batch import played

GOLDEN = sorted(FOLDER.glob("*.jsonl"))


def body(**changes: Any) -> str:
    """The body of a confirmed step, with fields changed."""
    plain = parse(body_of(step(), by=by(request="r1"), seq=1))
    assert isinstance(plain, dict)
    return canon({**plain, **changes})


def test_every_kind_has_golden_entries() -> None:
    missing = [kind for kind in codec.kinds() if not golden_path(kind).exists()]
    assert missing == [], "run: python -m tests.ledger.make_golden"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_entry_decodes_and_keeps_what_it_said(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = codec.decode(line, hash="0" * 64)
        told, kept = parse(line), parse(_again(entry))
        assert isinstance(told, dict) and isinstance(kept, dict)
        if told["kind"] == kept["kind"]:
            assert _is_part(told, kept)


def _again(entry: Any) -> str:
    draft = Draft(stream=entry.stream, fact=entry.fact, relied_on=entry.relied_on)
    author = Authorship(
        time=entry.time,
        person=entry.person,
        role=entry.role,
        station=entry.station,
        act=entry.act,
        request=entry.request,
    )
    return body_of(draft, by=author, seq=entry.seq)


def _is_part(told: Any, kept: Any) -> bool:
    """Everything that was told is kept; a later release may add fields with defaults."""
    if isinstance(told, dict):
        return isinstance(kept, dict) and all(
            name in kept and _is_part(told[name], kept[name]) for name in told
        )
    if isinstance(told, list):
        return isinstance(kept, list) and len(told) == len(kept) and all(map(_is_part, told, kept))
    return bool(told == kept)


@pytest.mark.parametrize("kind", codec.kinds())
def test_every_shape_of_a_fact_reads_back(kind: str) -> None:
    for stored in golden_bodies(codec.kinds()[kind]):
        assert _again(codec.decode(stored, hash="0" * 64, kind=kind)) == stored


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "never_heard_of.1"},
        {"kind": 7},
        {"extra": "field"},
        {"seq": "1"},
        {"seq": True},
        {"person": None},
        {"fact": {}},
        {"fact": {"step": "receive", "more": "x"}},
        {"fact": {"step": 1}},
        {"fact": {"step": "receive", "kind": "step_verified.1"}},
        {"fact": "receive"},
        {"relied_on": [["lot:1", "1", "00"]]},
        {"request": ["only one"]},
        {"time": 0},
        {"time": "yesterday"},
    ],
    ids=str,
)
def test_a_body_that_nobody_wrote_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EntryUnreadable):
        codec.decode(body(**changes), hash="0" * 64)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{", '{"kind":"step_confirmed.1"}', "[" * 100_000])
def test_what_is_no_body_is_refused(text: str) -> None:
    with pytest.raises(EntryUnreadable):
        codec.decode(text, hash="0" * 64)


def test_a_value_without_its_tag_is_refused() -> None:
    stored = golden_bodies(EvidenceRecorded)[0]
    plain: Any = parse(stored)
    del plain["fact"]["value"]["sort"]
    with pytest.raises(EntryUnreadable):
        codec.decode(canon(plain), hash="0" * 64)


def test_an_entry_filed_under_another_kind_is_refused() -> None:
    with pytest.raises(EntryUnreadable):
        codec.decode(body(), hash="0" * 64, kind="step_verified.1")


def test_an_old_kind_is_brought_to_the_newest_step_by_step() -> None:
    upcasters: dict[str, codec.Upcaster] = {
        "step_done.1": lambda fact: ("step_done.2", {"code": fact["name"]}),
        "step_done.2": lambda fact: ("step_confirmed.1", {"step": fact["code"]}),
    }
    stored = body(kind="step_done.1", fact={"name": "receive"})
    assert codec.decode(stored, hash="0" * 64, upcasters=upcasters).fact == StepConfirmed(step="receive")


def test_no_fact_holds_what_could_be_changed_after_it_was_hashed() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Inner(Frozen):
        names: list[str]

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Loose(Fact):
        kind: Literal["loose.1"] = "loose.1"
        inner: tuple[Inner, ...]

    with pytest.raises(TypeError, match="tuple"):
        codec._refuse_mutable(Loose.__dataclass_fields__["inner"].type, "Loose", set())


def test_batches_of_one_version_share_what_is_frozen_into_them_and_nothing_is_read_otherwise() -> None:
    """The cut-out parts go through the same strict reader; a body laid out otherwise is read as a whole."""
    text = played("issued").bodies[0]
    first, again = codec.decode(text, hash="h"), codec.decode(text, hash="h")
    assert isinstance(first.fact, BatchIssued) and isinstance(again.fact, BatchIssued)
    assert first.fact.master is again.fact.master and first.fact.protocol is again.fact.protocol
    whole: Any = codec.reader("batch_issued.1").validate_json(text, strict=True)
    assert whole.fact == first.fact
    spaced = json.dumps(json.loads(text), ensure_ascii=False)
    assert codec.decode(spaced, hash="h").fact == first.fact
    for wrong in (
        text.replace('"code":"MBR-DNK-010"', '"code":7', 1),
        text.replace('"master":{', '"master":{"more":1,', 1),
        text.replace('"protocol":{', '"protocol":null,"x":{', 1),
    ):
        assert wrong != text
        with pytest.raises(EntryUnreadable):
            codec.decode(wrong, hash="h")
