"""What a conditional release asks for, condition by condition, with the reasons that stand against each.

The reasons are those of `domain.release.unmet_release`: the tuple that greys the button also prints on the
certificate. Nothing is judged here a second time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lims.domain.refusals import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of the release, in words, with the rules that can stand against it."""

    code: str
    title: str
    """A message id."""
    rules: frozenset[str]


def _asks(code: str, title: str, *rules: str) -> Condition:
    return Condition(code=code, title=title, rules=frozenset(rules))


CONDITIONS = (
    _asks("steps", "Every step confirmed and verified", "release.steps"),
    _asks(
        "deviations", "Every deviation decided, none rejects", "deviation.undecided", "deviation.rejecting"
    ),
    _asks("labels", "Every label accounted for", "label.unbalanced"),
    _asks("hold", "Not on hold", "act.hold"),
    _asks("review", "Record and audit trail reviewed through the last change", "release.review"),
    _asks("tests", "Every test of this gate passed and reviewed", "test.not_passed"),
    _asks("consent", "Consent in force", "participant.no_consent"),
    _asks(
        "arm",
        "Randomised to an arm that receives the product",
        *("participant.not_allocated", "participant.unknown_arm", "participant.arm"),
    ),
    _asks("order", "Perfusion ordered for this round", "round.no_order"),
    _asks("round", "No perfusion in this round yet", "round.perfused"),
    _asks(
        "previous",
        "The round before came out conforming, or quality says why this one goes on",
        *("release.previous_round", "release.previous_nonconforming", "round.reopened"),
    ),
    _asks(
        "shelf_life",
        "Product filled, shelf life left",
        *("release.no_product", "release.expired", "release.shelf_life"),
    ),
    _asks("custody", "Chain of custody without a gap", "release.custody"),
)


def judged(unmet: Iterable[Reason]) -> tuple[tuple[Condition, tuple[Reason, ...]], ...]:
    """Each condition with the reasons against it; none means that it is met.

    Raises LookupError for a reason that belongs to no condition, so that nothing unmet is ever left out.
    """
    reasons = tuple(unmet)
    known = frozenset().union(*(condition.rules for condition in CONDITIONS))
    for reason in reasons:
        if reason.rule not in known:
            raise LookupError(f"no condition of the release holds {reason.rule}")
    return tuple(
        (condition, tuple(reason for reason in reasons if reason.rule in condition.rules))
        for condition in CONDITIONS
    )
