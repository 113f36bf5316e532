"""A bare application that serves the templates and the static files, and a Chromium to look at them with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask, Response, render_template, request
from flask_babel import Babel
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
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


RAIL = (("/today", "home", "Today", 0, True), ("/batches", "layout-kanban", "Batches", 0, False),
        ("/verify", "clipboard-check", "Verify", 2, False), ("/materials", "package", "Materials", 0, False))


def bare_app() -> Flask:
    """The templates of the product without its domain: a page per template named in the address."""
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    Babel(app, locale_selector=lambda: request.args.get("language", "en"))

    @app.get("/page/<path:template>")
    def page(template: str) -> str:
        shell = Shell(theme=request.args.get("theme", "bright"), language=request.args.get("language", "en"),
                      rail=RAIL if "rail" in request.args else ())
        return render_template(template, shell=shell)

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine: the look of pages is not checked here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield chromium
        chromium.close()
