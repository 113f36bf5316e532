"""The barest web application that does a comparable thing: `python -m tests.bench.bare URL PORT`.

One route puts a value into one table, on disk before it answers; one draws a table of rows. No sign-in, no rule, no
chain, no second table.
"""

import sqlite3
import sys
from threading import Lock, local
from typing import Any

import psycopg
import waitress
from flask import Flask, render_template_string, request

PAGE = """<!doctype html><html><head><title>rows</title></head><body><table>
{% for row in rows %}<tr><td>{{ row.seq }}</td><td>{{ row.time }}</td><td>{{ row.who }}</td><td>{{ row.what }}</td>
<td>{{ row.value }}</td></tr>
{% endfor %}</table></body></html>"""

kept = local()
one_writer = Lock()


def connection(url: str) -> Any:
    """This thread's connection."""
    if not hasattr(kept, "connection"):
        if url.startswith("sqlite:///"):
            kept.connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
                kept.connection.execute(f"PRAGMA {pragma}")
        else:
            kept.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return kept.connection


def create(url: str) -> Flask:
    """The application over its one table."""
    app = Flask("bare")
    on_sqlite = url.startswith("sqlite:///")
    place = "?" if on_sqlite else "%s"
    key = "integer primary key" if on_sqlite else "bigserial primary key"
    insert = f"INSERT INTO bare (slot, value) VALUES ({place}, {place})"
    connection(url).execute(f"CREATE TABLE IF NOT EXISTS bare (id {key}, slot text, value text)")

    @app.post("/record")
    def record() -> str:
        """One fsynced insert."""
        values = (request.form["slot"], request.form["value"])
        if on_sqlite:
            with one_writer:
                connection(url).execute(insert, values)
        else:
            connection(url).execute(insert, values)
        return f"<li>{values[0]}: {values[1]}</li>"

    @app.get("/rows/<int:count>")
    def rows(count: int) -> str:
        """As many rows as asked."""
        told = [
            {
                "seq": seq,
                "time": "2026-11-22 10:00",
                "who": "Technician A",
                "what": "recorded",
                "value": "12.4 mL",
            }
            for seq in range(count)
        ]
        return render_template_string(PAGE, rows=told)

    return app


if __name__ == "__main__":
    waitress.serve(create(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), threads=8, ident=None)
