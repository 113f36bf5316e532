"""What is done about the trial's figures: looked at by arm, locked, printed."""

from lims.actions.masters import effective_protocol
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.acts import Role
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.figures import FiguresSeen, TrialLocked
from lims.domain.folds import Told
from lims.domain.rows import ParticipantRow
from lims.domain.trial.sight import STREAM, check_not_locked, check_sight, is_locked
from lims.ledger.read_tables import find


def see_by_arm(site: Site, actor: Actor, request_id: str, *, how: str = "page") -> Outcome:
    """Outcomes by arm are shown to somebody, and that they were; refused to who may not see them yet."""

    def rule(scene: Scene) -> Decision:
        check_sight(roles_now(scene, actor), locked=is_locked(told(scene)))
        return Decision(drafts=(seen(scene, how=how),))

    ask = Ask(request_id=request_id, act="see_by_arm", on=STREAM, asked={"how": how}, read=("study",))
    return perform(site, actor, ask, rule)


def lock_trial(site: Site, actor: Actor, request_id: str) -> Outcome:
    """Quality locks the trial, once; from then on its report by arm is open to everyone who may open the report."""

    def rule(scene: Scene) -> Decision:
        check_not_locked(told(scene))
        people = find(scene.book, ParticipantRow)
        fact = TrialLocked(
            as_of=scene.today, on_file=len(people), randomised=sum(bool(row.arm) for row in people)
        )
        return Decision(drafts=(Draft(stream=STREAM, fact=fact),))

    return perform(site, actor, Ask(request_id=request_id, act="lock_trial", on=STREAM, asked={}), rule)


def seen(scene: Scene, *, how: str) -> Draft:
    """That somebody looks at outcomes by arm now."""
    protocol, _ = effective_protocol(scene)
    fact = FiguresSeen(as_of=scene.today, protocol=protocol.version, how=how)
    return Draft(stream=STREAM, fact=fact)


def roles_now(scene: Scene, actor: Actor) -> frozenset[Role]:
    """The roles that a person holds today."""
    return scene.person(actor.person).roles_on(scene.today)


def told(scene: Scene) -> tuple[Entry, ...]:
    """What is on file about the figures: looks, and the lock."""
    record = scene.record(STREAM)
    assert isinstance(record, Told)
    return record.entries
