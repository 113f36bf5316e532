"""What a person wrote into a form of follow-up, read strictly; what cannot be read is refused at its field."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from lims.actions.follow_up import Correction, Recorder
from lims.domain.entered import entered_amount
from lims.domain.entries.follow_up import Assessed
from lims.domain.refusals import BadEntry
from lims.domain.trial.gestation import read_weeks_and_days
from lims.domain.trial.pregnancy import Fate, FetusFate, FetusSeen
from lims.web import here
from lims.web.doing import read_day
from lims.web.follow_up_forms import CorrectingForm, EndForm, JudgingForm, UltrasoundForm
from lims.web.forms import PinForm, read_seq
from lims.web.moments import read_moment

E = TypeVar("E", bound=StrEnum)

FETUSES = ("A", "B", "C")
"""As many as a form asks for; each scan and outcome names them by the same letters."""


def recorder(participant: str, form: PinForm) -> Recorder:
    """The signed-in person with their PIN proved, and what the form corrects."""
    correction = None
    if isinstance(form, CorrectingForm) and form.corrects.data:
        correction = Correction(seq=read_seq(form.corrects.data), why=form.why.data or "")
    return Recorder(
        site=here.site(),
        actor=here.identified(form),
        request_id=here.request_id(),
        participant=participant,
        correction=correction,
    )


def yes(text: str | None, *, field: str) -> bool:
    """An answer of yes or no; neither is chosen for anybody."""
    if text not in ("yes", "no"):
        raise BadEntry("choice.unknown", field=field)
    return text == "yes"


def perhaps(text: str | None, *, field: str) -> bool | None:
    """Yes, no, or that it was not seen."""
    return None if text == "unknown" else yes(text, field=field)


def one_of(kind: type[E], text: str | None, *, field: str) -> E:
    """One of the answers of a list."""
    try:
        return kind(text or "")
    except ValueError:
        raise BadEntry("choice.unknown", field=field) from None


def one_or_none(kind: type[E], text: str | None, *, field: str) -> E | None:
    """One of the answers, or that there is none."""
    return one_of(kind, text, field=field) if text else None


def day_or_none(text: str | None, *, field: str) -> date | None:
    """A day that may be left out."""
    return read_day(text, field=field) if (text or "").strip() else None


def count(text: str | None, *, field: str, most: int = 9) -> int:
    """A small whole number."""
    said = (text or "").strip()
    if not (said.isascii() and said.isdigit() and len(said) < 6 and int(said) <= most):
        raise BadEntry("choice.unknown", field=field)
    return int(said)


def moment(text: str | None, *, field: str) -> datetime:
    """A time at the site; empty means now."""
    reader = here.reader()
    return read_moment(text or "", now=reader.now, zone=reader.zone, field=field) or reader.now


def millimetres(text: str | None) -> Decimal | None:
    """A crown-rump length, if it was measured."""
    return entered_amount(text, field="crown_rump") if text and text.strip() else None


def measured_days(text: str | None) -> int | None:
    """The age by the measurement, `7w3d`, if there is one."""
    if not (text or "").strip():
        return None
    days = read_weeks_and_days(text or "")
    if days is None:
        raise BadEntry("ultrasound.measured_unread", field="measured")
    return days


def fetuses_seen(form: UltrasoundForm) -> tuple[FetusSeen, ...]:
    """Every fetus for which something of its heartbeat was said."""
    seen = []
    for fetus in FETUSES:
        heartbeat, size = _of(form, "heartbeat", fetus), _of(form, "size", fetus)
        if heartbeat:
            seen.append(
                FetusSeen(
                    fetus=fetus,
                    heartbeat=perhaps(heartbeat, field=f"heartbeat_{fetus.lower()}"),
                    size_consistent=perhaps(size or "unknown", field=f"size_{fetus.lower()}"),
                )
            )
        elif size:
            raise BadEntry("choice.unknown", field=f"heartbeat_{fetus.lower()}")
    return tuple(seen)


def fates(form: EndForm) -> tuple[FetusFate, ...]:
    """Every fetus for which an outcome was given."""
    told = []
    for fetus in FETUSES:
        fate, weight = _of(form, "fate", fetus), _of(form, "weight", fetus)
        if fate:
            at = f"weight_{fetus.lower()}"
            told.append(
                FetusFate(
                    fetus=fetus,
                    fate=one_of(Fate, fate, field=f"fate_{fetus.lower()}"),
                    weight_g=count(weight, field=at, most=9_999) if weight else None,
                )
            )
        elif weight:
            raise BadEntry("choice.unknown", field=f"fate_{fetus.lower()}")
    return tuple(told)


def _of(form: Any, name: str, fetus: str) -> str:
    return (form[f"{name}_{fetus.lower()}"].data or "").strip()


def judgement(form: JudgingForm) -> Assessed:
    """How an adverse event is judged."""
    return Assessed(
        grade=count(form.grade.data, field="grade"),
        criteria=tuple(form.criteria.data or ()),
        causality=form.causality.data or "",
        expected=yes(form.expected.data, field="expected"),
        outcome=form.outcome.data or "",
        ended_on=day_or_none(form.ended_on.data, field="ended_on"),
    )
