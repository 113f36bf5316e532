"""What a site sets about its stock: `batch_templates/STOCK.yaml`, read strictly."""

from functools import lru_cache
from json import dumps
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lims.authoring.faults import AuthoringError
from lims.authoring.schema_faults import faults_of
from lims.authoring.yaml_source import Unreadable, decode, read_yaml
from lims.domain.stock import StockBook

FILE = Path(__file__).parents[2] / "batch_templates" / "STOCK.yaml"
STOCK: TypeAdapter[StockBook] = TypeAdapter(StockBook)


@lru_cache(maxsize=1)
def load_stock(path: Path = FILE) -> StockBook:
    """The stock book of this site. Raises AuthoringError with every fault as `FILE:LINE: message`."""
    try:
        tree = read_yaml(decode(path.read_bytes()))
    except Unreadable as unreadable:
        raise AuthoringError(path.name, unreadable.faults) from None
    try:
        return STOCK.validate_json(dumps(tree.json()), strict=True)
    except ValidationError as error:
        raise AuthoringError(path.name, faults_of(error, tree, {})) from None
