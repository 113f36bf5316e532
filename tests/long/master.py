"""A master batch record of full size, generated: 18 stages, about 110 steps, every kind of evidence, D−7 to D+28."""

from pathlib import Path

PARTS = Path(__file__).with_name("parts.yaml")
SOURCE = Path(__file__).parents[2] / "batch_templates" / "MBR-DNK-010.yaml"
CODE = "MBR-LONG-110"
DAYS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
"""Culture days on which the vessel is opened; each is a stage of eight steps, two of them on one way only."""


def text() -> str:
    """The YAML of the long master batch record."""
    _, *found = PARTS.read_text(encoding="utf-8").split("# === ")
    parts = {name: part for name, _, part in (part.partition("\n") for part in found)}
    source = SOURCE.read_text(encoding="utf-8")
    source = source.replace("code: MBR-DNK-010", f"code: {CODE}").replace("ten-step batch", "whole process")
    source = source.replace("十步批生产", "全流程批生产")
    source = source.replace("code_type: CONTAINER, count: 1", "code_type: CONTAINER, count: 2")
    head, stages = source.split("\nstages:\n")
    stages, tests = stages.split("\ntests:\n")
    receipt, rest = stages.split("\n  - code: culture\n")
    culture, rest = rest.split("      # 5\n")
    feed, rest = rest.split("\n  - code: harvest\n")
    days = "".join(
        f"""
  - code: day_{day}
    title: {{en: "Culture day {day}", zh: "培养第{day}天"}}
    steps:
      - {{repeat: culture_day, day: {day}, with: {{d: d{day}, n: {day}}}}}
"""
        for day in DAYS
    )
    spans = "\n".join(
        f"              - {{since: back_d{day}.shelf, until: out_d{day + 1}.vessel, reading: out_d{day + 1}.oxygen}}"
        for day in DAYS[4:-1]
    )
    return "".join(
        (
            head,
            parts["block"],
            "\nstages:\n",
            parts["before"],
            receipt,
            parts["receipt"],
            "\n  - code: culture\n",
            culture,
            days,
            '\n  - code: day_12\n    title: {en: "Culture day 12", zh: "培养第12天"}\n    steps:\n',
            feed,
            "\n  - code: harvest\n",
            rest,
            parts["balance"].replace("SPANS", spans),
            parts["after"],
            "\ntests:\n",
            tests,
        )
    )
