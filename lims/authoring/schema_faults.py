"""The schema's complaints in the words of the laboratory, each at its line."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lims.authoring.faults import Fault
from lims.authoring.yaml_source import YamlNode

_MESSAGES: Mapping[str, str] = {
    "missing": "“{field}” is missing.",
    "extra_forbidden": "“{field}” is not a field here.",
    "unexpected_keyword_argument": "“{field}” is not a field here.",
    "string_type": "“{field}” must be text (in quotes when it looks like something else).",
    "int_type": "“{field}” must be a whole number.",
    "bool_type": "“{field}” must be true or false.",
    "decimal_type": "“{field}” must be a number.",
    "decimal_parsing": "“{field}” must be a number.",
    "finite_number": "“{field}” must be a number.",
    "tuple_type": "“{field}” must be a list.",
    "dataclass_type": "“{field}” must be a group of fields.",
    "enum": "“{field}” must be one of: {expected}.",
    "literal_error": "“{field}” must be {expected}.",
}


def faults_of(error: ValidationError, tree: YamlNode, slot_kinds: Mapping[str, str]) -> tuple[Fault, ...]:
    """One fault per complaint. For an evidence slot only its own kind's complaints are kept."""
    return tuple(_faults(error.errors(include_url=False), tree, slot_kinds))


def _faults(errors: list[ErrorDetails], tree: YamlNode, slot_kinds: Mapping[str, str]) -> Iterator[Fault]:
    for error in errors:
        node, field, known = tree, "", True
        for key in error["loc"]:
            if isinstance(key, str) and key in slot_kinds.values():
                kind = node.child("kind")
                if kind is not None and slot_kinds.get(str(kind.value)) != key:
                    known = False
                    break
                continue
            field = str(key)
            node = node.child(key) or node
        if known:
            yield _fault(error, node.line, field)


def _fault(error: ErrorDetails, line: int, field: str) -> Fault:
    if error["type"] == "value_error":
        # Raised by the domain value itself, for instance a limit whose bounds cross.
        return Fault(line=line, message=str(error["ctx"]["error"]).replace("{", "{{").replace("}", "}}"))
    message = _MESSAGES.get(error["type"], "“{field}”: {detail}.")
    expected = str(error.get("ctx", {}).get("expected", ""))
    return Fault(
        line=line, message=message, params={"field": field[:60], "expected": expected, "detail": error["msg"]}
    )
