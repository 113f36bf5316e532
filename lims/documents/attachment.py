"""Putting record.json into the PDF, in the form of an archive file (built to PDF/A-3b), before it is sealed."""

import io
import zlib
from datetime import UTC, datetime
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from lims.documents.colour_profile import SRGB
from lims.documents.record_file import RECORD_NAME

PLAIN_UP_TO_LINES: Final = 20_000
"""A record of more lines than this lies deflated; a smaller one can be read with a text editor."""


def attach_record(pdf: bytes, record: bytes, *, title: str, language: str, time: datetime) -> bytes:
    """The PDF with record.json as its associated file, sRGB output intent and matching XMP; ready to be sealed.

    `language` is a BCP 47 tag, `time` the aware moment of printing (no clock is read here). Author, subject and
    keywords are removed: titles name the batch, never a person. Same arguments, same bytes.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.Root.Lang = String(language)
        _attach(document, record, time)
        document.Root.OutputIntents = Array([_output_intent(document)])
        _describe(document, title=title, language=language, time=time)
        out = io.BytesIO()
        document.save(
            out,
            min_version="1.7",
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
        )
    return out.getvalue()


def _attach(document: pikepdf.Pdf, record: bytes, time: datetime) -> None:
    root = document.Root
    spec = _file_specification(document, record, time)
    root.AF = Array([spec])
    names = root.get(Name.Names, Dictionary())
    names.EmbeddedFiles = Dictionary(Names=Array([String(RECORD_NAME), spec]))
    root.Names = names


def _file_specification(document: pikepdf.Pdf, record: bytes, time: datetime) -> pikepdf.Object:
    stream = pikepdf.Stream(document, record)
    if record.count(b"\n") > PLAIN_UP_TO_LINES:
        stream.write(zlib.compress(record, 9), filter=Name.FlateDecode)
    stream.Type = Name.EmbeddedFile
    stream.Subtype = Name("/application/json")
    stream.Params = Dictionary(Size=len(record), ModDate=String(_pdf_time(time)))
    file = document.make_indirect(stream)
    return document.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(RECORD_NAME),
            UF=String(RECORD_NAME),
            AFRelationship=Name.Source,
            Desc=String(
                "The record that these pages print, or the keys of the site alone, with what proves them"
            ),
            EF=Dictionary(F=file, UF=file),
        )
    )


def _output_intent(document: pikepdf.Pdf) -> pikepdf.Object:
    profile = pikepdf.Stream(document, SRGB)
    profile.N = 3
    return document.make_indirect(
        Dictionary(
            Type=Name.OutputIntent,
            S=Name.GTS_PDFA1,
            OutputConditionIdentifier=String("sRGB"),
            Info=String("sRGB IEC61966-2.1"),
            DestOutputProfile=document.make_indirect(profile),
        )
    )


def _describe(document: pikepdf.Pdf, *, title: str, language: str, time: datetime) -> None:
    del document.docinfo
    stamp = _pdf_time(time)
    document.docinfo[Name.Title] = String(title)
    document.docinfo[Name.Producer] = String("lims")
    document.docinfo[Name.CreationDate] = String(stamp)
    document.docinfo[Name.ModDate] = String(stamp)
    if Name.Metadata in document.Root:
        del document.Root.Metadata
    moment = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as words:
        words["dc:title"] = title
        words["dc:language"] = [language]
        words["pdf:Producer"] = "lims"
        words["xmp:CreateDate"] = moment
        words["xmp:ModifyDate"] = moment
        words["pdfaid:part"] = "3"
        words["pdfaid:conformance"] = "B"


def _pdf_time(time: datetime) -> str:
    return time.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
