"""A thing's page with the acts that can be done to it: one form an act, one address for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from flask import abort

from lims.actions.work import Outcome
from lims.domain.acts import ACTS
from lims.domain.quantities import plain
from lims.domain.refusals import BadEntry
from lims.web import here, telling
from lims.web.forms import ActForm

F = TypeVar("F", bound=ActForm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing(Generic[F]):
    """How an act of the table is asked for on a page: its form, and what is done with it for the thing's code."""

    form: type[F]
    act: Callable[[str, F], Outcome]

    def blank(self, **values: str) -> F:
        """The form as the page first shows it, also where another form of the page was sent."""
        form = self.form()
        form.process(data=values)
        form.again()
        return form


Doings = Mapping[str, Doing[Any]]


def sent(doings: Doings, act: str, code: str) -> tuple[ActForm, Outcome | None]:
    """The form that came with the request and what became of it; not found for an act that the page has not."""
    if act not in doings:
        abort(404)
    doing = doings[act]
    form = doing.form()
    return form, here.attempt(form, lambda: doing.act(code, form))


def forms(doings: Doings, *, act: str = "", form: ActForm | None = None) -> dict[str, ActForm]:
    """A fresh form for each act that the signed-in person's roles allow, but for the one that came back."""
    fresh: dict[str, ActForm] = {
        name: doing.blank() for name, doing in doings.items() if ACTS[name].by & here.roles()
    }
    return fresh | ({act: form} if form is not None else {})


def read_day(text: str | None, *, field: str) -> date:
    """A calendar day as people write it, `2026-11-24`; refuses at its field what is no day."""
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        raise BadEntry("date.unreadable", field=field) from None


def draw(template: str, **context: object) -> str:
    """A page with acts: sentences of its history and plain numbers can be said on it."""
    return here.render(template, tell=telling.tell, plain=plain, **context)
