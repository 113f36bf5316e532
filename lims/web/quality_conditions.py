"""What a release asks for and what was checked: the two lists beside the exceptions of a review."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as N_

from lims.domain.batch_record import BatchRecord
from lims.domain.master_batch_record import Gate
from lims.domain.refusals import Reason
from lims.domain.yields import yields_of
from lims.queries.quality import Review
from lims.web import filters, here, telling
from lims.web.pages import link

Fact = tuple[str, str, str, str]
"""Caption, value, sign, address: a row of `desk.facts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that a release asks for: met, or why not and what to do."""

    sign: str
    title: str
    value: str
    reasons: tuple[tuple[str, str], ...] = ()


def why_words(reasons: Sequence[Reason]) -> tuple[str, ...]:
    """Each reason in the language of the page."""
    return tuple(here.words(reason)[0] for reason in reasons)


GROUPS = (
    ("release.steps", N_("Steps")),
    ("deviation.", N_("Deviations")),
    ("label.", N_("Labels")),
    ("act.hold", N_("Hold")),
    ("participant.", N_("Participant")),
    ("round.", N_("Round and order")),
    ("release.previous_", N_("Previous round")),
    ("release.expired release.shelf_life release.no_product", N_("Shelf life")),
    ("release.custody", N_("Custody")),
    ("release.review", N_("Record review")),
)
"""The rules of a release beside its tests, each group under one title."""

_CLEAR = {
    "release.steps": N_("all complete"),
    "deviation.": N_("all decided"),
    "label.": N_("all accounted for"),
    "act.hold": N_("none"),
    "participant.": N_("consent and arm hold"),
    "round.": N_("ordered, not perfused"),
    "release.previous_": N_("nothing open"),
    "release.expired release.shelf_life release.no_product": N_("long enough"),
    "release.custody": N_("without a gap"),
    "release.review": N_("through the last change"),
}


def conditions(review: Review) -> tuple[Condition, ...]:
    """Every condition of a conditional release: the tests with their results, then the rest."""
    found = []
    for test in review.batch.master.tests:
        if test.gate is not Gate.NONE:
            found.append(_test_condition(review, test.code))
    for rules, title in GROUPS:
        reasons = tuple(
            here.words(reason)
            for reason in review.unmet
            if any(reason.rule.startswith(rule) for rule in rules.split())
        )
        found.append(
            Condition(
                sign="due" if reasons else "done",
                title=str(title),
                value="" if reasons else str(_CLEAR[rules]),
                reasons=reasons,
            )
        )
    return tuple(found)


def _test_condition(review: Review, code: str) -> Condition:
    batch = review.batch
    test = batch.master.test(code)
    state, result = batch.test_state(test), batch.result_of(test)
    limit = telling.limit_of(test) if test.limit else ""
    final = test.gate is Gate.FINAL
    due = next((day for item, day in review.pending if item.code == code), None)
    if result and state not in ("pending",):
        value = telling.result_value(test, result.fact)
    else:
        value = gettext("due %(day)s", day=f"{due:%m-%d}") if due else str(telling.STATES[state])
    sign = "verify" if final and state in ("pending", "to_review") else telling.SIGNS[state]
    return Condition(sign=sign, title=" ".join((filters.said(test.title), limit)).strip(), value=value)


def checked(review: Review) -> tuple[Fact, ...]:
    """What the record counts, from its steps to its chain; each leads to its list."""
    facts, number = review.facts, review.batch.number

    def audit(*sorts: str) -> str:
        return link("audit.batch", number=number, sort=list(sorts), view="all") if sorts else ""

    steps = (
        gettext("all complete") if facts.steps_done == facts.steps else f"{facts.steps_done}/{facts.steps}"
    )
    used = gettext("%(used)s used, %(void)s destroyed", used=facts.labels_used, void=facts.labels_destroyed)
    left = gettext("%(left)s open", left=facts.labels_open)
    again, other = review.replayed, len(review.replayed.differences)
    agrees = gettext("all as on file") if again.agrees else gettext("%(n)s come out otherwise", n=other)
    chain = gettext("intact to #%(seq)s", seq=review.chain.intact_to)
    return (
        (gettext("%(n)s steps", n=facts.steps), steps, "", link("batch.page", number=number)),
        (
            gettext("%(n)s entries", n=facts.entries),
            gettext("%(n)s corrected", n=facts.corrections),
            "",
            audit("corrected"),
        ),
        (
            gettext("%(n)s codes read", n=facts.codes),
            gettext("%(n)s typed", n=facts.typed),
            "",
            audit("typed"),
        ),
        (gettext("Times entered late"), str(facts.late), "", audit("late")),
        (
            gettext("%(n)s labels", n=facts.labels),
            used + (f", {left}" if facts.labels_open else ""),
            "",
            audit("label", "reprinted"),
        ),
        (gettext("Refused acts"), str(facts.refused), "", audit("refused")),
        (
            gettext("Signatures"),
            gettext("%(n)s, all valid", n=review.chain.signatures),
            "",
            audit("signed"),
        ),
        (
            gettext("%(n)s verdicts made again by %(rules)s", n=again.count, rules=again.rules),
            agrees,
            "" if again.agrees else "stop",
            audit("recorded"),
        ),
        (gettext("Record chain"), chain, "", link("audit.batch", number=number)),
    )


def yield_rows(batch: BatchRecord) -> list[tuple[str, str, str, str]]:
    """What each stage gave in percent of what it should have given, with its limit; a dash while it is not known."""
    return [
        (
            filters.said(item.share.title),
            telling.unbroken(f"{item.shown} % ({item.share.limit.shown()})"),
            "open" if item.percent is None else "due" if item.is_outside else "done",
            "",
        )
        for item in yields_of(batch)
    ]
