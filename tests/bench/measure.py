"""Times taken and told: percentiles, ratios, and whether a target is met."""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table; `figure` is compared with `target`, which is a greatest or a least value."""

    what: str
    ours: str
    bare: str
    figure: float
    unit: str
    target: float | None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Pass, miss, or nothing where no target was set."""
        if self.target is None:
            return ""
        good = self.figure >= self.target if self.at_least else self.figure <= self.target
        return "pass" if good else "MISS"


@dataclass(slots=True)
class Table:
    """The lines of a run, printed as they come and again together at the end."""

    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Take a line in and show it."""
        self.lines.append(line)
        print(f"    {_told(line)}", flush=True)

    def show(self) -> None:
        """Everything together."""
        print()
        for line in self.lines:
            print(_told(line))
        missed = sum(line.verdict == "MISS" for line in self.lines)
        judged = sum(bool(line.verdict) for line in self.lines)
        print(
            f"\n{judged - missed} of {judged} targets met; medians of one run on this machine, which is not idle"
        )


def _told(line: Line) -> str:
    sign = ">=" if line.at_least else "<="
    target = f"{sign} {line.target:g}{line.unit}" if line.target is not None else ""
    return (
        f"{line.what:52} {line.ours:>12} {line.bare:>12} {line.figure:8.2f}{line.unit:4} {target:>12}"
        f" {line.verdict}"
    )


def say(words: str) -> None:
    """What is being done now."""
    print(f"  {words}", flush=True)


def milliseconds(seconds: float) -> str:
    """A time as it stands in the table."""
    return f"{seconds * 1000:.2f} ms"


def percentile(times: list[float], share: float) -> float:
    """The time that a share of them stays within."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def tell_time(table: Table, what: str, seconds: float, *, target: float | None) -> None:
    """A time without a baseline; its greatest value in milliseconds."""
    line = Line(
        what=what, ours=milliseconds(seconds), bare="", figure=seconds * 1000, unit=" ms", target=target
    )
    table.add(line)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds that the work took, and what it gave."""
    start = time.perf_counter()
    given = work()
    return time.perf_counter() - start, given


def median_of(work: Callable[[], object], times: int) -> float:
    """Median seconds, after one run that is not counted."""
    work()
    return statistics.median(timed(work)[0] for _ in range(times))


def side_by_side(ours: Callable[[], object], bare: Callable[[], object], times: int) -> tuple[float, float]:
    """Median seconds of both, taken in turn so that whatever else the machine does meets both."""
    ours(), bare()
    pairs = [(timed(ours)[0], timed(bare)[0]) for _ in range(times)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


@contextmanager
def part(title: str) -> Iterator[None]:
    """A part of the run, with how long it took."""
    print(f"\n{title}", flush=True)
    start = time.perf_counter()
    yield
    print(f"  ({time.perf_counter() - start:.0f} s)", file=sys.stdout, flush=True)
