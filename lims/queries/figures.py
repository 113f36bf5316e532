"""The trial's figures for a reader: by arm only for who may see them, everything else for everyone with the page."""

from lims.domain.folds import Folded, Told
from lims.domain.refusals import Refused
from lims.domain.trial.figures import Figures, compose
from lims.domain.trial.sight import STREAM, check_sight, is_locked, may_see_by_arm
from lims.queries.courses import courses
from lims.queries.look import Reader
from lims.queries.masters import protocol_in_force


def figures(reader: Reader, *, by_arm: bool) -> Figures:
    """The figures as of today; refuses outcomes by arm to who may not see them, whatever page asks.

    A look by arm is put on file before this is asked (`actions.figures.see_by_arm`).
    """
    if by_arm:
        check_sight(reader.roles, locked=trial_is_locked(reader))
    return for_paper(reader, by_arm=by_arm)


def for_paper(reader: Reader, *, by_arm: bool) -> Figures:
    """The same for a paper, which its own act refuses, with the refusal on file; never for a page."""
    locked = trial_is_locked(reader)
    protocol = protocol_in_force(reader)
    if protocol is None:
        raise Refused("master.not_approved", code="study")
    return compose(
        courses(reader),
        protocol,
        on=reader.local(reader.now).date(),
        locked=locked,
        by_arm=by_arm,
        may=may_see_by_arm(reader.roles, locked=locked),
    )


def trial_is_locked(reader: Reader) -> bool:
    """Quality has locked the trial."""
    with reader.site.ledger.reading() as book:
        told = book.derived(STREAM, Folded.of).record
    return isinstance(told, Told) and is_locked(told.entries)
