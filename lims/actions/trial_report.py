"""The trial's report as a sealed paper, pooled or by arm; a paper by arm is a look, and is on file as one."""

from lims.actions.figures import roles_now, seen, told
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
from lims.documents.papers import TITLES, TRIAL_REPORT, TRIAL_REPORT_BY_ARM, earlier, next_copy
from lims.documents.trial_report import print_trial_report
from lims.documents.trial_report_copy import ReportCopy
from lims.domain.entries.envelope import Draft, Entry, stream_of
from lims.domain.entries.keys import DocumentIssued
from lims.domain.folds import Told
from lims.domain.refusals import Refused
from lims.domain.rows import PersonRow
from lims.domain.trial.figures import Figures
from lims.domain.trial.sight import STREAM, check_sight, is_locked
from lims.ledger.read_tables import find

ACT = "print_trial_report"


def issue_trial_report(
    site: Site, actor: Actor, request_id: str, *, found: Figures, language: str
) -> IssuedPaper:
    """Print the figures as they were read; pinned to a checkpoint over every stream, made right before.

    The same request gives the same paper again. Raises Refused when the person may not print, or may not see
    outcomes by arm yet.
    """
    code = found.protocol.code
    kind = TRIAL_REPORT_BY_ARM if found.by_arm else TRIAL_REPORT
    asked = {"language": language, "paper": kind}
    fact = answered(site, actor, request_id)
    if fact is None:
        check_may_print(site, actor, act=ACT)
        # Who may not see it has nothing rendered; the corridor refuses, so that the refusal is on file.
        if not found.by_arm or found.may_see_by_arm:
            fact = _printed(site, make_checkpoint(site), found, kind=kind, by=actor.person, language=language)

    def rule(scene: Scene) -> Decision:
        if found.by_arm:
            check_sight(roles_now(scene, actor), locked=is_locked(told(scene)))
        record = scene.record(ask.on)
        assert isinstance(record, Told)
        number, before = next_copy(kind, issued_in(record.entries))
        if fact is None or (number, before.sha256 if before else None) != (fact.copy_number, fact.supersedes):
            raise Refused("request.again")
        looks = (seen(scene, how="paper"),) if found.by_arm else ()
        return Decision(drafts=(Draft(stream=ask.on, fact=fact), *looks))

    ask = Ask(
        request_id=request_id,
        act=ACT,
        on=stream_of("documents", code),
        asked=asked,
        write=(STREAM,),
        read=("study",),
    )
    return paper_of(site, perform(site, actor, ask, rule), code=code)


def _printed(
    site: Site, made_from: Entry, found: Figures, *, kind: str, by: str, language: str
) -> DocumentIssued:
    code = found.protocol.code
    with site.ledger.reading() as book:
        issued = issued_in(book.entries(stream_of("documents", code)))
        people = {row.person: row.name for row in find(book, PersonRow)}
    number, before = next_copy(kind, issued)
    copy = ReportCopy(
        figures=found,
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
        print_trial_report(copy),
        record=origin(site),
        title=f"{TITLES[kind]} {code}",
        language=language,
        now=copy.printed_at,
    )
    return kept_paper(
        site,
        content,
        paper=kind,
        language=language,
        copy_number=number,
        made_from=made_from,
        supersedes=before.sha256 if before else None,
    )
