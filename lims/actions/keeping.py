"""Backups made and restored, each of which is itself put on file."""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lims.actions.founding import open_instance, write_configuration
from lims.actions.site import Clock, Site
from lims.actions.timers import AS_SYSTEM, make_checkpoint
from lims.actions.work import Ask, Decision, Outcome, perform
from lims.domain.canonical import instant
from lims.domain.entries.envelope import Draft, Entry
from lims.domain.entries.keys import BackupMade, BackupRestored
from lims.domain.folds import fold, rows_of
from lims.domain.refusals import BadEntry
from lims.domain.rows import Row
from lims.ledger import backup, restore
from lims.ledger.backup import Manifest
from lims.ledger.credentials import LEAST_CHARACTERS
from lims.ledger.faults import LedgerFault
from lims.ledger.findings import Finding, Report
from lims.ledger.keys import server_key_contents, write_server_keys
from lims.ledger.verify import verify

NEWEST_TOLD: Final = 20
"""Streams whose last entry the entry of a restore names."""


def make_backup(site: Site, target: Path, *, passphrase: str) -> BackupMade:
    """Write everything on file into a new encrypted archive, read it back, and put that on file.

    Raises BadEntry for a short passphrase, FileExistsError when something is at `target`, LedgerFault when what was
    written does not read back.
    """
    if len(passphrase) < LEAST_CHARACTERS:
        raise BadEntry("secret.too_short", field="passphrase")
    if target.exists():
        raise FileExistsError(f"{target} is there already")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        manifest = _write(site, unfinished, passphrase=passphrase)
        if restore.check_archive(unfinished, passphrase=passphrase).manifest != manifest:
            raise LedgerFault("what was written does not read back")
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    with target.open("rb") as file:
        archive_hash = hashlib.file_digest(file, "sha256").hexdigest()
    fact = BackupMade(
        taken_at=manifest.taken_at,
        manifest_hash=manifest.hash,
        archive_hash=archive_hash,
        entries=manifest.count,
        files=len(manifest.files),
        missing_files=len(manifest.faults),
    )
    return _put_on_file(site, "make_backup", fact).of(BackupMade)


def _write(site: Site, path: Path, *, passphrase: str) -> Manifest:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        manifest = backup.write_archive(
            file,
            ledger=site.ledger,
            keys=server_key_contents(site.keys),
            passphrase=passphrase,
            site=site.founded.site,
            instance_kind=site.founded.instance_kind,
            now=site.clock.now,
        )
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _put_on_file(site: Site, act: str, fact: BackupMade | BackupRestored) -> Outcome:
    asked = {"manifest": fact.manifest_hash, "taken": instant(fact.taken_at)}
    ask = Ask(request_id=secrets.token_hex(12), act=act, on="system", asked=asked)
    return perform(site, AS_SYSTEM, ask, lambda scene: Decision(drafts=(Draft(stream="system", fact=fact),)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A backup that was restored for a try: what it says, and what a verification of it found."""

    manifest: Manifest
    report: Report

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong; nothing, if the backup can be relied on."""
        return self.report.findings


def check_backup(archive: Path, *, passphrase: str) -> Checked:
    """Restore a backup into a temporary folder, verify it there and drop it; nothing is put on file anywhere.

    Raises LedgerFault (ArchiveDamaged, WrongSecret) for an archive that cannot be restored.
    """
    with tempfile.TemporaryDirectory(prefix="lims-restore-") as named:
        folder = Path(named)
        ledger, opened = restore.restore(
            archive,
            passphrase=passphrase,
            url=f"sqlite:///{folder / 'ledger.db'}",
            files=folder / "files",
            rows_of=_rows_of,
        )
        try:
            report = verify(ledger, rows_of=_rows_of)
        finally:
            ledger.close()
    return Checked(manifest=opened.manifest, report=report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """An instance made again from a backup, open for work."""

    site: Site
    manifest: Manifest
    fact: BackupRestored
    checkpoint: Entry
    report: Report


def restore_backup(
    archive: Path, folder: Path, *, passphrase: str, database: str | None = None, clock: Clock | None = None
) -> Restored:
    """Make the instance again in a new folder, verify it, and put on file up to where it reaches.

    A checkpoint follows: its witness code goes into the logbook beside those that may now be missing. Findings of
    the verification do not stop it, for the only backup there is may be that of a damaged instance; their number
    is on file. Raises FileExistsError when the folder holds anything, LedgerFault as `check_backup`.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: a restore never writes over anything")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = database or f"sqlite:///{(folder / 'ledger.db').resolve()}"
    ledger, opened = restore.restore(
        archive, passphrase=passphrase, url=url, files=folder / "files", rows_of=_rows_of
    )
    report = verify(ledger, rows_of=_rows_of)
    ledger.close()
    write_server_keys(folder / "keys", opened.keys)
    write_configuration(folder, database=database)
    site = open_instance(folder, clock=clock)
    reach = _reach(opened.manifest, findings=len(report.findings))
    fact = _put_on_file(site, "restore_backup", reach).of(BackupRestored)
    return Restored(
        site=site, manifest=opened.manifest, fact=fact, checkpoint=make_checkpoint(site), report=report
    )


def _reach(manifest: Manifest, *, findings: int) -> BackupRestored:
    """Up to where the backup goes: everything later is lost."""
    newest = sorted(manifest.heads, key=lambda head: head[3], reverse=True)[:NEWEST_TOLD]
    return BackupRestored(
        taken_at=manifest.taken_at,
        manifest_hash=manifest.hash,
        entries=manifest.count,
        streams=len(manifest.heads),
        last_entry_at=manifest.last_entry_at,
        newest=tuple((stream, seq, time) for stream, seq, _, time in newest),
        findings=findings,
    )


def _rows_of(stream: str, entries: tuple[Entry, ...]) -> dict[str, Row]:
    return dict(rows_of(stream, fold(stream, entries)))
