"""The record with its attached files, as a zip to travel beside the PDF."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from lims.documents.findings import N_, Notes
from lims.documents.record_file import RECORD_NAME, ListedFile, RecordFile, compose
from lims.documents.record_reading import Misread, read_record
from lims.domain.canonical import file_hash

MANIFEST_NAME: Final = "SHA256SUMS"
_TIME = (1980, 1, 1, 0, 0, 0)
"""The zip's own times say nothing: the same record gives the same bytes."""


def member_name(item: ListedFile) -> str:
    """Where a file lies in the zip: its hash first, so that two files of one name both fit."""
    plain = "".join(sign if sign.isalnum() or sign in "-._" else "_" for sign in item.name)
    return f"files/{item.sha256[:16]}_{plain.lstrip('.')}"


def with_presence(record: RecordFile, contents: Mapping[str, bytes]) -> RecordFile:
    """The record saying of each file whether it is among `contents` (by hex SHA-256)."""
    files = tuple(replace(item, present=item.sha256 in contents) for item in record.files)
    return replace(record, files=files)


def export_zip(record: RecordFile, contents: Mapping[str, bytes]) -> bytes:
    """record.json, the attached files and SHA256SUMS (as `sha256sum -c` reads it).

    `contents` maps hex SHA-256 to the file's bytes; a file of the record that is not there is listed as absent.
    Raises ValueError when bytes are not what their hash says.
    """
    record = with_presence(record, contents)
    members = {RECORD_NAME: compose(record)}
    for item in record.files:
        if item.present:
            content = contents[item.sha256]
            if file_hash(content) != item.sha256:
                raise ValueError(f"the content of {item.name} is not the file on record")
            members[member_name(item)] = content
    sums = "".join(f"{file_hash(content)}  {name}\n" for name, content in members.items())
    members[MANIFEST_NAME] = sums.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def check_zip(notes: Notes, content: bytes) -> bytes | None:
    """The zip's record.json, None when there is none; each file that it calls present must be there, unchanged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            members = {name: archive.read(name) for name in names}
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        EOFError,
        zlib.error,
    ) as fault:
        notes.fail("attachment", N_("The zip cannot be read: %(fault)s."), fault=str(fault))
        return None
    if len(names) != len(members) or RECORD_NAME not in members:
        notes.fail("attachment", N_("The zip must hold one record.json, and every name once."))
        return None
    try:
        listed = read_record(members[RECORD_NAME]).files
    except Misread:
        return members[RECORD_NAME]
    for item in listed:
        if item.present and file_hash(members.get(member_name(item), b"")) != item.sha256:
            notes.fail(
                "files",
                N_("The attached file %(file)s is missing or was changed."),
                file=item.name,
            )
    expected = {
        RECORD_NAME,
        MANIFEST_NAME,
        *(member_name(item) for item in listed if item.present),
    }
    if set(members) != expected:
        notes.fail("files", N_("The zip holds a file that is not on record, or misses one."))
    return members[RECORD_NAME]
