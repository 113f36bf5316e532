"""A bare application that serves the templates and the static files, and a Chromium to look at them with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask, Response, render_template, render_template_string, request
from flask_babel import Babel
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from lims.web import codes
from lims.web.scan import TEST_CODES
from tests.conftest import absent

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
SITE = timezone(timedelta(hours=8))


@dataclass
class Shell:
    """What base.html reads about the station and the people at it; the field names are those of base.html."""

    instance_kind: str = "demo"
    station_name: str = "BSC-2"
    station_room: str = "Grade B room"
    server_time: datetime = field(default_factory=lambda: datetime.now(UTC).astimezone(SITE))
    performer: str | None = "Technician A"
    performer_word: str = "performs"
    witness: str | None = "Technician B"
    seats: bool = True
    language: str = "en"
    theme: str = "bright"
    rail: tuple[tuple[str, str, str, int, bool], ...] = ()
    scan_enabled: bool = True
    csrf: str = "token"
    here: str = "/"
    language_url: str = ""
    lock_after: int = 600
    person_key: str = "p1"
    deadline: str = ""
    begins: str = ""


RAIL = (
    ("/today", "home", "Today", 0, True),
    ("/batches", "layout-kanban", "Batches", 0, False),
    ("/verify", "clipboard-check", "Verify", 2, False),
    ("/materials", "package", "Materials", 0, False),
)


def bare_app() -> Flask:
    """The templates of the product without its domain: a page per template named in the address."""
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    Babel(app, locale_selector=lambda: request.args.get("language", "en"))
    app.register_blueprint(codes.bp)
    app.extensions["posted"] = []  # every entry that reached the server, as it came
    app.extensions["answers"] = []  # the statuses it gives next; 200 when there are no more

    @app.get("/page/<path:template>")
    def page(template: str) -> str:
        shell = Shell(
            theme=request.args.get("theme", "bright"),
            language=request.args.get("language", "en"),
            rail=RAIL if "rail" in request.args else (),
        )
        return render_template(template, shell=shell)

    @app.get("/bench")
    def bench() -> str:
        now = datetime.now(UTC).astimezone(SITE)
        shell = Shell(
            lock_after=int(request.args.get("lock", 600)),
            person_key=request.args.get("person", "p1"),
            deadline=(now + timedelta(seconds=float(request.args.get("left", 9000)))).isoformat(),
            begins=(now - timedelta(hours=4)).isoformat(),
        )
        source = (Path(__file__).parent / "bench_page.html").read_text(encoding="utf-8")
        return render_template_string(source, shell=shell)

    @app.get("/scan/test")
    def tester() -> str:
        shell = Shell(language=request.args.get("language", "en"), theme=request.args.get("theme", "bright"))
        return render_template("scan/test.html", shell=shell, codes=TEST_CODES)

    @app.post("/record")
    def record() -> tuple[str, int]:
        app.extensions["posted"].append(request.form.to_dict())
        status = app.extensions["answers"].pop(0) if app.extensions["answers"] else 200
        return f"<p>answer {status}</p>", status

    @app.post("/session/unlock")
    def unlock() -> tuple[dict[str, str], int]:
        return (
            ({"csrf": "renewed"}, 200)
            if request.form["secret"] == "123456"
            else ({"message": "4 tries left"}, 422)
        )

    @app.post("/session/lock")
    def lock() -> tuple[str, int]:
        return "", 204

    @app.get("/scan")
    def scan() -> str:
        return f"<title>Scan</title>{request.args['code']}"

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@pytest.fixture(scope="session")
def app() -> Flask:
    return bare_app()


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: two of Playwright's loops do not run in one process."""
    if not CHROMIUM.exists():
        absent("no Chromium on this machine: the look of pages is not checked here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield chromium
        chromium.close()
