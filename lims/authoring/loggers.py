"""What a site sets about its temperature loggers: `batch_templates/LOGGERS.yaml`."""

from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from lims.authoring.site_file import FOLDER, load_site_file
from lims.domain.temperature_log import Loggers

LOGGERS: TypeAdapter[Loggers] = TypeAdapter(Loggers)


@lru_cache(maxsize=1)
def load_loggers(path: Path = FOLDER / "LOGGERS.yaml") -> Loggers:
    """The loggers of this site. Raises AuthoringError with every fault as `FILE:LINE: message`."""
    return load_site_file(path, LOGGERS)
