"""Randomising through the corridor: one place after the other, checked, idempotent, irreversible, concealed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from lims import cli
from lims.actions import randomisation, trial
from lims.actions.site import Site
from lims.domain.entries.randomisation import PlaceTaken, RandomisationClosed, RandomisationOpened
from lims.domain.entries.trial import AllocationRecorded
from lims.domain.refusals import BadEntry, Refused
from lims.domain.trial import randomisation as rules
from lims.domain.trial.blocks import places
from lims.domain.trial.randomisation import Randomisation, differing, fold_randomisation
from lims.ledger import tables
from lims.ledger.faults import LedgerFault
from lims.ledger.sealed import unseal
from tests.builders import At, Played, refuses
from tests.cast import COORD, QA_A

CROWD = 8


def opened(played: Played) -> RandomisationOpened:
    done = randomisation.open_randomisation(played.stage.site, played.actor(QA_A), played.request())
    return done.of(RandomisationOpened)


def listed(played: Played, arms: str) -> None:
    text = "\n".join(["arm", *arms.split()])
    randomisation.import_allocation_list(played.stage.site, played.actor(QA_A), played.request(), text=text)


def randomise(played: Played, participant: str, request: str = "") -> AllocationRecorded:
    done = randomisation.randomise(
        played.stage.site, played.actor(COORD), request or played.request(), participant=participant
    )
    return done.of(AllocationRecorded)


def close(played: Played) -> RandomisationClosed:
    done = randomisation.close_randomisation(played.stage.site, played.actor(QA_A), played.request())
    return done.of(RandomisationClosed)


def state(played: Played) -> Randomisation:
    return fold_randomisation("randomisation", played.entries("randomisation"))


def arms_of_seed(seal: RandomisationOpened, site: Site, count: int) -> list[str]:
    secret = unseal(seal.sealed, purpose="randomisation", keys=site.keys)
    return list(islice(places(json.loads(secret)["seed"], arms=seal.arms), count))


def test_the_arm_is_the_next_place_of_the_sealed_seed(at: At) -> None:
    played = at("staffed")
    seal = opened(played)
    people = [played.stage.enrol(arm=None) for _ in range(12)]
    given = [randomise(played, code) for code in people]
    assert [fact.arm for fact in given] == arms_of_seed(seal, played.stage.site, 12)
    assert [fact.reference for fact in given] == [str(n) for n in range(1, 13)]
    taken = state(played).taken
    assert [(item.participant, item.arm) for item in taken] == [
        (code, fact.arm) for code, fact in zip(people, given, strict=True)
    ]
    assert played.verified().holds


def test_pressed_twice_it_gives_the_same_arm(at: At) -> None:
    """Issue 6, point 4: idempotent."""
    played, request = at("staffed"), "one-and-the-same"
    opened(played)
    first = randomise(played, played.unallocated, request)
    assert randomise(played, played.unallocated, request) == first
    assert len(state(played).taken) == 1


def test_nobody_is_randomised_twice(at: At) -> None:
    """TR-6: irreversible."""
    played = at("staffed")
    opened(played)
    randomise(played, played.unallocated)
    with refuses(played, "participant.allocated", filed=f"participant:{played.unallocated}!refusals"):
        randomise(played, played.unallocated)


def test_nobody_is_randomised_before_it_is_opened(at: At) -> None:
    played = at("staffed")
    filed = f"participant:{played.unallocated}!refusals"
    with refuses(played, "randomisation.not_open", filed=filed):
        randomise(played, played.unallocated)


def test_nobody_is_randomised_without_consent(at: At) -> None:
    """Issue 6, point 4: consent checked."""
    played = at("staffed")
    opened(played)
    code = played.stage.enrol(arm=None, consent=False)
    with refuses(played, "participant.no_consent", filed=f"participant:{code}!refusals"):
        randomise(played, code)


def test_nobody_is_randomised_after_the_close(at: At) -> None:
    played = at("staffed")
    opened(played)
    close(played)
    filed = f"participant:{played.unallocated}!refusals"
    with refuses(played, "randomisation.closed", filed=filed):
        randomise(played, played.unallocated)


def test_a_protocol_without_factors_has_one_list(at: At) -> None:
    played = at("staffed")
    opened(played)
    site, who = played.stage.site, played.actor(COORD)
    done = randomisation.randomise(
        site, who, played.request(), participant=played.unallocated, strata=(("site", "a"),)
    )
    assert done.of(AllocationRecorded).stratum is None


def test_randomisation_is_opened_once(at: At) -> None:
    played = at("staffed")
    before = opened(played)
    with refuses(played, "randomisation.opened", filed="randomisation!refusals"):
        opened(played)
    with refuses(played, "randomisation.opened", filed="randomisation!refusals"):
        listed(played, "perfusion control")
    assert state(played).opened == before


def test_from_its_opening_on_no_arm_is_entered_by_hand(at: At) -> None:
    """ICH E9 2.3.2: one scheme; an arm typed beside it would be chosen."""
    played = at("staffed")
    opened(played)
    filed = f"participant:{played.unallocated}!refusals"
    with refuses(played, "randomisation.by_hand", filed=filed):
        trial.record_allocation(
            played.stage.site,
            played.actor(COORD),
            played.request(),
            participant=played.unallocated,
            arm="perfusion",
            source="list",
            reference="R-1",
            allocated_at=played.now,
        )


def test_randomised_in_error_is_a_mark_and_no_undo(at: At) -> None:
    """TR-6: she stays in her arm, her place stays used."""
    played = at("staffed")
    opened(played)
    arm = randomise(played, played.unallocated).arm
    mark(played, played.unallocated)
    person = played.participant(played.unallocated)
    assert person.allocation is not None and person.allocation.arm == arm
    assert person.randomised_in_error is not None
    assert len(state(played).taken) == 1
    with refuses(played, "randomisation.marked", filed=f"participant:{played.unallocated}!refusals"):
        mark(played, played.unallocated)


def mark(played: Played, code: str, reason: str = "She was not eligible: age.") -> None:
    randomisation.mark_randomised_in_error(
        played.stage.site, played.actor(QA_A), played.request(), participant=code, reason=reason
    )


def test_who_was_never_randomised_is_not_marked(at: At) -> None:
    played = at("staffed")
    filed = f"participant:{played.unallocated}!refusals"
    with refuses(played, "participant.not_allocated", filed=filed):
        mark(played, played.unallocated)


def test_a_mark_says_why(at: At) -> None:
    played = at("staffed")
    with refuses(played, "text.empty", filed=None):
        mark(played, played.anna, reason="wrong")


def test_the_close_tells_what_was_sealed_and_the_list_agrees(at: At) -> None:
    """Issue 6, point 4: anyone can run the list again."""
    played = at("staffed")
    seal = opened(played)
    for _ in range(3):
        randomise(played, played.stage.enrol(arm=None))
    expected = arms_of_seed(seal, played.stage.site, 3)
    told = close(played)
    seed = json.loads(told.secret)["seed"]
    assert list(islice(places(seed, arms=seal.arms), 3)) == expected
    assert (told.taken, differing(state(played))) == (3, ())
    with refuses(played, "randomisation.closed", filed="randomisation!refusals"):
        close(played)


def test_nothing_is_closed_that_was_not_opened(at: At) -> None:
    played = at("staffed")
    with refuses(played, "randomisation.not_open", filed="randomisation!refusals"):
        close(played)


def test_an_imported_list_is_used_in_its_order_to_its_end(at: At) -> None:
    played = at("staffed")
    listed(played, "control perfusion")
    given = [randomise(played, played.stage.enrol(arm=None)).arm for _ in range(2)]
    assert given == ["control", "perfusion"]
    filed = f"participant:{played.unallocated}!refusals"
    with refuses(played, "randomisation.list_ended", filed=filed):
        randomise(played, played.unallocated)
    close(played)
    assert differing(state(played)) == ()


def test_a_list_with_a_fault_opens_nothing(at: At) -> None:
    played = at("staffed")
    with refuses(played, "randomisation.list_line", filed=None) as refused:
        listed(played, "control placebo")
    assert isinstance(refused.value, BadEntry)
    assert state(played).opened is None


def everything(played: Played) -> str:
    """Every value of every table: all that a read-only role of the database can see."""
    names = [*tables.metadata.tables.values()]
    with played.stage.site.ledger.engine.connect() as connection:
        rows = [tuple(row) for table in names for row in connection.execute(select(table))]
        for name in ("participants", "codes", "tasks"):
            rows += [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]
    return repr(rows)


@pytest.mark.parametrize("mode", ["blocks", "list"])
def test_before_the_close_nothing_in_the_database_tells_the_seed_or_the_list(on_both: At, mode: str) -> None:
    """screens 19: administrator, API token and read-only role cannot read the next allocation."""
    played = on_both("staffed")
    if mode == "blocks":
        opened(played)
    else:
        listed(played, "perfusion control perfusion")
    randomise(played, played.unallocated)
    seal = state(played).opened
    assert seal is not None
    secret = unseal(seal.sealed, purpose="randomisation", keys=played.stage.site.keys)
    held = json.loads(secret)
    stored = everything(played)
    assert seal.commitment in stored
    for part in (secret, held["seed"] if mode == "blocks" else held["salt"]):
        assert part not in stored
    close(played)
    assert (held["seed"] if mode == "blocks" else held["salt"]) in everything(played), "it would be seen"


def test_another_servers_keys_do_not_open_the_seal(at: At) -> None:
    played = at("staffed")
    opened(played)
    site = played.stage.site
    played.stage.site = replace(site, keys=replace(site.keys, digest_key=b"x" * 32))
    with pytest.raises(LedgerFault, match="does not open"):
        randomise(played, played.unallocated)
    assert state(played).taken == ()


def test_a_seal_that_was_exchanged_randomises_nobody(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commitment binds: a seal made later over another seed opens, and is refused."""
    played = at("staffed")
    opened(played)
    other = '{"format":"randomisation-seed/1","seed":"' + "0" * 64 + '"}'
    monkeypatch.setattr(randomisation, "unseal", lambda *_, **__: other)
    filed = f"participant:{played.unallocated}!refusals"
    with refuses(played, "randomisation.other_secret", filed=filed):
        randomise(played, played.unallocated)


def test_coordinators_at_the_same_moment_get_successive_places(on_both: At) -> None:
    """Counted on the stream that the act also writes, on SQLite and on PostgreSQL."""
    played = on_both("staffed")
    seal = opened(played)
    people = [played.stage.enrol(arm=None) for _ in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as pool:
        given = list(pool.map(lambda code: randomise(played, code), people))
    taken = state(played).taken
    assert [item.place for item in taken] == list(range(1, CROWD + 1))
    assert [item.arm for item in taken] == arms_of_seed(seal, played.stage.site, CROWD)
    assert {item.participant: item.arm for item in taken} == {
        code: fact.arm for code, fact in zip(people, given, strict=True)
    }


def test_one_participant_randomised_from_two_desks_has_one_place(on_both: At) -> None:
    played = on_both("staffed")
    opened(played)

    def press(number: int) -> str:
        try:
            return randomise(played, played.unallocated).arm
        except Refused as refused:
            return refused.rule

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, range(2)))
    places_ = [entry.fact for entry in played.entries("randomisation") if isinstance(entry.fact, PlaceTaken)]
    assert len(places_) == 1
    assert sorted(answers) == sorted([places_[0].arm, "participant.allocated"])


@pytest.mark.parametrize("forged", [False, True])
def test_the_command_line_checks_a_closed_list(at: At, monkeypatch: pytest.MonkeyPatch, forged: bool) -> None:
    """`lims check-allocation`: exit 1 when an arm is not the one that the list gives."""
    played = at("staffed")
    opened(played)
    if forged:
        draw = rules.arm_of
        turned = {"perfusion": "control", "control": "perfusion"}
        monkeypatch.setattr(rules, "arm_of", lambda *args, **more: turned[draw(*args, **more)])
    randomise(played, played.unallocated)
    monkeypatch.undo()
    close(played)
    monkeypatch.setattr(cli, "open_instance", lambda folder: played.stage.site)
    ran = CliRunner().invoke(cli.main, ["check-allocation"])
    assert ran.exit_code == int(forged), ran.output
    assert "1 places; what was told " + ("DIFFERS" if forged else "agrees") in ran.output
