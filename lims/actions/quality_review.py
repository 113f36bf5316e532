"""The product quality review of a period as a sealed paper."""

from lims.actions.papers import IssuedPaper
from lims.actions.site import Site
from lims.actions.site_papers import Wanted, issue_site_paper
from lims.actions.work import Actor
from lims.documents.papers import QUALITY_REVIEW
from lims.documents.quality_review import period_of, print_quality_review
from lims.domain.quality_review import QualityReview


def code_of_period(found: QualityReview) -> str:
    """Under which code the reviews of a period are on file: `2026-01-01-2026-12-31`."""
    return f"{found.begin.isoformat()}-{found.end.isoformat()}"


def issue_quality_review(
    site: Site, actor: Actor, request_id: str, *, found: QualityReview, language: str
) -> IssuedPaper:
    """Print the review as it was read. Raises Refused when the person may not print."""
    wanted = Wanted(
        paper=QUALITY_REVIEW,
        act="print_quality_review",
        code=code_of_period(found),
        about=period_of(found),
        language=language,
        asked={"begin": found.begin.isoformat(), "end": found.end.isoformat()},
        draw=lambda copy: print_quality_review(copy, found),
    )
    return issue_site_paper(site, actor, request_id, wanted)
