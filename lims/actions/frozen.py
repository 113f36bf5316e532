"""A batch as it stands before the lock: what an act reads from it to know the strength and the training it asks for.

The master batch record that was frozen into a batch never changes, so this may be read outside the lock.
"""

from lims.actions.site import Site
from lims.actions.work import Actor, Scene, batch_of
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Step
from lims.domain.refusals import NotAllowed, Refused


def frozen(site: Site, number: str) -> BatchRecord:
    """The batch as it stands before the lock. Raises Refused when there is none of that number."""
    with site.ledger.reading() as book:
        actor = Actor(person="", station="")
        return batch_of(Scene(site=site, book=book, now=site.clock.now(), actor=actor), number)


def step_of(batch: BatchRecord, code: str) -> Step:
    """The step as the batch's own master batch record defines it. Raises Refused for an unknown code."""
    if (step := batch.step(code)) is not None:
        return step
    try:
        return batch.master.step(code)
    except KeyError:
        raise Refused("step.unknown", what=code) from None


def check_hand(scene: Scene, step: Step, person: str, *, second: bool = False) -> None:
    """The step is done by its own role; quality may stand by or check what the laboratory does."""
    own = Role(step.role)
    allowed = {own, Role.QA} if second and own is Role.TECHNICIAN else {own}
    if not scene.person(person).roles_on(scene.today) & allowed:
        raise NotAllowed("step.role", role=own.value)


def training_for(batch: BatchRecord, step: Step) -> tuple[str, str]:
    """The training that a step asks for: its code and the version of the master batch record."""
    return (step.training or batch.master.code, batch.master.version)
