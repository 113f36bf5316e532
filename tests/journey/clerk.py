"""A rehearsal played through the pages: each act is a form that its person finds on a page, fills and sends."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from lims.actions.work import Outcome
from lims.app import create_app
from lims.domain.acts import ACTS
from lims.rehearsal.cast import OFFICE, STATION_OF
from lims.rehearsal.hands import HANDS, Reading
from lims.rehearsal.instance import Stage
from lims.rehearsal.play import Playing
from lims.rehearsal.read import Play
from lims.rehearsal.script import Doing
from lims.web.limits import limiter
from tests.journey.window import Form, Hindered, Page, Window

STALE = timedelta(minutes=9)
"""A page that lay open for longer is opened anew; the browser has locked it by then."""
BY_SCANNER = {"means": "scanned"}
"""What the scanner's script puts beside a code."""

Said = Mapping[str, Any]


def squeezed(text: str) -> str:
    """Text without white space: codes are set in groups."""
    return "".join(text.split())


class ThroughThePages(Playing):
    """One play on its stage, by nothing but what browsers send."""

    def __init__(self, stage: Stage, play: Play) -> None:
        super().__init__(stage, play)
        limiter.enabled = False
        self.app: Flask = create_app(stage.site, secure=False)
        self.app.config.update(PROPAGATE_EXCEPTIONS=False)
        self.windows: dict[str, Window] = {}
        self.used: dict[str, datetime] = {}
        self.acted: dict[str, int] = {}
        """How often each act was done."""
        self.ways: Mapping[str, Callable[[Window, Said], Form]] = {
            "issue_wristband": self._issue_wristband,
            "scan_wristband": self._scan_wristband,
            "order_perfusion": self._order_perfusion,
            "issue_batch": self._issue_batch,
            "record_evidence": self._record_evidence,
            "witness_step": self._witness_step,
            "confirm_step": self._confirm_step,
            "verify_step": self._verify_step,
            "print_labels": self._print_labels,
            "account_label": self._account_label,
            "offer_custody": self._offer_custody,
            "take_custody": self._take_custody,
            "receive_sample": self._receive_sample,
            "enter_result": self._enter_result,
            "review_result": self._review_result,
            "review_record": self._review_record,
            "release_conditionally": self._release,
            "match_identity": self._match_identity,
            "confirm_identity": self._confirm_identity,
            "record_perfusion": self._record_perfusion,
            "end_observation": self._end_observation,
            "dispose_finally": self._dispose,
            "close_record": self._close,
        }

    @property
    def asked(self) -> int:
        """Requests that were sent."""
        return sum(window.asked for window in self.windows.values())

    def act(self, doing: Doing, reading: Reading) -> Outcome:
        """The act by its form; what came of it is what is on file for the request that the form carried."""
        if doing.act not in self.ways:
            raise Hindered(f"nobody has shown how {doing.act} is done on a page")
        said = HANDS[doing.act].read(doing.given, reading)
        form = self.ways[doing.act](self.window(doing.who), said)
        self.used[doing.who] = self.stage.clock.now()
        self.acted[doing.act] = self.acted.get(doing.act, 0) + 1
        both = (doing.who, said["witness"].person) if "witness" in said else (doing.who,)
        with self.stage.site.ledger.reading() as book:
            entries = tuple(e for who in both for e in book.answers(who, form.fields["request_id"]))
        if not any(entry.act == doing.act for entry in entries):
            raise Hindered(f"{ACTS[doing.act].label} by {doing.who}: nothing of it is on file")
        return Outcome(entries=entries)

    def window(self, person: str) -> Window:
        """The person's browser at their station."""
        if person not in self.windows:
            place = STATION_OF.get(self.stage.players[person].role, OFFICE)
            secrets = self.stage.founding
            self.windows[person] = Window(
                self.app, person=person, password=secrets.password, pin=secrets.pin, station=place
            )
        return self.windows[person]

    def _said_here(self, moment: datetime | None) -> str:
        """A time as it is typed: the day only when it is another one."""
        if moment is None:
            return ""
        zone = self.stage.calendar.zone
        local, today = moment.astimezone(zone), self.stage.clock.now().astimezone(zone).date()
        return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"

    @staticmethod
    def _signed(window: Window, form: Form, **typed: str) -> Form:
        window.send(form, **typed, user_id=window.person, password=window.password)
        return form

    # participants

    def _participant(self, window: Window, said: Said) -> str:
        return window.go("/participants").link(f"/participants/{said['participant']}")

    def _issue_wristband(self, window: Window, said: Said) -> Form:
        at = self._participant(window, said)
        form = window.go(at).form(f"{at}/issue_wristband")
        second = {"witness": said["witness"].person, "witness_pin": window.pin}
        window.send(form, identity_document=said["identity_document"], **second, pin=window.pin)
        return form

    def _scan_wristband(self, window: Window, said: Said) -> Form:
        at = self._participant(window, said)
        form = window.go(at).form(f"{at}/scan_wristband")
        window.send(form, code=said["code"], means=said["means"])
        return form

    def _order_perfusion(self, window: Window, said: Said) -> Form:
        at = self._participant(window, said)
        form = window.go(at).form(f"{at}/order_perfusion")
        if form.fields["round"] != str(said["number"]):
            raise Hindered(f"{at} orders round {form.fields['round']}")
        planned = said["planned_at"].astimezone(self.stage.calendar.zone)
        return self._signed(window, form, planned_at=f"{planned:%Y-%m-%d %H:%M}", ward=said["ward"])

    def _issue_batch(self, window: Window, said: Said) -> Form:
        at = self._participant(window, said)
        form = window.go(at).form(f"{at}/issue_batch")
        if form.fields["master"] != said["master"]:
            form = window.go(window.page.link(f"?master={said['master']}")).form(f"{at}/issue_batch")
        return self._signed(window, form)

    # the bench

    def _at_step(self, window: Window, said: Said) -> Page:
        """The step's page: the one that is open, or by way of the batch's page."""
        batch, step = said["batch"], said["step"]
        path = f"/batches/{batch}/steps/{step}"
        now = self.stage.clock.now()
        fresh = now - self.used.get(window.person, now - STALE * 2) < STALE
        if not (fresh and window.page.path.split("?")[0] == path):
            if not (fresh and window.page.path == f"/batches/{batch}"):
                window.go(f"/batches/{batch}")
            window.go(window.page.link(path))
        return window.page

    def _slot(self, window: Window, said: Said, *, action: str, slot: str | None = None) -> Form:
        """The form of a slot; one that is not next is opened by its own line."""
        page = self._at_step(window, said)
        if (form := page.find(action, slot=slot)) is None:
            page = window.go(page.path)  # somebody else may have gone on with it
            form = page.find(action, slot=slot)
        if form is None:
            page = window.go(page.link(f"?slot={said['slot']}", within=f"slot-{said['slot']}"))
            form = page.form(action, slot=slot)
        return form

    def _record_evidence(self, window: Window, said: Said) -> Form:
        action = f"/batches/{said['batch']}/steps/{said['step']}/record/{said['slot']}"
        form = self._slot(window, said, action=action)
        typed, echo = self._entered(form, said)
        page = window.attempt(form, **typed) if said["reason"] else window.send(form, **typed)
        if said["reason"]:
            form = page.form(action)
            page = window.send(form, **typed, reason=said["reason"])
        told = squeezed(page.texts.get("evidence", ""))
        for words in echo:
            if squeezed(words) not in told:
                raise Hindered(f"{action}: {words!r} is not on the page that came back: {page.said()}")
        return form

    def _entered(self, form: Form, said: Said) -> tuple[dict[str, str | Path], list[str]]:
        """What is typed, chosen or scanned into the form, and what of it must stand on the page that comes back."""
        if said["file"] is not None:
            return {"file": said["file"]}, [said["file"].name]
        if said["counts"]:
            cells: dict[str, str | Path] = {"dilution": said["dilution"]}
            for number, (live, dead) in enumerate(said["counts"], start=1):
                cells |= {f"live_{number}": live, f"dead_{number}": dead}
            return cells, []
        if said["option"]:
            return {"value": said["option"]}, [form.options["value"].get(said["option"], "")]
        if said["text"]:
            return {"value": said["text"]}, [said["text"]]
        if "code" in form.fields:
            return {"code": said["raw"], **BY_SCANNER}, []
        if said["raw"]:
            return {"value": said["raw"]}, [said["raw"]]
        at = self._said_here(said["at"])
        return {"value": at}, [at[-5:]]

    def _witness_step(self, window: Window, said: Said) -> Form:
        action = f"/batches/{said['batch']}/steps/{said['step']}/record/{said['slot']}"
        form, witness = self._slot(window, said, action=action), self.window(said["witness"].person)
        page = window.send(form, witness=witness.person, pin=witness.pin)
        name = self.stage.players[witness.person].name
        if name not in page.texts["evidence"]:
            raise Hindered(f"{action}: {name} is not on the page that came back: {page.said()}")
        return form

    def _confirm_step(self, window: Window, said: Said) -> Form:
        page = self._at_step(window, said)
        action = f"/batches/{said['batch']}/steps/{said['step']}/confirm"
        if (form := page.find(action)) is None:
            page = window.go(page.path)
            form = page.find(action) or window.go(page.link("?panel=sign")).form(action)
        if "password" in form.fields:
            return self._signed(window, form)
        window.send(form, **({"pin": window.pin} if "pin" in form.fields else {}))
        return form

    def _verify_step(self, window: Window, said: Said) -> Form:
        path = f"/batches/{said['batch']}/steps/{said['step']}/verify"
        form = window.go(window.go("/verify").link(path)).form(path)
        if "password" in form.fields:
            return self._signed(window, form)
        window.send(form, pin=window.pin)
        return form

    def _labels(self, said: Said) -> str:
        return f"/batches/{said['batch']}/steps/{said['step']}/labels/{said['slot']}"

    def _print_labels(self, window: Window, said: Said) -> Form:
        action = f"{self._labels(said)}/print"
        form = self._slot(window, said, action=action)
        page = window.send(form)
        papers = [href for href, ids in page.links if href.endswith(".pdf") and f"slot-{said['slot']}" in ids]
        if not papers or not all(window.fetch(href).startswith(b"%PDF") for href in papers):
            raise Hindered(f"{action}: no label to print: {page.said()}")
        return form

    def _account_label(self, window: Window, said: Said) -> Form:
        form = self._slot(window, said, action=f"{self._labels(said)}/account")
        page = window.send(form, code=said["serial"], fate=said["fate"])
        if squeezed(said["serial"]) not in squeezed(page.texts["evidence"]):
            raise Hindered(f"label {said['serial']} is not on the page that came back: {page.said()}")
        return form

    # custody

    def _offer_custody(self, window: Window, said: Said) -> Form:
        action = f"/batches/{said['batch']}/handover"
        if said["step"]:
            form = self._slot(window, said, action=action)
        else:
            form = window.go(f"{action}/{said['container']}").form(action)
        typed = {name: str(said[name]) for name in ("condition", "seal", "temperature") if said[name]}
        if "to_place" in form.fields:
            typed["to_place"] = said["to_place"]
        if not said["step"]:
            typed["to_role"] = said["to_role"]
        if form.fields.get("to_role") != said["to_role"] and "to_role" not in typed:
            raise Hindered(f"{action} hands over to {form.fields['to_role']}")
        window.send(form, **typed)
        return form

    def _take_custody(self, window: Window, said: Said) -> Form:
        path = f"/batches/{said['batch']}/handover/{said['scanned']}"
        form = window.go(window.go("/").link(path)).form(f"{path}/take")
        typed = {name: said[name] for name in ("condition", "temperature") if said[name]}
        window.send(form, code=said["scanned"], **BY_SCANNER, **typed, pin=window.pin)
        return form

    # the laboratory

    def _receive_sample(self, window: Window, said: Said) -> Form:
        form = window.go("/qc/").form("/qc/receive")
        window.send(form, code=said["code"], **BY_SCANNER)
        return form

    def _test(self, window: Window, said: Said) -> Page:
        window.go(f"/qc/{said['batch']}")
        return window.go(window.page.link(f"?test={said['test']}", within=f"test-{said['test']}"))

    def _enter_result(self, window: Window, said: Said) -> Form:
        form = self._test(window, said).form(f"/qc/{said['batch']}/{said['test']}")
        typed = {name: said[name] for name in ("raw", "option", "outcome", "reason") if said[name]}
        page = window.send(form, **typed, pin=window.pin)
        echo = form.options["option"][said["option"]].strip() if said["option"] else said["raw"].lstrip("<>")
        if "e" not in echo and squeezed(echo) not in squeezed(page.texts[f"test-{said['test']}"]):
            raise Hindered(f"{said['test']}: {echo} is not on the page that came back: {page.said()}")
        return form

    def _review_result(self, window: Window, said: Said) -> Form:
        form = self._test(window, said).form(f"/qc/{said['batch']}/{said['test']}/review")
        return self._signed(window, form, agreed="yes" if said["agreed"] else "no")

    # quality

    def _quality(self, window: Window, said: Said, act: str) -> Form:
        at = window.go("/quality/").link(f"/quality/{said['batch']}")
        return window.go(at).form(f"{at}/{act}")

    def _review_record(self, window: Window, said: Said) -> Form:
        return self._signed(window, self._quality(window, said, "review"))

    def _release(self, window: Window, said: Said) -> Form:
        return self._signed(window, self._quality(window, said, "disposition"), decision="release")

    def _dispose(self, window: Window, said: Said) -> Form:
        form = self._quality(window, said, "final")
        return self._signed(window, form, disposition=said["disposition"])

    def _close(self, window: Window, said: Said) -> Form:
        return self._signed(window, self._quality(window, said, "close"))

    # the bedside

    def _scanned(self, window: Window, said: Said, path: str) -> Form:
        """Wristband, product and order, scan by scan; then the form that asks the person."""
        form = window.go(window.go("/clinic").link(path)).form(path)
        for leg in ("wristband", "product", "order"):
            form = window.send(form, code=self.stage.names.read(said[leg])).form(path)
        return form

    def _match_identity(self, window: Window, said: Said) -> Form:
        form = self._scanned(window, said, f"/clinic/bedside/{said['batch']}")
        stated = {"patient_stated": "1"} if said["patient_stated"] else {}
        answers = {f"check__{code}": answer for code, answer in said["checks"].items()}
        page = window.send(form, **stated, **answers, pin=window.pin)
        if page.path != f"/clinic/matched/{said['batch']}":
            raise Hindered(f"the check does not match: {page.said()}")
        return form

    def _confirm_identity(self, window: Window, said: Said) -> Form:
        form = self._scanned(window, said, f"/clinic/confirm/{said['batch']}")
        window.send(form, pin=window.pin)
        return form

    def _record_perfusion(self, window: Window, said: Said) -> Form:
        path = f"/clinic/perfusion/{said['batch']}"
        page = window.go(window.go("/clinic").link(path))
        form = page.form(path)
        times = {name: self._said_here(said[name]) for name in ("started_at", "ended_at")}
        words = {name: said[name] for name in ("catheter", "given", "residual", "wasted", "reaction")}
        return self._signed(window, form, **times, **words)

    def _end_observation(self, window: Window, said: Said) -> Form:
        path = f"/clinic/after/{said['batch']}"
        page = window.go(window.go("/clinic").link(path))
        form = page.form(f"{path}/end_observation")
        window.send(form, outcome=said["outcome"], note=said["note"], pin=window.pin)
        return form
