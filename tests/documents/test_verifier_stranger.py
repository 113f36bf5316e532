"""docs/record-format.md is enough: a verifier written from it alone agrees with this system's."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.documents.record_file import compose
from lims.documents.verifier import verify_record
from tests.documents import stranger_verifier
from tests.documents.site_builder import CODE, built, closed_batch, open_batch
from tests.documents.spoiling import SPOILINGS, Spoilt

CLOSED = closed_batch().content


def test_the_stranger_knows_nothing_of_this_system() -> None:
    tree = ast.parse(Path(stranger_verifier.__file__).read_text())
    modules = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    modules += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {module.partition(".")[0] for module in modules} == {"hashlib", "json", "re", "cryptography"}


@pytest.mark.parametrize("code", [CODE, None, "", CODE[:-1], "0000-0000-0000-0000-0000", CODE.lower()])
@pytest.mark.parametrize("content", [CLOSED, built(open_batch()).content], ids=["closed", "open"])
def test_both_say_the_same_of_a_good_record(content: bytes, code: str | None) -> None:
    assert stranger_verifier.verdict(content, code) == verify_record(content, code).verdict


@pytest.mark.parametrize("spoil", SPOILINGS, ids=[spoil.__name__.strip("_") for spoil in SPOILINGS])
def test_both_find_what_is_spoilt(spoil: Callable[[], Spoilt]) -> None:
    content = compose(spoil().record)
    assert stranger_verifier.verdict(content, CODE) == verify_record(content, CODE).verdict == "NOT INTACT"


@settings(max_examples=250, deadline=None)
@given(st.integers(0, len(CLOSED) - 1), st.integers(1, 255))
def test_both_find_any_byte_changed(place: int, change: int) -> None:
    spoilt = bytearray(CLOSED)
    spoilt[place] ^= change
    assert stranger_verifier.verdict(bytes(spoilt), CODE) == verify_record(bytes(spoilt), CODE).verdict
