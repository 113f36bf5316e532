"""The product quality review of a period as a sealed paper."""

from lims.actions.papers import (
    IssuedPaper,
    answered,
    check_may_print,
    issued_in,
    kept_paper,
    origin,
    paper_of,
    sealed,
)
from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from lims.actions.work import Actor, Ask, Decision, Scene, perform
from lims.documents.papers import QUALITY_REVIEW, TITLES, earlier, next_copy
from lims.documents.quality_review import ReviewCopy, print_quality_review
from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.keys import DocumentIssued
from lims.domain.folds import Told
from lims.domain.quality_review import QualityReview
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.ledger.read_tables import find

ACT = "print_quality_review"


def code_of_period(found: QualityReview) -> str:
    """Under which code the reviews of a period are on file: `2026-01-01-2026-12-31`."""
    return f"{found.begin.isoformat()}-{found.end.isoformat()}"


def issue_quality_review(
    site: Site, actor: Actor, request_id: str, *, found: QualityReview, language: str
) -> IssuedPaper:
    """Print the review as it was read, pinned to a checkpoint over every stream, made right before.

    The same request gives the same paper again. Raises Refused when the person may not print.
    """
    code = code_of_period(found)
    fact = answered(site, actor, request_id)
    if fact is None:
        check_may_print(site, actor, act=ACT)
        fact = _printed(site, make_checkpoint(site), found, by=actor.person, language=language)

    def rule(scene: Scene) -> Decision:
        record = scene.record(ask.on)
        assert isinstance(record, Told)
        number, before = next_copy(QUALITY_REVIEW, issued_in(record.entries))
        if (number, before.sha256 if before else None) != (fact.copy_number, fact.supersedes):
            raise Refused("request.again")
        return Decision(drafts=(Draft(stream=ask.on, fact=fact),))

    asked = {"language": language, "begin": found.begin.isoformat(), "end": found.end.isoformat()}
    ask = Ask(request_id=request_id, act=ACT, on=stream_of("documents", code), asked=asked)
    return paper_of(site, perform(site, actor, ask, rule), code=code)


def _printed(site: Site, made_from: Entry, found: QualityReview, *, by: str, language: str) -> DocumentIssued:
    code = code_of_period(found)
    with site.ledger.reading() as book:
        issued = issued_in(book.entries(stream_of("documents", code)))
        people = {row.person: row.name for row in find(book, PersonRow)}
    number, before = next_copy(QUALITY_REVIEW, issued)
    copy = ReviewCopy(
        found=found,
        language=language,
        kind=site.founded.instance_kind,
        site_name=site.founded.site,
        zone=site.founded.zone,
        printed_by=people[by],
        printed_at=site.clock.now(),
        copy_number=number,
        made_from=f"{made_from.stream} #{made_from.seq}",
        made_from_hash=made_from.hash,
        supersedes=next(
            (item for item in earlier(code, issued) if before and item.sha256 == before.sha256), None
        ),
    )
    content = sealed(
        site,
        print_quality_review(copy),
        record=origin(site),
        title=f"{TITLES[QUALITY_REVIEW]} {copy.period}",
        language=language,
        now=copy.printed_at,
    )
    return kept_paper(
        site,
        content,
        paper=QUALITY_REVIEW,
        language=language,
        copy_number=number,
        made_from=made_from,
        supersedes=before.sha256 if before else None,
    )
