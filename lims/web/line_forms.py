"""The form of a line clearance."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField

from lims.domain.stations import CHECKS
from lims.web.forms import PinForm


class LineForm(PinForm):
    """The checklist, the batch that stood there, and the second person; a box for each line."""

    cleared = HiddenField()
    check_product = BooleanField()
    check_labels = BooleanField()
    check_papers = BooleanField()
    check_surfaces = BooleanField()
    check_waste = BooleanField()
    witness = StringField()
    witness_pin = PasswordField()

    @property
    def checks(self) -> tuple[str, ...]:
        """The lines that were ticked."""
        return tuple(check for check in CHECKS if self[f"check_{check}"].data)
