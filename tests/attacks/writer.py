"""A process that appends acts of two streams until it is killed, and says which ones were acknowledged."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from lims.ledger.book import Ledger
from tests.ledger.examples import by, step


def write_for_ever(url: str, files: Path) -> None:
    """Each act puts an entry in a lot and one in a batch."""
    ledger = Ledger.open(url, files=files)
    number = 0
    while True:
        with ledger.writing(write=["lot:1", "batch:1"]) as book:
            now = datetime.now(UTC)
            used = book.append(step("lot:1", f"step-{number}"), by(time=now))
            book.append(step("batch:1", f"step-{number}"), by(time=now))
        print(used.seq, flush=True)
        number += 1


if __name__ == "__main__":
    write_for_ever(sys.argv[1], Path(sys.argv[2]))
