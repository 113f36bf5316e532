"""Words that have no place in the repository, and licences that have none in an installation."""

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest

from tests.architecture.checkout import ROOT, our_files

# Spelt in pieces, so that this file does not hold the words that it forbids.
FORBIDDEN = re.compile(
    "|".join(
        (
            r"(?<![\w.])/(?:work|home|Users|root)/[\w.]",
            "cla" + "ude",
            "anth" + "ropic",
            "chat" + "gpt",
            "open" + "ai",
            "co" + "pilot",
            r"\bl" + r"lms?\b",
            r"language " + "model",
            "pypi" + r"\.org",
            "python" + "hosted",
            "registry" + r"\.npm",
        )
    ),
    re.IGNORECASE,
)
CLAIMS = re.compile(
    r"\b(?:is|are|fully|FDA|GMP|Part 11)[- ](?:validated|compliant)\b|validated (?:system|software)",
    re.IGNORECASE,
)
ALLOWED_CLAIM = re.compile(r"Software is not compliant|never|nobody|no software", re.IGNORECASE)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in our_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:80]}")
    return found


def test_no_file_names_a_machine_or_a_tool() -> None:
    assert lines_with(FORBIDDEN) == []


def test_nothing_claims_to_be_validated_or_compliant() -> None:
    assert [line for line in lines_with(CLAIMS) if not ALLOWED_CLAIM.search(line)] == []


ALLOWED = (
    "0BSD",
    "Apache-2.0",
    "Apache 2.0",
    "Apache Software License",
    "BSD",
    "BSD License",
    "BSD 2-Clause License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC License (ISCL)",
    "LGPL-3.0-only",
    "MIT",
    "MIT License",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "PSF-2.0",
    "Python Software Foundation License",
    "ZPL 2.1",
    "ZPL-2.1",
    "Zlib",
    "Zope Public License",
)
ALLOWED_IN_DEVELOPMENT = (*ALLOWED, "CNRI-Python", "GPL-3.0-or-later")
"""Tools that check or test and are never shipped; they do not become part of this work."""


def locked(name: str) -> list[str]:
    """The distributions of a lock file that are installed here; others are for other systems."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==", text, re.MULTILINE)))


def licences(found: Distribution) -> list[str]:
    """The parts of a licence expression; else the classifiers; else the licence field's first line."""
    meta = found.metadata
    if expression := meta.get("License-Expression"):
        return re.split(r" (?:AND|OR|WITH) |[()]", expression)
    classifiers = [
        line.split(" :: ")[-1] for line in meta.get_all("Classifier") or () if line.startswith("License ::")
    ]
    return classifiers or [(meta.get("License") or "unknown").splitlines()[0]]


@pytest.mark.parametrize(
    ("lock", "allowed"),
    [("requirements.lock", ALLOWED), ("requirements-dev.lock", ALLOWED_IN_DEVELOPMENT)],
    ids=["shipped", "development"],
)
def test_every_installed_dependency_has_a_licence_that_we_accept(lock: str, allowed: tuple[str, ...]) -> None:
    """AGPL and unknown licences are refused; what is not installed here is for another system."""
    refused = []
    for name in locked(lock):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        refused += [
            f"{name}: {part}" for part in licences(found) if part.strip() and part.strip() not in allowed
        ]
    assert refused == []


def test_most_of_what_is_locked_is_installed_here() -> None:
    """Otherwise the gate of licences would pass by finding nothing."""
    missing = []
    for name in locked("requirements.lock"):
        try:
            distribution(name)
        except PackageNotFoundError:
            missing.append(name)
    assert len(missing) <= 3


def test_the_project_says_its_own_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:80]
