"""Collection form: what the clinic recorded about the draw, step by step, as it stands on file."""

from collections.abc import Collection
from itertools import groupby

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


def collection_steps(batch: BatchRecord) -> tuple[Step, ...]:
    """The draw: the clinic's first steps one after another, before the laboratory goes on; none at a later bedside."""
    before = batch.before(Milestone.RELEASED) or batch.plan
    by_hand = [step for step in before if step.done_by is None]
    runs = (tuple(run) for clinic, run in groupby(by_hand, key=_is_of_the_clinic) if clinic)
    return next(runs, ())


def _is_of_the_clinic(step: Step) -> bool:
    return step.role == Role.CLINICIAN


def _codes_read(batch: BatchRecord, steps: Collection[Step]) -> frozenset[str]:
    """The containers that were scanned or labelled at the draw."""
    codes = {step.code for step in steps}
    scanned = {scan.code for (step, _), slot in batch.slots.items() if step in codes for scan in slot.scans}
    labelled = {label.container for label in batch.labels.values() if label.step in codes}
    return frozenset(scanned | labelled)


def print_collection_form(copy: Copy) -> bytes:
    """The clinic's steps of the collection; a step that is not done is printed as not done."""
    _, record = copy.say, copy.record
    steps = collection_steps(record)
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
        *heading(_("Codes"), _("every code read at the draw")),
        *containers(copy, _codes_read(record, steps)),
        *heading(_("Collection"), _("as recorded in the clinic")),
        *some_steps(copy, lambda step: step in steps),
        *against_the_record(copy, title=_(TITLE)),
    ]
    frame = furniture(copy, title=_(TITLE), state=sign, state_word=_("Open") if left else _("Done"))
    return print_paper(copy, blocks, frame, title=_(TITLE))
