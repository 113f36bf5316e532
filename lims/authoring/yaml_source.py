"""The strict part of YAML that records are written in, read into a tree that knows its lines.

YAML 1.2 (`on` and `no` are words), no duplicate keys, no anchors, aliases, tags, merge keys or second document.
Decimals keep their written digits. Size and depth are bounded before anything is built.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from lims.authoring.faults import Fault, fault
from lims.domain.canonical import Json

LARGEST_TEXT = 512 * 1024
DEEPEST_NESTING = 30
MOST_FAULTS = 50

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_WORDS: Mapping[str, Json] = {"": None, "~": None, "null": None, "true": True, "false": False}
MOST_DIGITS = 30


class Unreadable(ValueError):
    """A text that is not YAML as it is used here."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(str(each) for each in faults))


@dataclass(slots=True)
class YamlNode:
    """A value and the line where it (or its field name) stands; `value` is None for a mapping or a list."""

    line: int
    value: Json = None
    is_decimal: bool = False
    is_quoted: bool = False
    entries: dict[str, "YamlNode"] | None = None
    items: list["YamlNode"] | None = None

    def json(self) -> Json:
        """The value as JSON; a decimal is the string of its written digits."""
        if self.entries is not None:
            return {name: node.json() for name, node in self.entries.items()}
        if self.items is not None:
            return [node.json() for node in self.items]
        return self.value

    def child(self, key: str | int) -> "YamlNode | None":
        """The node under a field name or a list position, or None."""
        if isinstance(key, str):
            return (self.entries or {}).get(key)
        return self.items[key] if self.items is not None and 0 <= key < len(self.items) else None

    @property
    def is_number(self) -> bool:
        """Written as a bare number."""
        return self.is_decimal or (isinstance(self.value, int) and not isinstance(self.value, bool))


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read, and the key that waits for its value."""

    node: YamlNode
    key: str | None = None
    key_line: int = 0


def decode(content: bytes) -> str:
    """The text of a file: UTF-8, bounded in size. Raises Unreadable."""
    if len(content) > LARGEST_TEXT:
        raise Unreadable(_too_large(len(content)))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(fault(line, "The file is not UTF-8 text.")) from None
    return text


def read_yaml(text: str) -> YamlNode:
    """The tree of a text; a mapping at the top. Raises Unreadable with every fault found."""
    if len(text) > LARGEST_TEXT:
        raise Unreadable(_too_large(len(text)))
    if text.startswith("\ufeff"):
        # The stored text must give back the approved bytes, so nothing is cut off silently.
        raise Unreadable(fault(1, "The file begins with a byte order mark; save it without."))
    faults: list[Fault] = []
    top: YamlNode | None = None
    stack: list[_Open] = []
    for event in _events(text):
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            stack.pop()
            continue
        if isinstance(event, DocumentStartEvent) and top is not None:
            raise Unreadable(
                *faults,
                fault(_line(event), "A second document begins here; one file holds one."),
            )
        if not isinstance(event, NodeEvent):
            continue
        if isinstance(event, AliasEvent):
            raise Unreadable(*faults, _no_anchors(_line(event)))
        if len(stack) >= DEEPEST_NESTING:
            raise Unreadable(*faults, fault(_line(event), "The text is nested too deeply."))
        node = _node(event, faults)
        if len(faults) >= MOST_FAULTS:
            raise Unreadable(*faults)
        if stack:
            _put(stack[-1], node, faults)
        elif top is None:
            top = node
        if node.entries is not None or node.items is not None:
            stack.append(_Open(node))
    if top is None or top.entries is None:
        faults.append(fault(1, "The file must begin with fields such as “code: …”."))
    if faults or top is None:
        raise Unreadable(*faults)
    return top


def _events(text: str) -> Iterator[Event]:
    """The parser's events; its errors become one Unreadable each, with their line."""
    parser = YAML(typ="safe", pure=True)
    try:
        yield from cast(Iterator[Event], parser.parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 0
        raise Unreadable(_malformed(error, line, text)) from None
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise Unreadable(fault(line, "A character here cannot stand in a text file.")) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(fault(0, "The file is not YAML: {detail}.", detail=str(error)[:200])) from None


def _malformed(error: MarkedYAMLError, line: int, text: str) -> Fault:
    lines = text.splitlines()
    line = min(line, len(lines))
    at_fault = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in at_fault:
        return fault(line, "There is a tab in this line; indent with spaces.")
    detail = (error.problem or error.context or "unclear").strip()
    return fault(line, "This is not well-formed YAML: {detail}.", detail=detail[:200])


def _node(event: NodeEvent, faults: list[Fault]) -> YamlNode:
    line = _line(event)
    if getattr(event, "anchor", None) is not None:
        faults.append(_no_anchors(line))
    if getattr(event, "tag", None) is not None:
        faults.append(fault(line, "Tags (“!…”) are not used in a record."))
    if isinstance(event, MappingStartEvent):
        return YamlNode(line=line, entries={})
    if isinstance(event, SequenceStartEvent):
        return YamlNode(line=line, items=[])
    if not isinstance(event, ScalarEvent):
        raise TypeError(f"a node event of a new kind: {event!r}")
    return _scalar(
        str(event.value), quoted=event.style is not None and event.style != "", line=line, faults=faults
    )


def _scalar(text: str, *, quoted: bool, line: int, faults: list[Fault]) -> YamlNode:
    if quoted:
        return YamlNode(line=line, value=text, is_quoted=True)
    if text in _WORDS:
        return YamlNode(line=line, value=_WORDS[text])
    if _INTEGER.fullmatch(text):
        return YamlNode(line=line, value=int(text))
    if _DECIMAL.fullmatch(text):
        if sum(char.isdigit() for char in text) > MOST_DIGITS:
            faults.append(fault(line, "This number has too many digits."))
        return YamlNode(line=line, value=text, is_decimal=True)
    return YamlNode(line=line, value=text)


def _put(parent: _Open, node: YamlNode, faults: list[Fault]) -> None:
    if parent.node.items is not None:
        parent.node.items.append(node)
        return
    entries = parent.node.entries
    if entries is None:
        raise AssertionError("only a mapping or a list holds nodes")
    if parent.key is not None:
        # The first of two equal keys stays, so that later faults are told about what was written first.
        entries.setdefault(parent.key, node)
        node.line = parent.key_line
        parent.key = None
    elif node.entries is not None or node.items is not None:
        faults.append(fault(node.line, "A field name must be a word."))
        raise Unreadable(*faults)
    else:
        parent.key = "" if node.value is None else str(node.value)
        parent.key_line = node.line
        if not isinstance(node.value, str) or node.is_decimal:
            faults.append(fault(node.line, "A field name must be a word."))
        elif parent.key == "<<":
            faults.append(fault(node.line, "Merge keys (“<<”) are not used in a record."))
        elif parent.key in entries:
            faults.append(fault(node.line, "“{name}” stands here twice.", name=parent.key[:60]))


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _no_anchors(line: int) -> Fault:
    return fault(line, "Anchors and aliases (“&” and “*”) are not used in a record; write it out.")


def _too_large(size: int) -> Fault:
    return fault(
        0, "The file has {size} bytes; a record has at most {limit}.", size=str(size), limit=str(LARGEST_TEXT)
    )
