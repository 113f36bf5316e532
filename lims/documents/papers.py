"""The table of papers: what each is called, when it can be printed and why not, who draws it.

A paper that is not here cannot be printed. The page of documents, the act and the file names follow this table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lims.documents.analysis_certificate import print_analysis_certificate
from lims.documents.batch_record_copy import Copy, Earlier
from lims.documents.batch_record_paper import print_batch_record
from lims.documents.clinic_release import print_clinic_release
from lims.documents.collection_form import collection_steps, print_collection_form
from lims.documents.conditional_certificate import print_conditional_certificate
from lims.documents.custody_report import print_custody_report
from lims.documents.deviation_report import print_deviation_report
from lims.documents.final_certificate import print_final_certificate
from lims.documents.oos_report import print_oos_report
from lims.documents.perfusion_order import print_perfusion_order
from lims.documents.perfusion_record import print_perfusion_record
from lims.domain.acts import Stage
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.batch import BatchRejected
from lims.domain.entries.keys import DocumentIssued
from lims.domain.refusals import Reason, Refused


def N_(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


def _always(_: BatchRecord) -> tuple[Reason, ...]:
    return ()


def _ended(batch: BatchRecord) -> tuple[Reason, ...]:
    """A rejected or terminated batch gets no release certificate of any sort."""
    if batch.ended is None:
        return ()
    how = Stage.REJECTED if isinstance(batch.ended.fact, BatchRejected) else Stage.TERMINATED
    return (Reason(rule="paper.ended", about=(("how", how.value),)),)


def _conditional(batch: BatchRecord) -> tuple[Reason, ...]:
    return _ended(batch) or (() if batch.released else (Reason(rule="paper.not_released"),))


def _final(batch: BatchRecord) -> tuple[Reason, ...]:
    return _ended(batch) or (() if batch.disposed else (Reason(rule="paper.not_disposed"),))


def _ordered(batch: BatchRecord) -> tuple[Reason, ...]:
    return _ended(batch) or (() if batch.released else (Reason(rule="paper.no_order"),))


def _collected(batch: BatchRecord) -> tuple[Reason, ...]:
    begun = any(step.code in batch.steps for step in collection_steps(batch))
    return () if begun else (Reason(rule="paper.no_collection"),)


def _given(batch: BatchRecord) -> tuple[Reason, ...]:
    return () if batch.perfused else (Reason(rule="paper.not_perfused"),)


def _with_results(batch: BatchRecord) -> tuple[Reason, ...]:
    return () if any(batch.results.values()) else (Reason(rule="paper.no_result"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One sort of paper of a batch."""

    kind: str
    title: str
    """A message id."""
    tells: str
    """What it is for, as a message id."""
    draw: Callable[[Copy], bytes]
    unmet: Callable[[BatchRecord], tuple[Reason, ...]] = _always
    """Why it cannot be printed now; nothing when it can."""
    subjects: Callable[[BatchRecord], tuple[str, ...]] | None = None
    """For a paper about one thing within the batch: the numbers of those it has. Each gets copies of its own, and is
    drawn from `Copy.subject`."""
    holds_record: bool = False
    """Carries record.json inside and proves itself; the others are held against one that does."""
    ends: tuple[str, ...] = ()
    """Kinds of paper that the first copy of this one supersedes."""

    def subjects_of(self, batch: BatchRecord) -> tuple[str, ...]:
        """What it can be about in this batch: the batch itself, named by nothing, or things within it."""
        return self.subjects(batch) if self.subjects else ("",)

    def unmet_about(self, batch: BatchRecord, subject: str) -> tuple[Reason, ...]:
        """Why there can be none about this subject now; nothing when it can be printed."""
        if subject not in self.subjects_of(batch):
            return (Reason(rule="paper.no_subject", about=(("subject", subject or "–"),)),)
        return self.unmet(batch)

    def check(self, batch: BatchRecord, subject: str = "") -> None:
        """Raises Refused with the first reason why it cannot be printed now."""
        for reason in self.unmet_about(batch, subject):
            raise Refused(reason.rule, **dict(reason.about))


BATCH_RECORD = "batch_record"
PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        paper.kind: paper
        for paper in (
            Paper(
                kind=BATCH_RECORD,
                title=N_("Batch record"),
                tells=N_(
                    "Everything on file, with the record itself inside; proves itself without this server."
                ),
                draw=print_batch_record,
                holds_record=True,
            ),
            Paper(
                kind="conditional_release",
                title=N_("Conditional release certificate"),
                tells=N_("What quality signed for the perfusion, on which conditions, and what is pending."),
                draw=print_conditional_certificate,
                unmet=_conditional,
            ),
            Paper(
                kind="final_release",
                title=N_("Final release certificate"),
                tells=N_("The final disposition, every result and what was given; ends the conditional one."),
                draw=print_final_certificate,
                unmet=_final,
                ends=("conditional_release",),
            ),
            Paper(
                kind="analysis",
                title=N_("Certificate of analysis"),
                tells=N_(
                    "Every test with its specification, result and verdict; conditional while one is pending."
                ),
                draw=print_analysis_certificate,
                unmet=_with_results,
            ),
            Paper(
                kind="custody",
                title=N_("Custody report"),
                tells=N_(
                    "Whose they are, the way of every container from hand to hand, and where each is now."
                ),
                draw=print_custody_report,
            ),
            Paper(
                kind="collection_form",
                title=N_("Collection form"),
                tells=N_("What the clinic recorded about the draw, step by step, and how it was sent off."),
                draw=print_collection_form,
                unmet=_collected,
            ),
            Paper(
                kind="perfusion_order",
                title=N_("Perfusion order"),
                tells=N_(
                    "Who ordered the perfusion of this round, and the product that goes with the order."
                ),
                draw=print_perfusion_order,
                unmet=_ordered,
            ),
            Paper(
                kind="clinic_release",
                title=N_("Release certificate for the clinic"),
                tells=N_("What the clinic may give, to whom, until when, and what to check before."),
                draw=print_clinic_release,
                unmet=_conditional,
            ),
            Paper(
                kind="perfusion_record",
                title=N_("Perfusion record"),
                tells=N_("Identity checks, what was given beside what was filled, and who stands behind it."),
                draw=print_perfusion_record,
                unmet=_given,
            ),
            Paper(
                kind="deviation_report",
                title=N_("Deviation report"),
                tells=N_("One deviation from the failing rule to its closure, with root cause and actions."),
                draw=print_deviation_report,
                subjects=lambda batch: tuple(batch.deviations),
            ),
            Paper(
                kind="oos_report",
                title=N_("Report of a result outside its specification"),
                tells=N_("One such result: both phases, every retest, and what is reported."),
                draw=print_oos_report,
                subjects=lambda batch: tuple(batch.investigations),
            ),
        )
    }
)


BLANK_MASTER = "blank_master"
"""A paper of a version of a master batch record; it is no paper of a batch and stands on that version's page."""
CASEBOOK = "casebook"
"""A paper of a participant; it stands on her own page."""
TRIAL_REPORT, TRIAL_REPORT_BY_ARM = "trial_report", "trial_report_by_arm"
"""Papers of the whole trial, on file under the protocol's code; the one by arm opens only for who may see that."""
QUALITY_REVIEW = "quality_review"
"""A paper of a period of the site, on file under a code of its own."""
REGISTER = "register"
"""A paper of a year of the site, on file under `register-2026`."""
TITLES: Mapping[str, str] = MappingProxyType(
    {
        **{kind: paper.title for kind, paper in PAPERS.items()},
        BLANK_MASTER: N_("Blank master batch record"),
        CASEBOOK: N_("Participant casebook"),
        TRIAL_REPORT: N_("Trial report"),
        TRIAL_REPORT_BY_ARM: N_("Trial report by arm"),
        QUALITY_REVIEW: N_("Product quality review"),
        REGISTER: N_("Certification register"),
    }
)


def version_code(code: str, version: str) -> str:
    """Under which code the papers of one version are on file."""
    return f"{code}/{version}"


def next_copy(
    kind: str, issued: Sequence[DocumentIssued], *, ends: Sequence[str] = (), subject: str = ""
) -> tuple[int, DocumentIssued | None]:
    """The number of the next copy, and the paper that it supersedes: the copy before, or what its first copy ends."""
    same = [fact for fact in issued if (fact.paper, fact.subject) == (kind, subject)]
    before = same or [fact for fact in issued if fact.paper in ends]
    return len(same) + 1, before[-1] if before else None


def place_of(
    paper: Paper, issued: Sequence[DocumentIssued], subject: str = ""
) -> tuple[int, DocumentIssued | None]:
    """As `next_copy`, for a paper of a batch; `issued` are all papers of the batch, oldest first."""
    return next_copy(paper.kind, issued, ends=paper.ends, subject=subject)


def is_superseded(fact: DocumentIssued, issued: Sequence[DocumentIssued]) -> bool:
    """A later copy of the same paper went out, or one that ends its kind."""
    at = issued.index(fact)
    later = any((other.paper, other.subject) == (fact.paper, fact.subject) for other in issued[at + 1 :])
    return later or any(fact.paper in PAPERS[other.paper].ends for other in issued if other.paper in PAPERS)


def filename(paper: str, code: str, copy_number: int, language: str, *, subject: str = "") -> str:
    """How the file is called: `batch-0042-copy-3-en.pdf`, `batch-0042-conditional-release-copy-1-en.pdf`.

    A paper about one thing within the batch carries its number before that of the copy.
    That of a blank master is called `master-MBR-DNK-010-v1-copy-1-en.pdf`, a casebook `casebook-DNK-001-copy-1-en.pdf`.
    """
    if paper == CASEBOOK:
        return f"casebook-{code}-copy-{copy_number}-{language}.pdf"
    if paper == BLANK_MASTER:
        return f"master-{code.replace('/', '-v')}-copy-{copy_number}-{language}.pdf"
    if paper == REGISTER:
        return f"{code}-copy-{copy_number}-{language}.pdf"
    if paper in (TRIAL_REPORT, TRIAL_REPORT_BY_ARM, QUALITY_REVIEW):
        return f"{paper.replace('_', '-')}-{code}-copy-{copy_number}-{language}.pdf"
    sort = "" if paper == BATCH_RECORD else f"-{paper.replace('_', '-')}"
    about = f"-{subject}" if subject else ""
    return f"batch-{code}{sort}{about}-copy-{copy_number}-{language}.pdf"


def earlier(code: str, issued: Sequence[DocumentIssued]) -> tuple[Earlier, ...]:
    """The papers of a batch that went out before, as a new one names them."""
    return tuple(
        Earlier(
            paper=fact.paper,
            title=TITLES[fact.paper],
            subject=fact.subject,
            copy_number=fact.copy_number,
            filename=filename(fact.paper, code, fact.copy_number, fact.language, subject=fact.subject),
            sha256=fact.sha256,
            head_seq=fact.head_seq,
        )
        for fact in issued
        if fact.paper in TITLES
    )
