"""A station holds one batch; another one comes after two people cleared the line (21 CFR 211.130, G-130)."""

from dataclasses import replace

import pytest

from lims.actions import culture, evidence, people, stations
from lims.actions.evidence import Entered
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.domain.acts import ACTS, Role
from lims.domain.entries.batch import EvidenceRecorded, LabelsPrinted
from lims.domain.entries.stations import LineClearanceChecked, LineCleared, LineOpened, StationTaken
from lims.domain.stations import CHECKS, Station, fold_station
from lims.queries.look import Reader
from lims.queries.stations import line_page
from tests.builders import At, Played, refusals, refuses
from tests.cast import PERSON_OF, QA_A, TECH_A, TECH_B

CABINET = "CAB-1"
FILED = f"station:{CABINET}!refusals"


@pytest.fixture()
def played(at: At) -> Played:
    """The first batch in the middle of its count, another one issued, and a cabinet that holds one batch."""
    found = at("counting")
    people.register_station(
        *_by(found, "admin"),
        code=CABINET,
        name="Cabinet 1",
        room="Grade B room",
        setting="lab",
        line_clearance=True,
    )
    return found


def _by(played: Played, person: str, *, station: str = CABINET) -> tuple[Site, Actor, str]:
    return played.stage.site, _at(played, person, station=station), played.request()


def _at(played: Played, person: str, *, station: str = CABINET) -> Actor:
    return replace(played.actor(person), station=station)


def count(played: Played, *, station: str = CABINET) -> Outcome:
    """Something of the first batch."""
    entered = Entered(counts=(("152", "8"), ("148", "6")), dilution="20")
    here = _by(played, TECH_A, station=station)
    return evidence.record_evidence(*here, batch=played.batch, step="count", slot="pool", entered=entered)


def receive(played: Played, *, station: str = CABINET) -> Outcome:
    """Something of the other batch."""
    here = _by(played, TECH_B, station=station)
    entered = Entered(option="intact")
    return evidence.record_evidence(*here, batch=played.other, step="receive", slot="seal", entered=entered)


def clear(
    played: Played,
    *,
    person: str = TECH_A,
    second: str = TECH_B,
    station: str = CABINET,
    cleared: str | None = None,
    following: str | None = None,
    checks: tuple[str, ...] = tuple(CHECKS),
) -> Outcome:
    return stations.clear_line(
        *_by(played, person, station=station),
        station=station,
        cleared=played.batch if cleared is None else cleared,
        following=following or played.other,
        checks=checks,
        witness=_at(played, second),
    )


def station(played: Played) -> Station:
    stream = f"station:{CABINET}"
    return fold_station(stream, played.entries(stream))


def test_the_first_record_of_a_batch_takes_the_station(played: Played) -> None:
    outcome = count(played)
    assert station(played).batch == played.batch
    assert outcome.of(StationTaken).batch == played.batch
    opened = outcome.of(LineOpened)
    assert (opened.station, opened.name, opened.cleared_at) == (CABINET, "Cabinet 1", None)
    assert played.record().entries[-1].relied_on[0].stream == f"station:{CABINET}"


def test_what_follows_of_the_same_batch_takes_it_no_second_time(played: Played) -> None:
    count(played)
    again = culture.confirm_step(*_by(played, TECH_A), batch=played.batch, step="count")
    assert not again.has(StationTaken) and not again.has(LineOpened)


def test_evidence_of_another_batch_is_refused_at_a_taken_station(played: Played) -> None:
    """21 CFR 211.130(e); a helper who worked on two products doubted both of them."""
    count(played)
    with refuses(played, "station.taken", filed=refusals(played.other)) as caught:
        receive(played)
    assert dict(caught.value.reason.about) == {"station": "Cabinet 1", "batch": played.batch}


def test_no_step_of_another_batch_is_confirmed_there(played: Played) -> None:
    receive(played)
    count(played, station="BSC-2")
    with refuses(played, "station.taken", filed=refusals(played.batch)):
        culture.confirm_step(*_by(played, TECH_A), batch=played.batch, step="count")


def test_no_second_person_stands_by_for_another_batch_there(played: Played) -> None:
    """A witness is live at the station, so the station's rule holds for them as well."""
    receive(played)
    with refuses(played, "station.taken", filed=refusals(played.batch)):
        evidence.record_evidence(
            *_by(played, TECH_A),
            batch=played.batch,
            step="set_up",
            slot="seen",
            witness=_at(played, TECH_B),
        )


def test_no_labels_of_another_batch_are_printed_or_accounted_for_there(played: Played) -> None:
    """Domain: a helper who labelled bags while two products ran in parallel."""
    receive(played)
    serial = next(iter(played.record().containers))
    with refuses(played, "station.taken", filed=refusals(played.batch)):
        culture.print_labels(*_by(played, TECH_A), batch=played.batch, step="seed", slot="labels")
    with refuses(played, "station.taken", filed=refusals(played.batch)):
        culture.account_label(
            *_by(played, TECH_A),
            batch=played.batch,
            step="seed",
            slot="labels",
            serial=serial,
            fate="applied",
        )


def test_printing_and_accounting_for_labels_take_the_station(at: At) -> None:
    played = at("filling")
    people.register_station(
        *_by(played, "admin"), code=CABINET, name="C", room="R", setting="lab", line_clearance=True
    )
    printed = culture.print_labels(*_by(played, TECH_A), batch=played.batch, step="fill", slot="labels")
    assert isinstance(printed.entries[0].fact, LabelsPrinted)
    assert printed.of(StationTaken).batch == played.batch
    reader = Reader(person=TECH_A, roles=frozenset({Role.TECHNICIAN}), language="en", site=played.stage.site)
    page = line_page(reader, station=CABINET, batch=played.other)
    assert page.bench.is_taken and page.labels == sum(
        label.fate is None for label in played.record().labels.values()
    )
    assert page.labels > 0 and line_page(reader, station=CABINET, batch=played.batch).labels == 0
    people.register_station(
        *_by(played, "admin"), code="CAB-2", name="D", room="R", setting="lab", line_clearance=True
    )
    serial = printed.of(LabelsPrinted).serials[0]
    accounted = culture.account_label(
        *_by(played, TECH_A, station="CAB-2"),
        batch=played.batch,
        step="fill",
        slot="labels",
        serial=serial,
        fate="destroyed",
    )
    assert accounted.of(StationTaken).batch == played.batch


def test_another_station_and_one_without_line_clearance_take_both(played: Played) -> None:
    count(played)
    assert not receive(played, station="BSC-2").has(LineOpened)
    other = culture.confirm_step(*_by(played, TECH_A, station="BSC-2"), batch=played.batch, step="count")
    assert not other.has(StationTaken)


def test_a_check_of_what_was_recorded_is_done_at_any_station(played: Played) -> None:
    count(played, station="BSC-2")
    culture.confirm_step(*_by(played, TECH_A, station="BSC-2"), batch=played.batch, step="count")
    receive(played)
    seen = played.record().steps["count"].last_seq
    culture.verify_step(*_by(played, TECH_B), batch=played.batch, step="count", seen_seq=seen)
    assert played.record().steps["count"].verified is not None


def test_two_people_clear_the_line_and_the_other_batch_comes(played: Played) -> None:
    count(played)
    outcome = clear(played)
    made, checked = outcome.of(LineCleared), outcome.of(LineClearanceChecked)
    assert [entry.person for entry in outcome.entries] == [TECH_A, TECH_B]
    assert (made.cleared, made.following, made.checks) == (played.batch, played.other, tuple(CHECKS))
    assert (checked.cleared, checked.following, checked.checks) == (made.cleared, made.following, made.checks)
    assert station(played).batch == played.other and station(played).taken is None
    opened = receive(played).of(LineOpened)
    assert (opened.cleared, opened.cleared_by, opened.checked_by) == (played.batch, made.name, checked.name)
    assert opened.cleared_at == outcome.entries[-1].time and opened.checks == tuple(CHECKS)
    relied = played.record(played.other).entries[-1].relied_on
    assert [(item.stream, item.hash) for item in relied] == [
        (outcome.entries[-1].stream, outcome.entries[-1].hash)
    ]


def test_after_the_clearance_the_batch_before_is_the_other_one(played: Played) -> None:
    count(played)
    clear(played)
    with refuses(played, "station.taken", filed=refusals(played.batch)):
        culture.confirm_step(*_by(played, TECH_A), batch=played.batch, step="count")
    clear(played, cleared=played.other, following=played.batch)
    culture.confirm_step(*_by(played, TECH_A), batch=played.batch, step="count")
    assert station(played).batch == played.batch


def test_one_person_alone_clears_nothing(played: Played) -> None:
    """21 CFR 211.130, G-130: two people."""
    count(played)
    with refuses(played, "station.same_person", filed=FILED):
        clear(played, second=TECH_A)
    assert station(played).batch == played.batch


def test_nobody_clears_a_line_from_another_station(played: Played) -> None:
    """Who looks at the station stands at it."""
    count(played)
    with refuses(played, "station.elsewhere", filed=FILED):
        stations.clear_line(
            *_by(played, TECH_A, station="BSC-2"),
            station=CABINET,
            cleared=played.batch,
            following=played.other,
            checks=tuple(CHECKS),
            witness=_at(played, TECH_B),
        )
    assert station(played).batch == played.batch


@pytest.mark.parametrize("bare", ["person", "second"])
def test_both_people_prove_who_they_are(played: Played, bare: str) -> None:
    count(played)
    proved = _at(played, TECH_A), _at(played, TECH_B)
    first, second = (
        replace(actor, signer=None, identified=False) if name == bare else actor
        for name, actor in zip(("person", "second"), proved, strict=True)
    )
    with refuses(played, "act.strength", filed=FILED):
        stations.clear_line(
            played.stage.site,
            first,
            played.request(),
            station=CABINET,
            cleared=played.batch,
            following=played.other,
            checks=tuple(CHECKS),
            witness=second,
        )


def test_quality_may_be_the_second_person_and_an_analyst_may_not(played: Played) -> None:
    count(played)
    with refuses(played, "act.role", filed=FILED):
        clear(played, second=next(PERSON_OF[role] for role in PERSON_OF if role not in ACTS["clear_line"].by))
    clear(played, second=QA_A)
    assert station(played).batch == played.other


@pytest.mark.parametrize("left_out", CHECKS)
def test_every_line_of_the_checklist_is_answered(played: Played, left_out: str) -> None:
    count(played)
    with refuses(played, "station.unchecked", filed=None) as caught:
        clear(played, checks=tuple(check for check in CHECKS if check != left_out))
    assert getattr(caught.value, "field", "") == f"check_{left_out}"


def test_the_batch_that_is_cleared_is_the_one_that_stands_there(played: Played) -> None:
    with refuses(played, "station.other_batch", filed=FILED):
        clear(played)
    count(played)
    with refuses(played, "station.other_batch", filed=FILED):
        clear(played, cleared="")
    with refuses(played, "station.same_batch", filed=FILED):
        clear(played, following=played.batch)


def test_a_station_that_holds_no_batch_yet_can_be_cleared_for_the_first(played: Played) -> None:
    clear(played, cleared="")
    opened = receive(played).of(LineOpened)
    assert opened.cleared == "" and opened.cleared_at is not None


def test_where_nobody_asked_for_it_nothing_is_cleared(played: Played) -> None:
    with refuses(played, "station.not_asked", filed="station:BSC-2!refusals"):
        clear(played, station="BSC-2", cleared="")


def test_the_line_is_cleared_for_a_batch_that_is_still_worked_on(at: At) -> None:
    played = at("closed")
    people.register_station(
        *_by(played, "admin"), code=CABINET, name="C", room="R", setting="lab", line_clearance=True
    )
    with refuses(played, "act.stage", filed=FILED):
        clear(played, cleared="", following=played.batch)


def test_the_same_request_is_answered_once(played: Played) -> None:
    here = _by(played, TECH_A)
    entered = Entered(counts=(("152", "8"), ("148", "6")), dilution="20")
    asked = {"batch": played.batch, "step": "count", "slot": "pool", "entered": entered}
    first = evidence.record_evidence(*here, **asked)
    second = evidence.record_evidence(*here, **asked)
    assert second.replayed and second.of(EvidenceRecorded) == first.of(EvidenceRecorded)
    assert [entry.fact.kind for entry in played.entries(f"station:{CABINET}")].count("station_taken.1") == 1


def test_a_print_job_holds_one_participants_labels(at: At) -> None:
    """Each print job is of one slot of one batch, so no sheet mixes two people."""
    played = at("filling")
    printed = culture.print_labels(*played.by(TECH_A), batch=played.batch, step="fill", slot="labels")
    facts = [entry.fact for entry in printed.entries if isinstance(entry.fact, LabelsPrinted)]
    assert facts and {entry.stream for entry in printed.entries} == {f"batch:{played.batch}"}
    containers = played.record().containers
    assert all(fact.container_code in containers for fact in facts)
    foreign = next(iter(played.record(played.other).containers))
    with refuses(played, "choice.unknown", filed=None):
        culture.print_labels(
            *played.by(TECH_A),
            batch=played.batch,
            step="fill",
            slot="labels",
            reason_code="damaged",
            container=foreign,
        )
