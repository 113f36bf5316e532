"""Whatever courses there are: what must hold of every outcome, window and figure."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lims.domain.trial.course import Course, VisitRecord
from lims.domain.trial.definitions import FollowUpRules, TrialDefinitions
from lims.domain.trial.gestation import dated
from lims.domain.trial.pregnancy import (
    Dating,
    DatingMethod,
    FetusSeen,
    Neonate,
    Pregnancy,
    PregnancyEnd,
    PregnancyEndKind,
    Ultrasound,
)
from lims.domain.trial.pregnancy_reading import EndName, read_pregnancy
from lims.domain.trial.report import groups_of, read_everyone, report
from lims.domain.trial.standing import Clock, Standing, read_person
from lims.domain.trial.window import Anchor, Window, add_months, follow_up
from tests.course_builder import CONTROL, DAY, PERFUSION, RANDOMISED, control, perfused

DEFAULT = TrialDefinitions()
DAYS = st.dates(date(2026, 11, 1), date(2028, 6, 30))
MAYBE = st.sampled_from((None, True, False))
SETTINGS = settings(max_examples=150, deadline=None)


@st.composite
def datings(draw: st.DrawFn) -> tuple[Dating, ...]:
    found = []
    for method in draw(st.lists(st.sampled_from(DatingMethod), max_size=3)):
        on = draw(DAYS)
        found.append(
            Dating(
                method=method,
                on=on,
                recorded_on=on,
                embryo_days=draw(st.integers(2, 6)),
                measured_days=draw(st.integers(20, 110)),
            )
        )
    return tuple(found)


def fetus(letter: str) -> st.SearchStrategy[FetusSeen]:
    return st.builds(FetusSeen, fetus=st.just(letter), heartbeat=MAYBE, size_consistent=MAYBE)


SCANS = st.builds(
    Ultrasound,
    on=DAYS,
    sacs_in_uterus=st.integers(0, 2),
    sac_elsewhere=st.booleans(),
    fetuses=st.lists(fetus("A"), max_size=2).map(tuple),
)
ENDS = st.builds(
    PregnancyEnd,
    on=DAYS,
    kind=st.sampled_from(PregnancyEndKind),
    neonates=st.lists(st.builds(Neonate, fetus=st.just("A"), signs_of_life=MAYBE), max_size=2).map(tuple),
)
PREGNANCIES = st.builds(
    Pregnancy,
    number=st.just(1),
    found_on=DAYS,
    datings=datings(),
    ultrasounds=st.lists(SCANS, max_size=3).map(tuple),
    end=st.none() | ENDS,
    lost_on=st.none() | DAYS,
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    made = draw(st.sampled_from((control, perfused)))(f"DNK-{draw(st.integers(1, 10**6)):07d}")
    return replace(
        made,
        pregnancies=tuple(draw(st.lists(PREGNANCIES, max_size=2))),
        visits=draw(st.sampled_from(((), (VisitRecord(code="M6", on=date(2027, 9, 1), done=True),)))),
        rounds=made.rounds[: draw(st.integers(0, 2))],
        no_further_round_on=draw(st.none() | DAYS),
        lost_on=draw(st.none() | DAYS),
    )


@SETTINGS
@given(PREGNANCIES, DAYS)
def test_no_pregnancy_is_both_a_miscarriage_and_a_live_birth(pregnancy: Pregnancy, start: date) -> None:
    window = Window(start=start, end=add_months(start, 6), anchor=Anchor.RANDOMISATION)
    found = read_pregnancy(pregnancy, window, DEFAULT, left=None)
    assert not (found.miscarried and found.end is EndName.LIVE_BIRTH)
    assert not (found.miscarried and found.preterm)


@SETTINGS
@given(PREGNANCIES, DAYS)
def test_preterm_implies_a_delivery_at_196_days_or_later(pregnancy: Pregnancy, start: date) -> None:
    window = Window(start=start, end=add_months(start, 6), anchor=Anchor.RANDOMISATION)
    found = read_pregnancy(pregnancy, window, DEFAULT, left=None)
    if found.preterm:
        assert found.delivered
        assert found.end_days is not None
        assert 196 <= found.end_days < 259


@SETTINGS
@given(st.lists(courses(), max_size=6, unique_by=lambda one: one.trial_id), DAYS)
def test_no_numerator_is_greater_than_its_denominator_and_nobody_drops_out(
    people: list[Course], on: date
) -> None:
    groups = groups_of([(PERFUSION, True), (CONTROL, False)], by_arm=True)
    whole = report(read_everyone(people, DEFAULT, on=on), DEFAULT, groups, on=on)
    for table in whole.tables:
        *arms, pooled = table.figures
        for figure in table.figures:
            assert 0 <= figure.yes <= figure.of
            if figure.share:
                assert 0 <= figure.share.low <= figure.share.value <= figure.share.high <= 1
        if arms:
            for standing in Standing:
                together = [code for figure in arms for code in figure.standing[standing]]
                assert sorted(together) == sorted(pooled.standing[standing])
        if table.population == "itt":
            assert sum(len(codes) for codes in pooled.standing.values()) == len(people)


@SETTINGS
@given(courses(), DAYS, st.integers(-40, 40))
def test_re_dating_changes_only_what_depends_on_it(course: Course, on: date, by: int) -> None:
    """Windows, completion, improvement and how a pregnancy is recorded stay; only ages and their names move."""
    moved = replace(
        course,
        pregnancies=tuple(
            replace(one, datings=tuple(replace(d, on=d.on + timedelta(days=by)) for d in one.datings))
            for one in course.pregnancies
        ),
    )
    one, two = (read_person(each, DEFAULT, clock=Clock.FOLLOW_UP, on=on) for each in (course, moved))
    assert (one.window, one.improvement) == (two.window, two.improvement)
    assert one.standings[0] == two.standings[0]
    for before, after in zip(one.pregnancies, two.pregnancies, strict=True):
        assert before.pregnancy.end == after.pregnancy.end
        assert before.is_open == after.is_open
        if before.dated and after.dated and before.dated.method == after.dated.method:
            if before.end_days is not None and before.dated.zero_before == after.dated.zero_before is None:
                assert before.end_days - (after.end_days or 0) == by


@SETTINGS
@given(datings())
def test_an_assisted_conception_is_kept_whatever_else_is_on_file(found: tuple[Dating, ...]) -> None:
    result = dated(found, DEFAULT.gestation)
    assisted = {one.method for one in found} & {DatingMethod.FERTILISATION, DatingMethod.TRANSFER}
    if assisted:
        assert result is not None
        assert result.method in assisted
    assert (result is None) is (not found)


@settings(max_examples=400, deadline=None)
@given(st.dates(date(1999, 1, 1), date(2101, 12, 31)), st.integers(0, 36))
def test_a_window_is_clamped_right_for_every_start_and_leap_year(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    if end.day == start.day:
        return
    assert end.day < start.day
    assert (end + DAY).day == 1


@SETTINGS
@given(courses())
def test_a_window_always_begins_at_or_after_randomisation(course: Course) -> None:
    window = follow_up(course, FollowUpRules())
    if window and window.anchor is not Anchor.LEFT and window.anchor is not Anchor.NO_FURTHER_ROUND:
        assert window.start >= RANDOMISED
