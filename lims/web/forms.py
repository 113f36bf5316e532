"""What every form that records carries: a request id made when the page was drawn, and the secrets it asks for."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import request
from wtforms import Form, HiddenField, PasswordField, StringField

from lims.domain.entries.values import Means


def read_seq(text: str | None) -> int:
    """The number of an entry as a page carried it; 0, which no entry has, for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def read_means(text: str | None) -> Means:
    """How a code came in; one that does not say so was typed."""
    return Means(text) if text in set(Means) else Means.TYPED


class ActForm(Form):
    """One act, one form. Fields are plain strings: the domain parses and says what is wrong with them.

    The token against forged requests is checked for the whole application (lims.app), not field by field.
    """

    request_id = HiddenField()

    def __init__(self, **values: Any) -> None:
        super().__init__(request.form if request.method == "POST" else None, data=values or None)
        if not self.request_id.data:
            self.request_id.data = uuid4().hex

    def is_sent(self) -> bool:
        """The form came with this request and its fields are whole."""
        return request.method == "POST" and self.validate()

    def add_error(self, name: str, message: str) -> None:
        """Say what is wrong at the field, or at the form's top when the form has no such field."""
        if name in self._fields:
            field = self._fields[name]
            field.errors = [*field.errors, message]
        else:
            self.form_errors.append(message)

    def again(self) -> None:
        """A new request id, for what is sent next is another request."""
        self.request_id.data = uuid4().hex

    @property
    def problems(self) -> Mapping[str, tuple[str, ...]]:
        """What is wrong, by field; `form` for what belongs to none."""
        found = {name: tuple(map(str, field.errors)) for name, field in self._fields.items() if field.errors}
        return found | ({"form": tuple(map(str, self.form_errors))} if self.form_errors else {})


class PinForm(ActForm):
    """An act in which the person is identified by PIN."""

    pin = PasswordField()


class SignForm(ActForm):
    """An act that is signed with user id and password."""

    user_id = StringField()
    password = PasswordField()
