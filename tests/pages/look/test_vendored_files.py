"""Files that came from elsewhere are the files we chose, under licences we accept."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "static/vendor/MANIFEST.toml"
MANIFESTS = [SHIPPED, ROOT / "tests/vendor/MANIFEST.toml"]
SHIPPED_LICENCES = {"MIT", "0BSD", "OFL-1.1"}
TEST_LICENCES = SHIPPED_LICENCES | {"MPL-2.0"}
FOREIGN_FOLDERS = ("static/vendor", "static/fonts", "tests/vendor")
OURS = {"static/vendor/MANIFEST.toml", "tests/vendor/MANIFEST.toml", "static/fonts/fonts.css"}


def packages(manifest: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(manifest.read_text(encoding="utf-8"))["package"]
    return found


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_every_file_has_the_hash_that_the_manifest_states(manifest: Path) -> None:
    wrong = [
        name
        for package in packages(manifest)
        for name, digest in package["files"].items()
        if hashlib.sha256((ROOT / name).read_bytes()).hexdigest() != digest
    ]
    assert wrong == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_every_licence_is_one_that_we_accept(manifest: Path) -> None:
    accepted = SHIPPED_LICENCES if manifest == SHIPPED else TEST_LICENCES
    assert [package["name"] for package in packages(manifest) if package["licence"] not in accepted] == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_every_package_has_its_licence_text_beside_it(manifest: Path) -> None:
    assert [
        package["name"] for package in packages(manifest) if package["licence_file"] not in package["files"]
    ] == []


def test_no_foreign_file_is_missing_from_the_manifests() -> None:
    named = {name for manifest in MANIFESTS for package in packages(manifest) for name in package["files"]}
    present = {
        str(path.relative_to(ROOT))
        for folder in FOREIGN_FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert present - OURS == named - {"templates/parts/sprite.svg"}
