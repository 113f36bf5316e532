"""The board: by state and by culture day, what needs somebody in chips, as fast with ten thousand batches."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from lims.domain.acts import Role
from lims.domain.rows import BatchRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find, table_of
from lims.queries.board import ROWS, board
from lims.queries.look import Reader
from tests.pages.long.conftest import Served

At = Callable[[str], Served]


def row_of(served: Served) -> BatchRow:
    with served.long.stage.site.ledger.reading() as book:
        return find(book, BatchRow, limit=1)[0]


def put(served: Served, *rows: BatchRow) -> None:
    """Put rows beside those of the record: read tables have no authority, so that a test may."""
    table = table_of(BatchRow)
    with (
        served.long.stage.site.ledger.engine.connect().execution_options(writing=True) as there,
        there.begin(),
    ):
        there.execute(
            table.insert(),
            [{name: getattr(row, name) for name in row.__slots__ or ()} | _base(row) for row in rows],
        )


def _base(row: BatchRow) -> dict[str, object]:
    return {"stream": row.stream, "key": row.key}


def reader(served: Served) -> Reader:
    return Reader(
        person="tech-a", roles=frozenset({Role.TECHNICIAN}), language="en", site=served.long.stage.site
    )


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_every_planned_culture_day_has_one_mark_and_today_its_own_frame(reading: At) -> None:
    html = reading("looking").by("tech-a").get("/batches?view=culture").text
    row = re.search(r'<tr><th scope="row"><a href="/batches/0001">.*?</tr>', html, re.S)
    assert row
    marks = re.findall(r'class="b-mark b-mark-(\w+)"[^>]*aria-label="([^"]+)"', row[0])
    assert [state for state, _ in marks].count("done") == 8
    assert ("verify", "To verify, Tue 11-10") in marks
    assert len(re.findall(r'class="track today"', row[0])) == 1
    assert len(re.findall(r"<th scope=\"col\"><abbr", html)) == 23


def test_what_needs_somebody_stands_in_chips_on_both_views(reading: At) -> None:
    for view in ("culture", "states"):
        page = words_of(reading("looking").by("tech-a").get(f"/batches?view={view}").text)
        assert "2 to verify" in page
        assert "Look at the culture, day 8" in page


def test_a_held_batch_and_its_open_deviation_are_told_in_words(writing: At) -> None:
    served = writing("looking")
    held = replace(row_of(served), stream="batch:0900", number="0900", held="safety", open_deviations=2)
    put(served, held)
    page = words_of(served.by("tech-a").get("/batches?view=culture").text)
    assert "1 on hold" in page
    assert "2 open deviations" in page


def test_a_batch_can_be_opened_at_its_next_step_from_the_board(reading: At) -> None:
    html = reading("looking").by("tech-a").get("/batches?view=culture").text
    assert 'href="/batches/0001/steps/look_d8"' in html


@pytest.mark.parametrize("view", ["culture", "days", "states", "table"])
def test_every_view_reads_well_in_both_languages(reading: At, view: str) -> None:
    client = reading("looking").by("tech-b")
    for language in ("zh_Hans", "en"):
        client.post("/session/language", data={"language": language})
        page = client.get(f"/batches?view={view}").text
        assert "Project-Id-Version" not in page


def test_an_overdue_batch_comes_first_whatever_its_age(writing: At) -> None:
    served = writing("looking")
    first = row_of(served)
    now = served.long.stage.clock.now()
    newer = [
        replace(first, stream=f"batch:{n}", number=str(n), issued_at=now, due_at=None)
        for n in range(1000, 1060)
    ]
    late = replace(
        first,
        stream="batch:0500",
        number="0500",
        issued_at=now - timedelta(days=90),
        due_at=now - timedelta(minutes=5),
    )
    put(served, *newer, late)
    found = board(reader(served), view="culture")
    assert found.lines[0].card.row.number == "0500"
    assert found.more
    assert len(found.lines) <= ROWS + 1
    again = {line.card.row.number for line in board(reader(served), view="culture", page=1).lines}
    assert again & {str(n) for n in range(1000, 1060)}


def test_the_board_of_ten_thousand_batches_is_read_from_rows_alone(
    writing: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of them under way; no entry is read, and no more rows are drawn than a page holds."""
    served = writing("looking")
    first = row_of(served)
    put(
        served,
        *(
            replace(
                first,
                stream=f"batch:{n}",
                number=str(n),
                alive=n % 2 == 0,
                stage="in_process" if n % 2 == 0 else "closed",
            )
            for n in range(10_000, 20_000)
        ),
    )
    monkeypatch.setattr(Book, "entries", _nobody_reads)
    for view in ("culture", "days", "states", "table"):
        found = board(reader(served), view=view)
        assert len(found.cards) <= 2 * ROWS


def _nobody_reads(book: Book, stream: str, **_: object) -> None:
    raise AssertionError(f"{stream} was read for a list")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
def test_a_day_beside_which_there_are_none_is_no_day_of_the_board(writing: At, day: str) -> None:
    client = writing("looking").by("tech-a")
    assert client.get(f"/batches?view=days&from={day}").status_code == 200
