"""One person's browser, without drawing: pages are read for their forms and links, forms are filled and sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LEAST_FAULT, NOT_TAKEN = 400, 422


class Hindered(ValueError):
    """The pages do not let the person do it; says where, and what the page says."""


@dataclass
class Form:
    """A form as it was drawn: what its fields hold, and which answers can be chosen."""

    action: str
    slot: str
    asks_fragment: bool
    """Scripts send it and take a part of a page for an answer."""
    fields: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each choice its values, with the words beside them but for the small print."""
    files: set[str] = field(default_factory=set)
    locked: set[tuple[str, str]] = field(default_factory=set)
    """Answers that are drawn but cannot be chosen."""


@dataclass
class Page:
    """What a browser knows of a page."""

    path: str
    status: int = 200
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Addresses, each with the ids of the elements around it."""
    texts: dict[str, str] = field(default_factory=dict)
    """The words of every element that has an id, and of the whole page under an empty one."""

    def find(self, action: str, *, slot: str | None = None) -> Form | None:
        """The form that is sent to this address."""
        found = (form for form in self.forms if form.action == action and slot in (None, form.slot))
        return next(found, None)

    def form(self, action: str, *, slot: str | None = None) -> Form:
        """The form that is sent to this address. Raises Hindered."""
        found = self.find(action, slot=slot)
        if found is None:
            raise Hindered(f"{self.path} has no form for {action}; it says: {self.said()}")
        return found

    def link(self, ending: str, *, within: str = "") -> str:
        """The address that ends so. Raises Hindered."""
        for href, ids in self.links:
            if href.split("#")[0].endswith(ending) and (not within or within in ids):
                return href
        raise Hindered(f"{self.path} has no link to …{ending}; it says: {self.said()}")

    def said(self) -> str:
        """The words of the page, for whoever reads why it went wrong."""
        return " ".join(self.texts.get("", "").split())


class _Reader(HTMLParser):
    """Reads a page into forms, links and words."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.open: list[tuple[str, str]] = []
        self.form: Form | None = None
        self.choosing: tuple[str, str] | None = None
        self.select = self.area = ""
        self.pieces: list[tuple[tuple[str, ...], str]] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append((tag, at.get("id", "")))
        if tag == "a" and "href" in at:
            self.page.links.append((at["href"], self._ids()))
        if tag == "form" and at.get("method", "").lower() == "post":
            self.form = Form(at["action"], at.get("data-slot", ""), "hx-post" in at)
            self.page.forms.append(self.form)
        if self.form is not None:
            self._field(self.form, tag, at)

    def _field(self, form: Form, tag: str, at: Mapping[str, str]) -> None:
        name, value, sort = at.get("name", ""), at.get("value", ""), at.get("type", "text")
        if tag == "option" and self.select:
            self.choosing = (self.select, value)
            if "selected" in at or self.select not in form.fields:
                form.fields[self.select] = value
        elif not name:
            pass
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area, form.fields[name] = name, ""
        elif tag == "input" and sort == "file":
            form.files.add(name)
        elif tag == "input" and sort in ("radio", "checkbox"):
            self.choosing = (name, value)
            form.options.setdefault(name, {})[value] = ""
            if "checked" in at:
                form.fields[name] = value
            if "disabled" in at:
                form.locked.add((name, value))
        elif tag == "input":
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            closed, _ = self.open.pop()
            if closed == tag:
                break
        if tag == "form":
            self.form = None
        if tag in ("label", "option"):
            self.choosing = None
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] in ("script", "style"):
            return
        self.pieces.append((("", *self._ids()), data))
        if self.form is not None and self.choosing and not (self.open and self.open[-1][0] == "small"):
            name, value = self.choosing
            words = self.form.options.setdefault(name, {})
            words[value] = words.get(value, "") + data
        if self.form is not None and self.area:
            self.form.fields[self.area] += data

    def _ids(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.open if name)

    def close(self) -> None:
        super().close()
        told: dict[str, list[str]] = {}
        for ids, piece in self.pieces:
            for name in set(ids):
                told.setdefault(name, []).append(piece)
        self.page.texts = {name: " ".join(pieces) for name, pieces in told.items()}


def read_page(path: str, answer: TestResponse) -> Page:
    """The page that came; what is no page has no forms."""
    page = Page(path, answer.status_code)
    if answer.mimetype == "text/html":
        reader = _Reader(page)
        reader.feed(answer.text)
        reader.close()
    return page


class Window:
    """One person's browser at their station: it follows redirects, and signs in or unlocks when it is asked to."""

    def __init__(self, app: Flask, *, person: str, password: str, pin: str, station: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.person, self.password, self.pin = person, password, pin
        self.station = station
        self.page = Page("")
        self.asked = 0
        """Requests so far."""

    def go(self, path: str) -> Page:
        """Open a page. Raises Hindered when it cannot be opened."""
        self._taken(self._answer(self.client.get(path), path), path)
        for _ in range(3):
            at = urlsplit(self.page.path).path
            if at == "/sign-in":
                self._sign_in()
            elif at == "/session/locked":
                self.send(self.page.form("/session/unlock"), secret=self.pin)
            else:
                return self.page
        raise Hindered(f"{self.person} cannot sign in to {path}")

    def _sign_in(self) -> None:
        if self.station and (form := self.page.find("/session/station")) is not None:
            if form.fields["station"] != self.station:
                self.send(form, station=self.station)
        self.send(self.page.form("/sign-in"), user_id=self.person, password=self.password)

    def send(self, form: Form, **typed: str | Path) -> Page:
        """Fill the form's visible fields and send it as drawn. Raises Hindered when it is not taken."""
        page = self.attempt(form, **typed)
        if page.status == NOT_TAKEN:
            raise Hindered(f"{form.action} is not taken: {page.said()}")
        return page

    def attempt(self, form: Form, **typed: str | Path) -> Page:
        """The same; an entry that is not taken gives the page again, with what is wrong."""
        data: dict[str, object] = {**form.fields}
        for name, value in typed.items():
            name = name.replace("__", "-")
            if isinstance(value, Path):
                self._must(name in form.files, f"{form.action} takes no file {name}")
                data[name] = (value.open("rb"), value.name)
                continue
            if name in form.options:
                free = value in form.options[name] and (name, value) not in form.locked
                self._must(free, f"{form.action}: {value} cannot be chosen for {name}")
            else:
                self._must(name in form.fields, f"{form.action} has no field {name}")
            data[name] = value
        headers, before = {"HX-Request": "true"} if form.asks_fragment else {}, self.page.path
        answer = self.client.post(form.action, data=data, headers=headers)
        return self._taken(self._answer(answer, form.action), before)

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise Hindered(f"{self.page.path}: {otherwise}; it says: {self.page.said()}")

    def _answer(self, answer: TestResponse, path: str) -> TestResponse:
        """The page at the end of the redirects; `page.path` is where that is."""
        self.asked += 1
        self.page = Page(path)
        while answer.status_code in (302, 303):
            path = answer.headers["Location"]
            self.asked += 1
            answer = self.client.get(path)
            self.page = Page(path)
        return answer

    def _taken(self, answer: TestResponse, before: str) -> Page:
        fragment = answer.request.headers.get("HX-Request") == "true"
        self.page = read_page(before if fragment else self.page.path, answer)
        if answer.status_code >= LEAST_FAULT and answer.status_code != NOT_TAKEN:
            raise Hindered(f"{self.page.path} answers {answer.status_code}: {self.page.said()}")
        return self.page

    def fetch(self, path: str) -> bytes:
        """A file behind a link. Raises Hindered."""
        answer = self.client.get(path)
        if answer.status_code != 200:
            raise Hindered(f"{path} answers {answer.status_code}")
        return answer.get_data()
