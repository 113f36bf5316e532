"""Blocks of steps that a master batch record writes once and repeats, such as line clearance before every opening.

A stage says `repeat: CODE`, the culture day and, under `with`, the words that stand for `{name}` in the block; the
record that is approved and frozen into batches holds the steps as if each had been written out.
"""

import re
from collections.abc import Iterator, Mapping

from lims.authoring.faults import Fault, fault
from lims.authoring.yaml_source import Unreadable, YamlNode

FIELDS = frozenset({"repeat", "day", "with"})
_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


def written_out(tree: YamlNode) -> YamlNode:
    """The tree with every repeat replaced by the steps of its block; lines stay those of the file.

    Raises Unreadable for a block that does not exist or a word that is not given, or given and not used.
    """
    blocks = _blocks(tree)
    faults: list[Fault] = []
    used: set[str] = set()
    for stage in _items(tree, "stages"):
        steps = stage.child("steps")
        if steps is None or steps.items is None:
            continue
        found: list[YamlNode] = []
        for step in steps.items:
            repeat = step.child("repeat")
            if repeat is None:
                found.append(step)
                continue
            used.add(str(repeat.value))
            try:
                found += _repeated(step, repeat, blocks)
            except Unreadable as unreadable:
                faults += unreadable.faults
        steps.items = found
    faults += [
        fault(blocks[code].line, "No stage repeats the block “{code}”.", code=code)
        for code in blocks.keys() - used
    ]
    if faults:
        raise Unreadable(*faults)
    if tree.entries is not None:
        tree.entries.pop("blocks", None)
    return tree


def _blocks(tree: YamlNode) -> dict[str, YamlNode]:
    blocks: dict[str, YamlNode] = {}
    for block in _items(tree, "blocks"):
        code = block.child("code")
        name = "" if code is None else str(code.value)
        if code is None or set(block.entries or {}) != {"code", "steps"} or not _items(block, "steps"):
            raise Unreadable(fault(block.line, "A block has a code and steps, and nothing else."))
        if name in blocks:
            raise Unreadable(fault(code.line, "The code “{code}” is used twice.", code=name[:60]))
        blocks[name] = block
    return blocks


def _repeated(step: YamlNode, repeat: YamlNode, blocks: Mapping[str, YamlNode]) -> Iterator[YamlNode]:
    strange = sorted(set(step.entries or {}) - FIELDS)
    if strange or step.child("day") is None:
        raise Unreadable(fault(step.line, "A repeat has a day, words under “with”, and nothing else."))
    if (block := blocks.get(str(repeat.value))) is None:
        raise Unreadable(fault(repeat.line, "There is no block “{code}”.", code=str(repeat.value)[:60]))
    given = step.child("with")
    words = {name: str(node.value) for name, node in (given.entries or {}).items()} if given else {}
    places = set(_places(block))
    if lacking := sorted(places - words.keys()):
        raise Unreadable(fault(step.line, "The repeat gives no word for “{name}”.", name=lacking[0]))
    if unused := sorted(words.keys() - places):
        raise Unreadable(fault(step.line, "The block has no place for “{name}”.", name=unused[0]))
    day = step.child("day")
    for item in _items(block, "steps"):
        copy = _filled(item, words)
        if copy.entries is not None and day is not None:
            copy.entries.setdefault("day", day)
        yield copy


def _items(node: YamlNode, key: str) -> list[YamlNode]:
    below = node.child(key)
    return [] if below is None else below.items or []


def _places(node: YamlNode) -> Iterator[str]:
    for below in (*(node.entries or {}).values(), *(node.items or [])):
        yield from _places(below)
    if isinstance(node.value, str):
        yield from _PLACE.findall(node.value)


def _filled(node: YamlNode, words: Mapping[str, str]) -> YamlNode:
    value = node.value
    if isinstance(value, str) and not node.is_decimal:
        value = _PLACE.sub(lambda found: words[found[1]], value)
    return YamlNode(
        line=node.line,
        value=value,
        is_decimal=node.is_decimal,
        is_quoted=node.is_quoted,
        entries={name: _filled(below, words) for name, below in node.entries.items()}
        if node.entries is not None
        else None,
        items=[_filled(below, words) for below in node.items] if node.items is not None else None,
    )
