"""The files of the checkout as tests of its shape read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = {"translations"}
"""A package of data is no room."""
ROOMS = sorted({path.parent.name for path in (ROOT / "lims").glob("*/__init__.py")} - DATA)
FROM_ELSEWHERE = ("static/vendor/", "static/fonts/", "tests/vendor/")
"""Folders of files that others wrote."""
NOT_TEXT = (".png", ".fcs", ".woff2", ".ttf", ".icc", ".mo", ".pdf", ".jpg", ".ico", ".wasm")


@cache
def our_files() -> tuple[Path, ...]:
    """Every text file that is in the repository and that we wrote; locks and the leaked passwords are data."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    return tuple(
        ROOT / name
        for name in listed
        if name
        and not name.startswith(FROM_ELSEWHERE)
        and not name.endswith((*NOT_TEXT, ".lock", "common_passwords.txt"))
        and (ROOT / name).is_file()
    )


@cache
def modules(room: str = "") -> tuple[Path, ...]:
    """The Python files of a room, or of all of them."""
    return tuple(sorted((ROOT / "lims" / room).rglob("*.py")))


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed source."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
    """Where a finding is, as an editor opens it."""
    return f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name of what is called; `datetime.datetime.now` ends in `datetime.now`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)
