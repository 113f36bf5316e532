"""A process that records evidence with its use of stock until it is killed, and says which acts were acknowledged."""

import sys
from datetime import datetime
from pathlib import Path

from lims.actions import evidence, release
from lims.actions.evidence import Entered
from lims.actions.founding import open_instance
from lims.actions.site import VirtualClock
from lims.actions.work import Actor
from lims.domain.entries.values import Means


def record_for_ever(folder: Path, now: datetime, batches: list[str], code: str) -> None:
    """Each act writes two streams: the transport box's log and the batch's evidence; then notes without end."""
    site = open_instance(folder, clock=VirtualClock(now))
    actor = Actor(person="tech-a", station="BSC-2", identified=True)
    for batch in batches:
        evidence.record_evidence(
            site,
            actor,
            f"scan-{batch}",
            batch=batch,
            step="receive",
            slot="box",
            entered=Entered(raw=code, means=Means.SCANNED),
        )
        print(f"scan-{batch}", flush=True)
    number = 0
    while True:
        number += 1
        release.annotate(site, actor, f"note-{number}", batch=batches[0], text=f"Note {number}")
        print(f"note-{number}", flush=True)


if __name__ == "__main__":
    record_for_ever(
        Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3].split(","), sys.argv[4]
    )
