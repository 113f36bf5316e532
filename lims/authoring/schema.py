"""The published JSON Schema of what authors write, for editors that complete and check while typing.

`python -m lims.authoring.schema` writes both files; a test fails when they are stale.
"""

import json
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter

from lims.authoring.load import MASTER_BATCH_RECORD, SLOT_KINDS, STUDY_PROTOCOL

FOLDER = Path(__file__).parents[2] / "batch_templates" / "schema"

Schema = dict[str, Any]


def schemas() -> dict[str, str]:
    """File name to the text of its schema."""
    return {
        "master-batch-record.schema.json": _text(MASTER_BATCH_RECORD, "Master batch record"),
        "study-protocol.schema.json": _text(STUDY_PROTOCOL, "Study protocol"),
    }


def write_schemas(folder: Path = FOLDER) -> None:
    """Write both schemas."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(adapter: TypeAdapter[Any], title: str) -> str:
    schema = cast(Schema, _as_written(adapter.json_schema()))
    if "Stage" in schema["$defs"]:
        _add_repeats(schema)
    for name, definition in schema["$defs"].items():
        if name in SLOT_KINDS.values():
            # The kind has a default in the domain, but an author always writes it.
            definition["required"] = sorted({*definition.get("required", []), "kind"})
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _add_repeats(schema: Schema) -> None:
    """What the file may say beside the steps: blocks written once, and where a stage repeats one."""
    code = {"type": "string"}
    steps = schema["$defs"]["Stage"]["properties"]["steps"]
    steps["items"] = {"anyOf": [steps["items"], {"$ref": "#/$defs/Repeat"}]}
    schema["$defs"]["Repeat"] = {
        "description": "The steps of a block stand here, with these words in its places.",
        "type": "object",
        "properties": {
            "repeat": code,
            "day": {"type": "integer"},
            "with": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["repeat", "day"],
        "additionalProperties": False,
    }
    in_block = {**schema["$defs"]["Step"]}
    in_block["required"] = [name for name in in_block["required"] if name != "day"]
    schema["$defs"]["StepOfBlock"] = in_block
    schema["$defs"]["Block"] = {
        "description": "Steps that are written once and repeated; `{name}` stands for a word of the repeat.",
        "type": "object",
        "properties": {"code": code, "steps": {"type": "array", "items": {"$ref": "#/$defs/StepOfBlock"}}},
        "required": ["code", "steps"],
        "additionalProperties": False,
    }
    schema["properties"]["blocks"] = {"type": "array", "items": {"$ref": "#/$defs/Block"}}


def _as_written(schema: object) -> object:
    """Decimals are plain numbers in YAML, not the strings that they are in the stored record."""
    if isinstance(schema, list):
        return [_as_written(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    choices = schema.get("anyOf")
    if isinstance(choices, list) and {"type": "number"} in choices:
        kept = [choice for choice in choices if choice == {"type": "number"} or choice.get("type") == "null"]
        rest = {key: _as_written(value) for key, value in schema.items() if key != "anyOf"}
        return {**kept[0], **rest} if len(kept) == 1 else {"anyOf": kept, **rest}
    return {key: _as_written(value) for key, value in schema.items()}


if __name__ == "__main__":
    write_schemas()
