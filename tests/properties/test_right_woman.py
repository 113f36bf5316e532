"""I6: whatever codes, people, clocks and bands come together, a perfusion happens only when everything holds.

The oracle below reads the entries alone and shares no code with the rules. `LIMS_NIGHTLY=1` plays 100 000 traces.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from lims.domain import custody, perfusion, wristband
from lims.domain.acts import Role
from lims.domain.dose_given import Volumes
from lims.domain.entries.batch import (
    CustodyOffered,
    HoldPlaced,
    IdentityConfirmed,
    IdentityMatched,
    Perfused,
    ReleasedConditionally,
)
from lims.domain.entries.envelope import Detached, Draft, Entry
from lims.domain.entries.screening import PregnancyTested
from lims.domain.entries.trial import (
    ConsentRecorded,
    ConsentWithdrawn,
    WristbandIssued,
    WristbandScanned,
    WristbandVoided,
)
from lims.domain.entries.values import Means
from lims.domain.perfusion import Legs, ReadTogether
from lims.domain.refusals import Refused
from lims.domain.rows import BatchRow, TaskRow
from lims.domain.waiting import batch_rows
from tests.properties.two_women import CAST, KEYS, TASKS, WOMEN, World, begin

NIGHTLY = bool(os.environ.get("LIMS_NIGHTLY"))
EXAMPLES = int(os.environ.get("LIMS_EXAMPLES", 100_000 if NIGHTLY else 300))
WORDS = Detached(commitment="0" * 64, sort="words", size=4)
VALID = timedelta(minutes=15)
Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One bedside from the first scan to the signature, as the people there do it."""

    key: Key = KEYS[0]
    first: str = "clinician.a"
    second: str = "clinician.b"
    giver: str = "clinician.a"
    leg: str = ""
    """The leg that is read otherwise, by whom and as what."""
    by: str = "both"
    code: str = ""
    typed: str = ""
    together: bool = False
    stated: bool = True
    answer: int = 0
    appearance: str = "normal"
    before_second: timedelta = timedelta(minutes=2)
    before_start: timedelta = timedelta(minutes=3)
    long: timedelta = timedelta(minutes=4)
    told_after: timedelta = timedelta(minutes=1)
    until_expiry: timedelta | None = None
    """How long before the expiry (negative: after it) the first check begins."""
    meanwhile: str = ""
    """What happens before the first check, or between the second one and the start."""
    early: str = ""


MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
FAULTS: Mapping[str, Mapping[str, object]] = {
    "the other woman's band": {"leg": "wristband", "code": "other band"},
    "the other woman's band, second check": {"leg": "wristband", "code": "other band", "by": "second"},
    "the other woman's product": {"leg": "product", "code": "other product"},
    "the other woman's product, second check": {"leg": "product", "code": "other product", "by": "second"},
    "the other round's product": {"leg": "product", "code": "other round"},
    "the other round's order": {"leg": "order", "code": "other round"},
    "the other woman's order, second check": {"leg": "order", "code": "other order", "by": "second"},
    "a chart sticker for a band": {"leg": "wristband", "code": "sticker"},
    "the chain's code for a band": {"leg": "wristband", "code": "coi"},
    "the product's code twice": {"leg": "wristband", "code": "product"},
    "no band scanned": {"leg": "wristband", "code": "nothing"},
    "no order scanned, second check": {"leg": "order", "code": "nothing", "by": "second"},
    "a typed band": {"typed": "wristband", "together": True},
    "a typed product, alone": {"typed": "product"},
    "a typed order, alone": {"typed": "order"},
    "one person twice": {"second": "clinician.a"},
    "a first person without delegation": {"first": "clinician.c"},
    "a second person without delegation": {"second": "clinician.c"},
    "a technician first": {"first": "technician.a"},
    "quality second": {"second": "qa.a"},
    "a coordinator gives": {"giver": "coordinator.a"},
    "she did not say who she is": {"stated": False},
    "an answer that forbids it": {"answer": 1},
    "it looks wrong": {"appearance": "clumps"},
    "the second check too late": {"before_second": VALID + SECOND},
    "the start too late": {"before_start": VALID - MINUTE},
    "the start before the check": {"before_start": -SECOND},
    "the end before the start": {"long": -SECOND},
    "an end to come": {"told_after": -SECOND},
    "expired at the first scan": {"until_expiry": timedelta(0)},
    "expired at the second check": {"until_expiry": MINUTE},
    "expired at the start": {"until_expiry": 5 * MINUTE},
    "a band that is void": {"early": "void"},
    "a band not scanned back": {"early": "new band"},
    "a new band meanwhile": {"meanwhile": "new band"},
    "a voided band meanwhile": {"meanwhile": "void"},
    "consent withdrawn before": {"early": "withdraw"},
    "consent withdrawn meanwhile": {"meanwhile": "withdraw"},
    "pregnant": {"early": "pregnant"},
    "handed on before": {"early": "hand on"},
    "handed on meanwhile": {"meanwhile": "hand on"},
    "held before": {"early": "hold"},
    "held meanwhile": {"meanwhile": "hold"},
    "a mismatch meanwhile": {"meanwhile": "mismatch"},
    "given already": {"early": "give"},
    "not released": {"early": "unreleased"},
}
"""Every way in which one bedside can be wrong; each alone must be enough."""
HARMLESS: Mapping[str, Mapping[str, object]] = {
    "": {},
    "a typed product, read by two": {"typed": "product", "together": True},
    "the people change over": {"first": "clinician.b", "second": "clinician.a", "giver": "clinician.b"},
    "just in time": {"before_second": MINUTE, "before_start": VALID - MINUTE, "told_after": timedelta(0)},
    "a second before the expiry": {"until_expiry": 5 * MINUTE + SECOND},
    "a new band, scanned back": {"early": "new band and scan"},
}
"""What is unusual and right."""


def play(world: World, plan: Plan) -> bool:
    """The bedside as planned; whether the product was given."""
    try:
        _happen(world, plan.early, plan)
        if plan.until_expiry is not None:
            world.now = max(world.now, world.truth[plan.key].expires - plan.until_expiry)
        _check(world, plan)
        _give(world, plan)
    except Refused:
        return False
    check_i6(world, plan.key)
    return bool(world.batch(plan.key).perfused)


def _check(world: World, plan: Plan) -> None:
    batch, codes = world.batch(plan.key), _codes(world, plan)
    together = ReadTogether(reason=WORDS, witness="clinician.b") if plan.together else None

    def first() -> tuple[Draft, ...]:
        options = [check.options for check in batch.protocol.bedside_checks]
        asked = [check.code for check in batch.protocol.bedside_checks]
        return perfusion.match(
            world.batch(plan.key),
            world.woman(plan.key[0]),
            _legs(plan, codes, "first"),
            patient_stated=plan.stated,
            checks=tuple((code, given[plan.answer].code) for code, given in zip(asked, options, strict=True)),
            appearance=plan.appearance,
            holder_roles=_holder(world, plan.key),
            now=world.now,
            typed=together,
        )

    def second() -> tuple[Draft, ...]:
        return perfusion.confirm(
            world.batch(plan.key),
            world.woman(plan.key[0]),
            _legs(plan, codes, "second"),
            person=plan.second,
            holder_roles=_holder(world, plan.key),
            now=world.now,
            typed=together,
        )

    scanned = tuple(codes.values())
    world.hold_foreign(world.do("match_identity", batch.stream, plan.first, first), scanned)
    world.now += plan.before_second
    world.hold_foreign(world.do("confirm_identity", batch.stream, plan.second, second), scanned)


def _give(world: World, plan: Plan) -> None:
    _happen(world, plan.meanwhile, plan)
    started = world.now + plan.before_start
    ended = started + plan.long
    world.now = max(world.now, ended + plan.told_after)

    def given() -> tuple[Draft, ...]:
        return perfusion.perfuse(
            world.batch(plan.key),
            world.woman(plan.key[0]),
            started_at=started,
            ended_at=ended,
            catheter="C-11",
            volumes=Volumes(given=Decimal("1.05"), residual=Decimal("0.15"), wasted=Decimal(0)),
            reaction="none",
            now=world.now,
        )

    world.do("record_perfusion", world.batch(plan.key).stream, plan.giver, given)


def _holder(world: World, key: Key) -> frozenset[Role]:
    held = world.batch(key).custody[world.truth[key].product]
    return frozenset({CAST[held.holder][0]})


def _codes(world: World, plan: Plan) -> dict[str, str]:
    """What is read when nothing goes wrong: the band on her wrist, her product, her order."""
    true, her = world.truth[plan.key], world.woman(plan.key[0])
    worn = her.wristband or her.band_waiting or (her.void_wristbands or (true.band,))[-1]
    return {"wristband": worn, "product": true.product, "order": true.order} | _otherwise(world, plan)


def _otherwise(world: World, plan: Plan) -> dict[str, str]:
    woman, number = plan.key
    other = world.truth[WOMEN[1 - WOMEN.index(woman)], number]
    own, round_ = world.truth[plan.key], world.truth[woman, 3 - number]
    codes = {
        "other band": other.band,
        "other product": other.product,
        "other order": other.order,
        "other round": getattr(round_, plan.leg, ""),
        "sticker": own.sticker,
        "coi": own.coi,
        "product": own.product,
        "nothing": "",
    }
    return {plan.leg: codes[plan.code]} if plan.leg else {}


def _legs(plan: Plan, codes: dict[str, str], who: str) -> Legs:
    read = dict(codes)
    if plan.leg and plan.by not in ("both", who):
        read |= {plan.leg: _RIGHT[plan.leg](plan)}
    means = {leg: Means.TYPED if plan.typed == leg else Means.SCANNED for leg in perfusion.LEGS}
    return Legs(
        wristband=read["wristband"],
        wristband_means=means["wristband"],
        product=read["product"],
        product_means=means["product"],
        order=read["order"],
        order_means=means["order"],
    )


_RIGHT: Mapping[str, Callable[[Plan], str]] = {
    "wristband": lambda plan: begin().truth[plan.key].band,
    "product": lambda plan: begin().truth[plan.key].product,
    "order": lambda plan: begin().truth[plan.key].order,
}


def _happen(world: World, what: str, plan: Plan) -> None:
    """Something else than the bedside."""
    batch, hers = world.batch(plan.key), world.woman(plan.key[0])
    clinician = {"person": "clinician.a", "role": Role.CLINICIAN}
    match what:
        case "new band" | "new band and scan":
            serial = world.fresh_band()
            made, checked = wristband.issue(
                hers, serial=serial, identity_document="card", person="clinician.a", second="clinician.b"
            )
            for draft in (*made, *checked):
                world.put(draft, act="issue_wristband", **clinician)  # type: ignore[arg-type]  # of its kind
            if what.endswith("scan"):
                _scan_back(world, plan.key[0])
        case "scan":
            _scan_back(world, plan.key[0])
        case "void":
            drafts = wristband.void(hers, reason=WORDS)
            world.do("void_wristband", hers.stream, "clinician.a", lambda: drafts)
        case "withdraw":
            fact = ConsentWithdrawn(scopes=tuple(hers.consent), reason=None)
            world.put(
                Draft(stream=hers.stream, fact=fact),
                person="coordinator.a",
                role=Role.COORDINATOR,
                act="withdraw_consent",
            )
        case "pregnant":
            fact_ = PregnancyTested(on=world.now.date(), sample="urine", positive=True)
            draft = Draft(stream=hers.stream, fact=fact_)
            world.put(draft, act="record_pregnancy_test", **clinician)  # type: ignore[arg-type]  # of its kind
        case "hand on":
            unit = world.truth[plan.key].product
            world.do("offer_custody", batch.stream, "clinician.a", lambda: _offered(world, plan.key, unit))
        case "hold":
            fact_h = HoldPlaced(reason_code="quality", reference=None)
            world.do("place_hold", batch.stream, "qa.a", lambda: (Draft(stream=batch.stream, fact=fact_h),))
        case "mismatch":
            _check(world, replace(plan, leg="product", code="other product", by="both"))
        case "give":
            _check(world, replace(plan, early=""))
            _give(world, replace(plan, early="", meanwhile=""))
            check_i6(world, plan.key)
        case "unreleased":
            kept = [e for e in batch.entries if not isinstance(e.fact, ReleasedConditionally)]
            world.streams[batch.stream] = tuple(kept)
            world.refold(batch.stream)
        case _:
            pass


def _scan_back(world: World, woman: str) -> None:
    hers = world.woman(woman)

    def rule_() -> tuple[Draft, ...]:
        return wristband.scan_back(hers, code=hers.band_waiting or "", means=Means.SCANNED)

    world.do("scan_wristband", hers.stream, "clinician.a", rule_)


def _offered(world: World, key: Key, unit: str) -> tuple[Draft, ...]:
    return custody.offer(
        world.batch(key),
        container=unit,
        person="clinician.a",
        from_place="clinic",
        to_place="clinic",
        to_role=Role.CLINICIAN.value,
        condition="good",
        seal="",
        temperature=Decimal("4.0"),
        step=None,
        slot=None,
        now=world.now,
    )


# the oracle


def check_i6(world: World, key: Key) -> None:
    """Everything that must hold of a perfusion, read from the entries and from what is true by construction."""
    entries, true = world.streams[world.batch(key).stream], world.truth[key]
    (given,) = _of(entries, Perfused)
    fact = given.fact
    assert isinstance(fact, Perfused)
    earlier = entries[: entries.index(given)]
    first, second = _of(earlier, IdentityMatched)[-1], _of(earlier, IdentityConfirmed)[-1]
    matched, confirmed = first.fact, second.fact
    assert isinstance(matched, IdentityMatched) and isinstance(confirmed, IdentityConfirmed)
    people = {first.person, second.person}
    assert len(people) == 2
    for person in (*people, given.person):
        assert CAST[person] == (Role.CLINICIAN, TASKS)
    for read in (matched, confirmed):
        assert (read.product, read.order) == (true.product, true.order)
        assert read.product_means is read.order_means is Means.SCANNED or read.typed_witness
    hers = world.streams[world.woman(key[0]).stream]
    for read, at in ((matched.wristband, first), (confirmed.wristband, second), (matched.wristband, given)):
        assert read == _worn(hers, at)
    assert matched.wristband_means is Means.SCANNED and matched.patient_stated
    assert matched.appearance == "normal" and {answer for _, answer in matched.checks} == _RIGHT_ANSWERS
    assert first.time <= second.time <= fact.started_at <= fact.ended_at <= given.time
    assert second.time <= first.time + VALID and fact.started_at <= first.time + VALID
    assert max(second.time, fact.started_at) < true.expires
    assert _of(earlier, ReleasedConditionally)
    assert not [e for e in _of(earlier, CustodyOffered) if e.seq > first.seq]
    assert not _of(earlier, HoldPlaced)
    told = [e for e in hers if e.time <= second.time]
    assert not _of(tuple(told), PregnancyTested)
    consent = [e for e in hers if isinstance(e.fact, ConsentRecorded | ConsentWithdrawn)]
    assert isinstance(consent[-1].fact, ConsentRecorded)


_RIGHT_ANSWERS = {check.options[0].code for check in begin().batch(KEYS[0]).protocol.bedside_checks}


def _of(entries: tuple[Entry, ...], kind: type) -> list[Entry]:
    return [entry for entry in entries if isinstance(entry.fact, kind)]


def _worn(hers: tuple[Entry, ...], at: Entry) -> str | None:
    """The band that counted then: scanned back after it was made, and not voided since."""
    counts = made = None
    for entry in hers:
        if entry.time > at.time:
            break
        match entry.fact:
            case WristbandIssued(serial=serial):
                made, counts = serial, None
            case WristbandScanned(serial=serial) if serial == made:
                counts = serial
            case WristbandVoided():
                made = counts = None
    return counts


# the tests


@pytest.mark.parametrize("unusual", HARMLESS)
@pytest.mark.parametrize("key", KEYS)
def test_what_is_right_is_given(key: Key, unusual: str) -> None:
    assert play(begin().copy(), replace(Plan(key=key), **HARMLESS[unusual]))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("fault", FAULTS)
def test_each_thing_that_is_wrong_is_enough(fault: str) -> None:
    world, before = begin().copy(), len(_of(begin().streams[begin().batch(KEYS[0]).stream], Perfused))
    assert not play(world, replace(Plan(), **FAULTS[fault]))  # type: ignore[arg-type]  # by name
    given = len(_of(world.streams[world.batch(KEYS[0]).stream], Perfused))
    assert given == before + (fault == "given already")


class Ward(RuleBasedStateMachine):
    """A day on the ward: bedsides with nothing, one or two things wrong, and what else happens to bands and women."""

    given = 0

    @initialize()
    def begin(self) -> None:
        """The four products are in the clinic."""
        self.world = begin().copy()

    @rule(
        key=st.sampled_from(KEYS),
        usual=st.sampled_from(sorted(HARMLESS)),
        faults=st.lists(st.sampled_from(sorted(FAULTS)), max_size=2, unique=True),
    )
    def a_bedside(self, key: Key, usual: str, faults: list[str]) -> None:
        """Whatever comes together: a product that is given was given to the right woman."""
        plan = replace(Plan(key=key), **HARMLESS[usual])  # type: ignore[arg-type]  # by name
        for fault in faults:
            plan = replace(plan, **FAULTS[fault])  # type: ignore[arg-type]  # by name
        Ward.given += play(self.world, plan)

    @rule(key=st.sampled_from(KEYS), what=st.sampled_from(["new band", "scan", "void", "new band and scan"]))
    def a_band(self, key: Key, what: str) -> None:
        """Bands are made, read back and voided between bedsides."""
        with contextlib.suppress(Refused):
            _happen(self.world, what, Plan(key=key))

    @rule(minutes=st.sampled_from([1, 14, 15, 16, 60, 300]), seconds=st.sampled_from([0, 1, 59]))
    def time_passes(self, minutes: int, seconds: int) -> None:
        """Or runs up to an expiry."""
        self.world.wait(minutes=minutes, seconds=seconds)


def test_only_the_right_product_reaches_the_right_woman() -> None:
    Ward.given = 0
    run_state_machine_as_test(
        Ward,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=6,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert Ward.given > EXAMPLES // 20


def test_quality_is_alerted_at_once_and_nobody_reads_whose_the_other_code_is() -> None:
    """Both batches of a swap are held and due now; no row of one names the other woman."""
    world = begin().copy()
    assert not play(world, replace(Plan(), leg="product", code="other product"))
    for key, other in ((KEYS[0], WOMEN[1]), ((WOMEN[1], 1), WOMEN[0])):
        batch = world.batch(key)
        rows = tuple(batch_rows(batch.stream, batch))
        alerts = [row for row in rows if isinstance(row, TaskRow) and row.what == "decide_deviation"]
        alarm = next(row for row in alerts if row.title_en.startswith("STOP: identity"))
        assert alarm.due_at is not None and alarm.due_at <= world.now
        assert next(row for row in rows if isinstance(row, BatchRow)).held == "identity_mismatch"
        assert other not in repr(rows)
