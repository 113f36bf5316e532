"""Attached photos and files, by hash; the address says nothing about anybody."""

from io import BytesIO

from flask import Blueprint, send_file
from werkzeug.wrappers import Response

from lims.queries import files as query
from lims.web import here

bp = Blueprint("files", __name__)

ALONE = "default-src 'none'; sandbox"
"""Whatever is in the file, it runs nothing and loads nothing."""


@bp.get("/batches/<number>/files/<sha256>")
def attached(number: str, sha256: str) -> Response:
    """Pictures are shown; every other file is only to be kept, for a browser would try to open it."""
    file, content = query.attached(here.reader(), batch=number, sha256=sha256)
    answer = send_file(
        BytesIO(content),
        mimetype=file.media_type,
        as_attachment=not file.is_picture,
        download_name=file.name,
    )
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["Cache-Control"] = "no-store"
    return answer
