"""A lot is recalled or rejected: nothing that was made with it slips through while that is done.

Under the locks of the lot and of every preparation made from it, the uses are read; then every batch is locked and
held, or marked if perfused. To use the lot, or to prepare anything from it, an act needs a lock that this one holds.
"""

from collections.abc import Callable
from dataclasses import replace

from lims.actions.site import Site
from lims.actions.supply import lot_about
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, TakenMeanwhile, perform, with_next_number
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import Draft, stream_of
from lims.domain.folds import Folded
from lims.domain.materials import Lot
from lims.domain.recall import Reach, recalled, rejected, stopped
from lims.domain.refusals import Refused
from lims.domain.rows import BatchRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find


def recall_lot(site: Site, actor: Actor, request_id: str, *, lot: str, reference: str) -> Outcome:
    """The supplier or quality calls a lot back, with everything that was prepared from it."""
    about = lot_about(site, stream_of("lot", lot))
    ask = Ask(
        request_id=request_id,
        act="recall_lot",
        on=stream_of("lot", lot),
        asked={"lot": lot, "reference": reference},
        about=about,
    )
    return _stop(site, actor, ask, lambda reach: recalled(reach, reference=reference), rule="lot.recalled")


def reject_lot(site: Site, actor: Actor, request_id: str, *, lot: str, reason_code: str) -> Outcome:
    """Quality rejects a lot; where it was used already, its batches are held as in a recall."""
    ask = Ask(
        request_id=request_id,
        act="reject_lot",
        on=stream_of("lot", lot),
        asked={"lot": lot, "reason": reason_code},
    )
    return _stop(
        site, actor, ask, lambda reach: rejected(reach, reason_code=reason_code), rule="lot.rejected"
    )


def _stop(
    site: Site, actor: Actor, ask: Ask, decide: Callable[[Reach], tuple[Draft, ...]], *, rule: str
) -> Outcome:
    """The act under all its locks; asked again where a preparation was made between looking and locking."""

    def attempt() -> Outcome:
        with site.ledger.reading() as book:
            seen = tuple(lot.stream for lot in reach_of(book, ask.on).lots)

        def under_locks(scene: Scene) -> Decision:
            scene.load(ask.on, Lot)
            reach = reach_of(scene.book, ask.on)
            if {lot.stream for lot in reach.lots} - {*seen}:
                raise TakenMeanwhile
            drafts = decide(reach)
            batches = locked_batches(scene, reach.batches)
            return Decision(drafts=(*drafts, *stopped(reach, batches, rule=rule, now=scene.now)))

        return perform(site, actor, replace(ask, write=seen), under_locks)

    return with_next_number(attempt)


def locked_batches(scene: Scene, numbers: tuple[str, ...]) -> tuple[BatchRecord, ...]:
    """These batches under their locks and those of their participants, whose rounds a late finding opens again."""
    streams = [stream_of("batch", number) for number in numbers]
    rows = find(scene.book, BatchRow, ("number", "in", list(numbers))) if numbers else ()
    scene.book.lock(write={*streams, *(stream_of("participant", row.participant) for row in rows)})
    return tuple(scene.load(stream, BatchRecord) for stream in streams)


def reach_of(book: Book, stream: str) -> Reach:
    """The lot and every preparation made from it, however far, as on file."""
    found: dict[str, Lot] = {}
    open_ends = [stream]
    while open_ends:
        if (name := open_ends.pop(0)) in found:
            continue
        record = book.derived(name, Folded.of).record
        if not isinstance(record, Lot):
            raise Refused("act.unknown_target", sort="lot", code=name.partition(":")[2])
        found[name] = record
        open_ends += [stream_of("lot", code) for code in record.made_into]
    return Reach(lots=tuple(found.values()))
