"""What the system does by itself when its time has come; catching up after a stop is idempotent."""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lims.actions.follow_up import plan_follow_up
from lims.actions.mailing import send_letters
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.authoring.faults import AuthoringError
from lims.domain import custody, notices
from lims.domain.acts import ALIVE, Role
from lims.domain.batch_record import BatchRecord
from lims.domain.canonical import instant
from lims.domain.deviations import opened
from lims.domain.entries.envelope import SYSTEM, Authorship, Entry
from lims.domain.entries.keys import CheckpointMade
from lims.domain.refusals import Refused
from lims.domain.rows import TimerRow
from lims.ledger import checkpoints, leases, sessions
from lims.ledger.read_tables import find

EVERY = timedelta(seconds=5)
LEASE = timedelta(seconds=30)
SESSIONS_END_AFTER = timedelta(hours=12)
AS_SYSTEM = Actor(person=SYSTEM, station="")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """What a round of the timers did, and how late the oldest was: its lag is an alarm."""

    fired: int
    lag: timedelta


def next_due(site: Site) -> datetime | None:
    """When the next timer is due; none while none runs."""
    with site.ledger.reading() as book:
        rows = find(book, TimerRow, order=("due_at",), limit=1)
    return rows[0].due_at if rows else None


def run_due(site: Site) -> Caught:
    """Fire every timer that is due, oldest first."""
    now = site.clock.now()
    with site.ledger.reading() as book:
        due = find(book, TimerRow, ("due_at", "<=", now), order=("due_at",))
    for timer in due:
        fire(site, timer)
    return Caught(fired=len(due), lag=now - due[0].due_at if due else timedelta(0))


def fire(site: Site, timer: TimerRow) -> Outcome:
    """One timer: what it stands for is done, once, whoever asks and however often."""
    rule = _RULES[timer.act](timer)
    ask = Ask(
        request_id=f"{timer.stream}/{timer.key}/{instant(timer.due_at)}",
        act=timer.act,
        on=timer.stream,
        asked={"due": instant(timer.due_at)},
        read=("study",) if timer.act == "plan_follow_up" else (),
    )
    return perform(site, AS_SYSTEM, ask, rule)


def _held_too_long(timer: TimerRow) -> Callable[[Scene], Decision]:
    def rule(scene: Scene) -> Decision:
        batch = scene.load(timer.stream, BatchRecord)
        if batch.stage not in ALIVE or (timer.step or "", timer.slot or "") in batch.slots:
            return Decision()
        slot = batch.slot_of(timer.step or "", timer.slot or "")
        title = slot.title.en if slot else ""
        about = (("value", title), ("due", timer.due_at.isoformat(timespec="seconds")))
        return Decision(
            drafts=(
                opened(
                    batch,
                    rule="hold_time.exceeded",
                    severity="major",
                    about=about,
                    step=timer.step,
                    slot=timer.slot,
                ),
            )
        )

    return rule


def _expired(timer: TimerRow) -> Callable[[Scene], Decision]:
    def rule(scene: Scene) -> Decision:
        batch = scene.load(timer.stream, BatchRecord)
        known = any(item.fact.rule == "product.expired" for item in batch.deviations.values())
        if batch.stage not in ALIVE or known:
            return Decision()
        about = (("value", timer.due_at.isoformat(timespec="seconds")),)
        return Decision(drafts=(opened(batch, rule="product.expired", severity="critical", about=about),))

    return rule


def _unconfirmed(timer: TimerRow) -> Callable[[Scene], Decision]:
    def rule(scene: Scene) -> Decision:
        batch = scene.load(timer.stream, BatchRecord)
        if batch.stage not in ALIVE:
            return Decision()
        seq = int(timer.key.rpartition("/")[2])
        return Decision(drafts=custody.unconfirmed(batch, seq=seq, now=scene.now))

    return rule


def _unacknowledged(timer: TimerRow) -> Callable[[Scene], Decision]:
    def rule(scene: Scene) -> Decision:
        batch = scene.load(timer.stream, BatchRecord)
        return Decision(drafts=notices.escalate(batch, timer.key.partition("/")[2], now=scene.now))

    return rule


def _planned(timer: TimerRow) -> Callable[[Scene], Decision]:
    return lambda scene: plan_follow_up(scene, timer.stream)


_RULES: Mapping[str, Callable[[TimerRow], Callable[[Scene], Decision]]] = MappingProxyType(
    {
        "watch_hold_time": _held_too_long,
        "watch_expiry": _expired,
        "watch_handover": _unconfirmed,
        "watch_notice": _unacknowledged,
        "plan_follow_up": _planned,
    }
)
"""What happens when a timer of each sort is due."""


def make_checkpoint(site: Site) -> Entry:
    """Sign all heads as they are now."""
    with site.ledger.writing(write={checkpoints.STREAM}) as book:
        head = book.head(checkpoints.STREAM)
        now = site.clock.now()
        by = Authorship(
            time=max(now, head.time) if head else now,
            person=SYSTEM,
            role=Role.SYSTEM.value,
            station="",
            act="make_checkpoint",
            request=None,
        )
        return checkpoints.make_checkpoint(book, by, key=site.keys.checkpoint)


def checkpoint_due(site: Site) -> bool:
    """No checkpoint was made yet on this calendar day of the site."""
    zone = ZoneInfo(site.founded.zone)
    with site.ledger.reading() as book:
        made = [entry.fact for entry in book.entries(checkpoints.STREAM)]
    last = made[-1] if made else None
    if not isinstance(last, CheckpointMade):
        return True
    return last.made_at.astimezone(zone).date() < site.clock.now().astimezone(zone).date()


class Scheduler:
    """Runs the timers while it holds the lease; one of several web processes at a time does."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.holder = secrets.token_hex(8)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round at hand."""
        self._stop.set()
        self._thread.join(timeout=10)

    def round(self) -> Caught | None:
        """One round; none if another process holds the lease."""
        now = self.site.clock.now()
        with self.site.ledger.writing(write=set()) as book:
            if not leases.take(book, "scheduler", holder=self.holder, now=now, length=LEASE):
                return None
            sessions.end_older(book, than=now - SESSIONS_END_AFTER)
        if checkpoint_due(self.site):
            make_checkpoint(self.site)
        caught = run_due(self.site)
        send_letters(self.site)
        return caught

    def _run(self) -> None:
        while not self._stop.wait(EVERY.total_seconds()):
            try:
                caught = self.round()
            except Refused as refused:
                log.error("timers stopped by %s", refused.rule)
                continue
            except AuthoringError as wrong:
                log.error("no e-mail leaves: %s", wrong)
                continue
            if caught and caught.lag > timedelta(minutes=1):
                log.warning("timers ran %s late", caught.lag)
