"""The web application of one instance."""

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask
from flask_babel import Babel, ngettext
from flask_wtf.csrf import CSRFProtect

from lims import web
from lims.actions.site import Site
from lims.language import words_in
from lims.web import errors, filters, here, security, sitting
from lims.web.limits import limiter
from lims.web.session import DEMO_LOGINS, DemoLogin

HOME = Path(__file__).parents[1]
LARGEST_REQUEST = 32 * 1024 * 1024
LARGEST_FORM = 1024 * 1024

__all__ = ["DemoLogin", "create_app"]


class Application(Flask):
    """Faults go to the log once, without the exception's own words, for those can hold what somebody typed."""

    def log_exception(self, exc_info: object) -> None:
        """Nothing: lims.web.errors logs where it happened, under the reference that the person sees."""


def create_app(site: Site, *, secure: bool, demo_logins: Sequence[DemoLogin] = ()) -> Flask:
    """Serve an instance; `secure` wherever it is reached over HTTPS. Demo logins belong to a demo instance only."""
    if demo_logins and site.founded.instance_kind != "demo":
        raise ValueError("only a demo instance shows logins")
    app = Application("lims", template_folder=str(HOME / "templates"), static_folder=str(HOME / "static"))
    if app.debug and site.founded.instance_kind == "production":
        raise ValueError("a production instance is never served in debug mode: unset FLASK_DEBUG")
    app.config.update(
        SECRET_KEY=here.derive(site, "browser/1"),
        SESSION_COOKIE_NAME="bench",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=365 * 24 * 3600,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(HOME / "lims" / "translations"),
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = False
    app.extensions[sitting.EXTENSION] = site
    app.extensions[DEMO_LOGINS] = tuple(demo_logins)
    errors.install(app)
    security.install(app)
    CSRFProtect(app)
    Babel(app, locale_selector=sitting.language)
    app.jinja_env.install_gettext_callables(_said, ngettext, newstyle=True)  # type: ignore[attr-defined]
    limiter.init_app(app)
    filters.install(app)
    for blueprint in _areas():
        app.register_blueprint(blueprint)
    return app


def _said(text: str) -> str:
    """A message of a template in the language of the page; looked up a hundred times a page."""
    return words_in(sitting.language())(text)


def _areas() -> list[Blueprint]:
    """The blueprint of every area: a module of lims.web that has one under the name `bp`."""
    found = []
    for module in pkgutil.iter_modules(web.__path__):
        blueprint = getattr(import_module(f"lims.web.{module.name}"), "bp", None)
        if isinstance(blueprint, Blueprint):
            found.append(blueprint)
    return found
