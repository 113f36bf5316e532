"""Collection form: what the clinic recorded about the draw, step by step, as it stands on file."""

from lims.documents.batch_record_copy import Copy
from lims.documents.batch_record_issue import containers
from lims.documents.batch_record_steps import some_steps
from lims.documents.certificate_parts import front
from lims.documents.paper_frame import about, against_the_record, furniture, print_paper, replaces
from lims.documents.parts_blocks import heading
from lims.documents.parts_boxes import banner
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Milestone, Step

TITLE = "Collection form"


def is_collection(batch: BatchRecord, step: Step) -> bool:
    """A step of the clinic that comes before the release: what belongs to the draw."""
    before = batch.before(Milestone.RELEASED) or batch.plan
    return step.role == Role.CLINICIAN and step.done_by is None and step in before


def print_collection_form(copy: Copy) -> bytes:
    """The clinic's steps of the collection; a step that is not done is printed as not done."""
    _, record = copy.say, copy.record
    steps = [step for step in record.plan if is_collection(record, step)]
    left = [step for step in steps if not record.is_finished(step)]
    open_now = [item for item in record.open_deviations if item.fact.step in {step.code for step in steps}]
    sign, word = ("due", "NOT COMPLETE") if left or open_now else ("done", "COMPLETE")
    says = _("Steps of the clinic: {count}; not finished: {left}; open deviations: {open}.").format(
        count=len(steps), left=len(left), open=len(open_now)
    )
    blocks = [
        *front(copy, TITLE),
        *banner(sign, _(word), copy.other(word), says),
        *about(copy),
        *replaces(copy),
        *heading(_("Codes"), _("every code of this batch, and what it was filled from")),
        *containers(copy),
        *heading(_("Collection"), _("as recorded in the clinic")),
        *some_steps(copy, lambda step: is_collection(record, step)),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(copy, title=_(TITLE), state=sign, state_word=_("Open") if left else _("Done"))
    return print_paper(copy, blocks, frame, title=_(TITLE))
