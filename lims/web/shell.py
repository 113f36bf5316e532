"""The frame around every page: station, clock, who sits there, the rail of what their roles may open."""

from datetime import timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from flask import request
from flask import session as browser
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from lims.documents.trial_words import STATEMENT
from lims.domain.acts import Role
from lims.domain.rows import PersonRow, StationRow
from lims.ledger.read_tables import find
from lims.queries.step import checks_for
from lims.web import sitting
from lims.web.pages import link, may

LOCK_AFTER = timedelta(minutes=10)
"""Seconds without input after which the page hides itself."""

RAIL = (
    ("today.page", "home", "Today"),
    ("board.page", "layout-kanban", "Batches"),
    ("step.queue", "clipboard-check", "Verify"),
    ("quality.queue", "shield-check", "Review"),
    ("supply.lots", "package", "Materials"),
    ("supply.equipment_list", "microscope", "Equipment"),
    ("qc.worklist", "test-pipe", "Samples"),
    ("trial.participants", "users", "Participants"),
    ("figures.page", "list-check", "Figures"),
    ("clinic.page", "building-hospital", "Clinic"),
    ("masters.page", "file-text", "Master records"),
    ("documents.page", "printer", "Documents"),
    ("people.page", "user-check", "People"),
    ("audit.page", "history", "Audit"),
)
"""Endpoint, icon and word of each section; one that is not there or not for the person's roles is left out."""

NO_ADVICE = frozenset(
    {"trial", "screening", "follow_up", "figures", "allocation", "casebook", "export", "clinic"}
)
"""Areas about women and what is given to them; each of their pages says what the system does not do."""

CHECKERS = frozenset({Role.TECHNICIAN, Role.CLINICIAN})
"""Roles whose rail counts the steps that wait for a second person."""

PERFORMS = {
    Role.TECHNICIAN: "performs",
    Role.QC_ANALYST: "tests",
    Role.QA: "reviews",
    Role.CLINICIAN: "treats",
    Role.COORDINATOR: "coordinates",
    Role.ADMINISTRATOR: "administers",
    Role.INSPECTOR: "inspects",
    Role.STATISTICIAN: "analyses",
}


class Shell:
    """What templates/base.html reads, by its own names; looked up when asked for, for a fragment asks for little."""

    lock_after: Final = int(LOCK_AFTER.total_seconds())

    def __init__(self) -> None:
        site, seat = sitting.site(), sitting.seat()
        self.instance_kind = site.founded.instance_kind
        self.server_time = site.clock.now().astimezone(ZoneInfo(site.founded.zone))
        self.performer = seat.person.name if seat else None
        self.person_key = seat.person.id if seat else ""
        self.seats = bool(seat and Role.TECHNICIAN in seat.roles)
        self.scan_enabled = seat is not None
        self.language = sitting.language()
        self.theme = seat.session.theme if seat else str(browser.get("theme", "bright"))
        self.here = request.full_path.rstrip("?") if request.method == "GET" else ""

    @property
    def statement(self) -> str:
        """What the system does not do, on every page of the trial and the clinic."""
        return gettext(STATEMENT) if request.blueprint in NO_ADVICE else ""

    @cached_property
    def csrf(self) -> str:
        """The token against forged requests."""
        return str(generate_csrf())

    @cached_property
    def performer_word(self) -> str:
        """What the person in the seat does here, by their first role."""
        seat = sitting.seat()
        word = next((PERFORMS[role] for role in PERFORMS if seat and role in seat.roles), "")
        return gettext(word) if word else ""

    @cached_property
    def _station(self) -> tuple[str, str]:
        code = sitting.station()
        with sitting.site().ledger.reading() as book:
            stations = find(book, StationRow, station=code, limit=1) if code else ()
        return (stations[0].name, stations[0].room) if stations else ("", "")

    @property
    def station_name(self) -> str:
        """What is written on the station."""
        return self._station[0]

    @property
    def station_room(self) -> str:
        """The room that the station stands in."""
        return self._station[1]

    @cached_property
    def witness(self) -> str | None:
        """The name of the second person at this station."""
        seat = sitting.seat()
        if not seat or not seat.session.second_person:
            return None
        with sitting.site().ledger.reading() as book:
            rows = find(book, PersonRow, person=seat.session.second_person, limit=1)
        return rows[0].name if rows else None

    @cached_property
    def rail(self) -> tuple[tuple[str, str, str, int, bool], ...]:
        """Address, icon, word, number waiting and whether it is this one, of every section that the person may open."""
        seat = sitting.seat()
        if seat is None:
            return ()
        with sitting.site().ledger.reading() as book:
            tasks = checks_for(seat.roles & CHECKERS, book)
        return _rail(sum(f"|{seat.person.id}|" not in task.not_by for task in tasks))


def _rail(waiting: int) -> tuple[tuple[str, str, str, int, bool], ...]:
    found = []
    section = request.blueprint
    for endpoint, icon, word in RAIL:
        if not may(endpoint) or not (url := link(endpoint)):
            continue
        verify = endpoint == "step.queue"
        same = endpoint == request.endpoint or (endpoint.partition(".")[0] == section and not verify)
        current = same and not (section == "step" and not verify)
        if section == "supply":  # materials and equipment are two sections of one area
            current = ("equipment" in endpoint) == ("equipment" in (request.endpoint or "")) and same
        found.append((url, icon, gettext(word), waiting if verify else 0, current))
    return tuple(found)
