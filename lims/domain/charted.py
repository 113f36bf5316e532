"""What control charts are drawn from: every reviewed result that is a number, and every yield, one row each."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from lims.domain.batch_record import BatchRecord
from lims.domain.limits import Limit
from lims.domain.master_batch_record import Words
from lims.domain.rounding import round_half_up
from lims.domain.rows import ResultRow
from lims.domain.yields import yields_of

DECIMALS = 6
"""A yield is charted to so many; nothing is judged by the row."""


def chart_rows(stream: str, batch: BatchRecord) -> Iterator[ResultRow]:
    """The points that a batch adds to the charts."""
    for test in batch.tests:
        result = batch.result_of(test)
        if result is None or not result.counts or result.fact.value is None:
            continue
        yield _row(
            stream,
            batch,
            code=test.code,
            title=test.title,
            unit=test.unit or "",
            value=result.fact.value,
            qualifier=result.fact.qualifier or "",
            outcome=result.fact.outcome,
            limit=test.limit,
            at=result.entry.time,
        )
    for item in yields_of(batch):
        if item.percent is not None and item.last is not None:
            yield _row(
                stream,
                batch,
                code=ResultRow.YIELD + item.share.code,
                title=item.share.title,
                unit="%",
                value=round_half_up(item.percent, DECIMALS),
                qualifier="",
                outcome="fail" if item.is_outside else "pass",
                limit=item.share.limit,
                at=item.last.time,
            )


def _row(
    stream: str,
    batch: BatchRecord,
    *,
    code: str,
    title: Words,
    unit: str,
    value: Decimal,
    qualifier: str,
    outcome: str,
    limit: Limit | None,
    at: datetime,
) -> ResultRow:
    return ResultRow(
        stream=stream,
        key=code,
        batch=batch.number,
        test=code,
        title_en=title.en,
        title_zh=title.zh,
        unit=unit,
        value=value,
        qualifier=qualifier,
        outcome=outcome,
        low=limit.low if limit else None,
        high=limit.high if limit else None,
        decimals=limit.decimals if limit else 0,
        at=at,
    )
