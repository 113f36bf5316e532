"""`make bench`: builds its instances, measures, and prints a table with targets; it never fails for being slow."""

import argparse
import shutil
import time
from pathlib import Path

from tests.bench import instances, on_file, on_identity, on_paper, on_recall, on_review, on_trial, over_http
from tests.bench.measure import Table, part

FOLDER = Path("build") / "bench"


def main() -> None:
    """Everything, or with `--no-postgresql` on SQLite only."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--batches", type=int, default=120, help="issued batches to record into (120)")
    asked.add_argument("--no-postgresql", action="store_true", help="measure SQLite only")
    options = asked.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    folder = FOLDER.resolve()
    table = Table()
    start = time.perf_counter()
    on_sqlite(table, folder, batches=options.batches)
    if not options.no_postgresql:
        with instances.postgresql() as home:
            if home is None:
                print("PostgreSQL is not installed here: not measured")
            else:
                on_postgresql(table, folder, home, batches=options.batches)
    table.show()
    print(f"{time.perf_counter() - start:.0f} s in all")


def on_sqlite(table: Table, folder: Path, *, batches: int) -> None:
    """Everything that does not need a server of its own, and the HTTP figures."""
    with part("Building an instance on SQLite"):
        built = instances.build(folder / "sqlite", batches=batches)
    with part("Without a server"):
        on_file.verification(table, built, folder / "again", where="SQLite")
        on_file.replayed(table, built)
        on_file.boards(table, folder, built)
        on_file.in_process(table, built)
        on_recall.recalled(table, built, folder / "recall")
        on_identity.verdicts(table, folder / "bedside")
        golden = on_paper.played_golden(folder / "golden")
        on_paper.papers(table, built, golden)
        on_review.reviewed(table, golden)
        golden.site.ledger.close()
        on_trial.report(table)
    with (
        part("Over HTTP on SQLite"),
        over_http.lims(built.folder, log=folder / "lims.log") as server,
        over_http.bare(f"sqlite:///{folder / 'bare.db'}", log=folder / "bare.log") as other,
    ):
        over_http.recording(table, built, server=server, other=other, where="SQLite")
        over_http.pages(table, built, server=server, other=other)
        over_http.processes(table, server, when="SQLite")


def on_postgresql(table: Table, folder: Path, home: Path, *, batches: int) -> None:
    """What differs by database."""
    url = instances.database(home, "lims")
    with part("Building an instance on PostgreSQL"):
        built = instances.build(folder / "postgresql", batches=batches, database=url)
    with part("Without a server"):
        again = instances.database(home, "again")
        on_file.verification(table, built, folder / "again-pg", where="PostgreSQL", database=again)
    with (
        part("Over HTTP on PostgreSQL"),
        over_http.lims(built.folder, log=folder / "lims-pg.log") as server,
        over_http.bare(instances.database(home, "bare"), log=folder / "bare-pg.log") as other,
    ):
        over_http.recording(table, built, server=server, other=other, where="PostgreSQL")
        over_http.processes(table, server, when="PostgreSQL")


if __name__ == "__main__":
    main()
