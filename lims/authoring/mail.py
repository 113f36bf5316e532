"""What a site sets about its e-mail: `MAIL.yaml` in the instance's folder, read strictly; no file, no e-mail."""

from json import dumps
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lims.authoring.faults import AuthoringError
from lims.authoring.schema_faults import faults_of
from lims.authoring.yaml_source import Unreadable, decode, read_yaml
from lims.domain.mail import MailSettings

NAME = "MAIL.yaml"
SETTINGS: TypeAdapter[MailSettings] = TypeAdapter(MailSettings)


def load_mail_settings(folder: Path) -> MailSettings | None:
    """The site's mail server, if it has one. Raises AuthoringError with every fault as `MAIL.yaml:LINE: message`."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        tree = read_yaml(decode(path.read_bytes()))
    except Unreadable as unreadable:
        raise AuthoringError(NAME, unreadable.faults) from None
    try:
        return SETTINGS.validate_json(dumps(tree.json()), strict=True)
    except ValidationError as error:
        raise AuthoringError(NAME, faults_of(error, tree, {})) from None
