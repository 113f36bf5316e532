"""Perfusion record: the identity checks, what was given beside what was filled, and where everything else went."""

from lims.documents.batch_record_bedside import given, identity_check
from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_quality import decided, labels
from lims.documents.batch_record_steps import some_steps
from lims.documents.certificate_parts import deviations_table, front
from lims.documents.clinic_parts import product_way
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import Column, cell, facts, heading, plain_text, table
from lims.documents.parts_boxes import banner
from lims.documents.parts_flow import Block
from lims.domain.acts import Role
from lims.domain.aftercare import is_dose_outside, observed_until
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
    to_the_end = record.before(Milestone.DISPOSED)

    def after_release(step: Step) -> bool:
        """The clinic's own steps, and after the perfusion everybody's: what was left, and who destroyed it."""
        is_after = step in to_the_end and step not in record.before(Milestone.PERFUSED)
        return step not in made and (step.role == Role.CLINICIAN or is_after)

    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), says),
        *about(copy),
        *replaces(copy),
        *heading(_("Identity check at the bedside"), _("wristband, product and order, by two people alone")),
        *(identity_check(copy) if record.match else plain_text(_("Not done."))),
        *heading(_("Nominal and delivered"), _("the dose is what the volume given carried")),
        *_dose(copy),
        *heading(_("Perfusion"), _("given, left and wasted make up what was filled")),
        *given(copy),
        *decided(copy, entry, "done", "Perfused"),
        *_observation(copy),
        *_dose_decided(copy),
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


def _observation(copy: Copy) -> list[Block]:
    """Until when she had to be observed, and how the observation ended."""
    _, record = copy.say, copy.record
    until = observed_until(record)
    pairs = [(_("To be observed until"), copy.at(until) if until else "–")]
    if record.observed is not None:
        pairs.append((_("Ended"), f"{copy.at(record.observed.time)} #{record.observed.seq}"))
    said = copy.sentence(record.observed) if record.observed else _("The observation has no end on file.")
    return [
        *heading(_("Observation"), _("the time that the protocol sets")),
        *facts(pairs),
        *plain_text(said),
    ]


def _dose_decided(copy: Copy) -> list[Block]:
    """A dose outside its limit, and what clinician and investigator decided on it."""
    _, record = copy.say, copy.record
    if not is_dose_outside(record):
        return []
    blocks = heading(_("Dose outside its limit"), _("decided by clinician and investigator, two people"))
    parts = (record.judged, "Clinician", _("Clinician")), (record.settled, "Investigator", _("Investigator"))
    for entry, word, said in parts:
        if entry is None:
            blocks += plain_text(f"{said}: {_('not decided yet')}")
        else:
            blocks += plain_text(copy.sentence(entry))
            blocks += decided(copy, entry, "done", word)
    return blocks


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
