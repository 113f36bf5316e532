"""Both languages are whole: no text without 中文, places kept, and the compiled catalogue is that of its parts."""

import re

from lims.translations import catalogue

PLACE = re.compile(r"\{\w+\}|%\(\w+\)s")


def test_no_text_lacks_chinese() -> None:
    """Everything that somebody can read, from templates, code and the tables of the domain."""
    lacking = catalogue.missing()
    assert not lacking, "\n".join(f"{where}: {text}" for text, where in lacking.items())


def test_the_compiled_catalogue_is_fresh() -> None:
    """`python -m lims.translations.catalogue` was run after the last change of a part."""
    assert catalogue.MO.read_bytes() == catalogue.compiled()


def test_translations_keep_their_places() -> None:
    """A place that is lost in translation would hide a value from the person who reads."""
    wrong = []
    for message in catalogue.merged():
        if not message.id:
            continue
        one = message.id[0] if isinstance(message.id, tuple) else message.id
        said = message.string[0] if isinstance(message.string, tuple) else message.string
        if sorted(PLACE.findall(str(one))) != sorted(PLACE.findall(str(said))):
            wrong.append(one)
    assert not wrong
