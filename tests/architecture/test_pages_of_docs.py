"""What the docs name exists, and what is written from the code is not stale."""

import importlib
import re
from itertools import pairwise
from pathlib import Path

import pytest

from docs import make_pages
from lims.domain.acts import Stage
from tests.architecture.checkout import ROOT
from tests.rules.played_batch import POINTS, played_batch

DOCS = ROOT / "docs"
CHECKED = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
TOP = tuple(
    sorted(path.name + "/" for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
)
ROOMS = tuple(sorted(path.parent.name for path in (ROOT / "lims").glob("*/__init__.py")))
DOTTED = re.compile(rf"(?:lims\.)?((?:{'|'.join(ROOMS)})(?:\.\w+)+)(?:\(\))?")
LEFT_BY_RUNNING = ("instance/", "build/")
"""Folders that appear when the system runs, not in the repository."""


def quoted(page: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def paths(page: Path) -> list[str]:
    return [name for name in quoted(page) if name.startswith(TOP) and not name.startswith(LEFT_BY_RUNNING)]


def names(page: Path) -> list[str]:
    return [found[1] for name in quoted(page) if (found := DOTTED.fullmatch(name))]


def exists(dotted: str) -> bool:
    """`actions.evidence.record_evidence`: the longest module, then attributes of it."""
    parts = ("lims." + dotted).split(".")
    for cut in range(len(parts), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(thing, part):
                return False
            thing = getattr(thing, part)
        return True
    return False


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert [name for name in paths(page) if not list(ROOT.glob(name.rstrip("/")))] == []


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: page.name)
def test_every_function_that_a_page_names_exists(page: Path) -> None:
    assert [name for name in names(page) if not exists(name)] == []


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: page.name)
def test_every_page_that_a_page_links_to_exists(page: Path) -> None:
    """Pictures are taken by the journey test and may be missing before its first run."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    ours = [link for link in links if "://" not in link and not link.endswith(".png")]
    assert [link for link in ours if not (page.parent / link).exists()] == []


def test_the_tour_names_functions() -> None:
    """Otherwise the test of its names would pass by finding none."""
    assert len(names(DOCS / "tour.md")) >= 20


@pytest.mark.parametrize("recipe", re.split(r"^## ", (DOCS / "recipes.md").read_text(encoding="utf-8"), flags=re.M)[1:],
                         ids=lambda recipe: recipe.split("\n")[0])  # fmt: skip
def test_a_recipe_touches_fewer_than_six_files(recipe: str) -> None:
    rows = [line for line in recipe.splitlines() if re.match(r"\d+\. ", line)]
    assert 1 <= len(rows) < 6


def test_the_page_of_acts_is_the_table_of_acts() -> None:
    """When it fails: python -m docs.make_pages"""
    assert make_pages.ACTS_PAGE.read_text(encoding="utf-8") == make_pages.acts_page()


def test_the_table_of_clauses_is_that_of_rules_and_tests() -> None:
    """When it fails: python -m docs.make_pages"""
    assert make_pages.REGULATIONS_PAGE.read_text(encoding="utf-8") == make_pages.regulations_page()


def test_the_page_of_exceptions_is_written_from_the_fault_set() -> None:
    """When it fails: python -m docs.make_pages"""
    assert make_pages.EXCEPTIONS_PAGE.read_text(encoding="utf-8") == make_pages.exceptions_page()


def test_the_diagram_has_every_way_that_a_played_batch_goes() -> None:
    drawn = {(source, target) for _, sources, target in make_pages.edges() for source in sources}
    stages = [played_batch(point).stage for point in POINTS]
    gone = {(before, after) for before, after in pairwise(stages) if before is not after}
    assert gone <= drawn


def test_every_stage_can_be_reached_in_the_diagram() -> None:
    assert {target for _, _, target in make_pages.edges()} | {Stage.ISSUED} == set(Stage)
