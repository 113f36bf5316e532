"""The form by which a notice is acknowledged."""

from typing import Self

from wtforms import StringField, TextAreaField

from lims.web.forms import PinForm


class AcknowledgeForm(PinForm):
    """When she was reached and what was done; both only where the notice asks for them."""

    contacted_at = StringField()
    done = TextAreaField()

    @classmethod
    def blank(cls) -> Self:
        """The form as a page first shows it, also where another form of the page was sent."""
        form = cls()
        form.process()
        form.again()
        return form
