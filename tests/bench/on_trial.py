"""The trial's whole report from its courses: every table, list, interval and chart, by arm."""

import time

from lims.authoring.load import load_protocol
from lims.documents.trial_report import charts_of
from lims.domain.trial.figures import compose
from tests.bench.measure import Line, Table, milliseconds
from tests.player.stage import TEMPLATES
from tests.trial_generator import EVERYTHING_KNOWN, simulate


def report(table: Table) -> None:
    """The trial as registered, and a network of sites sixty times its size."""
    protocol = load_protocol((TEMPLATES / "PROTOCOL-DNK.yaml").read_text()).record
    for people, beside, target in ((159, 60, 1.0), (10_000, 3_000, 10.0)):
        courses = simulate(seed=1, randomised=people, not_randomised=beside).courses
        started = time.perf_counter()
        found = compose(courses, protocol, on=EVERYTHING_KNOWN, locked=True, by_arm=True, may=True)
        shares = [figure.share for one in found.report.tables for figure in one.figures]
        charts = charts_of(found, "en", str)
        took = time.perf_counter() - started
        assert shares and charts
        what = (
            f"trial report by arm, {people} randomised: {len(shares)} rates with lists, {len(charts)} charts"
        )
        table.add(Line(what=what, ours=milliseconds(took), bare="", figure=took, unit=" s", target=target))
