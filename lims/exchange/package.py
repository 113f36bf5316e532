"""What a statistician gets: every table as CSV, the workbook, the ODM file and a manifest with their hashes."""

import json
from datetime import UTC
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lims.domain.canonical import file_hash
from lims.exchange.odm import About, odm_xml
from lims.exchange.odm_check import check_odm
from lims.exchange.tables import csv_files, workbook
from lims.queries.outgoing import Snapshot


def in_form(form: str, snapshot: Snapshot) -> bytes:
    """The tables in one form: `csv` (a zip), `xlsx` or `odm`; an ODM file is read back before it is given out."""
    if form == "xlsx":
        return workbook(snapshot.courses, taken_at=snapshot.taken_at)
    if form == "odm":
        return _odm(snapshot)
    return _zipped({**csv_files(snapshot.courses), "manifest.json": _manifest(snapshot, {})})


def package(snapshot: Snapshot) -> bytes:
    """Everything in one zip; the same snapshot gives the same bytes."""
    files = {f"csv/{name}": content for name, content in csv_files(snapshot.courses).items()}
    files["trial.xlsx"] = workbook(snapshot.courses, taken_at=snapshot.taken_at)
    files["odm.xml"] = _odm(snapshot)
    return _zipped({**files, "manifest.json": _manifest(snapshot, files)})


def _odm(snapshot: Snapshot) -> bytes:
    about = About(
        study=snapshot.study,
        title=snapshot.title,
        version=snapshot.version,
        taken_at=snapshot.taken_at,
        site=snapshot.site,
        file_oid=f"F.{snapshot.sources[:16]}",
    )
    content = odm_xml(snapshot.courses, about)
    check_odm(content, snapshot.courses)
    return content


def _manifest(snapshot: Snapshot, files: dict[str, bytes]) -> bytes:
    told = {
        "format": "trial-data/1",
        "instance": snapshot.kind,
        "site": snapshot.site,
        "study": snapshot.study,
        "protocol_version": snapshot.version,
        "taken_at": snapshot.taken_at.astimezone(UTC).isoformat(timespec="seconds"),
        "sources": snapshot.sources,
        "women": len(snapshot.courses),
        "sha256": {name: file_hash(content) for name, content in sorted(files.items())},
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            about = ZipInfo(name)  # its time is 1980-01-01: no clock in the bytes
            about.compress_type = ZIP_DEFLATED
            archive.writestr(about, content)
    return target.getvalue()
