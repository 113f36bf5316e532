"""Product quality review: what a period's batches say, counted from rows, every figure with the batches behind it.

EU GMP Part IV 12 and chapter 1.10; 21 CFR 211.180(e). It counts and lists; what follows from it, people conclude.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from lims.domain.control_chart import limits_of, out_of_trend
from lims.domain.decisions import DECISIONS
from lims.domain.exception_classes import class_of
from lims.domain.rows import BatchRow, CapaRow, DecisionRow, DeviationRow, RefusedRow, ResultRow

FAILED = ("test.failed", "test.failed_late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A figure and the batches behind it, each once for every time it counts."""

    code: str
    batches: tuple[str, ...]

    @property
    def count(self) -> int:
        """How often."""
        return len(self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The results of one test, or one yield, over the period; bounds such as `<0.05` are counted and not measured."""

    newest: ResultRow
    count: int
    bounds: int
    least: Decimal | None
    middle: Decimal | None
    most: Decimal | None
    outside: tuple[str, ...]
    out_of_trend: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReview:
    """What happened between two days, both included."""

    begin: date
    end: date
    started: tuple[str, ...]
    versions: tuple[Counted, ...]
    """Versions of master batch records that these were issued under."""
    decisions: tuple[Counted, ...]
    """Every decision of the period, also on batches issued before it."""
    undecided: tuple[str, ...]
    """Batches issued in the period on which nothing is decided yet."""
    deviations: tuple[Counted, ...]
    """By severity, as they stand."""
    rules: tuple[Counted, ...]
    """By the rule that opened them, the most frequent first."""
    refused: tuple[Counted, ...]
    """Acts that were refused, by the class of the rule, the most frequent first."""
    open_deviations: tuple[str, ...]
    """Numbers of those that are not closed."""
    outside: tuple[Counted, ...]
    """Results outside their specification, before and after the release."""
    spreads: tuple[Spread, ...]
    actions: tuple[str, ...]
    """Corrective and preventive actions planned in the period."""
    open_actions: tuple[str, ...]


def compose(
    begin: date,
    end: date,
    *,
    batches: Sequence[BatchRow],
    decisions: Sequence[DecisionRow],
    deviations: Sequence[DeviationRow],
    refused: Sequence[RefusedRow],
    results: Sequence[ResultRow],
    actions: Sequence[CapaRow],
    decided: frozenset[str],
) -> QualityReview:
    """The review of rows that lie in the period; `decided` are batches with a decision at any time."""
    started = tuple(row.number for row in batches)
    return QualityReview(
        begin=begin,
        end=end,
        started=started,
        versions=_frequent((f"{row.master} v{row.version}", row.number) for row in batches),
        decisions=_of(DECISIONS, ((row.decision, row.batch) for row in decisions)),
        undecided=tuple(number for number in started if number not in decided),
        deviations=_of(("critical", "major", "minor"), ((row.severity, row.batch) for row in deviations)),
        rules=_frequent((row.rule, row.batch) for row in deviations),
        refused=_frequent((class_of(row.rule).value, row.batch) for row in refused),
        open_deviations=tuple(row.number for row in deviations if not row.closed),
        outside=_of(FAILED, ((row.rule, row.batch) for row in deviations if row.rule in FAILED)),
        spreads=tuple(_spreads(results)),
        actions=tuple(row.number for row in actions),
        open_actions=tuple(row.number for row in actions if row.open),
    )


def _of(codes: Sequence[str], found: Iterable[tuple[str, str]]) -> tuple[Counted, ...]:
    by_code: dict[str, list[str]] = {code: [] for code in codes}
    for code, batch in found:
        by_code.setdefault(code, []).append(batch)
    return tuple(Counted(code=code, batches=tuple(batches)) for code, batches in by_code.items())


def _frequent(found: Iterable[tuple[str, str]]) -> tuple[Counted, ...]:
    counted = _of((), found)
    return tuple(sorted(counted, key=lambda one: (-one.count, one.code)))


def _spreads(results: Sequence[ResultRow]) -> Iterable[Spread]:
    by_test: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in results:
        by_test[row.test].append(row)
    for test in sorted(by_test, key=lambda code: (code.startswith(ResultRow.YIELD), code)):
        rows = by_test[test]
        measured = [row for row in rows if not row.qualifier]
        values = [row.value for row in measured]
        limits = limits_of(values)
        trends = out_of_trend(values, limits) if limits else ((),) * len(values)
        yield Spread(
            newest=rows[-1],
            count=len(rows),
            bounds=len(rows) - len(measured),
            least=min(values, default=None),
            middle=median(values) if values else None,
            most=max(values, default=None),
            outside=tuple(row.batch for row in rows if row.outcome == "fail"),
            out_of_trend=tuple(row.batch for row, one in zip(measured, trends, strict=True) if one),
        )
