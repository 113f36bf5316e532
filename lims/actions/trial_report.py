"""The trial's report as a sealed paper, pooled or by arm; a paper by arm is a look, and is on file as one."""

from lims.actions.figures import roles_now, seen, told
from lims.actions.papers import (
    IssuedPaper,
    answered,
    check_may_print,
    paper_of,
)
from lims.actions.site import Site
from lims.actions.site_papers import Wanted, check_next, printed
from lims.actions.work import Actor, Ask, Decision, Scene, perform
from lims.documents.papers import TRIAL_REPORT, TRIAL_REPORT_BY_ARM
from lims.documents.trial_report import print_trial_report
from lims.documents.trial_report_copy import ReportCopy
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.refusals import Refused
from lims.domain.trial.figures import Figures
from lims.domain.trial.sight import STREAM, check_sight, is_locked

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
    wanted = Wanted(
        paper=kind,
        act=ACT,
        code=code,
        about=code,
        language=language,
        asked={"paper": kind},
        draw=lambda copy: print_trial_report(ReportCopy.of(copy, found)),
    )
    fact = answered(site, actor, request_id)
    if fact is None:
        check_may_print(site, actor, act=ACT)
        # Who may not see it has nothing rendered; the corridor refuses, so that the refusal is on file.
        if not found.by_arm or found.may_see_by_arm:
            fact = printed(site, wanted, by=actor.person)

    def rule(scene: Scene) -> Decision:
        if found.by_arm:
            check_sight(roles_now(scene, actor), locked=is_locked(told(scene)))
        if fact is None:
            raise Refused("request.again")
        check_next(scene, fact, code=code)
        looks = (seen(scene, how="paper"),) if found.by_arm else ()
        return Decision(drafts=(Draft(stream=ask.on, fact=fact), *looks))

    ask = Ask(
        request_id=request_id,
        act=ACT,
        on=stream_of("documents", code),
        asked={"language": language, **wanted.asked},
        write=(STREAM,),
        read=("study",),
    )
    return paper_of(site, perform(site, actor, ask, rule), code=code)
