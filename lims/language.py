"""The two languages of the site: message ids are English, 中文 is in lims/translations."""

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh_Hans")
TRANSLATIONS = Path(__file__).parent / "translations"


@cache
def words_in(language: str) -> Callable[[str], str]:
    """How a message id reads in a language; unknown languages read as English."""
    found = gettext.translation("messages", TRANSLATIONS, languages=[language], fallback=True)
    return found.gettext
