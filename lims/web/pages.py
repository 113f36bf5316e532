"""Which role may open which page: one table, enforced on the server before any page runs.

An endpoint that is in none of the tables answers nobody. Buttons and links to a page that the reader may not open are
not drawn.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import current_app, g, url_for
from werkzeug.routing import BuildError

from lims.domain.acts import EVERYONE, STAFF, Role

T, L, Q, C, K, A, N, S = (
    Role.TECHNICIAN,
    Role.QC_ANALYST,
    Role.QA,
    Role.CLINICIAN,
    Role.COORDINATOR,
    Role.ADMINISTRATOR,
    Role.INSPECTOR,
    Role.STATISTICIAN,
)

FOR_ANYONE = frozenset(
    {
        "static",
        "session.sign_in",
        "session.badge",
        "session.enrol",
        "session.language",
        "session.theme",
        "session.station",
        "session.demo",
        "session.favicon",
    }
)
"""Pages before somebody is signed in; they show nothing of the record."""

FOR_THE_SEATED = frozenset(
    {"session.lock", "session.unlock", "session.switch", "session.locked", "session.sign_out"}
)
"""What a signed-in person may always ask, locked or not."""


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_CORE: Mapping[str, frozenset[Role]] = {
    "session.undertaking": EVERYONE,
    "session.mine": EVERYONE,
    "session.seat": STAFF,
    "session.leave_seat": STAFF,
    "today.page": EVERYONE,
    "board.page": EVERYONE,
    "batch.page": EVERYONE,
    "scan.anywhere": EVERYONE,
    "scan.tester": EVERYONE,
    "step.page": EVERYONE,
    "step.record": _only(T, C),
    "step.correct": _only(T, C),
    "step.confirm": _only(T, C),
    "step.queue": _only(T, Q, C),
    "step.verify": _only(T, Q, C),
    "step.send_back": _only(T, Q, C),
    "step.deviation": STAFF,
    "step.explain": STAFF,
    "step.note": STAFF,
    "labels.print_out": _only(T, C),
    "labels.account": _only(T, C),
    "labels.paper": _only(T, Q, C),
    "operation.page": _only(T),
    "line.page": _only(T, Q, C),
    "files.attached": EVERYONE,
    "handover.offer": _only(T, C),
    "handover.page": _only(T, C, L, Q, N),
    "handover.take": _only(T, C, L),
    "handover.refuse": _only(T, C, L),
    "batch.hold": _only(Q, C, T),
}

_READERS = _only(T, L, Q, C, K, A, N)
_PRINTERS = _only(Q, C, K, N)
_QUALITY: Mapping[str, frozenset[Role]] = {
    "qc.worklist": _only(L, Q),
    "qc.receive": _only(L),
    "qc.batch": _only(L, Q, N),
    "qc.enter": _only(L),
    "qc.review": _only(L, Q),
    "instruments.files": _only(L, Q),
    "instruments.preview": _only(L),
    "instruments.record": _only(L),
    "instruments.settle": _only(L),
    "instruments.flow": _only(L, Q, N),
    "instruments.flow_preview": _only(L),
    "instruments.flow_record": _only(L),
    "qc.organism": _only(L, Q),
    "oos.page": _only(L, Q, N),
    "trends.page": _only(L, Q, N),
    "register.page": _only(Q, N),
    "register.table": _only(Q, N),
    "register.print_out": _only(Q, N),
    "register.paper": _only(Q, N),
    "quality_review.page": _only(Q, N),
    "quality_review.print_out": _only(Q, N),
    "quality_review.paper": _only(Q, N),
    "oos.examine": _only(L, Q),
    "oos.judge": _only(Q),
    "notices.page": _only(Q, C, N),
    "notices.acknowledge": _only(Q, C),
    "notices.investigator": _only(C),
    "quality.queue": _only(Q),
    "quality.review": _only(Q, N),
    "quality.deviation": _only(Q),
    "quality.sign_review": _only(Q),
    "quality.disposition": _only(Q),
    "quality.lift": _only(Q),
    "quality.terminate": _only(Q),
    "quality.final": _only(Q),
    "quality.close": _only(Q),
    "capa.page": STAFF | {N},
    "capa.one": STAFF | {N},
    "capa.change": STAFF,
    "capa.deviation": _only(Q, N),
    "capa.settle": _only(Q),
    "audit.page": _only(Q, A, N),
    "audit.batch": _READERS,
    "audit.as_of": _READERS,
    "audit.person": _only(Q, A, N),
    "documents.page": _PRINTERS,
    "documents.batch": _PRINTERS,
    "documents.print_out": _PRINTERS,
    "documents.download": _PRINTERS,
    "documents.record_zip": _PRINTERS,
    "documents.verify": _READERS,
    "documents.verify_file": _READERS,
    "documents.verifier": _READERS,
}
"""Quality, QC, audit, documents, masters."""

_CLINIC: Mapping[str, frozenset[Role]] = {
    "clinic.page": _only(C, K, Q),
    "clinic.band": _only(C),
    "clinic.bedside": _only(C),
    "clinic.confirm": _only(C),
    "clinic.matched": _only(C),
    "clinic.record": _only(C),
    "aftercare.page": _only(C, Q, N),
    "aftercare.change": _only(C),
    "custody.batch": _READERS,
    "temperature.page": _only(T, C, L, Q, N),
    "temperature.preview": _only(T, C, L),
    "temperature.record": _only(T, C, L),
    "storage.page": _only(T, C, L, Q, N),
    "storage.scan": _only(T, C, L),
    "storage.put": _only(T, C, L),
    "storage.take": _only(T, C, L),
    "custody.trace": _READERS,
    "trial.participants": _only(Q, C, K, N),
    "trial.participant": _only(Q, C, K, N),
    "trial.enrol": _only(K),
    "trial.change": _only(Q, C, K),
    "trial.identity": _only(C, K),
    "trial.wristband": _only(C, K),
    "follow_up.page": _only(Q, C, K, N),
    "follow_up.change": _only(C, K),
    "trial.order_sheet": _only(C, K),
    "screening.page": _only(Q, C, K, L, N),
    "screening.change": _only(Q, C, K, L),
    "allocation.page": _only(Q, C, K, A, N),
    "allocation.change": _only(Q),
    "allocation.told": _only(Q, C, K, A, N),
    "allocation.participant": _only(Q, C, K, N),
    "allocation.randomise": _only(K, Q),
    "export.page": _only(S, Q, N),
    "export.send": _only(S, Q),
    "export.freeze": _only(S, Q),
    "export.frozen": _only(S, Q, N),
    "export.dictionary": _only(S, Q, C, K, N),
    "export.queries": _only(S, Q, C, K, N),
    "export.asked": _only(Q, C, K, N),
    "export.ask": _only(Q),
    "export.query": _only(Q, C, K, N),
    "export.settle": _only(Q, C, K),
    "casebook.page": _only(Q, C, K, N),
    "casebook.print_out": _only(Q, C, K, N),
    "casebook.download": _only(Q, C, K, N),
    "people.page": _only(A, Q, C, N),
    "people.add": _only(A),
    "people.person": _only(A, Q, C, N),
    "people.change": _only(A, Q, C),
}
"""Participants, trial, clinic, supply, people. Identities are for coordinator and clinician only."""

_STORES = _only(T, L, Q, A, N)
_LIBRARY = _only(T, Q, K, N)
_SUPPLY: Mapping[str, frozenset[Role]] = {
    "codes.matrix": EVERYONE,
    "masters.page": _LIBRARY,
    "masters.master": _LIBRARY,
    "masters.print_blank": _LIBRARY,
    "masters.blank": _LIBRARY,
    "masters.read": _only(T, Q, K),
    "masters.propose": _only(T, Q, K),
    "masters.approve": _only(Q),
    "preparations.page": _only(T, L),
    "preparations.prepare": _only(T, L),
    "supply.lots": _STORES,
    "supply.lot": _STORES,
    "supply.receive": _only(T, L, Q),
    "supply.scan": _only(T, L, Q),
    "supply.change_lot": _only(T, L, Q),
    "supply.equipment_list": _STORES,
    "supply.equipment": _STORES,
    "supply.register_equipment": _only(A, Q),
    "supply.change_equipment": _only(T, L, Q),
    "erasure.page": _only(Q, K),
    "erasure.find": _only(Q, K),
    "erasure.things": _only(Q, K),
    "erasure.propose": _only(Q, K),
    "erasure.countersign": _only(Q),
    "mail.page": _only(A, Q, N),
    "clock.page": _only(A, Q, N),
    "clock.propose": _only(A, Q),
    "clock.countersign": _only(A, Q),
}
"""Master batch records, materials, equipment, codes as pictures; erasing a value and setting the clock right."""

_OF_THE_TRIAL = _only(Q, C, K, N, S)
_FIGURES: Mapping[str, frozenset[Role]] = {
    "figures.page": _OF_THE_TRIAL,
    "figures.outcome": _OF_THE_TRIAL,
    "figures.lanes": _OF_THE_TRIAL,
    "figures.products": _OF_THE_TRIAL,
    "figures.by_arm": _OF_THE_TRIAL,
    "figures.lock": _only(Q),
    "figures.print_out": _OF_THE_TRIAL,
    "figures.paper": _OF_THE_TRIAL,
}
"""The trial's figures; by arm, the rule refuses who may not see them yet, and puts that on file."""

PAGES: Mapping[str, frozenset[Role]] = MappingProxyType(
    {**_CORE, **_QUALITY, **_CLINIC, **_SUPPLY, **_FIGURES}
)


def roles_of(endpoint: str) -> frozenset[Role]:
    """The roles for which a page is; nobody for an endpoint that is in no table."""
    return PAGES.get(endpoint, frozenset())


def may(endpoint: str) -> bool:
    """The signed-in person may open the page."""
    seat = g.get("seat")
    return bool(seat and seat.roles & roles_of(endpoint))


def link(endpoint: str, **values: Any) -> str:
    """The page's address, or nothing where there is no such page."""
    if endpoint not in current_app.view_functions:
        return ""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""
