"""What a site sets in a file of its own beside the master batch records, read as strictly as they are."""

from json import dumps
from pathlib import Path
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from lims.authoring.faults import AuthoringError
from lims.authoring.schema_faults import faults_of
from lims.authoring.yaml_source import Unreadable, decode, read_yaml

T = TypeVar("T")

FOLDER: Final = Path(__file__).parents[2] / "batch_templates"


def load_site_file(path: Path, shape: TypeAdapter[T]) -> T:
    """The file as it is shaped. Raises AuthoringError with every fault as `FILE:LINE: message`."""
    try:
        tree = read_yaml(decode(path.read_bytes()))
    except Unreadable as unreadable:
        raise AuthoringError(path.name, unreadable.faults) from None
    try:
        return shape.validate_json(dumps(tree.json()), strict=True)
    except ValidationError as error:
        raise AuthoringError(path.name, faults_of(error, tree, {})) from None
