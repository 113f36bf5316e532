"""The first page: what this person does now."""

from flask import Blueprint
from flask_babel import gettext

from lims.domain.acts import Role
from lims.domain.entries.envelope import code_of
from lims.queries import today as query
from lims.queries.today import Task
from lims.web import here
from lims.web.pages import link, may

bp = Blueprint("today", __name__)

_PLACES = {
    "record_evidence": ("step.page", "Continue"),
    "verify_step": ("step.verify", "Check"),
    "explain_deviation": ("batch.page", "Explain"),
    "take_custody": ("handover.page", "Take over"),
    "offer_custody": ("handover.page", "Hand over"),
    "receive_sample": ("qc.worklist", "Receive"),
    "enter_result": ("qc.worklist", "Enter result"),
    "review_result": ("qc.worklist", "Review"),
    "examine_oos": ("oos.page", "Examine"),
    "judge_oos": ("oos.page", "Judge"),
    "settle_file_line": ("instruments.files", "Settle"),
    "decide_deviation": ("quality.review", "Decide"),
    "release_conditionally": ("quality.review", "Review"),
    "review_record": ("quality.review", "Review"),
    "dispose_finally": ("quality.review", "Review"),
    "close_record": ("quality.review", "Close"),
    "deliver_mail": ("mail.page", "Look"),
    "acknowledge_notice": ("notices.page", "Acknowledge"),
    "acknowledge_as_investigator": ("notices.page", "Acknowledge"),
    "match_identity": ("clinic.bedside", "Start bedside check"),
    "end_observation": ("aftercare.page", "End observation"),
    "judge_dose": ("aftercare.page", "Decide"),
    "settle_dose": ("aftercare.page", "Decide"),
    "record_visit": ("follow_up.page", "Record"),
    "record_ultrasound": ("follow_up.page", "Record"),
    "end_pregnancy": ("follow_up.page", "Record"),
    "report_adverse_event": ("follow_up.page", "Report"),
    "analyse_menstrual_blood": ("screening.page", "Enter result"),
    "decide_eligibility": ("screening.page", "Decide"),
    "count_stock": ("supply.lot", "Count"),
    "finish_capa": ("capa.one", "Carry out"),
    "verify_capa": ("capa.one", "Verify"),
    "check_effectiveness": ("capa.one", "Judge"),
    "open_capa": ("capa.one", "Plan"),
}
"""Where each task is done, and the verb on its button."""


@bp.get("/")
def page() -> str:
    """Overdue first, then by deadline; one big action."""
    reader = here.reader()
    found = query.today(reader)
    return here.render(
        "today/page.html",
        today=found,
        place=place,
        verb=verb,
        empty_for=_empty(reader.roles),
    )


def place(task: Task) -> str:
    """The page on which a task is done; the batch page where there is none for this person."""
    endpoint, _ = _PLACES.get(task.what, ("batch.page", ""))
    row = task.row
    if endpoint == "follow_up.page":
        return link(endpoint, code=row.participant, task=row.key) + f"#form-{task.what}"
    if endpoint == "screening.page":
        return link(endpoint, code=row.participant) + f"#form-{task.what}"
    if endpoint == "supply.lot":
        return link(endpoint, code=code_of(row.stream)) + f"#act-{task.what}"
    if endpoint == "mail.page":
        return link(endpoint)
    key = row.key.partition("/")[2]
    if endpoint == "capa.one":
        return link(endpoint, number=key) + f"#act-{task.what}"
    values: dict[str, str] = {"number": row.batch}
    if endpoint.startswith("step."):
        values["code"] = row.step or ""
    elif task.what == "decide_deviation":
        values |= {"at": key, "_anchor": "opened"}
    elif endpoint == "oos.page":
        values["oos"] = key
    elif endpoint == "handover.page":
        values["container"] = key
    if endpoint in ("qc.worklist", "instruments.files"):
        values = {}
    found = link(endpoint, **values) if may(endpoint) and all(values.values()) else ""
    return found or link("batch.page", number=row.batch)


def verb(task: Task) -> str:
    """What the button says."""
    _, words = _PLACES.get(task.what, ("", "Open"))
    if task.what == "record_evidence" and task.batch and task.batch.stage == "issued":
        words = "Start"
    return str(gettext(words))


def _empty(roles: frozenset[Role]) -> str:
    """What a person reads when nothing waits."""
    if Role.INSPECTOR in roles:
        return str(gettext("You see every record; nothing waits for you."))
    return str(gettext("What colleagues record, confirm or hand over to you appears here."))
