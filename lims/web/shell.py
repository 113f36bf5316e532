"""The frame around every page: station, clock, who sits there, the rail of what their roles may open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask import session as browser
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

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
    ("clinic.page", "building-hospital", "Clinic"),
    ("masters.page", "file-text", "Master records"),
    ("documents.page", "printer", "Documents"),
    ("people.page", "user-check", "People"),
    ("audit.page", "history", "Audit"),
)
"""Endpoint, icon and word of each section; one that is not there or not for the person's roles is left out."""

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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What templates/base.html reads; the field names are its own."""

    instance_kind: str
    station_name: str
    station_room: str
    server_time: datetime
    performer: str | None
    performer_word: str
    witness: str | None
    seats: bool
    language: str
    theme: str
    rail: tuple[tuple[str, str, str, int, bool], ...]
    scan_enabled: bool
    csrf: str
    here: str
    lock_after: int
    person_key: str
    language_url: str = ""
    deadline: str = ""
    begins: str = ""


def shell() -> Shell:
    """The frame's facts for this request."""
    site, seat = sitting.site(), sitting.seat()
    name, room, waiting, second = _looked_up()
    word = next((PERFORMS[role] for role in PERFORMS if seat and role in seat.roles), "")
    return Shell(
        instance_kind=site.founded.instance_kind,
        station_name=name,
        station_room=room,
        server_time=site.clock.now().astimezone(ZoneInfo(site.founded.zone)),
        performer=seat.person.name if seat else None,
        performer_word=gettext(word) if word else "",
        witness=second,
        seats=bool(seat and Role.TECHNICIAN in seat.roles),
        language=sitting.language(),
        theme=seat.session.theme if seat else str(browser.get("theme", "bright")),
        rail=_rail(waiting) if seat else (),
        scan_enabled=seat is not None,
        csrf=generate_csrf(),
        here=request.full_path.rstrip("?") if request.method == "GET" else "",
        lock_after=int(LOCK_AFTER.total_seconds()),
        person_key=seat.person.id if seat else "",
    )


def _looked_up() -> tuple[str, str, int, str | None]:
    """Station name and room, how many steps wait for verification, the second person's name."""
    seat, code = sitting.seat(), sitting.station()
    with sitting.site().ledger.reading() as book:
        stations = find(book, StationRow, station=code, limit=1) if code else ()
        name, room = (stations[0].name, stations[0].room) if stations else ("", "")
        waiting, second = 0, None
        if seat:
            mine = f"|{seat.person.id}|"
            tasks = checks_for(seat.roles & CHECKERS, book)
            waiting = sum(mine not in task.not_by for task in tasks)
            if seat.session.second_person:
                rows = find(book, PersonRow, person=seat.session.second_person, limit=1)
                second = rows[0].name if rows else None
    return name, room, waiting, second


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
