"""Facts about a result outside its specification: the laboratory's examination, and quality's judgements on it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class OosExamined(Fact):
    """Phase I: the laboratory looked for an error of its own behind the result (FDA OOS guidance 2022, III)."""

    kind: Literal["oos_examined.1"] = "oos_examined.1"
    number: str
    """The deviation that the result opened."""
    checks: tuple[tuple[str, str], ...]
    """Each thing that was looked at: in_order, error or not_applicable."""
    found: str
    """laboratory_error when one of them is an error, else no_error."""
    words: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class OosJudged(Fact):
    """Quality's judgement: invalidated, retest, confirmed or not_confirmed; with what is reported from now on."""

    kind: Literal["oos_judged.1"] = "oos_judged.1"
    number: str
    decision: str
    words: Detached
    reported: str = ""
    """For not_confirmed: the value by the rule that the master batch record declares, as it reads."""
    value: Decimal | None = None
    qualifier: str | None = None
