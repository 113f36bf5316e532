"""The demo instance: twelve weeks of a small laboratory, told by shipped rehearsals that end when it is started."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from pathlib import Path
from zoneinfo import ZoneInfo

from lims.actions.founding import Founded, switch_to_real_time
from lims.actions.people import DEFAULT_SECRETS
from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from lims.rehearsal.instance import ZONE, Founding, Stage
from lims.rehearsal.moments import Calendar, is_span
from lims.rehearsal.play import Fired, Playing, play_together
from lims.rehearsal.read import Play, merged, read_rehearsal, up_to
from lims.rehearsal.report import Line
from lims.rehearsal.script import Enrolled, Given

REHEARSALS = Path(__file__).parents[2] / "batch_templates" / "rehearsals"
HISTORY = timedelta(weeks=13)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """One rehearsal of the story: how far it is told, and how long ago its last act was."""

    rehearsal: str
    upto: str | None = None
    """The act after which it stands still; without it the whole rehearsal is told."""
    last: str
    """When that act is, as the rehearsal says it."""
    ago: timedelta
    who: Enrolled = field(default_factory=Enrolled)


LOOK_ALIKE = (
    Enrolled(called="Demo Lin Xiaoyan 演示林晓燕", born="1991-03-12"),
    Enrolled(called="Demo Lin Xiaoyan 演示林晓艳", born="1991-12-03"),
)
"""Two women whom only codes tell apart; both have cells in the laboratory on the same day."""

OTHERS = (Enrolled(name="control", arm="control"), Enrolled(name="newcomer", arm=None))
"""One of the other arm, and one who is only enrolled yet."""

ARRIVES_BEFORE = 2 * HOUR

SCREENING = (
    Tale(rehearsal="screening.yaml", upto="refused_eligibility", last="D4 11:05", ago=9 * DAY),
    Tale(rehearsal="screening.yaml", upto="found_eligible", last="D29 11:05", ago=2 * DAY),
)
"""Women on their way to randomisation: declined, waiting for a second sample, found eligible or not."""

STORY = (
    Tale(rehearsal="golden.yaml", last="D29 10:00", ago=50 * DAY),
    # Nobody else's cells are in the laboratory when that growth is found: a late failure would hold them.
    Tale(rehearsal="growth-after-perfusion.yaml", last="D28 18:00", ago=45 * DAY),
    Tale(rehearsal="qc-fail.yaml", last="D14 16:00", ago=28 * DAY),
    Tale(rehearsal="consent-withdrawn.yaml", last="D12 16:00", ago=20 * DAY),
    Tale(rehearsal="golden.yaml", upto="reconciled", last="D15 10:10", ago=9 * DAY),
    Tale(rehearsal="golden.yaml", upto="delivered", last="D14 13:35", ago=20 * MINUTE),
    Tale(
        rehearsal="golden.yaml",
        upto="production_review",
        last="D14 13:05",
        ago=30 * MINUTE,
        who=LOOK_ALIKE[0],
    ),
    Tale(rehearsal="golden.yaml", upto="sampled", last="D12 09:05", ago=3 * HOUR),
    Tale(rehearsal="golden.yaml", upto="induced", last="D7 11:20", ago=2 * HOUR, who=LOOK_ALIKE[1]),
    Tale(rehearsal="golden.yaml", upto="seeded", last="D0 15:00", ago=26 * HOUR),
    Tale(rehearsal="golden.yaml", upto="batch", last="D-7 09:25", ago=5 * HOUR),
)


def play_demo(
    folder: Path,
    *,
    database: str | None = None,
    now: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Site, Founded]:
    """Found a demo instance in `folder` and tell its story; it ends before `now` and runs on real time from then on.

    `database` is the address of an empty PostgreSQL database; without it SQLite in the folder. Raises Stopped when
    an act does not come out as its rehearsal expects.
    """
    end = (now or datetime.now(UTC)) - timedelta(seconds=5)
    tales = (*SCREENING, *STORY)
    plays = _told(tales)
    founding = Founding(
        kind="demo",
        site_name="Demo cell laboratory",
        password=DEFAULT_SECRETS[0],
        pin=DEFAULT_SECRETS[1],
        start=end - HISTORY,
        everybody=True,
    )
    stage = Stage(folder, _whole(plays), database=database, founding=founding)
    counted = _counting(progress)
    fired: set[Fired] = set()
    telling = [
        _Telling(stage.beside(_calendar(tale, play, end=end)), play, tale.who, fired=fired, tell=counted)
        for tale, play in zip(tales, plays, strict=True)
    ]
    for someone in OTHERS:
        stage.enrol(_screened((someone,)))
    with stage.site.ledger.hurried():
        play_together(telling, until=end)
        telling[0].pass_to(end)
    make_checkpoint(stage.site)
    return switch_to_real_time(stage.site, virtual_end=stage.clock.now()), stage.founded


class _Telling(Playing):
    """A tale while it is told: its own participant arrives shortly before it begins."""

    def __init__(
        self, stage: Stage, play: Play, who: Enrolled, *, fired: set[Fired], tell: Callable[[Line], None]
    ) -> None:
        super().__init__(stage, play, fired=fired, tell=tell)
        self.who = who

    def tracks(self) -> Iterator[Iterator[datetime]]:
        """Her arrival, then everything that the rehearsal says."""
        yield self._arrival()
        yield from super().tracks()

    def _arrival(self) -> Iterator[datetime]:
        scenes = self.rehearsal.scenes
        first = min(self.stage.calendar.moment(s.play.at) for s in scenes if not is_span(s.play.at))
        yield first - ARRIVES_BEFORE
        named = self.rehearsal.given.participants
        self.stage.enrol(_screened(named or (self.who,)))


def _screened(people: tuple[Enrolled, ...]) -> Given:
    """Who has an arm was found eligible before, as the trial asks for."""
    return Given(
        participants=tuple(one.model_copy(update={"eligible": one.arm is not None}) for one in people)
    )


def _told(tales: Sequence[Tale]) -> list[Play]:
    """The play of every tale; each file is read once."""
    read = {name: read_rehearsal(REHEARSALS / name) for name in {tale.rehearsal for tale in tales}}
    return [up_to(read[tale.rehearsal], tale.upto) if tale.upto else read[tale.rehearsal] for tale in tales]


def _calendar(tale: Tale, play: Play, *, end: datetime) -> Calendar:
    """The days of the tale so that its last act lies as long ago as it says; history keeps its hours of the day."""
    written = Calendar(
        day_0=date.fromisoformat(play.given.day_0 or ""), zone=ZoneInfo(play.given.zone or ZONE)
    )
    shift = end - tale.ago - written.moment(tale.last)
    return replace(written, shift=timedelta(days=shift.days) if tale.ago >= DAY else shift)


def _whole(plays: Iterable[Play]) -> Play:
    """One play with the givens of all: what the instance is set up with."""
    first, *others = plays
    given = reduce(merged, (play.given for play in others), first.given)
    masters = dict.fromkeys(name for play in (first, *others) for name in play.given.masters)
    return replace(
        first,
        given=given.model_copy(update={"masters": tuple(masters), "participants": ()}),
        scenes=(),
        then=(),
    )


def _counting(progress: Callable[[int], None] | None) -> Callable[[Line], None]:
    done = itertools.count(1)

    def count(line: Line) -> None:
        if progress:
            progress(next(done))

    return count
