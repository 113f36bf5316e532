"""Other batches that a deviation's cause can have reached, as the review page tells them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from lims.domain.batch_record import BatchRecord
from lims.domain.rows import BatchRow
from lims.domain.sentences import sentence
from lims.queries.shared import others
from lims.queries.swap import Handled, Search, swap_search
from lims.web import filters, here, telling

Named = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A batch with a line for each sort of thing that it shares."""

    row: BatchRow
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllReached:
    """Those that the page shows, and how many share something besides."""

    batches: tuple[Reached, ...]
    more: int

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.batches) + self.more


def reached(batch: BatchRecord, deviation: str) -> AllReached:
    """Every other batch that shares something with this one, in the language of the page."""
    found = others(here.reader(), batch, deviation)
    batches = (Reached(row=item.row, lines=_lines(item.shared, found.people)) for item in found.batches)
    return AllReached(batches=tuple(batches), more=found.more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A batch of the day of a mismatch, as the page tells it."""

    row: BatchRow
    last: str
    marks: tuple[tuple[str, str], ...]
    """Sign and word of what matters for a swap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """The search after a mismatch: its day, and what it found."""

    day: str
    batches: tuple[Suspect, ...]


def suspects(batch: BatchRecord, deviation: str) -> Suspects | None:
    """Every other batch that was handled on the day of a mismatch; none for another deviation."""
    found = swap_search(here.reader(), batch, deviation)
    if found is None:
        return None
    batches = (Suspect(row=item.row, last=_last(found, item), marks=_marks(item)) for item in found.batches)
    return Suspects(day=found.day.isoformat(), batches=tuple(batches))


def _last(found: Search, item: Handled) -> str:
    told = telling.tell(sentence(item.last, names=found.people, words=found.words, master=item.record.master))
    return f"{filters.local(item.last.time)} · {told}"


def _marks(item: Handled) -> tuple[tuple[str, str], ...]:
    marks = []
    if item.is_given:
        marks.append(("stop", gettext("Given to a person")))
    if item.row.held:
        marks.append(("hold", gettext("On hold")))
    if left := item.labels_left:
        marks.append(("due", ngettext("%(num)s label open", "%(num)s labels open", left)))
    return tuple(marks) or (("open", str(filters.tr(item.row.stage.replace("_", " "))).capitalize()),)


def _lines(shared: Mapping[str, Named], people: Mapping[str, str]) -> Named:
    return tuple(_LINES[sort](which, people) for sort, which in shared.items())


def _said(which: Named) -> str:
    return str(gettext(", ")).join(which)


def _days(which: Named) -> str:
    """Few days by their dates, many by their number and the first and last."""
    if len(which) <= 3:
        return _said(which)
    return str(gettext("%(n)s days, %(first)s to %(last)s", n=len(which), first=which[0], last=which[-1]))


_LINES: Mapping[str, Callable[[Named, Mapping[str, str]], str]] = {
    "lot": lambda which, _: gettext("Lot: %(which)s", which=_said(which)),
    "equipment": lambda which, _: gettext("Equipment: %(which)s", which=_said(which)),
    "operator": lambda which, people: gettext(
        "Operator: %(which)s", which=_said(tuple(telling.person(people, one) for one in which))
    ),
    "day": lambda which, _: gettext("Same day: %(which)s", which=_days(which)),
}
