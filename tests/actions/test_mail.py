"""Letters about notices: they leave outside the ledger, survive a dead server, and never tell of whom."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from pathlib import Path

import pytest

from lims.actions import mailing, recall, timers
from lims.authoring.faults import AuthoringError
from lims.authoring.mail import load_mail_settings
from lims.domain.entries.mail import MailFailed, MailSent
from lims.domain.rows import TaskRow
from lims.ledger.read_tables import find
from tests.builders import At, Played
from tests.cast import QA_A

SETTINGS = """
host: 127.0.0.1
port: {port}
security: none
sender: bench@site.example
to: {{clinician: [ward@site.example], investigator: [pi@site.example], qa: [qa@site.example]}}
"""


@dataclass
class Taken:
    """What a mail server of the test took; `refuses` makes it say no to every letter."""

    port: int = 0
    letters: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refuses: bool = False


@contextmanager
def mail_server(taken: Taken) -> Iterator[Taken]:
    """A mail server that keeps what it is handed."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline().decode().strip():
                word = line[:4].upper()
                if word == "QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                if word == "DATA" and not taken.refuses:
                    self.wfile.write(b"354 go on\r\n")
                    text = ""
                    while (part := self.rfile.readline().decode()) != ".\r\n":
                        text += part
                    taken.letters.append(text)
                elif word == "RCPT":
                    taken.to.append(line)
                    if taken.refuses:
                        self.wfile.write(b"550 nobody here\r\n")
                        continue
                self.wfile.write(b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", taken.port), Talk) as server:
        server.daemon_threads = True
        taken.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield taken
        finally:
            server.shutdown()


def with_mail(played: Played, port: int) -> None:
    (played.stage.site.folder / "MAIL.yaml").write_text(SETTINGS.format(port=port), encoding="utf-8")


def recalled(played: Played) -> None:
    """A lot of the given product is recalled: clinician, investigator and quality must know."""
    site, lot = played.stage.site, played.stage.lots["medium_a"]
    recall.recall_lot(site, played.actor(QA_A), played.request(), lot=lot, reference="R-1")


def on_file(played: Played) -> list[object]:
    return [entry.fact for entry in played.entries(f"mail:{played.batch}")]


def of_the_administrator(played: Played) -> tuple[TaskRow, ...]:
    with played.stage.site.ledger.reading() as book:
        return find(book, TaskRow, what="deliver_mail")


def test_everybody_who_must_know_gets_one_letter_that_tells_of_no_participant(at: At) -> None:
    played = at("perfused")
    recalled(played)
    with mail_server(Taken()) as taken:
        with_mail(played, taken.port)
        assert mailing.send_letters(played.stage.site) > 0
        assert mailing.send_letters(played.stage.site) == 0
    told = [message_from_string(text, policy=policy.default) for text in taken.letters]
    mine = [letter for letter in told if f"batch {played.batch}," in letter.get_content()]
    assert sorted(str(letter["To"]) for letter in mine) == [
        "pi@site.example",
        "qa@site.example",
        "ward@site.example",
    ]
    secrets = (played.anna, played.record().issue.coi, played.stage.lots["medium_a"])
    for letter in told:
        assert not any(secret in f"{letter}{letter.get_content()}" for secret in secrets)
    assert all(isinstance(fact, MailSent) for fact in on_file(played))


def test_a_dead_server_loses_nothing_and_the_administrator_sees_it(at: At) -> None:
    played = at("perfused")
    recalled(played)
    taken = Taken()
    with mail_server(taken):
        pass  # a port on which nobody listens any more
    with_mail(played, taken.port)
    assert mailing.send_letters(played.stage.site) == 0
    assert all(isinstance(fact, MailFailed) for fact in on_file(played)) and on_file(played)
    assert of_the_administrator(played)
    failed = len(on_file(played))
    assert mailing.send_letters(played.stage.site) == 0 and len(on_file(played)) == failed
    played.wait(minutes=2)
    with mail_server(taken):
        assert mailing.send_letters(played.stage.site) >= failed
    assert taken.letters and not of_the_administrator(played)


def test_a_refused_mailbox_does_not_stop_the_others_and_is_on_file_without_its_address(at: At) -> None:
    played = at("perfused")
    recalled(played)
    with mail_server(Taken(refuses=True)) as taken:
        with_mail(played, taken.port)
        mailing.send_letters(played.stage.site)
    facts = on_file(played)
    assert len(facts) == 3 and all(isinstance(fact, MailFailed) for fact in facts)
    assert "example" not in repr(facts)


def test_an_escalation_is_told_again_and_to_quality_too(at: At) -> None:
    played = at("perfused")
    recalled(played)
    played.wait(hours=5)
    timers.run_due(played.stage.site)
    with mail_server(Taken()) as taken:
        with_mail(played, taken.port)
        mailing.send_letters(played.stage.site)
    to = [str(message_from_string(text, policy=policy.default)["To"]) for text in taken.letters]
    assert "ward@site.example, qa@site.example" in to


def test_without_settings_no_letter_is_tried_and_wrong_ones_are_told_by_line(at: At, tmp_path: Path) -> None:
    played = at("perfused")
    recalled(played)
    assert mailing.send_letters(played.stage.site) == 0 and on_file(played) == []
    (tmp_path / "MAIL.yaml").write_text(SETTINGS.format(port=25) + "colour: red\n", encoding="utf-8")
    with pytest.raises(AuthoringError, match=r"MAIL\.yaml:7"):
        load_mail_settings(tmp_path)
