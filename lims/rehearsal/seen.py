"""Acts as somebody at a page does them: what a page fills in (the value seen, the hash shown) is read from the record.

Each has the shape of an action: site, actor, request id, then what the rehearsal's `with` gives.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lims.actions import culture, deviations, evidence, papers, perfusion, release
from lims.actions.attaching import Upload
from lims.actions.evidence import Entered
from lims.actions.frozen import frozen
from lims.actions.site import Site
from lims.actions.work import Actor, Outcome
from lims.documents.papers import BATCH_RECORD
from lims.domain.batch_record import StepRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.values import Means
from lims.domain.perfusion import Legs


def witness_step(
    site: Site, actor: Actor, request_id: str, *, batch: str, step: str, slot: str, witness: Actor
) -> Outcome:
    """A second person stands behind an entry at the performer's station."""
    return evidence.record_evidence(
        site, actor, request_id, batch=batch, step=step, slot=slot, witness=witness
    )


def record_evidence(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    raw: str = "",
    means: Means = Means.SCANNED,
    option: str = "",
    counts: tuple[tuple[str, str], ...] = (),
    dilution: str = "",
    text: str = "",
    file: Path | None = None,
    at: datetime | None = None,
    reason: str = "",
) -> Outcome:
    """One slot: `raw` for a number or a scanned code, `option`, `counts` with `dilution`, `text`,
    `file` (a path beside the rehearsal), or `at`."""
    return evidence.record_evidence(
        site,
        actor,
        request_id,
        batch=batch,
        step=step,
        slot=slot,
        entered=Entered(
            raw=raw,
            means=means,
            option=option,
            counts=counts,
            dilution=dilution,
            text=text,
            file=_upload(file),
            at=at,
            reason=reason,
        ),
    )


def correct_evidence(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    step: str,
    slot: str,
    reason_code: str,
    raw: str = "",
    option: str = "",
    counts: tuple[tuple[str, str], ...] = (),
    dilution: str = "",
    text: str = "",
    file: Path | None = None,
    at: datetime | None = None,
    reason: str = "",
    replaces_seq: int | None = None,
) -> Outcome:
    """A later value with a reason; it replaces the value on file unless another entry is named."""
    on_file = frozen(site, batch).slots.get((step, slot))
    seen = on_file.last.seq if on_file else 0
    return evidence.correct_evidence(
        site,
        actor,
        request_id,
        batch=batch,
        step=step,
        slot=slot,
        replaces_seq=seen if replaces_seq is None else replaces_seq,
        reason_code=reason_code,
        entered=Entered(
            raw=raw,
            option=option,
            counts=counts,
            dilution=dilution,
            text=text,
            file=_upload(file),
            at=at,
            reason=reason,
        ),
    )


def _upload(file: Path | None) -> Upload | None:
    return Upload(name=file.name, content=file.read_bytes()) if file else None


def verify_step(
    site: Site, actor: Actor, request_id: str, *, batch: str, step: str, seen_seq: int | None = None
) -> Outcome:
    """A second person agrees with the step as it stands, or as it was at an earlier entry."""
    last = frozen(site, batch).steps.get(step, StepRecord()).last_seq
    seen = last if seen_seq is None else seen_seq
    return culture.verify_step(site, actor, request_id, batch=batch, step=step, seen_seq=seen)


def open_deviation(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    text: str,
    step: str | None = None,
    severity: str = "major",
) -> Outcome:
    """A person reports that something went otherwise than written."""
    return deviations.open_deviation(
        site, actor, request_id, batch=batch, step=step, text=text, severity=severity
    )


def lift_hold(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    reason: str,
    placed_seq: int | None = None,
    finding: str = "",
    evidence: str = "",
    reference: str = "",
) -> Outcome:
    """Quality lifts the oldest hold, or the one that an entry placed."""
    holds = frozen(site, batch).holds
    seen = placed_seq if placed_seq is not None else holds[0].seq if holds else 0
    return release.lift_hold(
        site,
        actor,
        request_id,
        batch=batch,
        placed_seq=seen,
        reason=reason,
        finding=finding,
        evidence=evidence,
        reference=reference,
    )


def review_record(
    site: Site, actor: Actor, request_id: str, *, batch: str, seen_seq: int | None = None
) -> Outcome:
    """Quality read the record through its last entry, or through an earlier one."""
    seen = frozen(site, batch).seq if seen_seq is None else seen_seq
    return release.review_record(site, actor, request_id, batch=batch, seen_seq=seen)


def release_conditionally(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    justification: str = "",
    seen_seq: int | None = None,
) -> Outcome:
    """Stage 1, on the record as it stands."""
    seen = frozen(site, batch).seq if seen_seq is None else seen_seq
    return release.release_conditionally(
        site, actor, request_id, batch=batch, seen_seq=seen, justification=justification
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scans:
    """What the three legs of a bedside check are scanned as, and how."""

    wristband: str
    product: str
    order: str
    means: Means

    @property
    def legs(self) -> Legs:
        """The legs as the bedside reads them."""
        return perfusion.read_legs(
            wristband=self.wristband, wristband_means=self.means, product=self.product, order=self.order
        )


def match_identity(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    checks: dict[str, str],
    wristband: str = "${wristband}",
    product: str = "${batch.product}",
    order: str = "${order}",
    means: Means = Means.SCANNED,
    patient_stated: bool = True,
    appearance: str = "normal",
) -> Outcome:
    """The first person's three-way match at the bedside; `means` is how the wristband was read."""
    scans = Scans(wristband=wristband, product=product, order=order, means=means)
    return perfusion.match_identity(
        site,
        actor,
        request_id,
        batch=batch,
        legs=scans.legs,
        patient_stated=patient_stated,
        checks=tuple(checks.items()),
        appearance=appearance,
    )


def confirm_identity(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    wristband: str = "${wristband}",
    product: str = "${batch.product}",
    order: str = "${order}",
    means: Means = Means.SCANNED,
) -> Outcome:
    """The second person's own match."""
    scans = Scans(wristband=wristband, product=product, order=order, means=means)
    return perfusion.confirm_identity(site, actor, request_id, batch=batch, legs=scans.legs)


def report_mismatch(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    wristband: str = "${wristband}",
    product: str = "${batch.product}",
    order: str = "${order}",
    means: Means = Means.SCANNED,
) -> Outcome:
    """A scan at the bedside differs, and that is put on file at once."""
    scans = Scans(wristband=wristband, product=product, order=order, means=means)
    return perfusion.report_mismatch(site, actor, request_id, batch=batch, legs=scans.legs)


def issue_document(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    batch: str,
    language: str = "en",
    paper: str = BATCH_RECORD,
    subject: str = "",
) -> Outcome:
    """A paper of the batch is printed as it stands, sealed, and put on file as issued."""
    issued = papers.issue_paper(
        site, actor, request_id, batch=batch, language=language, paper=paper, subject=subject
    )
    with site.ledger.reading() as book:
        on_file = book.entries(stream_of("documents", batch))
    return Outcome(entries=tuple(entry for entry in on_file if entry.fact == issued.fact))
