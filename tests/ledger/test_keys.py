"""Keys are made, wrapped and kept so that only a password opens a person's."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.domain.canonical import canon, key_id
from lims.ledger.faults import LedgerFault
from lims.ledger.keys import (
    WrongSecret,
    found_server_keys,
    is_signature,
    make_key,
    read_root_key,
    read_server_keys,
    unwrap,
    wrap,
    write_root_key,
)

PASSWORD = "correct cell battery staple"
PAIR = make_key()
WRAPPED = wrap(PAIR, PASSWORD)


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    signature = PAIR.sign(b"message")
    assert is_signature(signature, message=b"message", public=PAIR.public)
    assert not is_signature(signature, message=b"another", public=PAIR.public)
    assert not is_signature(signature, message=b"message", public=make_key().public)
    assert not is_signature("zz", message=b"message", public="not hex")


def test_a_key_is_named_by_its_public_half() -> None:
    assert PAIR.kid == key_id(PAIR.public)


def test_the_password_opens_the_key() -> None:
    assert unwrap(WRAPPED, PASSWORD) == PAIR


def test_a_password_is_the_same_however_its_signs_were_typed() -> None:
    """A Chinese input method gives full-width signs; NFKC makes them one."""
    assert unwrap(wrap(PAIR, "batch2026record!"), "ｂatch２026record！") == PAIR


def test_another_password_does_not_open_the_key() -> None:
    with pytest.raises(WrongSecret):
        unwrap(WRAPPED, PASSWORD + " ")


def test_the_private_half_is_not_in_what_is_stored_or_printed() -> None:
    assert PAIR.private.hex() not in WRAPPED
    assert PAIR.private.hex() not in repr(PAIR) and repr(PAIR.private) not in repr(PAIR)


@settings(max_examples=6, deadline=None)
@given(name=st.sampled_from(["ciphertext", "nonce", "salt", "public"]), at=st.integers(0, 20))
def test_a_changed_wrapping_does_not_open(name: str, at: int) -> None:
    box = json.loads(WRAPPED)
    signs = list(box[name])
    signs[at] = "0" if signs[at] != "0" else "1"
    with pytest.raises(LedgerFault):
        unwrap(canon({**box, name: "".join(signs)}), PASSWORD)


@pytest.mark.parametrize(
    "change", [{"memory_kib": 8}, {"memory_kib": 2**40}, {"time_cost": 1}, {"format": "plain"}, {"salt": 7}]
)
def test_parameters_that_nobody_wrote_here_are_refused(change: dict[str, int | str]) -> None:
    with pytest.raises(LedgerFault):
        unwrap(canon({**json.loads(WRAPPED), **change}), PASSWORD)


def test_the_root_key_is_not_written_among_the_data(tmp_path: Path) -> None:
    (tmp_path / "data" / "files").mkdir(parents=True)
    for inside in (tmp_path / "data" / "root.key", tmp_path / "data" / "files" / ".." / "root.key"):
        with pytest.raises(LedgerFault):
            write_root_key(inside, PAIR, passphrase=PASSWORD, data_folder=tmp_path / "data")
    assert not list((tmp_path / "data").glob("*.key"))


def test_the_root_key_comes_back_with_its_passphrase_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    write_root_key(path, PAIR, passphrase=PASSWORD, data_folder=tmp_path / "data")
    assert read_root_key(path, passphrase=PASSWORD) == PAIR
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_root_key(path, make_key(), passphrase=PASSWORD, data_folder=tmp_path / "data")


def test_the_servers_keys_are_for_the_server_only(tmp_path: Path) -> None:
    keys = found_server_keys(tmp_path / "keys", seal=(b"key", b"certificate"))
    assert read_server_keys(tmp_path / "keys") == keys
    assert (keys.seal_private, keys.seal_certificate) == (b"key", b"certificate")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert keys.pepper.hex() not in repr(keys) and str(keys.pepper) not in repr(keys)


def test_keys_that_others_can_read_are_not_used(tmp_path: Path) -> None:
    found_server_keys(tmp_path, seal=(b"key", b"certificate"))
    (tmp_path / "pepper.key").chmod(0o644)
    with pytest.raises(LedgerFault, match="pepper"):
        read_server_keys(tmp_path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    found_server_keys(tmp_path, seal=(b"key", b"certificate"))
    (tmp_path / "digest.key").unlink()
    with pytest.raises(LedgerFault, match="digest"):
        read_server_keys(tmp_path)
