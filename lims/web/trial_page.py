"""A participant's page in words and signs: her rounds as tracks, and what is to be done next."""

from dataclasses import dataclass

from flask_babel import gettext, ngettext

from lims.domain.acts import ACTS, Stage
from lims.domain.rows import BatchRow
from lims.queries.trial import Course, Lane, reached
from lims.web import filters, here
from lims.web.pages import link, may
from lims.web.screening_page import Stop, address, next_stop, to_sign, who_does

Point = tuple[str, str, str, bool, str]
"""Sign, title, note, reached, the sign in words: a point of `desk.track`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One round as it is drawn."""

    lane: Lane
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The one thing that comes next: the act on this page, or the page where it is done."""

    state: str
    chip: str
    title: str
    note: str
    act: str = ""
    href: str = ""
    word: str = ""


def tracks(page: Course) -> tuple[Track, ...]:
    """A track for each round of an arm that receives the product; an arm that does not has none."""
    if not page.receives_product:
        return ()
    return tuple(
        Track(lane=lane, points=_points(lane, lane.batch) if lane.batch else ()) for lane in page.lanes
    )


def _points(lane: Lane, row: BatchRow) -> tuple[Point, ...]:
    ended = Stage(row.stage) in (Stage.REJECTED, Stage.TERMINATED)
    at = reached(row)
    order = lane.round.order
    notes = (
        (gettext("Issued"), f"{filters.moment(row.issued_at):%m-%d %H:%M}"),
        (gettext("Culture"), gettext("step %(done)s of %(all)s", done=row.steps_done, all=row.steps)),
        (gettext("Tests and review"), _testing(row)),
        (gettext("Released"), _expiry(row)),
        (gettext("Perfusion"), f"{filters.moment(order.planned_at):%m-%d %H:%M}" if order else "–"),
        (gettext("Disposition"), filters.tr(row.stage) if at >= 5 else "–"),
    )
    # A batch stands at the first point that is not behind it: a released one waits for its perfusion.
    here_at = 1 if at <= 1 else at if at == 2 else at + 1
    words = {"done": gettext("Done"), "open": gettext("Not started"), "stop": gettext("Ended")}
    points = []
    for place, (title, note) in enumerate(notes):
        state = "done" if place < here_at else "open"
        if place == here_at:
            state = "stop" if ended else "hold" if row.held else "verify" if place == 2 else "due"
        word = words.get(state) or (gettext("On hold") if state == "hold" else gettext("Now"))
        points.append(("collection" if place == 0 else state, title, note, place <= here_at, word))
    return tuple(points)


def _testing(row: BatchRow) -> str:
    if row.open_deviations:
        return str(ngettext("%(num)s open deviation", "%(num)s open deviations", row.open_deviations))
    return (
        str(ngettext("%(num)s result open", "%(num)s results open", row.results_open))
        if row.results_open
        else "–"
    )


def _expiry(row: BatchRow) -> str:
    return (
        gettext("until %(at)s", at=f"{filters.moment(row.expires_at):%m-%d %H:%M}") if row.expires_at else "–"
    )


def next_step(page: Course, *, randomised_here: bool) -> Next | None:
    """What comes next for this participant; None when her rounds are over or her arm receives no product."""
    who, lane = page.participant, page.next_round
    if who.allocation is None and randomised_here:
        stop = next_stop(who, may_sample=page.may_sample, again=page.asked_again)
        if stop:
            return _screening(who.trial_id, stop)
    if not who.consent:
        return _act("record_consent", gettext("No consent"), gettext("Nothing can be done without it."))
    if page.asked_again:
        return _act("record_consent", gettext("To be asked again"), to_sign(page.asked_again))
    if who.allocation is None and randomised_here:
        href = link("allocation.participant", code=who.trial_id)
        note = gettext("The arm decides about a batch.")
        title = filters.act_label("randomise")
        return Next(
            state="due", chip=gettext("Not randomised"), title=title, note=note, href=href, word=title
        )
    if who.allocation is None:
        return _act("record_allocation", gettext("Not randomised"), gettext("The arm decides about a batch."))
    if not page.receives_product or lane is None:
        return None
    title = gettext("round %(n)s", n=lane.round.number)
    if lane.batch is None or lane.round.open_batch is None:
        return _act("issue_batch", gettext("No batch"), title)
    if lane.round.order is None:
        return _act("order_perfusion", gettext("No order"), title)
    if who.band_waiting is not None:
        return _act("scan_wristband", gettext("Wristband not scanned back"), title)
    if who.wristband is None:
        return _act("issue_wristband", gettext("No wristband"), title)
    return _batch(lane.batch, title)


def _screening(code: str, stop: Stop) -> Next:
    """The step of screening that comes next, done on the page of screening or here."""
    if stop.act == "record_consent":
        return _act(stop.act, gettext("No consent"), stop.note)
    if stop.state == "stop":
        return Next(state="stop", chip=gettext("Ended"), title=stop.title, note=stop.note)
    waits_for = who_does(stop.act)
    href = "" if waits_for else address(code, stop.act)
    note = f"{stop.note} · {waits_for}" if waits_for else stop.note
    title = filters.act_label(stop.act)
    return Next(state="due", chip=gettext("Screening"), title=title, note=note, href=href, word=title)


def _act(act: str, chip: str, note: str) -> Next:
    roles = ACTS[act].by
    who = "" if roles & here.roles() else ", ".join(filters.tr(role.value) for role in sorted(roles))
    note = f"{note} · {who}" if who else note
    return Next(state="due", chip=chip, title=filters.act_label(act), note=note, act="" if who else act)


def _batch(row: BatchRow, title: str) -> Next:
    note = gettext("batch %(number)s", number=row.number) + f" · {title}"
    bedside = link("clinic.bedside", number=row.number)
    if row.held:
        chip, state, words = gettext("On hold"), "hold", gettext("Quality looks into it")
    elif row.stage == Stage.RELEASED.value:
        chip, state, words = gettext("Conditional release"), "due", gettext("Bedside check and perfusion")
        if bedside and may("clinic.bedside"):
            return Next(
                state=state,
                chip=chip,
                title=words,
                note=note,
                href=bedside,
                word=gettext("Start bedside check"),
            )
    else:
        chip, state = filters.tr(row.stage), "open"
        words = (row.step_title_en if here.language() == "en" else row.step_title_zh) or gettext(
            "Tests and review"
        )
    return Next(
        state=state,
        chip=chip,
        title=words,
        note=note,
        href=link("batch.page", number=row.number),
        word=gettext("Open batch"),
    )
