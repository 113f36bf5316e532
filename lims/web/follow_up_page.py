"""The words of a follow-up page: what comes next, the window in sentences, answers to choose from, forms filled in."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from lims.domain.entries.follow_up import AdverseEventRecorded
from lims.domain.refusals import Reason
from lims.domain.rows import TaskRow
from lims.domain.trial import carrying, safety, visits
from lims.domain.trial.planning import State
from lims.domain.trial.pregnancy import Conception, DatingMethod, DeliveryOnset, Fate, PregnancyEndKind
from lims.queries.follow_up import FollowUp
from lims.web import filters, here
from lims.web.follow_up_filled import Asked, filled

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The one thing that comes next."""

    task: TaskRow | None
    title: str
    note: str
    overdue: bool = False
    opens: date | None = None
    """A task that cannot be done yet."""


def next_step(page: FollowUp) -> Next:
    """The most urgent task; else the next one to open; else that nothing is due."""
    if page.due:
        row = page.due[0]
        late = row.due_at is not None and row.due_at < page.now
        return Next(task=row, title=_title(row), note=filters.act_label(row.what), overdue=late)
    if page.coming:
        row = page.coming[0]
        opens = here.reader().local(row.since).date()
        return Next(
            task=None, title=_title(row), note=gettext("opens %(on)s", on=opens.isoformat()), opens=opens
        )
    words = {
        State.NOT_BEGUN: gettext("It begins by itself, at the protocol's anchor."),
        State.ENDED: gettext("Her follow-up is complete."),
        State.LOST: gettext("Reached again, a contact on file takes her back."),
        State.WITHDRAWN: gettext("Only what happened before can still be recorded."),
    }
    return Next(
        task=None,
        title=gettext("Nothing is due"),
        note=words.get(page.standing.state, gettext("Visits and scans appear here when they open.")),
    )


def _title(row: TaskRow) -> str:
    return row.title_en if here.language() == "en" else row.title_zh


def story_of(page: FollowUp) -> tuple[str, ...]:
    """Anchor, end and extension in sentences."""
    plan, now = page.followed.plan, page.standing
    if plan is None or now.window is None:
        rule = plan.rules if plan else page.rules.follow_up
        anchors = {
            "rounds_complete": gettext(
                "Her follow-up has not begun. In an arm with product it begins with the last planned perfusion, or "
                "on the day of the decision that no further round follows."
            ),
            "first_perfusion": gettext(
                "Her follow-up has not begun. In an arm with product it begins with the first perfusion."
            ),
            "randomisation": gettext("Her follow-up has not begun. It begins with randomisation."),
        }
        return (anchors[rule.product_arm_anchor],)
    told = [
        gettext(
            "Follow-up runs from %(start)s (%(anchor)s) for %(months)s calendar months to %(end)s, both days included.",
            start=now.window.start.isoformat(),
            anchor=filters.tr(now.window.anchor.value),
            months=plan.rules.months,
            end=now.window.end.isoformat(),
        )
    ]
    for one in now.kept_open_by:
        told.append(
            gettext(
                "Pregnancy %(number)s was confirmed inside these months: her follow-up stays open until its outcome.",
                number=one.pregnancy.number,
            )
        )
    if now.extended and now.until:
        told.append(gettext("It was extended to the outcome on %(on)s.", on=now.until.isoformat()))
    if now.state is State.LOST and page.followed.lost_on:
        told.append(
            gettext("Lost to follow-up: nothing is known after %(on)s.", on=page.followed.lost_on.isoformat())
        )
    if now.state is State.WITHDRAWN:
        told.append(
            gettext("She took back her consent; nothing after that day is recorded but adverse events.")
        )
    return tuple(told)


def choices(page: FollowUp) -> dict[str, Options]:
    """Every list of answers, each with an empty one first: nothing is chosen for anybody."""
    plan = page.followed.plan
    planned = [(one.code, filters.said(one.title)) for one in plan.visits] if plan else []
    yes_no = [("yes", gettext("Yes")), ("no", gettext("No"))]
    found: dict[str, Options] = {
        "visit": [*planned, _worded(visits.UNSCHEDULED)],
        "how": [_worded(code) for code in visits.HOW],
        "yes_no": yes_no,
        "seen": [*yes_no, ("unknown", gettext("Not seen"))],
        "conception": [_worded(code.value) for code in Conception],
        "test": [_worded(code) for code in carrying.TESTS],
        "dated_by": [_worded(code.value) for code in DatingMethod if code is not DatingMethod.ULTRASOUND],
        "sacs": [(str(number), str(number)) for number in range(5)],
        "end": [_worded(code.value) for code in PregnancyEndKind],
        "onset": [_worded(code.value) for code in DeliveryOnset],
        "fate": [_worded(code.value) for code in Fate],
        "term": [(one.code, filters.said(one.title)) for one in page.safety.terms],
        "grade": [(str(grade), str(grade)) for grade in safety.GRADES],
        "criteria": [_worded(code) for code in safety.CRITERIA],
        "causality": [_worded(code) for code in safety.CAUSALITY],
        "outcome": [_worded(code) for code in safety.OUTCOMES],
        "batch": [(number, number) for number in page.batches],
        "event": [_event(page, one.recorded) for one in page.followed.events],
        "report": [
            (
                f"{one.recorded.event}:{due.code}",
                f"{_event(page, one.recorded)[1]} – {filters.said(due.title)}",
            )
            for one in page.followed.events
            for due in one.due
        ],
    }
    return {
        name: options if name == "criteria" else [("", gettext("Choose")), *options]
        for name, options in found.items()
    }


def _worded(code: str) -> tuple[str, str]:
    return code, filters.tr(code)


def _event(page: FollowUp, fact: AdverseEventRecorded) -> tuple[str, str]:
    titles = {one.code: filters.said(one.title) for one in page.safety.terms}
    return str(fact.event), f"{fact.event} · {titles.get(fact.term, filters.tr(fact.term))}"


def asked_for(page: FollowUp, *, task: str, correct: int, strike: int) -> Asked:
    """The act that an address asks for, with the values of its form: a task, a correction, a strike."""
    if strike:
        return "strike_follow_up", {"seq": str(strike)}
    if correct and (found := page.followed.filed_as(correct)) and found.struck is None:
        act, values = filled(page, found.fact)
        return act, values | {"corrects": str(correct)}
    match task.split("/")[1:]:
        case ["visit", code]:
            return "record_visit", {"visit": code, "done": "yes", "how": "clinic"}
        case ["pregnancy", number, what]:
            act = "end_pregnancy" if what == "end" else "record_ultrasound"
            return act, {"pregnancy": number}
        case ["event", number, report]:
            return "report_adverse_event", {"report": f"{number}:{report}"}
        case _:
            return "", {}


def not_now(page: FollowUp) -> dict[str, str]:
    """For acts that cannot be done now, why and what to do next; the act itself checks again."""
    followed, found = page.followed, {}
    tries, needed = followed.tries_in_vain, page.rules.follow_up.tries_before_lost
    if page.standing.window is None:
        found["record_visit"] = _said("follow_up.not_begun")
    if followed.lost_on:
        found["declare_lost"] = _said("follow_up.lost_already", on=followed.lost_on.isoformat())
    elif tries < needed:
        found["declare_lost"] = _said("follow_up.too_few_tries", tries=str(tries), needed=str(needed))
    if not followed.pregnancies:
        return found
    newest = followed.pregnancies[-1]
    if newest.end:
        number, on = str(newest.number), newest.end.on.isoformat()
        found["end_pregnancy"] = _said("pregnancy.ended", number=number, on=on)
    elif newest.lost_on is None:
        found["find_pregnancy"] = _said("pregnancy.open", number=str(newest.number))
    return found


def _said(rule: str, **about: str) -> str:
    return " ".join(here.words(Reason(rule=rule, about=tuple(about.items()))))
