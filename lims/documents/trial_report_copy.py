"""One printed copy of the trial's report: what it is printed from, and how it is said in its language."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from lims.documents.site_copy import SiteCopy
from lims.documents.trial_report_words import terms_of
from lims.domain.trial.figures import Figures

TITLE, TITLE_BY_ARM = "Trial report", "Trial report by arm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCopy(SiteCopy):
    """One printed copy of the report."""

    figures: Figures

    @classmethod
    def of(cls, copy: SiteCopy, figures: Figures) -> Self:
        """The copy that prints these figures."""
        return cls(figures=figures, **{each.name: getattr(copy, each.name) for each in fields(SiteCopy)})

    @property
    def title(self) -> str:
        """The paper's title, as a message id."""
        return TITLE_BY_ARM if self.figures.by_arm else TITLE

    @property
    def terms(self) -> Mapping[str, str]:
        """Names of arms, reasons and attributes."""
        return terms_of(self.figures.protocol, self.language, self.say)
