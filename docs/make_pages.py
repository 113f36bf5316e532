"""Writes the pages that are derived from the code: docs/acts.md, the tables of docs/regulations.md, docs/exceptions.md.

`python -m docs.make_pages` writes them; a test fails when they are stale.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lims.domain.acts import ACTS, ALIVE, Act, Role, Stage
from lims.domain.refusals import RULES
from tests.properties.faults import OPERATORS

HOME = Path(__file__).parents[1]
ACTS_PAGE = HOME / "docs" / "acts.md"
REGULATIONS_PAGE = HOME / "docs" / "regulations.md"
EXCEPTIONS_PAGE = HOME / "docs" / "exceptions.md"

LEADS_TO: Mapping[str, Stage] = {
    "record_evidence": Stage.IN_PROCESS,
    "confirm_step": Stage.TESTING,
    "send_step_back": Stage.IN_PROCESS,
    "release_conditionally": Stage.RELEASED,
    "record_perfusion": Stage.PERFUSED,
    "reject_batch": Stage.REJECTED,
    "terminate_batch": Stage.TERMINATED,
    "dispose_finally": Stage.DISPOSED,
    "close_record": Stage.CLOSED,
}
"""The stage that an act can bring a batch to; from where, the table of acts says. A test holds it against the fold."""
FROM: Mapping[str, frozenset[Stage]] = {
    "record_evidence": frozenset({Stage.ISSUED}),
    "confirm_step": frozenset({Stage.IN_PROCESS}),
    "send_step_back": frozenset({Stage.TESTING}),
}
"""Acts that can happen in more stages than those that they end."""
NOTES: Mapping[str, str] = {"record_evidence": "first value", "confirm_step": "last step"}

PARTS: Mapping[str, str] = {"P11": "21 CFR 11", "G": "21 CFR 211", "H": "21 CFR 1271"}
"""Short codes that spell a clause: `G-188b11` is 21 CFR 211.188(b)(11)."""
DRAFT = "EU GMP Annex 11, draft of 2025, "
NAMED: Mapping[str, str] = {
    "A11D-11b": DRAFT + "11(b)",
    "A11D-12f": DRAFT + "12(f)",
    "A16-3": "EU GMP Annex 16, by analogy: independence of release",
    "CN-7": "Chinese rules: language and legible print",
    "DI-4": "Data integrity guidance (MHRA, WHO, PIC/S): contemporaneous",
    "DI-6": "Data integrity guidance (MHRA, WHO, PIC/S): no last value wins",
    "DI-15": "Data integrity guidance (MHRA, WHO, PIC/S): no tests in production",
    "GC-2": "ICH E6(R3) 4.2.2(b): audit trail, removal of personal data",
    "N3": "No rule asks for it: bedside check by scan",
    "N15": "No rule asks for it: an honest clock",
    "S88-3": "ISA-88 Part 1: the control recipe is a frozen copy",
    "TR-1": "The trial: who may have a batch",
    "TR-2": "The trial: rounds and attempts",
    "TR-3": "The trial: round 1 before round 2",
    "TR-4": "The trial: consent withdrawn while the cells grow",
    "TR-5": "The trial: the clinic's checks",
    "TR-6": "The trial: allocation is never undone",
}
"""Short codes whose clause is not in their spelling."""
SUBJECTS: Mapping[str, str] = {
    "A11D": "EU GMP Annex 11, draft of 2025",
    "A16": "EU GMP Annex 16, by analogy",
    "AT": "EudraLex Volume 4 Part IV",
    "CN": "Chinese rules",
    "DI": "Data integrity guidance (MHRA, WHO, PIC/S)",
    "GC": "ICH E6(R3)",
    "N": "No rule asks for it",
    "S88": "ISA-88",
    "TR": "The trial",
}
"""What a short code is about when nobody has named its clause."""
CITED = re.compile(
    r"21 CFR [\d.]+(?:\([a-z0-9]+\))*|\b11\.\d+\([a-z]\)(?:\(\d+\))*|ICH E6\(R3\)(?: [\d.]+)?|Part IV [\d.]+"
    r"|\b(?:P11|G|H|A11D|A16|AT|DI|CN|GC|TR|S88)-\d+[a-z]?\d*\b|\b[IN]\d{1,2}\b"
)
BEGIN, END = "<!-- begin: written by docs/make_pages.py -->", "<!-- end -->"


def acts_page() -> str:
    """The table of acts as a page, with the diagram of the stages."""
    groups: dict[str, list[Act]] = {}
    for act in ACTS.values():
        groups.setdefault(act.on, []).append(act)
    parts = [_ACTS_INTRODUCTION, _diagram()]
    for on, acts in groups.items():
        parts.append(f"## On: {on}\n\n" + _act_table(acts))
    return "\n".join(parts)


_ACTS_INTRODUCTION = """# Acts

Written by `docs/make_pages.py` from `lims/domain/acts.py`; do not edit by hand. An act that is not here cannot happen.

*Who* is the least strength: **attributed** (whoever holds the seat), **identified** (PIN), **signed** (user id and
password, with the meaning as a sentence). A step of the master batch record can ask for more. *In* names the stages in
which an act on a batch can happen; where nothing stands, the stage does not matter.
"""


def _act_table(acts: list[Act]) -> str:
    lines = ["| Act | Button | By | Who | In | Also | The signature means |", "|---|---|---|---|---|---|---|"]
    for act in acts:
        cells = (f"`{act.name}`", act.label, _by(act), act.who.value, _in(act), _also(act), act.meaning or "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _by(act: Act) -> str:
    everyone = frozenset(Role) - {Role.SYSTEM}
    if act.by == everyone:
        return "everyone"
    if act.by == everyone - {Role.INSPECTOR}:
        return "all staff"
    return ", ".join(role.value for role in Role if role in act.by)


def _in(act: Act) -> str:
    if act.in_stages is None:
        return ""
    if act.in_stages == frozenset(Stage):
        return "any"
    return ", ".join(stage.value for stage in Stage if stage in act.in_stages)


def _also(act: Act) -> str:
    said = []
    if act.needs_training:
        said.append("needs training")
    if act.needs_delegation:
        said.append("needs delegation")
    if act.not_if_took_part:
        said.append("not by who took part")
    if act.in_stages is not None and not act.despite_hold:
        said.append("not on hold")
    return "; ".join(said)


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "  [*] --> issued: issue_batch", "  state alive {"]
    for name, sources, target in edges():
        if target in ALIVE:
            note = f" ({NOTES[name]})" if name in NOTES else ""
            lines += [
                f"    {source.value} --> {target.value}: {name}{note}"
                for source in Stage
                if source in sources
            ]
    lines.append("  }")
    for name, sources, target in edges():
        if target in ALIVE:
            continue
        if sources == ALIVE:
            lines.append(f"  alive --> {target.value}: {name}")
        else:
            lines += [f"  {source.value} --> {target.value}: {name}" for source in Stage if source in sources]
    lines += ["  closed --> [*]", "```", ""]
    return "\n".join(lines)


def edges() -> Iterator[tuple[str, frozenset[Stage], Stage]]:
    """Every act that changes a batch's stage: from which stages, to which."""
    for name, target in LEADS_TO.items():
        yield name, FROM.get(name, ACTS[name].in_stages or frozenset()), target


def read_as(code: str) -> str:
    """What a short code stands for."""
    if code in NAMED:
        return NAMED[code]
    if found := re.fullmatch(r"I(\d+)", code):
        return f"Invariant {found[1]} below"
    if found := re.fullmatch(r"(P11|G|H)-(\d+)([a-z]?)(\d*)", code):
        part, number, letter, point = found.groups()
        return f"{PARTS[part]}.{number}" + "".join(f"({sign})" for sign in (letter, point) if sign)
    if code.startswith(("21 CFR", "ICH", "Part IV")):
        return code.replace("Part IV", "EudraLex Volume 4 Part IV")
    if re.match(r"11\.\d", code):
        return f"21 CFR {code}"
    return f"{SUBJECTS[re.split(r'-|(?<=^N)', code)[0]]} ({code})"


def citing_tests() -> Mapping[str, list[str]]:
    """For each clause the tests whose docstring cites it, as `area/file::test`."""
    found: dict[str, list[str]] = {}
    for path in sorted((HOME / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for clause in dict.fromkeys(CITED.findall(ast.get_docstring(node) or "")):
                    place = path.relative_to(HOME / "tests").as_posix()
                    found.setdefault(read_as(clause), []).append(f"{place}::{node.name}")
    return found


def rules_table() -> str:
    """Every clause that a refusing rule or a test cites: the rules, the acts' refusals, the tests."""
    rules: dict[str, list[str]] = {}
    for code, rule in RULES.items():
        for clause in dict.fromkeys(CITED.findall(rule.source)):
            rules.setdefault(read_as(clause), []).append(code)
    tests = citing_tests()
    lines = ["| Clause or invariant | Rules that refuse | Tests that cite it |", "|---|---|---|"]
    for clause in sorted(rules.keys() | tests.keys(), key=_order):
        named = "<br>".join(f"`{code}`" for code in rules.get(clause, ()))
        shown = "<br>".join(f"`{test}`" for test in tests.get(clause, ()))
        lines.append(f"| {clause} | {named} | {shown} |")
    return "\n".join(lines) + "\n"


def _order(clause: str) -> tuple[str, ...]:
    return tuple(part.zfill(6) if part.isdigit() else part for part in re.split(r"(\d+)", clause))


def operators_table() -> str:
    """Every operator of the fault set: where it fits, and how many faults of which class it plants in a batch."""
    lines = ["| Operator | Fits at | Plants |", "|---|---|---|"]
    for name, operator in OPERATORS.items():
        spelt = re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()
        plants = ", ".join(
            f"{count} × {item.value.replace('_', ' ')}" for item, count in operator.plants.items()
        )
        lines.append(f"| {spelt} | {operator.fits} | {plants} |")
    whole = sum(sum(operator.plants.values()) for operator in OPERATORS.values())
    classes = len({item for operator in OPERATORS.values() for item in operator.plants})
    lines.append(f"| **{len(OPERATORS)} operators** | | **{whole} faults of {classes} classes** |")
    return "\n".join(lines) + "\n"


def written_anew(page: Path, table: str) -> str:
    """A page as it is, with its table in place of the one before."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def regulations_page() -> str:
    """What each clause is refused and tested by."""
    return written_anew(REGULATIONS_PAGE, rules_table())


def exceptions_page() -> str:
    """What counts as an exception, and the fault set."""
    return written_anew(EXCEPTIONS_PAGE, operators_table())


def write_pages() -> None:
    """Write every page."""
    ACTS_PAGE.write_text(acts_page(), encoding="utf-8")
    REGULATIONS_PAGE.write_text(regulations_page(), encoding="utf-8")
    EXCEPTIONS_PAGE.write_text(exceptions_page(), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
