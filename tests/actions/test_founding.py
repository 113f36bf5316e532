"""Founding: the kind is for ever, the first two people hold keys, production refuses what is for play."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lims.actions.founding import Founded, Founder, found, open_instance
from lims.actions.people import DEFAULT_SECRETS
from lims.actions.site import VirtualClock
from lims.app import DemoLogin, create_app
from lims.cli import check_transport, main
from lims.domain.acts import Role
from lims.domain.canonical import site_code
from lims.domain.entries.keys import InstanceFounded, SiteKeyFounded
from lims.domain.keyring import fold_keyring
from lims.domain.refusals import BadEntry, Refused
from lims.ledger.keys import LedgerFault
from tests.conftest import wanted_database

ADMIN = Founder(
    user_id="first.admin",
    name="Administrator",
    roles=(Role.ADMINISTRATOR,),
    password="quiet harbour at dawn 7",
    pin="730415",
)
QUALITY = Founder(
    user_id="first.qa",
    name="QA officer A",
    roles=(Role.QA,),
    password="seven grey herons fly",
    pin="264819",
)
Founding = Callable[..., Founded]
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where the instance is founded: an empty PostgreSQL database, or SQLite in its own folder."""
    with wanted_database(request) as url:
        yield url


@pytest.fixture
def founding(folder: Path, address: str | None) -> Founding:
    """A founding with legal defaults, so that only the point is spelled out."""
    plain: dict[str, Any] = {
        "kind": "production",
        "site_name": "Cell laboratory",
        "zone": "Asia/Shanghai",
        "profile": "CN",
        "founders": (ADMIN, QUALITY),
        "roles_until": date(2030, 1, 1),
        "root_file": folder.parent / "root-key.json",
        "root_passphrase": "kept in another safe",
        "database": address,
    }
    return lambda **changed: found(folder / "site", **(plain | changed))


def test_the_genesis_entry_says_what_the_instance_is_for_ever(founding: Founding, folder: Path) -> None:
    founded = founding()
    again = open_instance(folder / "site")
    assert isinstance(again.founded, InstanceFounded)
    assert (again.founded.instance_kind, again.founded.zone) == ("production", "Asia/Shanghai")
    with pytest.raises(FileExistsError):
        founding(kind="training")
    founded.site.ledger.close()
    again.ledger.close()


def test_the_letters_code_is_that_of_the_root_key_and_both_founders_are_vouched_for(
    founding: Founding,
) -> None:
    founded = founding()
    with founded.site.ledger.reading() as book:
        entries = book.entries("keys")
    root = next(entry.fact for entry in entries if isinstance(entry.fact, SiteKeyFounded))
    ring = fold_keyring("keys", entries)
    assert founded.code == site_code(root.public)
    assert set(ring.site) == {"root", "seal", "checkpoint"}
    assert [key.trusted for key in ring.people.values()] == [True, True]


def test_the_root_key_never_lies_in_the_data_folder(founding: Founding, folder: Path) -> None:
    with pytest.raises(LedgerFault):
        founding(root_file=folder / "site" / "root-key.json")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"zone": "Mars/Base"}, "zone"),
        ({"profile": "EU"}, "profile"),
        ({"kind": "rehearsal"}, "kind"),
        ({"site_name": " "}, "site_name"),
        ({"founders": (ADMIN,)}, "founders"),
        ({"founders": (ADMIN, ADMIN)}, "founders"),
        ({"root_passphrase": "short"}, "root_passphrase"),
        ({"founders": (ADMIN, replace(QUALITY, password="first.qa and more"))}, "password"),
        ({"founders": (ADMIN, replace(QUALITY, pin="111111"))}, "pin"),
        ({"founders": (ADMIN, replace(QUALITY, password=DEFAULT_SECRETS[0]))}, "password"),
        ({"founders": (ADMIN, replace(QUALITY, pin=DEFAULT_SECRETS[1]))}, "pin"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(
    founding: Founding, folder: Path, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(BadEntry) as refused:
        founding(**changed)
    assert refused.value.field == field
    assert not (folder / "site").exists()


def test_production_refuses_a_virtual_clock_at_founding_and_ever_after(
    founding: Founding, folder: Path
) -> None:
    with pytest.raises(Refused) as refused:
        founding(clock=VirtualClock(NOON))
    assert refused.value.rule == "instance.kind"
    founding().site.ledger.close()
    with pytest.raises(Refused):
        open_instance(folder / "site", clock=VirtualClock(NOON))


def test_production_shows_no_demo_logins_and_never_runs_in_debug_mode(
    founding: Founding, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = founding().site
    login = DemoLogin(user_id="x", name="x", role=Role.QA, password="x")
    with pytest.raises(ValueError, match="demo"):
        create_app(site, secure=True, demo_logins=(login,))
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(ValueError, match="debug"):
        create_app(site, secure=True)


def test_production_is_never_served_in_clear_beyond_its_own_machine(founding: Founding) -> None:
    """P11-30."""
    site = founding().site
    check_transport(site, host="127.0.0.1", behind_tls=False)
    check_transport(site, host="::1", behind_tls=False)
    check_transport(site, host="0.0.0.0", behind_tls=True)
    for host in ("0.0.0.0", "192.0.2.7", "lab.example"):
        with pytest.raises(Exception, match="TLS"):
            check_transport(site, host=host, behind_tls=False)


def test_a_production_folder_is_no_demo(founding: Founding, folder: Path) -> None:
    founding().site.ledger.close()
    said = CliRunner().invoke(main, ["demo", "--instance", str(folder / "site")])
    assert said.exit_code == 1
    assert "not a demo" in said.output


def test_two_people_found_an_instance_at_the_command_line_and_get_the_letter(
    folder: Path, address: str | None
) -> None:
    typed = [
        *(ADMIN.user_id, ADMIN.name, "passport", ADMIN.password, ADMIN.password, ADMIN.pin, ADMIN.pin),
        *(QUALITY.user_id, QUALITY.name, "passport", QUALITY.password, QUALITY.password),
        *(QUALITY.pin, QUALITY.pin, "kept in another safe", "kept in another safe"),
    ]
    command = [
        *("init", "--kind", "training", "--site", "Cell laboratory", "--instance", str(folder / "site")),
        *("--root-file", str(folder.parent / "root.json"), "--letter", str(folder.parent / "letter.pdf")),
        *(("--database", address) if address else ()),
    ]
    said = CliRunner().invoke(main, command, input="\n".join(typed) + "\n")
    assert said.exit_code == 0, said.output
    assert "Site code:" in said.output
    assert (folder.parent / "letter.pdf").read_bytes().startswith(b"%PDF")
    for secret in (ADMIN.password, QUALITY.pin, "kept in another safe"):
        assert secret not in said.output
    assert json.loads((folder / "site" / "instance.json").read_text())["database"] == address
    verified = CliRunner().invoke(main, ["verify", "--instance", str(folder / "site")])
    assert verified.exit_code == 0, verified.output
