"""Facts about data that leave for statistics, in stream `outgoing`; questions about data lie with the participant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lims.domain.entries.envelope import Detached, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExported(Fact):
    """The trial's tables went out as they stood; the file itself is not kept (PIPL: transfers are on file)."""

    kind: Literal["data_exported.1"] = "data_exported.1"
    form: str
    """csv, xlsx or odm."""
    sha256: str
    size: int
    women: int
    taken_at: datetime
    sources: str
    """Hash over the heads of every stream that the tables were read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFrozen(Fact):
    """The tables as a statistician works on them, kept for ever under the hash of the file."""

    kind: Literal["data_frozen.1"] = "data_frozen.1"
    number: int
    purpose: Detached
    protocol: str
    version: str
    sha256: str
    size: int
    women: int
    open_queries: int
    taken_at: datetime
    sources: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRaised(Fact):
    """Quality asks about a value of a participant's data: which table and column, and what is unclear."""

    kind: Literal["query_raised.1"] = "query_raised.1"
    number: int
    """Counted per participant."""
    dataset: str
    column: str
    question: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswered(Fact):
    """Who enrols or treats answers; a value that was wrong is corrected by its own act, never here."""

    kind: Literal["query_answered.1"] = "query_answered.1"
    number: int
    answer: Detached


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryClosed(Fact):
    """The answer suffices."""

    kind: Literal["query_closed.1"] = "query_closed.1"
    number: int
