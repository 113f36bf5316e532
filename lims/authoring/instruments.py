"""What a site sets about its instruments' files: `batch_templates/INSTRUMENTS.yaml`."""

from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from lims.authoring.site_file import FOLDER, load_site_file
from lims.domain.instruments import Instruments

INSTRUMENTS: TypeAdapter[Instruments] = TypeAdapter(Instruments)


@lru_cache(maxsize=1)
def load_instruments(path: Path = FOLDER / "INSTRUMENTS.yaml") -> Instruments:
    """The instruments of this site. Raises AuthoringError with every fault as `FILE:LINE: message`."""
    return load_site_file(path, INSTRUMENTS)
