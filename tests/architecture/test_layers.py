"""Which room may know which: the dependency rule and the libraries with one door."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOMS, ROOT, modules, place, tree_of

ONE_DOOR = {
    "reportlab": {"lims/documents/parts"},
    "pyhanko": {"lims/documents/seal.py"},
    "sqlalchemy": {"lims/ledger/"},
    "alembic": {"lims/ledger/"},
    "argon2": {"lims/ledger/"},
    "pint": {"lims/authoring/"},
    "ruamel": {"lims/authoring/"},
    "pikepdf": {"lims/documents/"},
    "flask": {"lims/web/", "lims/app.py"},
    "wtforms": {"lims/web/"},
    "waitress": {"lims/cli.py"},
}
"""Where a library may be imported: what begins so (parts.py is split into several), or a whole room."""


def test_no_room_imports_from_a_room_above_it() -> None:
    """Contracts: pyproject.toml, `[tool.importlinter]`. In a process of its own: it silences every logger."""
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    said = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def imported(path: Path) -> list[tuple[ast.stmt, str]]:
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(node, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node, node.module))
    return found


@pytest.mark.parametrize("library", ONE_DOOR)
def test_a_library_has_one_door(library: str) -> None:
    beyond = [
        place(path, node)
        for path in modules()
        for node, name in imported(path)
        if name.split(".")[0] == library
        and not path.relative_to(ROOT).as_posix().startswith(tuple(ONE_DOOR[library]))
    ]
    assert beyond == []


def test_every_room_has_its_place_in_the_layers() -> None:
    """A room that the contract does not name is not held by it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    placed = {name.strip() for layer in settings["contracts"][0]["layers"] for name in layer.split("|")}
    assert [room for room in ROOMS if f"lims.{room}" not in placed] == []
