"""Photos and files on their way into the record: recognised by their bytes, kept under their hash, told detached."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lims.actions.detach import Kept, keep, words
from lims.actions.site import Site
from lims.domain.canonical import canon
from lims.domain.refusals import BadEntry
from lims.ledger.files import Files

MOST_BYTES: Final = 20_000_000
LONGEST_NAME: Final = 120

PHOTOS: Final[Mapping[str, bytes]] = MappingProxyType(
    {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
)
"""Media type to the first bytes of such a file."""
PAPERS: Final[Mapping[str, bytes]] = MappingProxyType(
    {"application/pdf": b"%PDF-", "application/zip": b"PK\x03\x04"}
)
FLOW: Final[Mapping[str, bytes]] = MappingProxyType({"application/vnd.isac.fcs": b"FCS"})
TEXT: Final = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that is on disk, and its description to be stored beside the chain."""

    kept: Kept
    media_type: str
    sha256: str


def attach(site: Site, upload: Upload, *, photo: bool) -> Attachment:
    """Keep the file byte for byte. Raises BadEntry when it is empty, too large or of a kind that is not kept."""
    if not upload.content:
        raise BadEntry("file.none", field="file")
    if len(upload.content) > MOST_BYTES:
        size = f"{len(upload.content) / 1e6:.1f}"
        raise BadEntry("file.large", field="file", size=size, limit=MOST_BYTES // 1_000_000)
    media_type = _media_type(upload, photo=photo)
    name = words(upload.name.rpartition("/")[2].rpartition("\\")[2], field="file", longest=LONGEST_NAME).value
    sha256 = Files(site.ledger.files).put(upload.content)
    told = canon({"name": name, "sha256": sha256, "size": len(upload.content), "type": media_type})
    return Attachment(kept=keep(told, sort="file"), media_type=media_type, sha256=sha256)


def _media_type(upload: Upload, *, photo: bool) -> str:
    """What the bytes are; the name of a file proves nothing."""
    known = PHOTOS if photo else {**PHOTOS, **PAPERS, **FLOW}
    for media_type, begins in known.items():
        if upload.content.startswith(begins):
            return media_type
    if not photo and _is_text(upload.content):
        return TEXT
    kind = upload.name.rpartition(".")[2][:12] if "." in upload.name else "?"
    accepted = "JPEG, PNG" if photo else "JPEG, PNG, PDF, CSV, TXT, XLSX, ZIP, FCS"
    raise BadEntry("file.kind", field="file", kind=kind, known=accepted)


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(sign.isprintable() or sign in "\r\n\t" for sign in text)
    return False
