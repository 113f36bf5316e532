"""kill -9 while acts run: what was acknowledged is on file, and no act is there by half."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lims.domain.entries.supply import EquipmentUsed
from tests.attacks.test_crowd_of_people import eight_batches
from tests.builders import Played, Theatre

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("after", [1, 5, 8, 20])
def test_kill_9_loses_nothing_acknowledged_and_leaves_no_half_act(
    on_both: Callable[[str], Played], theatre: Theatre, tmp_path: Path, after: int
) -> None:
    """Evidence in the batch and the use in the equipment's log are one act: both or neither."""
    played = on_both("staffed")
    batches = eight_batches(played)
    box = played.stage.things["transport_box"]
    acknowledged = killed(played, theatre, tmp_path / "instance", batches, box, after=after)
    used = {
        entry.fact.batch
        for entry in played.entries(f"equipment:{box}")
        if isinstance(entry.fact, EquipmentUsed)
    }
    evident = {batch for batch in batches if ("receive", "box") in played.record(batch).slots}
    requests = {
        entry.request.id
        for batch in batches
        for entry in played.entries(f"batch:{batch}")
        if entry.request is not None
    }
    assert used == evident
    assert len(acknowledged) >= after
    assert acknowledged <= requests
    assert played.verified().findings == ()


def killed(
    played: Played, theatre: Theatre, folder: Path, batches: list[str], box: str, *, after: int
) -> set[str]:
    """Let another process work on the instance and kill it; the requests that it acknowledged."""
    folder.mkdir()
    shutil.copytree(theatre.folder / "instance" / "keys", folder / "keys")
    url = played.stage.site.ledger.engine.url.render_as_string(hide_password=False)
    (folder / "instance.json").write_text(json.dumps({"database": url, "format": 1}))
    command = [sys.executable, "-m", "tests.attacks.recorder", str(folder), played.now.isoformat()]
    process = subprocess.Popen(
        [*command, ",".join(batches), box], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    acknowledged: set[str] = set()
    for line in process.stdout:
        acknowledged.add(line.strip())
        if len(acknowledged) >= after:
            break
    process.send_signal(signal.SIGKILL)
    acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
    process.wait()
    return acknowledged
