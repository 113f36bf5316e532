"""Codes as pictures: the DataMatrix of sixteen digits, as vector rectangles."""

from flask import Blueprint, Response

from lims.documents.parts import data_matrix
from lims.domain.entered import entered_code

bp = Blueprint("codes", __name__)

QUIET = 2
"""Empty modules round the code, which a scanner needs."""


@bp.get("/codes/<digits>.svg")
def matrix(digits: str) -> Response:
    """The code as a label carries it; only digits whose check is right are drawn, and they say nothing else."""
    rows = data_matrix(entered_code(digits, field="code"))
    height, width = len(rows) + 2 * QUIET, len(rows[0]) + 2 * QUIET
    dark = "".join(
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row, modules in enumerate(rows)
        for column, is_dark in enumerate(modules)
        if is_dark
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{height}H0z"/><path d="{dark}"/></svg>'
    )
    return Response(svg, mimetype="image/svg+xml")
