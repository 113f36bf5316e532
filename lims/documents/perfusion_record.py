"""Perfusion record: the identity checks, what was given beside what was filled, and where everything else went."""

from lims.documents.batch_record_bedside import given, identity_check
from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_quality import decided, labels
from lims.documents.batch_record_steps import some_steps
from lims.documents.certificate_parts import deviations_table, front
from lims.documents.clinic_parts import product_way
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import Column, cell, heading, plain_text, table
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.domain.acts import Role
from lims.domain.dose import dose_of
from lims.domain.master_batch_record import Milestone, Step
from lims.domain.quantities import as_given, as_power_of_ten

TITLE = "Perfusion record"


def print_perfusion_record(copy: Copy) -> bytes:
    """The perfusion as it is on file; LookupError when the product was not given."""
    _, record, entry, fact = copy.say, copy.record, copy.record.perfused, copy.record.perfusion
    if entry is None or fact is None:
        raise LookupError("the product was not given")
    least, most = record.protocol.least_delivered_dose, record.protocol.greatest_delivered_dose
    short = fact.viable_cells < least or (most is not None and fact.viable_cells > most)
    sign, word = ("due", "GIVEN – DOSE OUTSIDE ITS LIMIT") if short else ("done", "GIVEN")
    says = _("{volume} mL in {participant}, round {round}, ended {at}.").format(
        volume=as_given(fact.volume_given),
        participant=record.issue.participant,
        round=record.issue.round,
        at=copy.at(fact.ended_at),
    )

    made = record.before(Milestone.RELEASED) or record.plan

    def after_release(step: Step) -> bool:
        return step.role == Role.CLINICIAN and step not in made

    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), says),
        *about(copy),
        *replaces(copy),
        *heading(_("Identity check at the bedside"), _("wristband, product and order, by two people alone")),
        *(identity_check(copy) if record.match else plain_text(_("Not done."))),
        *heading(_("Nominal and delivered"), _("delivered is computed from what stayed behind")),
        *_dose(copy),
        *heading(_("Perfusion"), _("as delivered, from what was filled and what stayed behind")),
        *given(copy),
        *decided(copy, entry, "done", "Perfused"),
        *heading(_("How it came"), _("giver and receiver of the product, as on file")),
        *product_way(copy),
        *some_steps(copy, after_release),
        *labels(copy),
        *heading(_("Deviations"), _("as they stand when this is printed")),
        *deviations_table(copy),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(copy, title=_(TITLE), state=sign, state_word=_("Given"))
    return print_paper(copy, blocks, frame, title=_(TITLE))


def _dose(copy: Copy) -> list[Block]:
    """What the unit held beside what reached her."""
    _, fact, nominal = copy.say, copy.record.perfusion, dose_of(copy.record)
    assert fact is not None
    missing = _("not on file")
    columns = [
        Column(head=_("Quantity"), share=34),
        Column(head=_("Nominal, as filled"), share=33),
        Column(head=_("Delivered"), share=33),
    ]
    filled = f"{as_given(nominal.volume)} mL" if nominal.volume is not None else missing
    cells = as_power_of_ten(nominal.viable_cells) if nominal.viable_cells is not None else missing
    nk_cells = as_power_of_ten(nominal.nk_cells) if nominal.nk_cells is not None else missing
    rows = [
        (cell(_("Volume")), cell(filled), cell(f"{as_given(fact.volume_given)} mL")),
        (cell(_("Viable cells")), cell(cells), cell(as_power_of_ten(fact.viable_cells))),
        (cell(_("Viable NK cells")), cell(nk_cells), cell(as_power_of_ten(fact.nk_cells))),
    ]
    return table(columns, rows)
