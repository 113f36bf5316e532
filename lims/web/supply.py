"""Materials and equipment: what came, what may be used, and whom a recall reaches."""

from flask import Blueprint, redirect, url_for
from flask_babel import lazy_gettext as N_
from werkzeug.wrappers import Response

from lims.actions import machines, preparations, recall, supply
from lims.actions.work import Outcome
from lims.authoring.stock import load_stock
from lims.domain import gs1
from lims.domain.acts import ALIVE
from lims.domain.entered import entered_amount
from lims.domain.entries.envelope import code_of
from lims.domain.materials import LotStatus
from lims.domain.refusals import BadEntry, Reason
from lims.queries import supply as query
from lims.queries.quality import meaning
from lims.web import doing, here
from lims.web.doing import Doing, read_day
from lims.web.forms import ActForm, read_means
from lims.web.supply_forms import (
    CalibrationForm,
    CheckPreparationForm,
    CleaningForm,
    CountStockForm,
    OpenContainerForm,
    RecallLotForm,
    ReceiveLotForm,
    RegisterEquipmentForm,
    RejectLotForm,
    ReleaseLotForm,
    WithdrawEquipmentForm,
)

bp = Blueprint("supply", __name__)

Answer = Response | tuple[str, int] | str

REASONS = {
    "damaged": N_("damaged on arrival"),
    "documents": N_("its papers are wrong or missing"),
    "failed_test": N_("it failed a test"),
    "expired": N_("it expired"),
    "other": N_("another reason"),
}
COUNTS = {
    "spilled": N_("spilled or broken"),
    "not_booked": N_("taken without a record"),
    "misread": N_("an amount was misread"),
    "delivery_differs": N_("the delivery was another amount"),
    "other": N_("another reason"),
}
MOST_CONTAINERS = 10_000
WITHDRAWALS = {
    "broken": N_("it is broken"),
    "calibration": N_("its calibration failed"),
    "replaced": N_("it was replaced"),
    "other": N_("another reason"),
}


def _chosen(code: str | None, known: dict[str, str], *, field: str) -> str:
    if code not in known:
        raise BadEntry("choice.unknown", field=field)
    return code


def _receive(_: str, form: ReceiveLotForm) -> Outcome:
    item = form.item.data or ""
    units = query.lots(here.reader()).units
    if item not in units:
        raise BadEntry("choice.unknown", field="item")
    return supply.receive_lot(
        here.site(),
        here.actor(),
        here.request_id(),
        item=item,
        supplier=(form.supplier.data or "").strip(),
        supplier_lot=(form.supplier_lot.data or "").strip(),
        expires=read_day(form.expires.data, field="expires"),
        quantity=form.quantity.data or "",
        unit=units[item],
        scan=(form.scan.data or "").strip(),
        means=read_means(form.means.data),
        in_use_hours=load_stock().item(item).in_use_hours,
        containers=_whole(form.containers.data, field="containers"),
    )


def _whole(text: str | None, *, field: str) -> int | None:
    """A number of things, or that nobody counted them."""
    if not (text or "").strip():
        return None
    number = entered_amount(text or "", field=field)
    if number != number.to_integral_value() or number > MOST_CONTAINERS:
        raise BadEntry("number.whole", field=field)
    return int(number)


def _open(code: str, form: OpenContainerForm) -> Outcome:
    return supply.open_container(here.site(), here.actor(), here.request_id(), lot=code)


def _check(code: str, form: CheckPreparationForm) -> Outcome:
    return preparations.check_preparation(here.site(), here.identified(form), here.request_id(), lot=code)


def _count(code: str, form: CountStockForm) -> Outcome:
    return supply.count_stock(
        here.site(),
        here.identified(form),
        here.request_id(),
        lot=code,
        counted=form.counted.data or "",
        reason_code=_chosen(form.reason_code.data, COUNTS, field="reason_code"),
        reason=form.reason.data or "",
    )


def _release(code: str, form: ReleaseLotForm) -> Outcome:
    certificate = _said(form.certificate.data, field="certificate")
    return supply.release_lot(
        here.site(), here.signing(form), here.request_id(), lot=code, certificate=certificate
    )


def _said(text: str | None, *, field: str) -> str:
    found = (text or "").strip()
    if not found:
        raise BadEntry("text.empty", field=field, least=1)
    return found


def _reject(code: str, form: RejectLotForm) -> Outcome:
    reason = _chosen(form.reason_code.data, REASONS, field="reason_code")
    return recall.reject_lot(
        here.site(), here.identified(form), here.request_id(), lot=code, reason_code=reason
    )


def _recall(code: str, form: RecallLotForm) -> Outcome:
    reference = _said(form.reference.data, field="reference")
    return recall.recall_lot(
        here.site(), here.signing(form), here.request_id(), lot=code, reference=reference
    )


def _register(_: str, form: RegisterEquipmentForm) -> Outcome:
    return machines.register_equipment(
        here.site(),
        here.actor(),
        here.request_id(),
        equipment_class=_said(form.equipment_class.data, field="equipment_class"),
        name=_said(form.name.data, field="name"),
        room=_said(form.room.data, field="room"),
        one_participant=bool(form.one_participant.data),
    )


def _calibrate(code: str, form: CalibrationForm) -> Outcome:
    if form.passed.data not in ("yes", "no"):
        raise BadEntry("choice.unknown", field="passed")
    return machines.record_calibration(
        here.site(),
        here.actor(),
        here.request_id(),
        equipment=code,
        passed=form.passed.data == "yes",
        until=read_day(form.until.data, field="until"),
        certificate=_said(form.certificate.data, field="certificate"),
    )


def _clean(code: str, form: CleaningForm) -> Outcome:
    return machines.record_cleaning(
        here.site(),
        here.actor(),
        here.request_id(),
        equipment=code,
        procedure=_said(form.procedure.data, field="procedure"),
    )


def _withdraw(code: str, form: WithdrawEquipmentForm) -> Outcome:
    reason = _chosen(form.reason_code.data, WITHDRAWALS, field="reason_code")
    return machines.withdraw_equipment(
        here.site(), here.actor(), here.request_id(), equipment=code, reason_code=reason
    )


LOTS = {"receive_lot": Doing(form=ReceiveLotForm, act=_receive)}
LOT: doing.Doings = {
    "check_preparation": Doing(form=CheckPreparationForm, act=_check),
    "open_container": Doing(form=OpenContainerForm, act=_open),
    "count_stock": Doing(form=CountStockForm, act=_count),
    "release_lot": Doing(form=ReleaseLotForm, act=_release),
    "reject_lot": Doing(form=RejectLotForm, act=_reject),
    "recall_lot": Doing(form=RecallLotForm, act=_recall),
}
MACHINES = {"register_equipment": Doing(form=RegisterEquipmentForm, act=_register)}
MACHINE: doing.Doings = {
    "record_calibration": Doing(form=CalibrationForm, act=_calibrate),
    "record_cleaning": Doing(form=CleaningForm, act=_clean),
    "withdraw_equipment": Doing(form=WithdrawEquipmentForm, act=_withdraw),
}


@bp.get("/materials")
def lots() -> Answer:
    """Every lot: what may be used, what waits for quality, what ends soon."""
    return _lots(doing.forms(LOTS))


@bp.post("/materials")
def receive() -> Answer:
    """A lot arrives, in quarantine."""
    form, outcome = doing.sent(LOTS, "receive_lot", "")
    if outcome:
        return redirect(url_for("supply.lot", code=code_of(outcome.entries[0].stream)), 303)
    return _lots(doing.forms(LOTS, act="receive_lot", form=form)), 422


def _lots(forms: dict[str, ActForm], read: query.Understood | None = None) -> str:
    return doing.draw(
        "supply/lots.html", lots=query.lots(here.reader()), forms=forms, soon=query.SOON, read=read
    )


@bp.post("/materials/scan")
def scan() -> Answer:
    """What a supplier's code says goes into the form of receipt, to be compared with the printed text."""
    form = ReceiveLotForm()
    form.scan.data = gs1.kept(form.scan.data or "")
    try:
        read = query.understand(here.reader(), form.scan.data)
    except BadEntry as bad:
        form.add_error(bad.field, " ".join(here.words(bad.reason)))
        return _lots({"receive_lot": form}), 422
    form.item.data, form.supplier_lot.data = read.item, read.label.lot
    form.expires.data = read.label.expires.isoformat() if read.label.expires else ""
    form.again()
    return _lots({"receive_lot": form}, read=read)


@bp.get("/materials/<code>")
def lot(code: str) -> Answer:
    """One lot with its uses."""
    return _lot(code, doing.forms(LOT))


@bp.post("/materials/<code>/<act>")
def change_lot(code: str, act: str) -> Answer:
    """Release, reject or recall."""
    query.lot(here.reader(), code)
    form, outcome = doing.sent(LOT, act, code)
    if outcome:
        return redirect(url_for("supply.lot", code=code), 303)
    return _lot(code, doing.forms(LOT, act=act, form=form)), 422


def _lot(code: str, forms: dict[str, ActForm]) -> str:
    page = query.lot(here.reader(), code)
    about = (("lot", page.lot.supplier_lot), ("item", page.lot.item))
    status = page.lot.status
    done = " ".join(here.words(Reason(rule="lot.status", about=(("status", status.value),))))
    why = {
        "check_preparation": "",
        "open_container": "" if status is LotStatus.RELEASED else done,
        "count_stock": "",
        "release_lot": done if status is not LotStatus.QUARANTINE else "",
        "reject_lot": done if status in (LotStatus.REJECTED, LotStatus.RECALLED) else "",
        "recall_lot": done if status is LotStatus.RECALLED else "",
    }
    return doing.draw(
        "supply/lot.html",
        page=page,
        lot=page.lot,
        forms=forms,
        why=why,
        reasons=REASONS.items(),
        counts=COUNTS.items(),
        alive=ALIVE,
        meanings={act: meaning(here.reader(), act, about) for act in ("release_lot", "recall_lot")},
    )


@bp.get("/equipment")
def equipment_list() -> Answer:
    """Every item of equipment with the end of its calibration."""
    return _machines(doing.forms(MACHINES))


@bp.post("/equipment")
def register_equipment() -> Answer:
    """An item gets a code."""
    form, outcome = doing.sent(MACHINES, "register_equipment", "")
    if outcome:
        return redirect(url_for("supply.equipment", code=code_of(outcome.entries[0].stream)), 303)
    return _machines(doing.forms(MACHINES, act="register_equipment", form=form)), 422


def _machines(forms: dict[str, ActForm]) -> str:
    return doing.draw(
        "supply/equipment_list.html", page=query.machines(here.reader()), forms=forms, soon=query.SOON
    )


@bp.get("/equipment/<code>")
def equipment(code: str) -> Answer:
    """One item of equipment."""
    return _machine(code, doing.forms(MACHINE))


@bp.post("/equipment/<code>/<act>")
def change_equipment(code: str, act: str) -> Answer:
    """Calibrate or withdraw."""
    query.machine(here.reader(), code)
    form, outcome = doing.sent(MACHINE, act, code)
    if outcome:
        return redirect(url_for("supply.equipment", code=code), 303)
    return _machine(code, doing.forms(MACHINE, act=act, form=form)), 422


def _machine(code: str, forms: dict[str, ActForm]) -> str:
    return doing.draw(
        "supply/equipment.html",
        page=query.machine(here.reader(), code),
        forms=forms,
        reasons=WITHDRAWALS.items(),
    )
