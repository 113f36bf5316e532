"""What each room promises, and what nobody writes anywhere."""

import ast
import re

import pytest

from tests.architecture.checkout import ROOMS, ROOT, calls, modules, place, tree_of

NOT = re.compile(r"\b(?:may not|never|nothing|only)\b")
"""A promise is what a room does not do."""
CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime")
READS_THE_CLOCK = {"lims/actions/site.py", "lims/demo/play.py"}
"""The instance's one clock, and the demo player, which must know where its play ends."""
FLOATING = ("float", "math.sqrt", "math.pow", "math.log", "math.exp")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_its_first_sentence_what_it_is_for(room: str) -> None:
    words = ast.get_docstring(tree_of(ROOT / "lims" / room / "__init__.py")) or ""
    assert words.split("\n")[0].endswith(".")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_may_not_do(room: str) -> None:
    words = ast.get_docstring(tree_of(ROOT / "lims" / room / "__init__.py")) or ""
    assert NOT.search(words)


def test_the_readme_has_every_room() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f"`lims/{room}/`" not in readme] == []


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in modules() if not ast.get_docstring(tree_of(path))] == []


def test_no_handler_swallows_every_exception() -> None:
    everything = {"Exception", "BaseException"}
    found = [
        place(path, node)
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or everything & {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
        )
    ]
    assert found == []


def test_only_the_instances_clock_reads_the_time() -> None:
    found = [
        place(path, node)
        for path in modules()
        if path.relative_to(ROOT).as_posix() not in READS_THE_CLOCK
        for node, name in calls(path)
        if name.endswith(CLOCKS)
    ]
    assert found == []


def test_the_domain_has_no_binary_float() -> None:
    """A measured value is a Decimal from the digits that were entered (I14)."""
    found = [
        place(path, node)
        for path in modules("domain")
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Name) and node.id == "float" and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in FLOATING)
    ]
    assert found == []


def test_the_domain_opens_nothing() -> None:
    reaching = {"open", "input", "print"}
    found = [
        place(path, node) for path in modules("domain") for node, name in calls(path) if name in reaching
    ]
    assert found == []
