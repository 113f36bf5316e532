"""What is refused in a woman's follow-up; each refusal changes nothing and is on file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from lims.actions import follow_up, trial
from lims.actions.follow_up import Correction, Recorder, Scan
from lims.actions.timers import run_due
from lims.domain.entries.follow_up import Assessed
from lims.domain.refusals import BadEntry
from lims.domain.trial.pregnancy import (
    Conception,
    DatingMethod,
    DeliveryOnset,
    Fate,
    FetusFate,
    FetusSeen,
    PregnancyEndKind,
)
from tests.actions.attempts_follow_up import GRAVE, MILD
from tests.builders import At, Played, SharedAt, refuses
from tests.cast import COORD

DAY = timedelta(days=1)
SEEN = (FetusSeen(fetus="A", heartbeat=True, size_consistent=None),)


def by(played: Played, *, of: str = "", corrects: int = 0, why: str = "Typed for another day.") -> Recorder:
    """The coordinator, of the woman of the control arm."""
    return Recorder(
        site=played.stage.site,
        actor=played.actor(COORD),
        request_id=played.request(),
        participant=of or played.control,
        correction=Correction(seq=corrects, why=why) if corrects else None,
    )


def today(played: Played) -> date:
    return played.now.astimezone(played.stage.zone).date()


def filed(played: Played, of: str = "") -> str:
    return f"participant:{of or played.control}!refusals"


def visit(
    played: Played, recorder: Recorder | None = None, *, code: str = "unscheduled", ago: int = 0
) -> None:
    follow_up.record_visit(
        recorder or by(played),
        visit=code,
        on=today(played) - ago * DAY,
        done=True,
        how="clinic",
        notes="",
    )


def find(
    played: Played,
    *,
    conception: Conception = Conception.NATURAL,
    dated_by: DatingMethod | None = DatingMethod.LMP,
    ago: int = 40,
    embryo_days: int = 0,
) -> None:
    follow_up.find_pregnancy(
        by(played),
        found_on=today(played),
        test="urine",
        conception=conception,
        dated_by=dated_by,
        dated_on=today(played) - ago * DAY if dated_by else None,
        embryo_days=embryo_days,
    )


def scan(
    played: Played, *, sacs: int = 1, seen: tuple[FetusSeen, ...] = SEEN, measured: int | None = None
) -> None:
    what = Scan(
        on=today(played),
        sacs_in_uterus=sacs,
        sac_elsewhere=False,
        fetuses=seen,
        crown_rump_mm=None,
        measured_days=measured,
        notes="",
    )
    follow_up.record_ultrasound(by(played), pregnancy=1, scan=what)


def end(
    played: Played,
    kind: PregnancyEndKind = PregnancyEndKind.ENDED,
    *,
    fates: tuple[FetusFate, ...] = (FetusFate(fetus="A", fate=Fate.STILLBORN),),
    ago: int = 0,
    onset: DeliveryOnset | None = None,
) -> None:
    follow_up.end_pregnancy(
        by(played),
        pregnancy=1,
        on=today(played) - ago * DAY,
        end=kind,
        onset=onset,
        fates=fates,
        notes="",
    )


def event(played: Played, judged: Assessed = MILD, *, batch: str | None = None, term: str = "fever") -> None:
    follow_up.record_adverse_event(
        by(played),
        term=term,
        began_on=today(played),
        known_at=played.now,
        batch=batch,
        judged=judged,
        story="In the evening.",
    )


# visits, contacts, loss


def test_nothing_is_recorded_of_a_woman_who_never_consented(shared_at: SharedAt) -> None:
    """TR-1."""
    played = shared_at("staffed")
    with refuses(played, "follow_up.no_consent", filed=filed(played, played.unconsented)):
        visit(played, by(played, of=played.unconsented))


def test_nothing_after_the_day_of_her_withdrawal_is_recorded_but_adverse_events(at: At) -> None:
    """TR-4; safety is reported to the end (ICH E6)."""
    played = at("staffed")
    run_due(played.stage.site)
    trial.withdraw_consent(
        played.stage.site,
        played.actor(COORD),
        played.request(),
        participant=played.control,
        scopes=("treatment", "data", "samples"),
        reason="",
    )
    visit(played)
    played.wait(days=2)
    with refuses(played, "follow_up.withdrawn", filed=filed(played)):
        visit(played)
    event(played)
    assert len(played.participant(played.control).followed.events) == 1


def test_no_visit_before_her_follow_up_has_begun(at: At) -> None:
    """Domain 1.3: in an arm with product it begins after the rounds."""
    played = at("issued")
    run_due(played.stage.site)
    with refuses(played, "follow_up.not_begun", filed=filed(played, played.anna)):
        visit(played, by(played, of=played.anna))


def test_no_visit_lies_before_the_day_on_which_her_follow_up_began(at: At) -> None:
    """Domain 1.3."""
    played = at("staffed")
    run_due(played.stage.site)
    with refuses(played, "follow_up.before_start", filed=None):
        visit(played, ago=400)


def test_nobody_is_lost_before_the_visit_at_which_she_was_seen(at: At) -> None:
    played = at("staffed")
    run_due(played.stage.site)
    visit(played)
    for _ in range(3):
        follow_up.record_contact(by(played), on=today(played), how="telephone", reached=False, notes="")
    with refuses(played, "follow_up.order", filed=None):
        follow_up.declare_lost(by(played), on=today(played) - DAY)


def test_a_planned_visit_is_recorded_once(at: At) -> None:
    played = at("staffed")
    run_due(played.stage.site)
    visit(played, code="M1")
    with refuses(played, "visit.recorded", filed=filed(played)):
        visit(played, code="M1")


def test_she_is_lost_only_after_as_many_contacts_in_vain_as_the_protocol_asks_for(at: At) -> None:
    """P: three."""
    played = at("staffed")
    for _ in range(2):
        follow_up.record_contact(by(played), on=today(played), how="telephone", reached=False, notes="")
    with refuses(played, "follow_up.too_few_tries", filed=filed(played)):
        follow_up.declare_lost(by(played), on=today(played))
    follow_up.record_contact(by(played), on=today(played), how="message", reached=False, notes="")
    follow_up.declare_lost(by(played), on=today(played))
    with refuses(played, "follow_up.lost_already", filed=filed(played)):
        follow_up.declare_lost(by(played), on=today(played))


def test_a_cycle_is_asked_about_once(at: At) -> None:
    played = at("staffed")
    said = {"on": today(played), "trying": True, "how": Conception.NATURAL}
    follow_up.record_conception_attempt(by(played), **said)  # type: ignore[arg-type]
    with refuses(played, "conception.recorded", filed=filed(played)):
        follow_up.record_conception_attempt(by(played), **said)  # type: ignore[arg-type]


# corrections


def seq_of(played: Played) -> int:
    return played.participant(played.control).followed.filed[-1].entry.seq


def test_only_what_counts_now_can_be_corrected(at: At) -> None:
    """The value you saw is no longer the value on file (I4)."""
    played = at("staffed")
    run_due(played.stage.site)
    visit(played, code="M1")
    first = seq_of(played)
    visit(played, by(played, corrects=first), code="M1")
    with refuses(played, "follow_up.replaced", filed=filed(played)):
        visit(played, by(played, corrects=first), code="M1")


def test_a_visit_is_not_corrected_into_something_else(at: At) -> None:
    played = at("staffed")
    run_due(played.stage.site)
    visit(played, code="M1")
    with refuses(played, "follow_up.other_thing", filed=filed(played)):
        follow_up.record_contact(
            by(played, corrects=seq_of(played)), on=today(played), how="home", reached=True, notes=""
        )


def test_what_was_struck_is_not_corrected(at: At) -> None:
    played = at("staffed")
    run_due(played.stage.site)
    visit(played, code="M1")
    seq = seq_of(played)
    follow_up.strike_follow_up(by(played), seq=seq, why="Another woman's.")
    with refuses(played, "follow_up.struck", filed=filed(played)):
        visit(played, by(played, corrects=seq), code="M1")


def test_a_pregnancy_is_not_struck_while_a_scan_belongs_to_it(at: At) -> None:
    played = at("staffed")
    find(played)
    seq = seq_of(played)
    scan(played)
    with refuses(played, "follow_up.still_used", filed=filed(played)):
        follow_up.strike_follow_up(by(played), seq=seq, why="Wrong woman.")


def test_an_event_is_not_struck_while_news_belong_to_it(at: At) -> None:
    played = at("staffed")
    event(played)
    seq = seq_of(played)
    follow_up.follow_adverse_event(by(played), event=1, known_at=played.now, judged=GRAVE, story="Worse.")
    with refuses(played, "follow_up.still_used", filed=filed(played)):
        follow_up.strike_follow_up(by(played), seq=seq, why="Wrong woman.")


def test_the_number_of_a_struck_event_is_never_given_again(at: At) -> None:
    played = at("staffed")
    event(played)
    follow_up.strike_follow_up(by(played), seq=seq_of(played), why="Wrong woman.")
    event(played)
    assert [one.recorded.event for one in played.participant(played.control).followed.events] == [2]


# pregnancies


def test_one_pregnancy_at_a_time_is_open(at: At) -> None:
    played = at("staffed")
    find(played)
    with refuses(played, "pregnancy.open", filed=filed(played)):
        find(played)


def test_a_pregnancy_ends_once(at: At) -> None:
    played = at("staffed")
    find(played)
    end(played)
    with refuses(played, "pregnancy.ended", filed=filed(played)):
        end(played)


def test_what_is_not_on_file_has_no_scan_and_no_news(shared_at: SharedAt) -> None:
    played = shared_at("staffed")
    with refuses(played, "pregnancy.unknown", filed=filed(played)):
        scan(played)
    with refuses(played, "adverse_event.unknown", filed=filed(played)):
        follow_up.follow_adverse_event(by(played), event=7, known_at=played.now, judged=MILD, story="x")


DATINGS: Mapping[str, tuple[Conception, DatingMethod, int, int, str]] = {
    "a natural conception is not dated by a transfer": (
        Conception.NATURAL,
        DatingMethod.TRANSFER,
        30,
        5,
        "pregnancy.dating",
    ),
    "a transfer is not dated by the last menses": (
        Conception.FROZEN_TRANSFER,
        DatingMethod.LMP,
        40,
        0,
        "pregnancy.dating",
    ),
    "a transfer needs the age of its embryo": (
        Conception.FROZEN_TRANSFER,
        DatingMethod.TRANSFER,
        30,
        0,
        "pregnancy.embryo_days",
    ),
    "a last menses has no embryo": (
        Conception.NATURAL,
        DatingMethod.LMP,
        40,
        5,
        "pregnancy.embryo_days",
    ),
    "nobody is found pregnant in week 44": (Conception.NATURAL, DatingMethod.LMP, 309, 0, "pregnancy.age"),
    "nobody is found pregnant before her last menses": (
        Conception.NATURAL,
        DatingMethod.LMP,
        -1,
        0,
        "pregnancy.age",
    ),
}


@pytest.mark.parametrize("case", DATINGS)
def test_a_dating_that_cannot_be_is_said_at_its_field(shared_at: SharedAt, case: str) -> None:
    """Domain 1.4."""
    played = shared_at("staffed")
    conception, method, ago, embryo, rule = DATINGS[case]
    with refuses(played, rule, filed=None):
        find(played, conception=conception, dated_by=method, ago=ago, embryo_days=embryo)


def test_a_dating_needs_its_kind_and_its_day(shared_at: SharedAt) -> None:
    played = shared_at("staffed")
    with refuses(played, "pregnancy.half_dated", filed=None):
        follow_up.find_pregnancy(
            by(played),
            found_on=today(played),
            test="urine",
            conception=Conception.NATURAL,
            dated_by=DatingMethod.LMP,
            dated_on=None,
            embryo_days=0,
        )


def test_a_fetus_without_a_sac_and_an_age_that_no_scan_measures_are_said_at_their_fields(at: At) -> None:
    played = at("staffed")
    find(played)
    for said, rule in (({"sacs": 0}, "ultrasound.no_sac"), ({"measured": 27}, "ultrasound.measured")):
        with refuses(played, rule, filed=None):
            scan(played, **said)  # type: ignore[arg-type]


def test_an_end_that_cannot_be_is_said_at_its_field(at: At) -> None:
    """Every fetus has its outcome; nothing ended before a heartbeat that was seen later (domain 1.5)."""
    played = at("staffed")
    find(played)
    scan(played, seen=(*SEEN, FetusSeen(fetus="B", heartbeat=True, size_consistent=None)), sacs=2)
    played.wait(days=3)
    both = (FetusFate(fetus="A", fate=Fate.STILLBORN), FetusFate(fetus="B", fate=Fate.STILLBORN))
    cases: list[tuple[dict[str, object], str]] = [
        ({}, "pregnancy.fates"),
        ({"fates": both, "ago": 4}, "pregnancy.end_order"),
        ({"kind": PregnancyEndKind.BIOCHEMICAL, "fates": ()}, "pregnancy.not_biochemical"),
        ({"kind": PregnancyEndKind.TERMINATED, "fates": both}, "pregnancy.no_fates"),
    ]
    for said, rule in cases:
        with refuses(played, rule, filed=None):
            end(played, **said)  # type: ignore[arg-type]
    end(played, fates=both)


def test_no_scan_is_recorded_after_the_end(at: At) -> None:
    played = at("staffed")
    find(played)
    end(played, ago=1)
    with refuses(played, "ultrasound.after_end", filed=None):
        scan(played)


# adverse events


JUDGED: Mapping[str, tuple[Assessed, str]] = {
    "death stands in all three": (replace(MILD, grade=5), "adverse_event.death"),
    "what recovered ended on a day": (replace(MILD, outcome="recovered"), "adverse_event.no_end"),
    "what goes on has no last day": (
        replace(MILD, ended_on=date(2026, 11, 2)),
        "adverse_event.still_open",
    ),
    "a grade is one of five": (replace(MILD, grade=6), "choice.unknown"),
    "a criterion is one of the six": (replace(MILD, criteria=("ugly",)), "choice.unknown"),
}


@pytest.mark.parametrize("case", JUDGED)
def test_a_judgement_that_contradicts_itself_is_said_at_its_field(shared_at: SharedAt, case: str) -> None:
    """ICH E2A, CTCAE."""
    played = shared_at("staffed")
    judged, rule = JUDGED[case]
    with refuses(played, rule, filed=None):
        event(played, judged)


def test_the_product_of_an_event_is_one_of_hers(shared_at: SharedAt) -> None:
    played = shared_at("issued")
    with refuses(played, "adverse_event.other_batch", filed=None):
        event(played, batch=played.batch)


def test_a_report_does_not_go_out_before_the_event_was_known(at: At) -> None:
    played = at("staffed")
    event(played, GRAVE)
    with refuses(played, "follow_up.order", filed=None):
        follow_up.report_adverse_event(
            by(played), event=1, report="sponsor", sent_at=played.now - DAY, to="sponsor", reference="1"
        )


def test_no_report_is_recorded_that_nothing_asked_for(at: At) -> None:
    """ICH E2A."""
    played = at("staffed")
    event(played)
    with refuses(played, "adverse_event.nothing_due", filed=filed(played)):
        follow_up.report_adverse_event(
            by(played), event=1, report="sponsor", sent_at=played.now, to="sponsor", reference="1"
        )


def test_nothing_lies_in_the_future(shared_at: SharedAt) -> None:
    """DI-4."""
    played = shared_at("staffed")
    with refuses(played, "time.future", filed=None):
        visit(played, ago=-2)


def test_a_correction_without_a_reason_is_asked_again(at: At) -> None:
    played = at("staffed")
    run_due(played.stage.site)
    visit(played, code="M1")
    with refuses(played, "text.empty", filed=None) as bad:
        visit(played, by(played, corrects=seq_of(played), why=" "), code="M1")
    assert isinstance(bad.value, BadEntry)
    assert bad.value.field == "why"
