"""The server's clock through its page: it went back, acts stop, two people put it right, acts go on (N15, I4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lims.actions.site import Site, VirtualClock
from lims.domain.entries.keys import ClockCorrected, ClockCorrectionProposed
from lims.domain.rows import EquipmentRow
from lims.ledger.read_tables import find
from tests.pages.admin.desks import desk_of
from tests.pages.quality.conftest import Desk, entries_of

Sit = Callable[[str], Desk]


@pytest.fixture
def machine(site: Site) -> str:
    """An item of equipment on which acts are tried."""
    with site.ledger.reading() as book:
        return find(book, EquipmentRow, limit=1)[0].code


@pytest.fixture
def back(site: Site, machine: str) -> Site:
    """The same instance with a clock that stands an hour before what was last put on file about the equipment."""
    last = entries_of(site, f"equipment:{machine}")[-1].time
    return replace(site, clock=VirtualClock(last - timedelta(hours=1)))


def withdraw(desk: Desk, machine: str) -> int:
    return desk.post(f"/equipment/{machine}/withdraw_equipment", reason_code="broken").status_code


def propose(sit: Sit) -> int:
    answer = sit("qa-a").sign(
        "/clock/propose", reason="The server was set a day ahead; checked by radio clock."
    )
    return answer.status_code


def confirm(site: Site, sit: Sit, person: str) -> int:
    seq = next(e.seq for e in entries_of(site, "system") if isinstance(e.fact, ClockCorrectionProposed))
    return sit(person).sign("/clock/countersign", proposed_seq=str(seq)).status_code


def test_acts_go_on_after_two_people_said_that_the_clock_is_right(back: Site, machine: str) -> None:
    sit = desk_of(back)
    last = entries_of(back, f"equipment:{machine}")[-1]
    assert withdraw(sit("qa-a"), machine) == 409
    assert "stop until two people" in sit("qa-a").get("/clock").text
    assert propose(sit) == 303
    assert withdraw(sit("qa-a"), machine) == 409
    assert confirm(back, sit, "qa-b") == 303
    assert withdraw(sit("qa-a"), machine) == 303
    assert entries_of(back, f"equipment:{machine}")[-1].time == last.time


def test_nobody_confirms_their_own_reading_of_the_clock(back: Site) -> None:
    sit = desk_of(back)
    propose(sit)
    assert confirm(back, sit, "qa-a") == 403
    assert not any(isinstance(e.fact, ClockCorrected) for e in entries_of(back, "system"))


def test_a_clock_that_is_right_needs_no_correction(site: Site, sit: Sit) -> None:
    assert propose(sit) == 409
    assert "Nothing to correct." in sit("qa-a").get("/clock").text
