"""What anybody could post to a page: its own fields, filled with what is there, with junk, or with nothing."""

import random
from collections import defaultdict
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, ClassVar
from uuid import uuid4

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from lims.actions.site import Site
from lims.domain.batch_fold import fold_batch
from lims.domain.batch_record import BatchRecord
from lims.domain.rows import BatchRow, EquipmentRow, LotRow, ParticipantRow, PersonRow, VersionRow
from lims.ledger.read_tables import find
from lims.queries.masters import STUDY
from lims.web import masters, people, supply, trial
from tests.pages.site import WHO
from tests.player.cast import PASSWORD, PIN

JUNK = (
    "",
    " ",
    "x",
    "\x00",
    "a\x00b",
    "\x07\x1b[2J",
    "x" * 5000,
    "９" * 30,
    "1" * 5000,
    "٣",
    "²",
    "-1",
    "1e999999999",
    "NaN",
    "99999999999999999999",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01 00:00",
    "9999-12-31 23:59",
    "{0} {name} %s",
    "bm90aGluZw==",
    "'; --",
    "../../x",
    "\u202e🧬",
)
ACTS = {
    "people.add": people.STAFF,
    "people.change": people.PERSON,
    "supply.change_lot": supply.LOT,
    "supply.change_equipment": supply.MACHINE,
    "trial.change": trial.COURSE,
    "masters.read": masters.PROPOSE,
    "masters.propose": masters.PROPOSE,
    "masters.approve": masters.APPROVE,
}
"""The acts of the pages that have one address for all of them."""


class Asked(ImmutableMultiDict[str, Any]):
    """What came with a request; remembers which fields the page asks for."""

    names: ClassVar[set[str]] = set()

    def getlist(self, key: Any, *rest: Any, **more: Any) -> Any:
        self.names.add(key)
        return super().getlist(key, *rest, **more)

    def get(self, key: Any, *rest: Any, **more: Any) -> Any:
        self.names.add(key)
        return super().get(key, *rest, **more)

    def __contains__(self, key: Any) -> bool:
        self.names.add(key)
        return super().__contains__(key)


class Listening(Request):
    """A request whose page can be watched asking for fields."""

    parameter_storage_class = Asked


class Offered(HTMLParser):
    """The values that a page offers for its fields: hidden, chosen from a list, or filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.values: defaultdict[str, set[str]] = defaultdict(set)
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "select":
            self._select = given.get("name") or ""
        name = self._select if tag == "option" else given.get("name")
        if name and given.get("value"):
            self.values[name].add(str(given["value"]))


class Posting:
    """Fills the forms of one site's pages, always in the same way for the same seed."""

    def __init__(self, site: Site, app: Flask, *, seed: str) -> None:
        self.site, self.app, self.chance = site, app, random.Random(seed)
        self.offered = Offered()
        self.asked: defaultdict[str, set[str]] = defaultdict(set)
        with site.ledger.reading() as book:
            self.batches = [
                fold_batch(row.stream, book.entries(row.stream))
                for row in find(book, BatchRow, order=("number",))
            ]
            lots = [row.code for row in find(book, LotRow, order=("code",))]
            machines = [row.code for row in find(book, EquipmentRow, order=("code",))]
            participants = [row.trial_id for row in find(book, ParticipantRow, order=("trial_id",))]
            versions = [row.code for row in find(book, VersionRow, order=("code",))]
            staff = [row.user_id for row in find(book, PersonRow, order=("user_id",))]
        self.codes = {
            "supply.change_lot": lots,
            "supply.lot": lots,
            "supply.change_equipment": machines,
            "supply.equipment": machines,
            "masters.approve": [*versions, STUDY],
            "masters.master": [*versions, STUDY],
        }
        self.participants = participants
        self.staff = [name for name in staff if name not in WHO.values()]
        self.streams = [f"batch:{batch.number}" for batch in self.batches]
        self.streams += [f"participant:{code}" for code in participants]

    def address(self, rule: Rule) -> tuple[str, str]:
        """An address of the rule about things that are on file, and the name under which its fields are known."""
        batch = self.chance.choice(self.batches)
        values = {name: self._value(rule.endpoint, name, batch) for name in sorted(rule.arguments)}
        for step in batch.master.steps:
            if "slot" in values and step.code == values.get("step", values.get("code")):
                values["slot"] = self.chance.choice(step.evidence).code
        with self.app.test_request_context():
            url = self.app.url_for(rule.endpoint, **values)
        return url, f"{rule.endpoint} {values.get('act', '')}"

    def _value(self, endpoint: str, name: str, batch: BatchRecord) -> str:
        known = {
            "number": [batch.number],
            "step": [step.code for step in batch.master.steps],
            "code": self.codes.get(endpoint, self.participants),
            "test": [test.code for test in batch.master.tests],
            "container": sorted(batch.containers),
            "deviation": sorted(batch.deviations),
            "person": self.staff,
            "stream": self.streams,
            "act": sorted(ACTS.get(endpoint, ())),
        }
        if endpoint.startswith("step."):
            known["code"] = known["step"]
        return self.chance.choice(known.get(name) or ["1"])

    def fields(self, page: str, person: str) -> dict[str, Any]:
        """Every field that the page asks for: what is there, junk, or nothing; one's own secrets are right."""
        secrets = {"password": PASSWORD, "pin": PIN, "user_id": person, "secret": PIN}
        filled: dict[str, Any] = {"request_id": uuid4().hex}
        for name in sorted(self.asked[page] - {"csrf_token"}):
            there = sorted(self.offered.values[name])
            if name in secrets and self.chance.random() < 0.9:
                filled[name] = secrets[name]
            elif there and self.chance.random() < 0.5:
                filled[name] = self.chance.choice(there)
            elif self.chance.random() < 0.9:
                filled[name] = self.chance.choice(JUNK)
        if "file" in filled:
            filled["file"] = (BytesIO(filled["file"].encode()), "junk.yaml")
        return filled
