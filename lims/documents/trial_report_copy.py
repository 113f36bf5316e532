"""One printed copy of the trial's report: what it is printed from, and how it is said in its language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lims.documents.batch_record_copy import Earlier
from lims.documents.trial_report_words import terms_of
from lims.domain.sentences import at_site
from lims.domain.trial.figures import Figures
from lims.language import words_in

TITLE, TITLE_BY_ARM = "Trial report", "Trial report by arm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCopy:
    """One printed copy of the report."""

    figures: Figures
    language: str
    kind: str
    site_name: str
    zone: str
    printed_by: str
    printed_at: datetime
    copy_number: int
    made_from: str
    """The checkpoint over everything that was read."""
    made_from_hash: str
    supersedes: Earlier | None

    def say(self, text: str) -> str:
        """How a message id reads in the copy's language."""
        return words_in(self.language)(text) if text else ""

    def other(self, text: str) -> str:
        """How it reads in the other language."""
        return words_in("en" if self.language.startswith("zh") else "zh_Hans")(text)

    def at(self, moment: datetime, *, seconds: bool = True) -> str:
        """A time at the site, with its offset."""
        return at_site(moment, self.zone, seconds=seconds)

    @property
    def title(self) -> str:
        """The paper's title, as a message id."""
        return TITLE_BY_ARM if self.figures.by_arm else TITLE

    @property
    def terms(self) -> Mapping[str, str]:
        """Names of arms, reasons and attributes."""
        return terms_of(self.figures.protocol, self.language, self.say)
