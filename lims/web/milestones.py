"""What brings a milestone about, in words, and the page where that is done."""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import lazy_gettext as N_

from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Milestone
from lims.web.pages import link, may

HOW: Mapping[Milestone, object] = MappingProxyType(
    {
        Milestone.ISSUED: N_("Quality issues the batch."),
        Milestone.SAMPLES_RECEIVED: N_("QC receives every sample that was taken."),
        Milestone.CONDITIONAL_RESULTS: N_("QC enters and reviews every result for the conditional release."),
        Milestone.RECORD_REVIEWED: N_("Quality reviews the record and signs."),
        Milestone.RELEASED: N_("Quality releases the batch conditionally."),
        Milestone.AT_CLINIC: N_("The clinic takes the product over."),
        Milestone.IDENTITY_CONFIRMED: N_("Two people match participant and product at the bedside."),
        Milestone.PERFUSED: N_("The clinician records the perfusion."),
        Milestone.FINAL_RESULTS: N_("QC enters and reviews the final results."),
        Milestone.DISPOSED: N_("Quality signs the final disposition."),
        Milestone.CLOSED: N_("Quality closes the record."),
    }
)
_PLACES: Mapping[Milestone, tuple[str, object]] = MappingProxyType(
    {
        Milestone.SAMPLES_RECEIVED: ("qc.worklist", N_("Open samples")),
        Milestone.CONDITIONAL_RESULTS: ("qc.batch", N_("Open results")),
        Milestone.RECORD_REVIEWED: ("quality.review", N_("Open review")),
        Milestone.RELEASED: ("quality.review", N_("Open review")),
        Milestone.AT_CLINIC: ("handover.page", N_("Open hand-over")),
        Milestone.IDENTITY_CONFIRMED: ("clinic.bedside", N_("Open bedside check")),
        Milestone.PERFUSED: ("clinic.record", N_("Open perfusion")),
        Milestone.FINAL_RESULTS: ("qc.batch", N_("Open results")),
        Milestone.DISPOSED: ("quality.review", N_("Open review")),
        Milestone.CLOSED: ("quality.review", N_("Open review")),
    }
)


def how(milestone: Milestone) -> str:
    """The act that brings it about, as a sentence."""
    return str(HOW[milestone])


def place(milestone: Milestone, batch: BatchRecord) -> tuple[str, str]:
    """The page where it is done and the word for it; nothing for a reader who may not open it."""
    endpoint, word = _PLACES.get(milestone, ("", ""))
    if not endpoint or not may(endpoint):
        return "", ""
    values: dict[str, str] = {"number": batch.number}
    if endpoint == "qc.worklist":
        values = {}
    elif endpoint == "handover.page":
        if batch.unit_code is None:
            return "", ""
        values["container"] = batch.unit_code
    return link(endpoint, **values), str(word)
