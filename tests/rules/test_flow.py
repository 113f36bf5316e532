"""The way through a batch: branches, repeated blocks, unplanned operations, milestones, total times, label balances."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from json import dumps
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from lims.authoring.faults import AuthoringError
from lims.authoring.load import load_master_batch_record
from lims.authoring.repeats import written_out
from lims.authoring.yaml_source import read_yaml
from lims.domain import culture, custody, evidence
from lims.domain.acts import Stage
from lims.domain.batch_fold import as_of
from lims.domain.codes import CodeType
from lims.domain.entries.values import Branched, Labelled, TotalTime
from lims.domain.master_batch_record import Label, Milestone, Step, Words
from lims.domain.master_batch_record import Stage as MasterStage
from lims.domain.milestones import check_steps_before
from lims.domain.readings import Asked, Found, Given
from lims.domain.refusals import BadEntry, Refused
from lims.domain.release import unmet_release
from lims.domain.waiting import day_zero
from tests.rules.play_bench import Bench
from tests.rules.play_setup import THINGS, TRIAL_ID
from tests.rules.stage_play import TEMPLATES, templates

SHIPPED = (TEMPLATES / "MBR-DNK-010.yaml").read_text(encoding="utf-8")
STAGES = "\n" + (Path(__file__).parent / "flow.yaml").read_text(encoding="utf-8")


LABEL = Label(code="tube_label", title=Words(en="Tube label", zh="采血管标签"), container="tube")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A batch of the shipped record with the stages above, just issued."""
    master, protocol = templates()
    tree = written_out(read_yaml(STAGES)).json()
    assert isinstance(tree, dict)
    stages, operations = (
        TypeAdapter(kind).validate_json(dumps(tree[name]), strict=True)
        for kind, name in ((tuple[MasterStage, ...], "stages"), (tuple[Step, ...], "operations"))
    )
    own = replace(master.record, stages=stages, operations=operations, labels=(*master.record.labels, LABEL))
    loaded = replace(master, record=own, canonical_sha256=own.sha256)
    monkeypatch.setattr("tests.rules.play_setup.templates", lambda: (loaded, protocol))
    monkeypatch.setitem(THINGS, "shaker", "Shaker")
    play = Bench()
    play.issued()
    return play


def give(bench: Bench, step: str, slot: str, given: Given | None = None, *, minutes: float = 1) -> None:
    """Record one slot, some time later."""
    bench.site.wait(minutes=minutes)
    asked = Asked(step=step, slot=slot, given=given or Given(), person="technician.a")
    drafts = evidence.record(bench.batch, asked, Found(), now=bench.site.now)
    bench.site.write(drafts, person="technician.a", act="record_evidence")


def confirm(bench: Bench, step: str) -> None:
    bench.site.write(
        culture.confirm(bench.batch, step, person="technician.a", now=bench.site.now),
        person="technician.a",
        act="confirm_step",
    )


def kit(bench: Bench) -> None:
    """One label for each of the five tubes; four applied, one destroyed."""
    wanted = culture.labels_to_print(bench.batch, "kit", "tubes", reason_code=None)
    serials = [bench.site.code(CodeType.LABEL) for _ in wanted]
    printed = culture.print_labels(
        bench.batch, "kit", "tubes", wanted=wanted, serials=serials, reason_code=None
    )
    bench.site.write(printed, person="technician.a", act="print_labels")
    for serial, fate in zip(serials, ["applied"] * 4 + ["destroyed"], strict=True):
        drafts = culture.account_label(
            bench.batch, "kit", "tubes", serial=serial, fate=fate, now=bench.site.now
        )
        bench.site.write(drafts, person="technician.a", act="account_label")
    confirm(bench, "kit")


def look(bench: Bench, run: str, *, hours: float = 0, oxygen: str = "1.0") -> None:
    """A vessel out for ten minutes and in again."""
    give(bench, f"look_{run}", "out", minutes=60 * hours)
    give(bench, f"look_{run}", "oxygen", Given(raw=oxygen), minutes=0)
    give(bench, f"look_{run}", "into", minutes=10)
    confirm(bench, f"look_{run}")


def room(bench: Bench, volume: str = "50.0", culture_looks: str = "clear") -> None:
    give(bench, "room", "volume", Given(raw=volume))
    give(bench, "room", "look", Given(option=culture_looks))


def codes(bench: Bench) -> list[str]:
    return [step.code for step in bench.batch.plan]


def test_a_step_of_another_act_is_done_when_that_act_is_on_file(bench: Bench) -> None:
    assert bench.batch.reached[Milestone.ISSUED] == bench.batch.entries[0]
    assert bench.batch.current is not None and bench.batch.current.code == "kit"


def test_nobody_records_a_step_that_another_act_does(bench: Bench) -> None:
    with pytest.raises(Refused, match=r"step\.done_by"):
        culture.confirm(bench.batch, "opened", person="technician.a", now=bench.site.now)


def test_every_container_of_a_kind_gets_its_own_label(bench: Bench) -> None:
    kit(bench)
    tubes = [code for code, item in bench.batch.containers.items() if item.container == "tube"]
    serials = {entry.container: entry for entry in bench.batch.labels.values()}
    assert sorted(serials) == sorted(tubes) and len(tubes) == 5


def test_one_more_label_says_for_which_container(bench: Bench) -> None:
    wanted = culture.labels_to_print(bench.batch, "kit", "tubes", reason_code=None)
    serials = [bench.site.code(CodeType.LABEL) for _ in wanted]
    printed = culture.print_labels(
        bench.batch, "kit", "tubes", wanted=wanted, serials=serials, reason_code=None
    )
    bench.site.write(printed, person="technician.a", act="print_labels")
    with pytest.raises(BadEntry, match=r"choice\.unknown"):
        culture.labels_to_print(bench.batch, "kit", "tubes", reason_code="lost")
    tube = wanted[3][0]
    assert culture.labels_to_print(bench.batch, "kit", "tubes", reason_code="lost", container=tube) == (
        (tube, 1),
    )


def test_culture_day_0_is_the_first_step_of_day_0_and_not_the_kit(bench: Bench) -> None:
    kit(bench)
    bench.site.wait(days=3)
    look(bench, "d0")
    zero = bench.batch.slots["look_d0", "out"].last.time
    assert day_zero(bench.batch) == zero.astimezone(ZoneInfo(bench.batch.issue.zone)).date()


@pytest.mark.parametrize(
    ("volume", "way"), [("60.0", "one"), ("60.04", "one"), ("60.05", "split"), ("75.0", "split")]
)
def test_the_system_takes_the_way_whose_limit_the_value_keeps(bench: Bench, volume: str, way: str) -> None:
    kit(bench)
    look(bench, "d0")
    room(bench, volume)
    taken = bench.batch.value("room", "vessels")
    assert taken == Branched(way=way, value=Decimal(volume), unit="mL")
    assert ("split" in codes(bench)) is (way == "split")


def test_nobody_chooses_where_the_system_decides(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    with pytest.raises(Refused, match=r"slot\.computed"):
        give(bench, "room", "vessels", Given(option="one"))


def test_a_step_that_the_way_does_not_ask_for_is_refused(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    room(bench)
    confirm(bench, "room")
    with pytest.raises(Refused, match=r"step\.not_asked"):
        give(bench, "split", "done")


def test_a_correction_that_changes_the_way_changes_what_is_asked_for(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    room(bench, "50.0")
    confirm(bench, "room")
    asked = Asked(
        step="room",
        slot="volume",
        given=Given(raw="75.0", reason=bench.site.say("read again")),
        person="technician.a",
    )
    seq = bench.batch.slots["room", "volume"].last.seq
    drafts = evidence.correct(
        bench.batch, asked, now=bench.site.now, replaces_seq=seq, reason_code="typing_error"
    )
    bench.site.write(drafts, person="technician.a", act="correct_evidence")
    assert bench.batch.current is not None and bench.batch.current.code == "split"


def test_a_step_done_on_a_way_that_was_corrected_stays_in_the_record(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    room(bench, "75.0")
    confirm(bench, "room")
    give(bench, "split", "done")
    confirm(bench, "split")
    asked = Asked(
        step="room",
        slot="volume",
        given=Given(raw="50.0", reason=bench.site.say("read again")),
        person="technician.a",
    )
    seq = bench.batch.slots["room", "volume"].last.seq
    drafts = evidence.correct(
        bench.batch, asked, now=bench.site.now, replaces_seq=seq, reason_code="typing_error"
    )
    bench.site.write(drafts, person="technician.a", act="correct_evidence")
    assert "split" in codes(bench)


def test_a_way_that_is_not_acceptable_opens_a_deviation(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    room(bench, culture_looks="turbid")
    assert [item.fact.about[0] for item in bench.batch.open_deviations] == [("value", "turbid")]


def test_an_operation_stands_before_the_step_that_waited_and_computes_its_own_values(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    give(bench, "room", "volume", Given(raw="50.0"))
    for number in (1, 2):
        drafts = culture.add_operation(bench.batch, "feed_more", reason=bench.site.say("few cells"))
        bench.site.write(drafts, person="technician.a", act="add_operation")
        step = f"feed_more_{number}"
        assert bench.batch.current is not None and bench.batch.current.code == step
        give(bench, step, "volume", Given(raw=f"{number}.0"))
        confirm(bench, step)
    assert codes(bench)[2:6] == ["look_d0", "feed_more_1", "feed_more_2", "room"]
    assert bench.batch.number_at("feed_more_1.half") == Decimal("0.5")
    assert bench.batch.number_at("feed_more_2.half") == Decimal(1)
    assert bench.batch.outline[1][1][:3] == bench.batch.plan[2:5]


def test_an_operation_needs_a_reason_a_name_and_a_step_that_waits(bench: Bench) -> None:
    with pytest.raises(BadEntry, match=r"text\.empty"):
        culture.add_operation(bench.batch, "feed_more", reason=None)
    with pytest.raises(BadEntry, match=r"operation\.unknown"):
        culture.add_operation(bench.batch, "kit", reason=bench.site.say("why"))
    to_the_end(bench)
    with pytest.raises(Refused, match=r"operation\.not_now"):
        culture.add_operation(bench.batch, "feed_more", reason=bench.site.say("why"))


def to_the_end(bench: Bench, *, oxygen: str = "1.0") -> None:
    """Everything at the bench before the release."""
    kit(bench)
    look(bench, "d0")
    room(bench)
    confirm(bench, "room")
    look(bench, "d3", hours=71)
    look(bench, "d5", hours=48, oxygen=oxygen)
    give(bench, "sum", "washes", Given(raw="3"))
    confirm(bench, "sum")


def test_time_out_of_the_incubator_is_not_counted(bench: Bench) -> None:
    to_the_end(bench)
    total = bench.batch.value("sum", "hypoxia")
    assert isinstance(total, TotalTime)
    first, second = (item.until - item.since for item in total.stretches)
    assert timedelta(seconds=total.seconds) == first + second
    gap = total.stretches[1].since - total.stretches[0].until
    whole = total.stretches[1].until - total.stretches[0].since
    assert first + second == whole - gap and gap >= timedelta(minutes=10)


def test_an_interval_whose_oxygen_was_out_of_band_is_not_counted_and_opens_a_deviation(bench: Bench) -> None:
    to_the_end(bench, oxygen="3.0")
    total = bench.batch.value("sum", "hypoxia")
    assert isinstance(total, TotalTime)
    assert [item.counted for item in total.stretches] == [True, False]
    assert timedelta(seconds=total.seconds) == total.stretches[0].until - total.stretches[0].since
    assert ("sum", "hypoxia") in {(item.fact.step, item.fact.slot) for item in bench.batch.open_deviations}


def test_all_labels_of_the_batch_balance(bench: Bench) -> None:
    to_the_end(bench)
    assert bench.batch.value("sum", "balance") == Labelled(printed=5, applied=4, attached=0, destroyed=1)


def test_steps_after_the_release_are_not_waited_for_by_it_and_wait_for_it(bench: Bench) -> None:
    to_the_end(bench)
    assert bench.batch.stage is Stage.TESTING
    person = bench.site.participant(TRIAL_ID)
    rules = {reason.rule for reason in unmet_release(bench.batch, person, now=bench.site.now)}
    assert "release.steps" not in rules
    with pytest.raises(Refused, match=r"step\.not_yet"):
        give(bench, "pack", "packed")


def test_the_bedside_waits_for_every_step_that_stands_before_it(bench: Bench) -> None:
    with pytest.raises(Refused, match=r"step\.not_yet") as refused:
        check_steps_before(bench.batch, Milestone.IDENTITY_CONFIRMED)
    assert dict(refused.value.reason.about) == {"step": "at_bedside", "before": "kit"}


def test_a_record_without_the_milestone_waits_for_nothing(bench: Bench) -> None:
    check_steps_before(bench.batch, Milestone.DISPOSED)


def test_the_product_goes_to_the_clinic_in_its_step_only(bench: Bench) -> None:
    with pytest.raises(Refused, match=r"custody\.by_step"):
        custody.offer(
            bench.batch,
            container=bench.container("product"),
            person="technician.a",
            from_place="QF-1",
            to_place="clinic",
            to_role="clinician",
            condition="good",
            seal=None,
            temperature=None,
            step=None,
            slot=None,
            now=bench.site.now,
        )


def test_as_it_was_is_the_plan_as_it_was(bench: Bench) -> None:
    kit(bench)
    look(bench, "d0")
    before = bench.batch.seq
    room(bench, "75.0")
    assert "split" in codes(bench)
    assert "split" not in [step.code for step in as_of(bench.batch, before).plan]


def faults(stages: str) -> str:
    header = SHIPPED[: SHIPPED.index("\noperations:")]
    with pytest.raises(AuthoringError) as refused:
        load_master_batch_record(header + stages + SHIPPED[SHIPPED.index("\ntests:") :])
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("with: {run: d3}", "with: {}", "gives no word for “run”"),
        ("with: {run: d3}", "with: {run: d3, other: x}", "no place for “other”"),
        ("repeat: look, day: 3", "repeat: lock, day: 3", "There is no block “lock”"),
        ("repeat: look, day: 3, ", "repeat: look, ", "A repeat has a day"),
        ("with: {run: d3}", "with: {run: d0}", "used twice"),
        ("ways: [split]}", "ways: [both]}", "no way of this branch"),
        ("branch: room.vessels, ways", "branch: room.volume, ways", "is no branch"),
        ("source: feed_more.volume", "source: room.volume", "its own values only"),
        ("until: look_d3.out", "until: split.done", "on one way only"),
        (
            "limit: {low: 60.0, low_inclusive: false",
            "limit: {low: 60.0",
            "without overlapping",
        ),
        (
            "done_by: released}",
            "done_by: released, evidence: [{kind: time, code: x, title: {en: X, zh: Y}}]}",
            "asks for no evidence",
        ),
        ("code: pack\n", "role: coordinator\n        code: pack\n", "no role that does steps"),
    ],
)
def test_a_way_that_leads_nowhere_is_found_when_the_record_is_read(old: str, new: str, says: str) -> None:
    assert old in STAGES
    assert says in faults(STAGES.replace(old, new, 1))
