"""Control charts: results of one test over the batches, and what is out of trend."""

from flask import Blueprint, request
from flask_babel import gettext

from lims.documents.charts import Chart
from lims.documents.charts_control import LONG_NUMBER, Specification, Value, control_chart
from lims.domain.rounding import as_power_of_ten, as_written, plain
from lims.domain.rows import ResultRow
from lims.queries.trends import Trended, charted_tests, trend_of
from lims.web import filters, here

bp = Blueprint("trends", __name__, url_prefix="/trends")


@bp.get("/")
def page() -> str:
    """One test's chart, its table behind it; `?test=` names the test."""
    reader = here.reader()
    tests = charted_tests(reader)
    code = request.args.get("test", "") or (tests[0].test if tests else "")
    found = trend_of(reader, code) if code else None
    return here.render(
        "quality/trends.html",
        tests=[(row.test, title_of(row)) for row in tests],
        chosen=code,
        found=found,
        chart=_chart(found) if found else None,
    )


def title_of(row: ResultRow) -> str:
    """The test's title in the language of the page."""
    return row.title_en if here.language() == "en" else row.title_zh


def _chart(found: Trended) -> Chart:
    newest = found.newest
    values = [
        Value(
            batch=point.row.batch,
            at=filters.local(point.row.at),
            value=point.row.value,
            shown=_shown(point.row),
            is_bound=bool(point.row.qualifier),
            failed=point.row.outcome == "fail",
            trends=point.trends,
        )
        for point in found.points
    ]
    spec = Specification(low=newest.low, high=newest.high, decimals=newest.decimals, unit=newest.unit)
    title = f"{title_of(newest)}, {newest.unit}" if newest.unit else title_of(newest)
    return control_chart(newest.test, title, values, found.limits, spec, gettext)


def _shown(row: ResultRow) -> str:
    if abs(row.value) >= LONG_NUMBER:
        number = as_power_of_ten(row.value)
    else:
        number = as_written(row.value, max(row.decimals, 0)) if row.is_yield else plain(row.value)
    return " ".join(part for part in (f"{row.qualifier}{number}", row.unit) if part)
