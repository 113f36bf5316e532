"""The catalogue of texts: collected from templates, code and the domain's tables, merged from its parts, compiled.

`python -m lims.translations.catalogue` writes messages.po and messages.mo from zh_Hans/parts/*.po and names every
text that has no 中文. A test fails while one is missing or the compiled catalogue is older than its parts.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from lims.domain import oos, stations
from lims.domain.acts import ACTS, Role, Stage
from lims.domain.codes import CODE_REFUSAL_MESSAGES
from lims.domain.formulas import FORMULA_FAULT_MESSAGES
from lims.domain.quantities import NUMBER_REFUSAL_MESSAGES
from lims.domain.refusals import RULES
from lims.domain.release_conditions import CONDITIONS
from lims.domain.sentences_table import SENTENCES, TERMS
from lims.web.errors import TEXTS, TITLES
from lims.web.filters import WEEKDAYS
from lims.web.shell import PERFORMS, RAIL

HERE = Path(__file__).parent
HOME = HERE.parents[1]
CHINESE = HERE / "zh_Hans"
PARTS = CHINESE / "parts"
PO = CHINESE / "LC_MESSAGES" / "messages.po"
MO = CHINESE / "LC_MESSAGES" / "messages.mo"
GALLERY = "parts/gallery.html"
"""Draws every component for the tests of the look; nobody reads it."""
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}


def wanted() -> dict[str, str]:
    """Every text that somebody can read, with where it stands."""
    found: dict[str, str] = {}
    for folder in ("templates", "lims"):
        rows = extract_from_dir(HOME / folder, METHODS, keywords=KEYWORDS)
        for name, line, message, _comments, _context in rows:
            if name == GALLERY:
                continue
            ids = message if isinstance(message, tuple | list) else (message,)
            for text in ids[:1]:
                if text:
                    found.setdefault(text, f"{folder}/{name}:{line}")
    for text, where in _of_the_domain():
        if text:
            found.setdefault(text, where)
    return found


def _of_the_domain() -> Iterator[tuple[str, str]]:
    for code, rule in RULES.items():
        yield rule.why, f"refusals {code}"
        yield rule.then, f"refusals {code}"
    for act in ACTS.values():
        yield act.label, f"acts {act.name}"
        yield act.meaning or "", f"acts {act.name}"
    for messages in (CODE_REFUSAL_MESSAGES, FORMULA_FAULT_MESSAGES, NUMBER_REFUSAL_MESSAGES):
        for message in messages.values():
            yield str(message), "domain messages"
    for texts in (stations.CHECKS, oos.CHECKS, oos.ANSWERS, oos.DECISIONS):
        for code, text in texts.items():
            yield text, f"oos {code}"
    for condition in CONDITIONS:
        yield condition.title, f"release conditions {condition.code}"
    for word in (*Role, *Stage):
        yield word.value, "acts"
    for text in (*SENTENCES.values(), *TERMS.values()):
        yield text, "sentences"
    for text in (*(word for _, _, word in RAIL), *PERFORMS.values(), *WEEKDAYS):
        yield text, "frame"
    for text in (*TITLES.values(), *(part for both in TEXTS.values() for part in both)):
        yield text, "errors"


def merged() -> Catalog:
    """All parts as one catalogue; an id that two parts translate reads as the first part says."""
    whole = Catalog(locale="zh_Hans", project="lims", version="1", charset="utf-8", fuzzy=False)
    # A fixed moment: without one the catalogue would carry the minute in which it was compiled.
    whole.creation_date = whole.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    for part in sorted(PARTS.glob("*.po")):
        with part.open("rb") as source:
            for message in read_po(source, locale="zh_Hans"):
                if message.id and message.string and whole.get(message.id) is None:
                    whole.add(message.id, message.string)
    return whole


def missing() -> dict[str, str]:
    """Texts without 中文, with where they stand."""
    whole = merged()
    return {text: where for text, where in wanted().items() if whole.get(text) is None}


def compiled() -> bytes:
    """The catalogue as it is read at run time."""
    into = BytesIO()
    write_mo(into, merged())
    return into.getvalue()


def main() -> int:
    """Write the catalogue; 1 when a text has no 中文."""
    MO.parent.mkdir(parents=True, exist_ok=True)
    MO.write_bytes(compiled())
    with PO.open("wb") as into:
        write_po(into, merged(), sort_output=True, omit_header=True, width=110)
    lacking = missing()
    for text, where in lacking.items():
        sys.stdout.write(f"{where}\t{text}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
