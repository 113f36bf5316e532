"""The published JSON Schema of a rehearsal, and the table of acts in its guide.

`python -m lims.rehearsal.schema` writes both; a test fails when they are stale.
"""

import json
from pathlib import Path
from typing import Any

from lims.domain.acts import ACTS
from lims.rehearsal.hands import HANDS
from lims.rehearsal.script import REHEARSAL

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "batch_templates" / "schema" / "rehearsal.schema.json"
GUIDE = ROOT / "docs" / "rehearsals.md"
BEGIN = "<!-- table of acts: python -m lims.rehearsal.schema -->"
END = "<!-- end of the table of acts -->"


def schema_text() -> str:
    """The JSON Schema with which editors complete and check a rehearsal while it is typed."""
    schema: dict[str, Any] = REHEARSAL.json_schema(by_alias=True)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Rehearsal"}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def acts_table() -> str:
    """Every act that a rehearsal can play: its name, who may do it, and what its `with` takes."""
    lines = ["| act | on the page | by | `with` (optional in brackets) |", "|---|---|---|---|"]
    for name, hand in HANDS.items():
        act = ACTS[name]
        fields = [
            field if item.is_required() else f"[{field}]" for field, item in hand.given.model_fields.items()
        ]
        roles = ", ".join(sorted(role.value for role in act.by))
        lines.append(f"| `{name}` | {act.label} | {roles} | {' '.join(fields)} |")
    return "\n".join(lines)


def guide_text(guide: str) -> str:
    """The guide with its table of acts as it is now."""
    before, _, rest = guide.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{acts_table()}\n{END}{after}"


def write() -> None:
    """Write the schema and the guide's table."""
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    GUIDE.write_text(guide_text(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
