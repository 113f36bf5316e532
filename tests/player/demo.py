"""The demo instance: a ten-step batch at several stages, played up to now, then real time for ever."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lims.actions.founding import Founded, switch_to_real_time
from lims.actions.site import Site
from lims.actions.timers import make_checkpoint
from tests.player.scripts import BatchScript, chain
from tests.player.stage import Script, Stage


def play_demo(
    folder: Path,
    *,
    database: str | None = None,
    now: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Site, Founded]:
    """Found a demo instance in `folder` and play it; it ends before `now` and runs on real time from then on.

    `database` is the address of an empty PostgreSQL database; without it SQLite in the folder.
    """
    end = (now or datetime.now(UTC)) - timedelta(seconds=5)
    stage = Stage(folder, start=end - timedelta(days=45), database=database)
    stage.set_up()
    stage.play(*scripts(stage, end=end), until=end, progress=progress)
    make_checkpoint(stage.site)
    return switch_to_real_time(stage.site, virtual_end=stage.clock.now()), stage.founded


def scripts(stage: Stage, *, end: datetime) -> tuple[Script, ...]:
    """Seven batches at as many stages, a control, someone not yet randomised."""
    people = [stage.enrol() for _ in range(6)]
    stage.enrol(arm="control")
    stage.enrol(arm=None)

    def batch(who: int, *, days: float, hours: float = 0.0) -> BatchScript:
        start = end - timedelta(days=days, hours=hours)
        return BatchScript(stage=stage, participant=people[who], start=start)

    done = replace(batch(0, days=44), mistyped={("count", "volume"): "100"})
    given = replace(batch(1, days=20), numbers={("receive", "logger_high"): "25.6"})
    ready = batch(2, days=14, hours=7.5)
    review = replace(
        batch(3, days=14, hours=5.2),
        numbers={("receive", "logger_low"): "14.2"},
        mistyped={("harvest", "volume"): "12"},
        undecided=True,
    )
    feeding = batch(4, days=12, hours=2.4)
    arriving = batch(5, days=0, hours=2.1)
    second = replace(batch(0, days=0, hours=1.0), round_number=2)
    return (
        chain(
            done.issued(),
            done.bench(),
            done.tested(),
            done.released(),
            done.delivered(),
            done.perfused(),
            done.closed(),
        ),
        chain(
            given.issued(),
            given.bench(),
            given.tested(),
            given.released(),
            given.delivered(),
            given.perfused(),
        ),
        chain(ready.issued(), ready.bench(), ready.tested(), ready.released(), ready.delivered()),
        chain(review.issued(), review.bench(), review.tested()),
        chain(feeding.issued(), feeding.bench("feed", half=True)),
        chain(arriving.issued(), arriving.bench("count", half=True)),
        chain(second.issued()),
    )
