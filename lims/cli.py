"""The command `lims`: found an instance, serve it, play the demo, verify what is kept or printed."""

import gc
import ipaddress
import json
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import waitress

from lims.actions.founding import CONFIGURATION, KINDS, PROFILES, Founded, Founder, found, open_instance
from lims.actions.keeping import Checked, Restored, check_backup, make_backup, restore_backup
from lims.actions.people import DEFAULT_SECRETS
from lims.actions.site import Site, SystemClock
from lims.actions.timers import Scheduler, make_checkpoint, run_due
from lims.app import DemoLogin, create_app
from lims.authoring.faults import AuthoringError
from lims.documents.findings import Verdict
from lims.documents.founding_letter import Founder as LetterFounder
from lims.documents.founding_letter import print_founding_letter
from lims.documents.verifier import main_lines, verify_pdf, verify_record
from lims.domain.acts import Role
from lims.domain.batch_record import BatchRecord
from lims.domain.entries.envelope import stream_of
from lims.domain.entries.keys import CheckpointMade
from lims.domain.folds import Folded, fold, rows_of
from lims.domain.participant import Participant
from lims.domain.refusals import Refused
from lims.domain.rows import ParticipantRow
from lims.domain.trial.randomisation import STREAM as RANDOMISATION
from lims.domain.trial.randomisation import differing, fold_randomisation
from lims.ledger.checkpoints import witness_code
from lims.ledger.faults import LedgerFault
from lims.ledger.read_tables import find
from lims.ledger.verify import verify as verify_ledger

if TYPE_CHECKING:
    from lims.rehearsal.play import Rehearsed
    from lims.rehearsal.read import Play

DEFAULT_FOLDER = Path("instance")
instance_option = click.option(
    "--instance",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_FOLDER,
    show_default=True,
    envvar="LIMS_INSTANCE",
    help="The instance's data folder.",
)


@click.group()
def main() -> None:
    """Electronic batch record and chain of custody for autologous cell therapy."""


@main.command()
@instance_option
@click.option("--kind", type=click.Choice([kind for kind in KINDS if kind != "demo"]), required=True)
@click.option("--site", "site_name", prompt="Name of the site", help="As it is printed on every paper.")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="IANA time zone of the site.")
@click.option("--profile", type=click.Choice(PROFILES), default="CN", show_default=True)
@click.option("--database", default=None, help="PostgreSQL URL; without it SQLite in the data folder.")
@click.option(
    "--root-file",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where the encrypted site root key is written: outside the data folder, to be kept off the server.",
)
@click.option(
    "--letter", type=click.Path(path_type=Path, dir_okay=False), default=Path("founding-letter.pdf")
)
def init(
    folder: Path,
    kind: str,
    site_name: str,
    zone: str,
    profile: str,
    database: str | None,
    root_file: Path,
    letter: Path,
) -> None:
    """Found an instance. Its kind never changes; the first two people choose their secrets now."""
    click.echo("Two people found an instance. Each types their own password and PIN, unseen by the other.")
    founders = [_ask_founder("Administrator", (Role.ADMINISTRATOR,)), _ask_founder("Quality", (Role.QA,))]
    passphrase = click.prompt("Passphrase for the site root key", hide_input=True, confirmation_prompt=True)
    try:
        founded = found(
            folder,
            kind=kind,
            site_name=site_name,
            zone=zone,
            profile=profile,
            founders=founders,
            roles_until=(SystemClock().now() + timedelta(days=365)).date(),
            root_file=root_file,
            root_passphrase=passphrase,
            database=database,
        )
    except (Refused, LedgerFault, FileExistsError) as refused:
        raise click.ClickException(str(refused)) from None
    letter.write_bytes(_letter(founded))
    click.echo(f"Founded a {kind} instance in {folder}.")
    click.echo(f"Site code: {founded.code}")
    click.echo(
        f"Print {letter}, give it to the inspector's file, and delete it. Take {root_file} off this server."
    )


def _ask_founder(title: str, roles: tuple[Role, ...]) -> Founder:
    click.echo(f"\n{title}:")
    return Founder(
        user_id=click.prompt("  User id"),
        name=click.prompt("  Full name as printed"),
        identity_checked_by=click.prompt("  Identity checked against (document, by whom)"),
        password=click.prompt(
            "  Password (12 characters or more)", hide_input=True, confirmation_prompt=True
        ),
        pin=click.prompt("  PIN (6 digits)", hide_input=True, confirmation_prompt=True),
        roles=roles,
    )


def _letter(founded: Founded) -> bytes:
    genesis = founded.site.founded
    return print_founding_letter(
        site_code=founded.code,
        kind=genesis.instance_kind,
        site_name=genesis.site,
        zone=genesis.zone,
        profile=genesis.profile,
        root_kid=founded.root_kid,
        seal_fingerprint=founded.seal_fingerprint,
        founders=[LetterFounder(name=key.name, kid=key.kid) for key in founded.founders],
        founded_at=founded.site.clock.now(),
        language="en",
    )


@main.command()
@instance_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--behind-tls", is_flag=True, help="A proxy on this host ends TLS in front of this server.")
def serve(folder: Path, host: str, port: int, behind_tls: bool) -> None:
    """Serve a founded instance."""
    try:
        site = open_instance(folder)
    except FileNotFoundError:
        raise click.ClickException(f"{folder} holds no instance: found one with `lims init`") from None
    except (Refused, LedgerFault) as refused:
        raise click.ClickException(str(refused)) from None
    check_transport(site, host=host, behind_tls=behind_tls)
    _serve(site, host=host, port=port, secure=behind_tls, logins=())


def check_transport(site: Site, *, host: str, behind_tls: bool) -> None:
    """A production instance is never served over plain HTTP beyond this machine (P11-30)."""
    loopback = host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
    if site.founded.instance_kind == "production" and not loopback and not behind_tls:
        raise click.ClickException(
            "A production instance is served beyond this machine only behind TLS: put a proxy in front of it"
            " and say --behind-tls."
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _serve(site: Site, *, host: str, port: int, secure: bool, logins: tuple[DemoLogin, ...]) -> None:
    app = create_app(site, secure=secure, demo_logins=logins)
    run_due(site)
    scheduler = Scheduler(site)
    scheduler.start()
    click.echo(f"Serving {site.founded.site} on http://{host}:{port}/ (Ctrl+C ends it)")
    # What stands in memory now stays as long as the server: the collector need not go over it again in every act.
    gc.collect()
    gc.freeze()
    proxy = {"trusted_proxy": "127.0.0.1", "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"}}
    try:
        waitress.serve(app, host=host, port=port, threads=8, ident=None, **(proxy if secure else {}))
    finally:
        scheduler.stop()


@main.command()
@instance_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def demo(folder: Path, host: str, port: int) -> None:
    """Play a demo instance if there is none yet, then serve it with a login per role."""
    from lims.demo.play import play_demo  # here, for `lims serve` starts without what plays
    from lims.rehearsal.cast import CAST, OFFICE, STATION_OF

    if not (folder / CONFIGURATION).exists():
        click.echo("Playing the demo: twelve weeks of a small laboratory, about a minute …")
        _, founded = play_demo(folder, progress=_tell)
        (folder / "founding-letter.pdf").write_bytes(_letter(founded))
        (folder / "site-code.txt").write_text(founded.code + "\n")
        founded.site.ledger.close()
    site = open_instance(folder)
    if site.founded.instance_kind != "demo":
        raise click.ClickException(f"{folder} is a {site.founded.instance_kind} instance, not a demo")
    click.echo("\nDemo logins (every password is the same):")
    password, _ = DEFAULT_SECRETS
    for player in CAST:
        click.echo(f"  {player.name:18} user id {player.id:10} password {password}")
    code = folder / "site-code.txt"
    if code.exists():
        click.echo(f"Site code of this demo, for verifying its papers: {code.read_text().strip()}\n")
    logins = tuple(
        DemoLogin(
            user_id=player.id,
            name=player.name,
            role=player.role,
            password=password,
            station=STATION_OF.get(player.role, OFFICE),
        )
        for player in CAST
    )
    _serve(site, host=host, port=port, secure=False, logins=logins)


def _tell(done: int) -> None:
    if done % 250 == 0:
        click.echo(f"  {done} acts")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--code", default=None, help="The site code from the paper letter.")
@click.option(
    "--witness",
    "witnessed",
    multiple=True,
    help="A checkpoint's code from a paper logbook or a mail: it must be on file. May be given several times.",
)
@instance_option
def verify(file: Path | None, code: str | None, witnessed: tuple[str, ...], folder: Path) -> None:
    """Verify a sealed PDF or a record.json, or without FILE the whole instance. Exit 1 when anything is wrong."""
    if file is not None:
        if witnessed:
            raise click.UsageError("--witness is compared with a whole instance: leave FILE out")
        content = file.read_bytes()
        findings = verify_pdf(content, code) if content.startswith(b"%PDF") else verify_record(content, code)
        for line in main_lines(findings):
            click.echo(line)
        sys.exit(1 if findings.verdict is Verdict.NOT_INTACT else 0)
    site = open_instance(folder)
    report = verify_ledger(
        site.ledger,
        rows_of=lambda stream, entries: rows_of(stream, fold(stream, entries)),
        witnessed=[each.strip() for each in witnessed],
    )
    for finding in report.findings:
        click.echo(str(finding))
    counts = report.counts
    click.echo(
        f"{counts.streams} streams, {counts.entries} entries, {counts.signatures} signatures, "
        f"{counts.values} detached values, {counts.files} files, {counts.rows} rows, "
        f"{counts.checkpoints} checkpoints: {'intact' if report.holds else 'NOT INTACT'}"
    )
    sys.exit(0 if report.holds else 1)


passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="A file that only its owner can read, with the backup's passphrase; without it you are asked.",
)


def _passphrase(file: Path | None, *, twice: bool) -> str:
    """Never an argument: those are seen by everybody on the machine."""
    if file is None:
        typed: str = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=twice)
        return typed
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise click.ClickException(f"{file} can be read by others: chmod 600")
    return file.read_text(encoding="utf-8").rstrip("\r\n")


@main.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@passphrase_option
@instance_option
def backup(archive: Path, passphrase_file: Path | None, folder: Path) -> None:
    """Write everything on file into the new, encrypted file ARCHIVE. Nobody has to stop working."""
    try:
        site = open_instance(folder)
        made = make_backup(site, archive, passphrase=_passphrase(passphrase_file, twice=True))
    except (Refused, LedgerFault, OSError) as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(
        f"{archive}: {made.entries} entries and {made.files} files as on file at {made.taken_at:%F %T} UTC"
    )
    click.echo(f"manifest {made.manifest_hash}")
    if made.missing_files:
        raise click.ClickException(
            f"{made.missing_files} attached files were missing or changed and are not in it"
        )


@main.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--check", is_flag=True, help="Restore into a temporary folder, verify, drop it; write nothing."
)
@click.option(
    "--database", default=None, help="An empty PostgreSQL database; without it SQLite in the folder."
)
@passphrase_option
@instance_option
def restore(
    archive: Path, check: bool, database: str | None, passphrase_file: Path | None, folder: Path
) -> None:
    """Make the instance again from ARCHIVE in a new folder. Exit 1 when anything is wrong."""
    passphrase = _passphrase(passphrase_file, twice=False)
    outcome: Checked | Restored
    try:
        if check:
            outcome = check_backup(archive, passphrase=passphrase)
        else:
            outcome = restore_backup(archive, folder, passphrase=passphrase, database=database)
    except (Refused, LedgerFault, OSError) as refused:
        raise click.ClickException(str(refused)) from None
    manifest = outcome.manifest
    for finding in outcome.report.findings:
        click.echo(str(finding))
    click.echo(
        f"{manifest.site} ({manifest.instance_kind}), backup of {manifest.taken_at:%F %T} UTC: {manifest.count} entries"
        f" in {len(manifest.heads)} streams, {len(manifest.files)} files, as the manifest says;"
        f" {'intact' if outcome.report.holds else 'NOT INTACT'}"
    )
    if isinstance(outcome, Restored):
        _tell_loss(outcome)
    sys.exit(0 if outcome.report.holds else 1)


def _tell_loss(restored: Restored) -> None:
    made = restored.checkpoint.fact
    assert isinstance(made, CheckpointMade)
    click.echo(
        f"The newest entry is of {restored.fact.last_entry_at:%F %T} UTC. What was recorded later is lost."
    )
    click.echo("Redact again what was redacted later; end again the keys and accounts that were ended later.")
    click.echo(f"Checkpoint {made.number} for the logbook: {witness_code(made)}")


@main.command("rehearse")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Write the sealed batch record.")
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Write its record.json.")
@click.option("--language", type=click.Choice(["en", "zh_Hans"]), default="en", show_default=True)
def rehearse_file(file: Path, pdf: Path | None, record: Path | None, language: str) -> None:
    """Play the journey written in FILE on a throw-away instance. Exit 1 when anything is not as expected."""
    from lims.rehearsal.paper import faults_of_ledger, record_json, record_pdf  # as in `demo`
    from lims.rehearsal.play import rehearse
    from lims.rehearsal.read import read_rehearsal

    try:
        play = read_rehearsal(file)
        with tempfile.TemporaryDirectory(prefix="lims-rehearsal-") as folder:
            rehearsed = rehearse(play, Path(folder) / "instance", tell=lambda line: click.echo(str(line)))
            try:
                if pdf is not None:
                    pdf.write_bytes(record_pdf(rehearsed, language=language))
                if record is not None:
                    record.write_bytes(record_json(rehearsed))
                faults = faults_of_ledger(rehearsed)
            finally:
                rehearsed.site.ledger.close()
    except (AuthoringError, Refused, OSError, LookupError) as fault:
        raise click.ClickException(str(fault)) from None
    _tell_rehearsal(play, rehearsed, faults)


def _tell_rehearsal(play: "Play", rehearsed: "Rehearsed", faults: tuple[str, ...]) -> None:
    report = rehearsed.report
    for line in (*report.failures, *faults):
        click.echo(f"NOT AS EXPECTED  {line}")
    good = report.holds and not faults
    click.echo(
        f"{play.title}: {len(report.lines)} acts, {report.facts} facts checked, "
        f"{'as expected' if good else 'NOT AS EXPECTED'}"
    )
    sys.exit(0 if good else 1)


@main.command()
@click.argument("number")
@instance_option
def fhir(number: str, folder: Path) -> None:
    """Write the chain of a batch as a FHIR R5 Bundle to standard output; codes only, nobody's name."""
    from lims.exchange.fhir import bundle_of

    site = open_instance(folder)
    with site.ledger.reading() as book:
        batch = book.derived(stream_of("batch", number), Folded.of).record
        if not isinstance(batch, BatchRecord) or batch.issued is None:
            raise click.ClickException(f"There is no batch {number}.")
        person = book.derived(stream_of("participant", batch.issue.participant), Folded.of).record
    order = person.round(batch.issue.round).order if isinstance(person, Participant) else None
    click.echo(
        json.dumps(bundle_of(batch, order=order.order if order else None), ensure_ascii=False, indent=2)
    )


@main.command("check-allocation")
@instance_option
def check_allocation(folder: Path) -> None:
    """Run the closed list again and compare it with every arm that was given. Exit 1 when anything differs."""
    site = open_instance(folder)
    with site.ledger.reading() as book:
        state = fold_randomisation(RANDOMISATION, book.entries(RANDOMISATION))
        arms = {row.trial_id: row.arm for row in find(book, ParticipantRow)}
    if state.closed is None:
        raise click.ClickException("Randomisation is not closed: what was sealed is not told yet.")
    differ = differing(state)
    unlike = [taken for taken in state.taken if arms.get(taken.participant) != taken.arm]
    for taken in (*differ, *unlike):
        click.echo(f"place {taken.place}, {taken.participant}: {taken.arm} is not what the list says")
    told = "agrees" if not differ and not unlike else "DIFFERS"
    click.echo(f"{len(state.taken)} places; what was told {told}")
    sys.exit(1 if differ or unlike else 0)


@main.command()
@instance_option
def checkpoint(folder: Path) -> None:
    """Sign all heads now and print the witness code for the logbook and the sponsor's mail."""
    site = open_instance(folder)
    made = make_checkpoint(site).fact
    assert isinstance(made, CheckpointMade)
    click.echo(json.dumps({"checkpoint": made.number, "witness": witness_code(made)}))


if __name__ == "__main__":
    main()
