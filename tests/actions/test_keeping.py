"""Backups and restores as acts: both are on file, and what was lost after a backup is recorded as such."""

import stat
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lims.actions.founding import open_instance, write_configuration
from lims.actions.keeping import Restored, check_backup, make_backup, restore_backup
from lims.actions.site import VirtualClock
from lims.actions.timers import make_checkpoint
from lims.actions.work import Actor, Scene
from lims.cli import main
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import SYSTEM, Authorship, Draft
from lims.domain.entries.keys import CheckpointMade, DocumentIssued
from lims.domain.refusals import BadEntry
from lims.ledger.checkpoints import witness_code
from lims.ledger.encrypted import ArchiveDamaged
from lims.ledger.files import Files
from lims.ledger.findings import Check
from lims.ledger.keys import WrongSecret, read_server_keys, server_key_contents, write_server_keys
from lims.ledger.verify import verify
from tests.builders import HOUR, MINUTE, START, At, Played, on_file, rows_from
from tests.player.stage import Stage

PASSPHRASE = "kept in two envelopes"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "site.backup"


def restored(played: Played, archive: Path, folder: Path, *, later: bool = False) -> Restored:
    """The backup in a new folder, an hour (or a minute) later."""
    clock = VirtualClock(played.now + (HOUR if later else MINUTE))
    return restore_backup(archive, folder, passphrase=PASSPHRASE, clock=clock)


def on_stage(stage: Stage, restored: Restored) -> None:
    """The play goes on where it was restored."""
    stage.site = restored.site
    assert isinstance(restored.site.clock, VirtualClock)
    stage.clock = restored.site.clock


def custody_place(batch: BatchRecord) -> str:
    held = batch.custody[batch.unit_code or ""]
    return str(held.place)


def test_a_restored_instance_verifies_and_goes_on_working(on_both: At, archive: Path, tmp_path: Path) -> None:
    """Also from PostgreSQL to SQLite."""
    played = on_both("released")
    make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    again = restored(played, archive, tmp_path / "again")
    played.stage.site.ledger.close()
    on_stage(played.stage, again)
    played.run(played.script().delivered())
    assert custody_place(played.record()) == "clinic"
    assert played.verified().findings == ()


def test_a_backup_is_put_on_file(at: At, archive: Path) -> None:
    played = at("counting")
    before = sum(head[0] for head in on_file(played).heads.values())
    made = make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    entry = played.entries("system")[-1]
    assert (entry.act, entry.person, entry.fact) == ("make_backup", "system", made)
    assert (made.entries, made.taken_at, made.missing_files) == (before, played.now, 0)


def test_only_its_owner_can_read_an_archive(at: At, archive: Path) -> None:
    make_backup(at("issued").stage.site, archive, passphrase=PASSPHRASE)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.glob("*backup*")] == [archive.name]
    assert [path.name for path in archive.parent.glob(".*")] == []


def test_a_backup_never_goes_over_another_file(at: At, archive: Path) -> None:
    archive.write_text("an older backup")
    with pytest.raises(FileExistsError):
        make_backup(at("issued").stage.site, archive, passphrase=PASSPHRASE)
    assert archive.read_text() == "an older backup"


def test_a_short_passphrase_is_refused(at: At, archive: Path) -> None:
    with pytest.raises(BadEntry):
        make_backup(at("issued").stage.site, archive, passphrase="short")
    assert not archive.exists()


def test_what_was_lost_after_the_backup_is_recorded(at: At, archive: Path, tmp_path: Path) -> None:
    played = at("counting")
    make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    taken_at, reached = played.now, len(played.entries(f"batch:{played.batch}"))
    played.wait(minutes=1)
    lost = played.stage.enrol()
    again = restored(played, archive, tmp_path / "again", later=True)
    with again.site.ledger.reading() as book:
        entry = book.entries("system")[-1]
        assert book.head(f"participant:{lost}") is None
    assert (entry.act, entry.fact) == ("restore_backup", again.fact)
    assert (again.fact.taken_at, again.fact.findings) == (taken_at, 0)
    assert again.fact.last_entry_at <= taken_at < entry.time
    assert (f"batch:{played.batch}", reached) in [(stream, seq) for stream, seq, _ in again.fact.newest]
    again.site.ledger.close()


def test_a_witness_code_of_the_lost_time_is_missed(at: At, archive: Path, tmp_path: Path) -> None:
    """A checkpoint after the backup is gone; its code in the paper logbook says so, that of the restore is there."""
    played = at("counting")
    make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    lost = make_checkpoint(played.stage.site).fact
    again = restored(played, archive, tmp_path / "again")
    new = again.checkpoint.fact
    assert isinstance(lost, CheckpointMade) and isinstance(new, CheckpointMade)
    codes = [witness_code(lost), witness_code(new)]
    report = verify(again.site.ledger, rows_of=rows_from, witnessed=codes)
    assert [finding.check for finding in report.findings] == [Check.CHECKPOINT]
    assert witness_code(lost) in report.findings[0].what
    again.site.ledger.close()


def test_the_servers_keys_come_back(at: At, archive: Path, tmp_path: Path) -> None:
    played = at("issued")
    make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    again = restored(played, archive, tmp_path / "again")
    assert read_server_keys(tmp_path / "again" / "keys") == played.stage.site.keys
    again.site.ledger.close()


def test_a_restore_never_writes_over_anything(at: At, archive: Path, tmp_path: Path) -> None:
    played = at("issued")
    make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        restored(played, archive, folder)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_check_proves_a_backup_and_leaves_nothing(
    at: At, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = at("counting")
    make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    before, temporary = on_file(played), tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    checked = check_backup(archive, passphrase=PASSPHRASE)
    assert (checked.report.holds, checked.manifest.site) == (True, "Demo cell laboratory")
    assert checked.report.counts.entries == checked.manifest.count
    assert (list(temporary.iterdir()), on_file(played)) == ([], before)


def test_a_check_names_damage_and_a_wrong_passphrase(at: At, archive: Path) -> None:
    make_backup(at("issued").stage.site, archive, passphrase=PASSPHRASE)
    with pytest.raises(WrongSecret):
        check_backup(archive, passphrase="another one entirely")
    content = bytearray(archive.read_bytes())
    content[-1] ^= 1
    archive.write_bytes(content)
    with pytest.raises(ArchiveDamaged) as damaged:
        check_backup(archive, passphrase=PASSPHRASE)
    assert damaged.value.last == len(content) - 1


def test_a_lost_file_is_told_at_the_backup_and_at_the_restore(at: At, archive: Path, tmp_path: Path) -> None:
    """The only backup there is may be that of a damaged instance: it comes back, and says so."""
    played = at("counting")
    paper = issue_paper(played)
    Files(played.stage.site.ledger.files).erase(paper)
    made = make_backup(played.stage.site, archive, passphrase=PASSPHRASE)
    again = restored(played, archive, tmp_path / "again")
    assert (made.missing_files, again.fact.findings) == (1, 1)
    assert [finding.check for finding in again.report.findings] == [Check.FILE]
    again.site.ledger.close()


def issue_paper(played: Played) -> str:
    """A paper of the batch as put on file, and its hash."""
    content = b"%PDF- a paper"
    sha256 = Files(played.stage.site.ledger.files).put(content)
    head = played.entries(f"batch:{played.batch}")[-1]
    fact = DocumentIssued(
        paper="batch_record",
        language="en",
        copy_number=1,
        sha256=sha256,
        size=len(content),
        head_stream=head.stream,
        head_seq=head.seq,
        head_hash=head.hash,
        supersedes=None,
    )
    stream = f"documents:{played.batch}"
    with played.stage.site.ledger.writing(write={stream}) as book:
        by = Authorship(
            time=played.now, person=SYSTEM, role="system", station="", act="issue_document", request=None
        )
        scene = Scene(
            site=played.stage.site, book=book, now=played.now, actor=Actor(person=SYSTEM, station="")
        )
        scene.append([Draft(stream=stream, fact=fact)], by)
    return sha256


@pytest.fixture
def folder(at: At, tmp_path: Path) -> Path:
    """The data folder of a founded instance that the command line opens."""
    played = at("counting")
    write_server_keys(played.stage.site.folder / "keys", server_key_contents(played.stage.site.keys))
    write_configuration(played.stage.site.folder, database=str(played.stage.site.ledger.engine.url))
    return played.stage.site.folder


def run(*arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)


def test_the_command_line_backs_up_checks_and_refuses(folder: Path, archive: Path, tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    secret.chmod(0o644)
    refused = run("backup", archive, "--passphrase-file", secret, "--instance", folder)
    assert (refused.exit_code, "chmod 600" in refused.output) == (1, True)
    back_up_on_its_own_time(folder, archive)
    secret.chmod(0o600)
    checked = run(
        "restore", archive, "--check", "--passphrase-file", secret, "--instance", tmp_path / "nowhere"
    )
    assert (checked.exit_code, "intact" in checked.output) == (0, True), checked.output
    assert not (tmp_path / "nowhere").exists()
    wrong = run("restore", archive, "--check", typed="not the right one\n")
    assert (wrong.exit_code, "does not open" in wrong.output) == (1, True)


def back_up_on_its_own_time(folder: Path, archive: Path) -> None:
    clock = VirtualClock(START + timedelta(days=60))
    site = open_instance(folder, clock=clock)
    make_backup(site, archive, passphrase=PASSPHRASE)
    site.ledger.close()


def test_the_passphrase_is_never_an_argument() -> None:
    """Arguments are seen by everybody on the machine."""
    names = {
        name for command in ("backup", "restore") for p in main.commands[command].params for name in p.opts
    }
    assert not names & {"--passphrase", "--password", "-p"}
