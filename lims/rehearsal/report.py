"""What a rehearsal tells: one line for each act as it is played, and each expectation that was not met."""

from dataclasses import dataclass, field
from datetime import datetime

from lims.actions.work import Outcome
from lims.domain.entries.batch import DeviationOpened, HoldPlaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One act as it was played."""

    at: datetime
    when: str
    """The time as a rehearsal writes it: `D0 09:05`."""
    who: str
    what: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.when:13}  {self.who:16}  {self.what:58}  {self.outcome}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An expectation that was not met, and where it is written."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Stopped(Exception):
    """The play cannot go on: an act came out otherwise than expected."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(str(failure))


@dataclass(slots=True, kw_only=True)
class Report:
    """Everything that was told."""

    title: str
    lines: list[Line] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    facts: int = 0
    """Facts that were checked."""

    @property
    def holds(self) -> bool:
        """Every act came out as expected and every fact held."""
        return not self.failures


def outcome_told(outcome: Outcome) -> str:
    """What an accepted act brought along that a trainee should see: deviations and holds."""
    told = ["accepted"]
    for entry in outcome.entries:
        match entry.fact:
            case DeviationOpened() as fact:
                told.append(f"deviation {fact.number} {fact.rule}")
            case HoldPlaced() as fact:
                told.append(f"hold {fact.reason_code}")
            case _:
                pass
    return ", ".join(told)
