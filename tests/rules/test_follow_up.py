"""A woman's follow-up as her stream tells it: corrections, loss, pregnancies, adverse events, and what is due."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from lims.domain.entries.envelope import Detached, Entry, Fact
from lims.domain.entries.follow_up import (
    AdverseEventFollowed,
    AdverseEventRecorded,
    AdverseEventReported,
    Assessed,
    ConceptionAttemptRecorded,
    ContactRecorded,
    FollowUpPlanned,
    FollowUpStruck,
    LostToFollowUp,
    PregnancyDated,
    PregnancyEnded,
    PregnancyFound,
    UltrasoundRecorded,
    VisitRecorded,
)
from lims.domain.entries.trial import AllocationRecorded, ConsentRecorded, ConsentWithdrawn
from lims.domain.rows import TaskRow, TimerRow
from lims.domain.trial.awaited import follow_up_rows
from lims.domain.trial.definitions import FollowUpRules, GestationRules, OutcomeDefinitions, SafetyRules
from lims.domain.trial.followed import Followed, followed_of
from lims.domain.trial.planning import Standing, State, rules_of, standing, visits, window_of
from lims.domain.trial.pregnancy import (
    Conception,
    DatingMethod,
    Fate,
    FetusFate,
    FetusSeen,
    PregnancyEndKind,
)
from lims.domain.trial.redating import dating_steps
from lims.domain.trial.safety import reports_due
from lims.domain.trial.window import Anchor, Window

ZONE = "Asia/Shanghai"
T0 = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
WORDS = Detached(commitment="c" * 64, sort="words", size=3)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZERO = date(2027, 1, 10)


def stream(*facts: Fact) -> tuple[Entry, ...]:
    """Facts one after the other, an hour apart."""
    return tuple(
        Entry(
            stream="participant:T-001",
            seq=seq,
            time=T0 + seq * HOUR,
            person="coord-a",
            role="coordinator",
            station="desk",
            act="",
            request=None,
            relied_on=(),
            fact=fact,
            hash=f"{seq:064d}",
        )
        for seq, fact in enumerate(facts, start=1)
    )


def plan(start: date = date(2027, 1, 4)) -> FollowUpPlanned:
    """Six months from a day, by the default rules."""
    rules = FollowUpRules()
    window = Window(start=start, end=date(2027, 7, 4), anchor=Anchor.RANDOMISATION)
    return FollowUpPlanned(
        anchor=window.anchor,
        start=window.start,
        end=window.end,
        visits=visits(window, rules),
        zone=ZONE,
        protocol="1.0",
        rules=rules,
        gestation=GestationRules(),
        outcomes=OutcomeDefinitions(),
    )


def visit(code: str = "M1", on: date = date(2027, 2, 4), **more: object) -> VisitRecorded:
    return VisitRecorded(visit=code, on=on, done=True, how="clinic", **more)  # type: ignore[arg-type]


def contact(on: date, *, reached: bool = False) -> ContactRecorded:
    return ContactRecorded(on=on, how="telephone", reached=reached)


def found(number: int = 1, zero: date = ZERO, **more: object) -> PregnancyFound:
    return PregnancyFound(
        pregnancy=number,
        found_on=zero + 30 * DAY,
        test="urine",
        conception=Conception.NATURAL,
        dated_by=DatingMethod.LMP,
        dated_on=zero,
        embryo_days=0,
        recorded_on=zero + 30 * DAY,
        **more,  # type: ignore[arg-type]
    )


def scan(day: int, *, measured: int | None = None, sacs: int = 1, zero: date = ZERO) -> UltrasoundRecorded:
    on = zero + day * DAY
    return UltrasoundRecorded(
        pregnancy=1,
        on=on,
        sacs_in_uterus=sacs,
        sac_elsewhere=False,
        fetuses=(FetusSeen(fetus="A", heartbeat=True, size_consistent=True),),
        crown_rump_mm=Decimal("8.1"),
        measured_days=measured,
        recorded_on=on,
    )


def ended(day: int, *fates: Fate, zero: date = ZERO) -> PregnancyEnded:
    return PregnancyEnded(
        pregnancy=1,
        on=zero + day * DAY,
        end=PregnancyEndKind.ENDED,
        onset=None,
        fates=tuple(FetusFate(fetus=name, fate=fate) for name, fate in zip("ABC", fates, strict=False)),
    )


def judged(*criteria: str, expected: bool = False, causality: str = "possible") -> Assessed:
    return Assessed(
        grade=3,
        criteria=criteria,
        causality=causality,
        expected=expected,
        outcome="recovering",
        ended_on=None,
    )


def event(how: Assessed) -> AdverseEventRecorded:
    return AdverseEventRecorded(
        event=1,
        term="fever",
        began_on=date(2027, 1, 4),
        known_at=T0,
        batch=None,
        judged=how,
        due=reports_due(how, SafetyRules(), known_at=T0),
        rules="1",
        story=WORDS,
    )


def tasks(followed: Followed) -> dict[str, TaskRow]:
    """What waits for the coordinator, by key."""
    rows = follow_up_rows("T-001", followed)
    return {
        row.key.partition("/")[2]: row
        for row in rows
        if isinstance(row, TaskRow) and row.role == "coordinator"
    }


def stand(on: date, *facts: Fact) -> Standing:
    return standing(followed_of(stream(plan(), *facts)), on=on, zone=ZONE)


# corrections


def test_a_correction_takes_the_place_of_what_it_replaces_and_the_first_stays_legible() -> None:
    """21 CFR 11.10(e): the first value survives."""
    entries = stream(visit(), visit("M3"), visit(on=date(2027, 2, 6), replaces_seq=1, why=WORDS))
    followed = followed_of(entries)
    assert [(one.code, one.on) for one in followed.visits] == [
        ("M1", date(2027, 2, 6)),
        ("M3", date(2027, 2, 4)),
    ]
    assert followed.filed[0].before == (entries[0],)


def test_a_correction_of_a_correction_keeps_both_that_came_before() -> None:
    entries = stream(
        visit(),
        visit(on=date(2027, 2, 6), replaces_seq=1, why=WORDS),
        visit(on=date(2027, 2, 7), replaces_seq=2, why=WORDS),
    )
    followed = followed_of(entries)
    assert [one.on for one in followed.visits] == [date(2027, 2, 7)]
    assert followed.filed[0].before == entries[:2]


def test_what_was_struck_no_longer_counts_and_is_still_there() -> None:
    followed = followed_of(stream(visit(), FollowUpStruck(seq=1, why=WORDS)))
    assert followed.visits == ()
    assert followed.filed[0].struck is not None


def test_a_corrected_last_menses_moves_the_pregnancy_and_not_its_scans() -> None:
    entries = stream(found(), scan(45), found(zero=ZERO + 3 * DAY, replaces_seq=1, why=WORDS))
    pregnancy = followed_of(entries).pregnancies[0]
    assert [dating.on for dating in pregnancy.datings] == [ZERO + 3 * DAY]
    assert [one.on for one in pregnancy.ultrasounds] == [ZERO + 45 * DAY]


# lost and withdrawn


def test_a_contact_in_vain_after_she_was_heard_of_counts_towards_her_loss() -> None:
    facts = (contact(date(2027, 2, 1)), visit(on=date(2027, 2, 4)), contact(date(2027, 3, 1)))
    assert followed_of(stream(*facts)).tries_in_vain == 1


def test_she_is_lost_until_she_is_reached_again() -> None:
    lost = LostToFollowUp(on=date(2027, 3, 1), tries=3)
    assert followed_of(stream(lost)).lost_on == date(2027, 3, 1)
    assert followed_of(stream(lost, contact(date(2027, 3, 9), reached=True))).lost_on is None


def test_an_open_pregnancy_of_a_woman_who_is_lost_is_lost_with_her() -> None:
    followed = followed_of(stream(found(), LostToFollowUp(on=date(2027, 3, 1), tries=3)))
    assert followed.pregnancies[0].lost_on == date(2027, 3, 1)


def test_only_the_last_scope_taken_back_ends_her_consent() -> None:
    given = ConsentRecorded(form_version="3", scopes=("treatment", "data"), signed_on=date(2027, 1, 1))
    part = ConsentWithdrawn(scopes=("treatment",), reason=None)
    rest = ConsentWithdrawn(scopes=("data",), reason=None)
    assert followed_of(stream(given, part)).withdrawn_at is None
    assert followed_of(stream(given, part, rest)).withdrawn_at == T0 + 3 * HOUR


# the window and its extension


def test_the_months_end_and_a_clinical_pregnancy_keeps_her_follow_up_open() -> None:
    """Registry text: followed until the outcome of every clinical pregnancy confirmed in the window."""
    now = stand(date(2027, 7, 5), found(), scan(45))
    assert (now.state, now.until, now.extended) == (State.EXTENDED, None, True)


def test_the_day_of_the_outcome_is_the_last_day_of_an_extended_follow_up() -> None:
    """fu_end = max(W.end, outcome of every clinical pregnancy confirmed in W) (domain 1.5)."""
    now = stand(date(2027, 12, 1), found(), scan(45), ended(270, Fate.BORN_ALIVE))
    assert (now.state, now.until) == (State.ENDED, ZERO + 270 * DAY)


def test_a_loss_inside_the_months_extends_nothing() -> None:
    now = stand(date(2027, 7, 5), found(), scan(45), ended(60, Fate.STILLBORN))
    assert (now.state, now.until, now.extended) == (State.ENDED, date(2027, 7, 4), False)


def test_a_pregnancy_without_a_sac_on_a_scan_extends_nothing() -> None:
    """Only a clinical pregnancy extends."""
    assert stand(date(2027, 7, 5), found()).state is State.ENDED


def test_the_last_day_of_the_months_still_belongs_to_them() -> None:
    assert stand(date(2027, 7, 4)).state is State.OPEN


# what is due


def test_every_planned_visit_is_due_at_the_end_of_its_last_day_at_the_site() -> None:
    row = tasks(followed_of(stream(plan())))["visit/M1"]
    assert row.since == datetime(2027, 1, 27, 16, 0, tzinfo=UTC)
    assert row.due_at == datetime(2027, 2, 11, 16, 0, tzinfo=UTC)


def test_a_visit_that_was_recorded_waits_for_nobody() -> None:
    assert "visit/M1" not in tasks(followed_of(stream(plan(), visit())))


def test_a_visit_that_was_missed_waits_for_nobody_either() -> None:
    missed = VisitRecorded(visit="M1", on=date(2027, 2, 4), done=False, how="telephone")
    assert "visit/M1" not in tasks(followed_of(stream(plan(), missed)))


def test_no_visit_is_due_of_a_woman_who_is_lost_or_withdrew() -> None:
    given = ConsentRecorded(form_version="3", scopes=("treatment",), signed_on=date(2027, 1, 1))
    taken = ConsentWithdrawn(scopes=("treatment",), reason=None)
    assert tasks(followed_of(stream(plan(), LostToFollowUp(on=date(2027, 3, 1), tries=3)))) == {}
    assert tasks(followed_of(stream(given, plan(), taken))) == {}


def test_the_first_scan_is_due_while_it_can_still_show_a_clinical_pregnancy() -> None:
    """5w0d to 7w6d, domain 1.5."""
    row = tasks(followed_of(stream(plan(), found())))["pregnancy/1/clinical"]
    first, last = ZERO + 35 * DAY, ZERO + 56 * DAY
    assert (row.what, row.since.astimezone(UTC).date(), row.due_at) == (
        "record_ultrasound",
        first - DAY,
        datetime(last.year, last.month, last.day, tzinfo=UTC) - 8 * HOUR,
    )


def test_after_the_first_scan_the_one_at_twelve_weeks_is_due_then_the_outcome() -> None:
    assert "pregnancy/1/ongoing" in tasks(followed_of(stream(plan(), found(), scan(45))))
    assert "pregnancy/1/end" in tasks(followed_of(stream(plan(), found(), scan(45), scan(86))))
    over = ended(270, Fate.BORN_ALIVE)
    assert not any("pregnancy" in key for key in tasks(followed_of(stream(plan(), found(), scan(45), over))))


def test_a_re_dating_moves_the_day_on_which_the_next_scan_is_due() -> None:
    before = tasks(followed_of(stream(plan(), found(), scan(45))))
    after = tasks(followed_of(stream(plan(), found(), scan(45, measured=35))))
    moved = after["pregnancy/1/ongoing"].since - before["pregnancy/1/ongoing"].since
    assert moved == 10 * DAY


def test_a_new_arm_or_round_asks_for_the_plan_again() -> None:
    allocated = AllocationRecorded(arm="control", source="x", reference="1", allocated_at=T0)
    rows = list(follow_up_rows("T-001", followed_of(stream(plan(), allocated))))
    assert [row.act for row in rows if isinstance(row, TimerRow)] == ["plan_follow_up"]
    planned_again = followed_of(stream(allocated, plan()))
    assert not any(isinstance(row, TimerRow) for row in follow_up_rows("T-001", planned_again))


# adverse events


def test_an_event_that_is_not_serious_asks_for_no_report() -> None:
    assert event(judged()).due == ()


def test_a_serious_event_is_reported_to_the_sponsor_within_a_day_of_its_becoming_known() -> None:
    """ICH E6; P."""
    due = event(judged("hospitalisation", expected=True)).due
    assert [(one.code, one.due_at - T0) for one in due] == [("sponsor", 24 * HOUR)]


def test_an_unexpected_related_one_is_also_reported_within_fifteen_days() -> None:
    """ICH E2A III.B.2."""
    due = {one.code: one.due_at - T0 for one in event(judged("hospitalisation")).due}
    assert due == {"sponsor": DAY, "expedited": 15 * DAY}


def test_one_that_threatened_life_within_seven() -> None:
    """ICH E2A III.B.1."""
    due = {one.code: one.due_at - T0 for one in event(judged("life_threatening")).due}
    assert due["expedited_fatal"] == 7 * DAY


def test_an_unrelated_death_is_reported_to_the_sponsor_only() -> None:
    assert [one.code for one in event(judged("death", causality="unrelated")).due] == ["sponsor"]


def test_news_that_make_an_event_serious_start_its_clock_and_do_not_set_one_back() -> None:
    later = T0 + 2 * DAY
    first = reports_due(judged("hospitalisation"), SafetyRules(), known_at=T0)
    worse = reports_due(judged("life_threatening"), SafetyRules(), known_at=later, already=first)
    assert {one.code: one.due_at - T0 for one in worse} == {
        "sponsor": DAY,
        "expedited": 15 * DAY,
        "expedited_fatal": 9 * DAY,
    }


def test_what_was_reported_is_no_longer_due_and_what_was_downgraded_neither() -> None:
    sent = AdverseEventReported(event=1, report="sponsor", sent_at=T0, to="sponsor", reference="1")
    serious = event(judged("hospitalisation"))
    assert set(tasks(followed_of(stream(serious, sent)))) == {"event/1/expedited"}
    mild = AdverseEventFollowed(event=1, known_at=T0, judged=judged(), due=(), rules="1", story=WORDS)
    assert tasks(followed_of(stream(serious, mild))) == {}


def test_the_course_reads_an_event_as_it_is_judged_now() -> None:
    mild = AdverseEventFollowed(event=1, known_at=T0, judged=judged(), due=(), rules="1", story=WORDS)
    followed = followed_of(stream(event(judged("hospitalisation")), mild))
    assert [one.serious for one in followed.adverse_events] == [False]


# pregnancies


def test_a_fetus_that_stopped_earlier_is_no_child_of_the_delivery() -> None:
    """A vanishing twin is no loss while one goes on (domain 1.5)."""
    followed = followed_of(stream(found(), ended(270, Fate.BORN_ALIVE, Fate.LOST_EARLIER)))
    end = followed.pregnancies[0].end
    assert end is not None
    assert [(child.fetus, child.signs_of_life) for child in end.neonates] == [("A", True)]


def test_an_attempt_to_conceive_is_kept_with_its_way() -> None:
    told = ConceptionAttemptRecorded(on=ZERO, trying=True, how=Conception.IVF)
    assert followed_of(stream(told)).conception_attempts[0].how is Conception.IVF


def test_a_re_dating_tells_what_it_was_before_and_what_it_is_now() -> None:
    """Domain 1.4: re-dating shows before and after; 27w6d becomes 28w6d and a loss a stillbirth."""
    facts = (plan(), found(), scan(45, measured=52), ended(195, Fate.STILLBORN))
    followed = followed_of(stream(*facts))
    steps = dating_steps(followed.pregnancies[0], window_of(followed.plan), rules_of(followed.plan))
    assert [step.moves for step in steps] == [True, True]
    last = steps[-1]
    assert (last.before.end, last.before.end_days, last.before.miscarried) == ("loss", 195, True)
    assert (last.after.end, last.after.end_days, last.after.miscarried) == ("stillbirth", 202, False)


def test_a_dating_that_is_not_taken_changes_nothing() -> None:
    facts = (plan(), found(), scan(45, measured=46), ended(195, Fate.STILLBORN))
    followed = followed_of(stream(*facts))
    step = dating_steps(followed.pregnancies[0], window_of(followed.plan), rules_of(followed.plan))[-1]
    assert (step.moves, step.before.end_days) == (False, step.after.end_days)


def test_a_later_statement_of_the_last_menses_replaces_the_first() -> None:
    again = PregnancyDated(
        pregnancy=1,
        dated_by=DatingMethod.LMP,
        dated_on=ZERO - 5 * DAY,
        embryo_days=0,
        recorded_on=ZERO + 40 * DAY,
    )
    reading = stand(date(2027, 3, 1), found(), again).readings[0]
    assert reading.dated is not None
    assert reading.dated.zero == ZERO - 5 * DAY
