"""Forms about the trial's figures."""

from wtforms import HiddenField, SelectField

from lims.web.forms import ActForm, SignForm


class LookForm(ActForm):
    """Outcomes by arm are asked for; that they were is put on file."""


class LockForm(SignForm):
    """The trial is locked."""


class ReportForm(ActForm):
    """The report is printed, pooled or by arm, in one of the site's languages."""

    language = SelectField(validate_choice=False)
    by_arm = HiddenField()
