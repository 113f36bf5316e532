"""What brings a milestone about, in words, and the page where that is done."""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import gettext
from flask_babel import lazy_gettext as N_

from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Milestone
from lims.domain.sentences_table import TERMS
from lims.web.pages import link, may

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
    return str(gettext(TERMS[f"milestone_{milestone.value}"]))


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
