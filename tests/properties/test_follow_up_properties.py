"""Of any follow-up: visits lie where the calendar puts them, deadlines at midnight, nothing on file is lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from lims.domain.entries.follow_up import ContactRecorded, FollowUpStruck, ReportDue, VisitRecorded
from lims.domain.rows import TaskRow
from lims.domain.trial.awaited import follow_up_rows
from lims.domain.trial.definitions import FollowUpRules, SafetyRules
from lims.domain.trial.followed import followed_of
from lims.domain.trial.planning import visits
from lims.domain.trial.safety import CAUSALITY, CRITERIA, reports_due
from lims.domain.trial.window import Anchor, Window, add_months
from tests.rules.test_follow_up import WORDS, judged, plan, stream

DAYS = st.dates(date(2020, 1, 1), date(2044, 12, 31))
RULES = FollowUpRules()


def window(start: date) -> Window:
    return Window(start=start, end=add_months(start, RULES.months), anchor=Anchor.RANDOMISATION)


@given(DAYS)
def test_visits_follow_each_other_and_each_day_lies_in_its_own_window(start: date) -> None:
    """Calendar months, clamped at the month's end, in every leap year (domain 1.5)."""
    planned = visits(window(start), RULES)
    for visit, rule in zip(planned, RULES.visits, strict=True):
        assert visit.from_on <= visit.on <= visit.until_on
        assert visit.on.day == start.day or (visit.on + timedelta(days=1)).day == 1
        assert (visit.on.year * 12 + visit.on.month) - (start.year * 12 + start.month) == rule.months
    assert [one.on for one in planned] == sorted(one.on for one in planned)
    assert planned[-1].until_on <= window(start).end


@given(DAYS, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]))
def test_a_visit_opens_and_ends_at_midnight_of_the_site_whatever_its_summer_time(
    start: date, zone: str
) -> None:
    on_file = replace(
        plan(), start=start, end=window(start).end, visits=visits(window(start), RULES), zone=zone
    )
    rows = [row for row in follow_up_rows("T-001", followed_of(stream(on_file))) if isinstance(row, TaskRow)]
    assert len(rows) == len(RULES.visits)
    for row, visit in zip(rows, on_file.visits, strict=True):
        assert row.due_at is not None
        opens, ends = row.since.astimezone(ZoneInfo(zone)), row.due_at.astimezone(ZoneInfo(zone))
        assert (opens.date(), ends.date()) == (visit.from_on, visit.until_on + timedelta(days=1))
        assert (opens.hour, opens.minute, ends.hour, ends.minute) == (0, 0, 0, 0)


@st.composite
def _histories(draw: st.DrawFn) -> list[VisitRecorded | ContactRecorded | FollowUpStruck]:
    """Visits and contacts, some of them corrected or struck later."""
    facts: list[VisitRecorded | ContactRecorded | FollowUpStruck] = []
    for seq in range(1, draw(st.integers(1, 12)) + 1):
        before = draw(st.none() | st.integers(1, seq - 1)) if seq > 1 else None
        on = draw(DAYS)
        if before and draw(st.booleans()):
            facts.append(FollowUpStruck(seq=before, why=WORDS))
        else:
            facts.append(VisitRecorded(visit=f"V{seq}", on=on, done=True, how="clinic", replaces_seq=before))
    return facts


@given(_histories())
def test_every_entry_of_follow_up_stays_legible_exactly_once(
    facts: list[VisitRecorded | ContactRecorded | FollowUpStruck],
) -> None:
    """21 CFR 11.10(e): a correction hides nothing."""
    entries = stream(*facts)
    filed = followed_of(entries).filed
    seen = sorted(entry.seq for one in filed for entry in (*one.before, one.entry))
    assert seen == [entry.seq for entry in entries if not isinstance(entry.fact, FollowUpStruck)]


@given(
    st.sets(st.sampled_from(CRITERIA)),
    st.booleans(),
    st.sampled_from(CAUSALITY),
    st.integers(0, 10_000),
)
def test_a_clock_that_runs_is_never_set_back_by_news(
    criteria: set[str], expected: bool, causality: str, later: int
) -> None:
    """ICH E2A: the clock starts when the site first learnt of it."""
    known = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
    rules = SafetyRules()
    first = reports_due(judged("hospitalisation"), rules, known_at=known)
    how = judged(*sorted(criteria), expected=expected, causality=causality)
    news = reports_due(how, rules, known_at=known + timedelta(minutes=later), already=first)
    assert bool(news) == bool(criteria)
    assert all(_due(first, one.code) in (None, one.due_at) for one in news)


def _due(reports: tuple[ReportDue, ...], code: str) -> datetime | None:
    return next((one.due_at for one in reports if one.code == code), None)
