"""The review page in words: exceptions, the opened one, release conditions, what was checked, what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext, ngettext

from lims.actions.release import about_release
from lims.domain import release
from lims.domain.acts import ALIVE, Stage
from lims.domain.batch_record import Deviation
from lims.domain.entries.envelope import Entry
from lims.domain.entries.values import Elapsed
from lims.domain.exceptions import ExceptionFound, Sort, Standing
from lims.domain.late_failure import late_failure_of
from lims.domain.master_batch_record import HoldTimeSlot
from lims.domain.refusals import Reason
from lims.queries import quality as queries
from lims.queries.quality import Broken, Review
from lims.web import filters, here, telling
from lims.web.exception_rows import ExceptionRow, row_of
from lims.web.quality_conditions import checked, conditions, why_words, yield_rows
from lims.web.quality_forms import (
    CloseForm,
    DeviationForm,
    DispositionForm,
    FinalForm,
    LiftForm,
    ReviewForm,
    SeenForm,
    TerminateForm,
)
from lims.web.quality_others import AllReached, Suspects, reached, suspects


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """An act as the page offers it: a dialog's id, or the reasons why it cannot be done."""

    act: str
    word: str
    opens: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The exception that is worked on, with what the bench said about it."""

    found: ExceptionFound
    row: ExceptionRow
    deviation: Deviation | None = None
    happened: str = ""
    did: str = ""
    go_on: str = ""
    impact: str = ""
    overrun: tuple[int, int] | None = None
    """Limit and actual, in minutes."""
    barred: tuple[str, ...] = ()
    """Why the reader cannot decide it."""
    late: Entry | None = None
    """The product failed after its release: what that touched."""
    others: AllReached | None = None
    """Other batches that the cause of the deviation can have reached."""
    suspects: Suspects | None = None
    """What else was handled on the day of a mismatch."""
    was: str = ""
    now: str = ""


@dataclass(kw_only=True)
class Forms:
    """Every form of the page; the one that came with the request keeps what was typed."""

    deviation: DeviationForm = field(default_factory=DeviationForm.blank)
    review: ReviewForm = field(default_factory=ReviewForm.blank)
    disposition: DispositionForm = field(default_factory=DispositionForm.blank)
    lift: LiftForm = field(default_factory=LiftForm.blank)
    terminate: TerminateForm = field(default_factory=TerminateForm.blank)
    final: FinalForm = field(default_factory=FinalForm.blank)
    close: CloseForm = field(default_factory=CloseForm.blank)


def review_page(number: str, *, at: str = "", form: SeenForm | None = None, seen: int | None = None) -> str:
    """The page of one batch; `form` came back with something to mend, `seen` is the head of a stale page."""
    reader = here.reader()
    review = queries.review(reader, number, seen=seen)
    if isinstance(review, Broken):
        return here.render("quality/broken.html", broken=review)
    forms = _forms(form)
    rows = tuple(row_of(review, found) for found in review.exceptions)
    opened = _opened(review, at or _wanted(review, form), rows)
    buttons = _buttons(review)
    return here.render(
        "quality/review.html",
        review=review,
        batch=review.batch,
        rows=rows,
        opened=opened,
        forms=forms,
        buttons=buttons,
        primary=_primary(opened, buttons),
        dialog=_dialog_of(form),
        conditions=conditions(review)
        if review.batch.stage in (Stage.ISSUED, Stage.IN_PROCESS, Stage.TESTING)
        else (),
        yields=yield_rows(review.batch),
        checked=checked(review),
        since=[telling.tell(line) for line in queries.sentences_since(review)],
        countdown=_countdown(review),
        meanings=_meanings(review),
        meaning_of=lambda act, **about: queries.meaning(reader, act, tuple(about.items())),
        not_conforming=" ".join(why_words(review.conforming)),
        pending_rows=tuple(
            (filters.said(test.title), gettext("due %(day)s", day=f"{day:%m-%d}"), "verify", "")
            for test, day in review.pending
        ),
        signatures=_signatures(review),
        telling=telling,
        server_time=filters.local(reader.now),
    )


def _forms(form: SeenForm | None) -> Forms:
    """Fresh forms, but the one that came back."""
    forms = Forms()
    for name, blank in vars(forms).items():
        if type(form) is type(blank):
            setattr(forms, name, form)
    return forms


def _wanted(review: Review, form: SeenForm | None) -> str:
    """Which exception is opened: the one that was just worked on, else the first that waits."""
    if isinstance(form, DeviationForm):
        number = form.number.data or ""
        return next((item.key for item in review.exceptions if item.code == number), "")
    if isinstance(form, LiftForm):
        return f"hold-{form.placed.data}"
    first = next((item for item in review.exceptions if item.standing is Standing.OPEN), None)
    return first.key if first else ""


def _dialog_of(form: SeenForm | None) -> str:
    """The dialog that is open again because something in it has to be mended."""
    names = {
        ReviewForm: "sign-review",
        DispositionForm: "sign-disposition",
        TerminateForm: "sign-terminate",
        FinalForm: "sign-final",
        CloseForm: "sign-close",
    }
    return names.get(type(form), "") if form else ""


def _opened(review: Review, key: str, rows: Sequence[ExceptionRow]) -> Opened | None:
    found = review.exception(key)
    if found is None:
        return None
    row = next(row for row in rows if row.key == found.key)
    act = {Sort.DEVIATION: "decide_deviation", Sort.HOLD: "lift_hold", Sort.RESULT: "review_result"}.get(
        found.sort
    )
    barred = why_words(queries.why_not(review.batch, act, here.reader())) if act else ()
    deviation = review.batch.deviations.get(found.code) if found.sort is Sort.DEVIATION else None
    if deviation is None:
        return Opened(
            found=found,
            row=row,
            barred=barred,
            was=telling.value_of(review.batch, found.was, review.words),
            now=telling.value_of(review.batch, found.entry, review.words),
        )
    if deviation.opened.person == here.me().id:
        barred = (*barred, *why_words((Reason(rule="deviation.opener_decides"),)))
    said, decision = deviation.explanation, deviation.decision
    return Opened(
        found=found,
        row=row,
        deviation=deviation,
        happened=_text(review, said.happened.commitment) if said else _words_of(review, deviation),
        did=_text(review, said.did.commitment) if said else "",
        go_on=telling.code_word(said.go_on) if said else "",
        impact=_text(review, decision.impact.commitment) if decision else "",
        overrun=_overrun(review, deviation),
        late=late_failure_of(review.batch, dict(deviation.fact.about).get("test", "")),
        others=reached(review.batch, deviation.number),
        suspects=suspects(review.batch, deviation.number),
        barred=barred,
    )


def _words_of(review: Review, deviation: Deviation) -> str:
    return _text(review, deviation.fact.words.commitment) if deviation.fact.words else ""


def _text(review: Review, commitment: str) -> str:
    return review.words.get(commitment, gettext("[erased]"))


def _overrun(review: Review, deviation: Deviation) -> tuple[int, int] | None:
    """Limit and actual minutes of a hold time, once it has ended."""
    step, slot = deviation.fact.step or "", deviation.fact.slot or ""
    planned, value = review.batch.slot_of(step, slot), review.batch.value(step, slot)
    if isinstance(planned, HoldTimeSlot) and isinstance(value, Elapsed):
        return planned.most_minutes, value.seconds // 60
    return None


def _countdown(review: Review) -> telling.Countdown | None:
    batch = review.batch
    if batch.expires_at is None or batch.stage not in ALIVE:
        return None
    begins = batch.moment_at(batch.master.dose.fill_end)
    return telling.countdown(batch.expires_at, begins=begins, now=here.reader().now)


def _buttons(review: Review) -> dict[str, Button]:
    """The acts that the stage of the batch brings, each possible or with the reasons why not."""
    batch, reader = review.batch, here.reader()
    if batch.stage in ALIVE:
        wanted = ["review_record", "release_conditionally", "reject_batch", "terminate_batch"]
    elif batch.stage in (Stage.PERFUSED, Stage.REJECTED, Stage.TERMINATED):
        wanted = ["review_record", "dispose_finally"]
    elif batch.stage is Stage.DISPOSED:
        wanted = ["close_record"]
    else:
        wanted = []
    if batch.stage is Stage.RELEASED:
        wanted.remove("release_conditionally")
    if release.is_reviewed(batch) and "review_record" in wanted:
        wanted.remove("review_record")
    rules = {
        "release_conditionally": review.unmet,
        "dispose_finally": review.unmet_final,
        "review_record": queries.unmet_review(review, here.reader()),
    }
    found = {}
    for act in wanted:
        reasons = queries.why_not(batch, act, reader)
        why = why_words(reasons) or _in_short(rules.get(act, ()))
        found[act] = Button(act=act, word=_WORDS[act](), opens=_OPENS[act], why=why)
    return found


_OPENS = {
    "review_record": "sign-review",
    "release_conditionally": "sign-disposition",
    "reject_batch": "sign-disposition",
    "terminate_batch": "sign-terminate",
    "dispose_finally": "sign-final",
    "close_record": "sign-close",
}
_WORDS = {
    "review_record": lambda: gettext("Sign record review"),
    "release_conditionally": lambda: gettext("Disposition…"),
    "reject_batch": lambda: gettext("Hold or reject…"),
    "terminate_batch": lambda: gettext("Terminate…"),
    "dispose_finally": lambda: gettext("Final disposition…"),
    "close_record": lambda: gettext("Close record…"),
}


def _in_short(reasons: Sequence[Reason]) -> tuple[str, ...]:
    """One reason in its own words; several by their number, for the list beside says each."""
    if len(reasons) <= 1:
        return why_words(reasons)
    return (ngettext("%(num)s condition is not met", "%(num)s conditions are not met", len(reasons)),)


def _primary(opened: Opened | None, buttons: dict[str, Button]) -> str:
    """The one filled button: what is opened first, then the review, then the disposition."""
    if opened and opened.found.standing is Standing.OPEN and not opened.barred:
        return "opened"
    ways = ("review_record", "release_conditionally", "dispose_finally", "close_record")
    return next((act for act in ways if act in buttons and not buttons[act].why), "")


def _meanings(review: Review) -> dict[str, str]:
    """The exact words of every signature that the page offers."""
    batch, reader = review.batch, here.reader()
    number = (("number", batch.number),)

    def of(act: str, *more: tuple[str, str]) -> str:
        return queries.meaning(reader, act, (*number, *more))

    return {
        "review": of("review_record"),
        "release": queries.meaning(reader, "release_conditionally", about_release(batch)),
        "reject": of("reject_batch"),
        "lift": of("lift_hold"),
        "close": of("close_record"),
        "conforming": of("dispose_finally", ("disposition", "conforming")),
        "nonconforming": of("dispose_finally", ("disposition", "nonconforming")),
        **{f"end_{code}": of("terminate_batch", ("reason", code)) for code in telling.ENDS},
    }


def _signatures(review: Review) -> tuple[tuple[str, telling.Manifestation], ...]:
    """Quality's own signatures on this record, each with what it stands for."""
    wanted = {
        "RecordReviewed": gettext("Record review"),
        "ReleasedConditionally": gettext("Conditional release"),
        "BatchRejected": gettext("Rejection"),
        "BatchTerminated": gettext("Termination"),
        "DisposedFinally": gettext("Final disposition"),
        "RecordClosed": gettext("Closure"),
    }
    found = []
    for seq, signature in review.batch.signatures.items():
        title = wanted.get(type(review.batch.entries[seq - 1].fact).__name__)
        told = telling.manifestation(signature)
        if title and told:
            found.append((title, told))
    return tuple(found)
