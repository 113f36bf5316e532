"""Recording one value, and drawing pages, through the real server with real clients over the loopback."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from lims.actions.founding import open_instance
from lims.ledger.book import Ledger
from tests.bench.instances import Built, seats
from tests.bench.measure import Line, Table, milliseconds, percentile, say, timed

CLIENTS = 8
NUMBERS = (("logger_low", "17.8"), ("logger_high", "22.4"), ("volume", "50.0"))
"""Slots of the first step that take a number, in any order."""
IN_TURN = 40
"""Batches whose values are recorded one at a time; the others by eight clients at once."""
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@dataclass(slots=True)
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    started_in: float

    def resident(self) -> float:
        """MiB that it holds in memory; Linux only."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


@contextmanager
def serving(command: Sequence[str], *, port: int, log: Path) -> Iterator[Server]:
    """Run a server until the block ends; ready when it answers."""
    start = time.perf_counter()
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written)
        try:
            while not _answers(port):
                if process.poll() is not None:
                    raise RuntimeError(f"{command} ended: {log.read_text()[-2000:]}")
                time.sleep(0.01)
            yield Server(process=process, port=port, started_in=time.perf_counter() - start)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/sign-in")
        connection.getresponse().read()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def lims(folder: Path, *, log: Path) -> Iterator[Server]:
    """`lims serve` on an instance."""
    port = free_port()
    command = [sys.executable, "-m", "lims.cli", "serve", "--instance", str(folder), "--port", str(port)]
    with serving(command, port=port, log=log) as server:
        yield server


@contextmanager
def bare(url: str, *, log: Path) -> Iterator[Server]:
    """The bare application on a database."""
    port = free_port()
    with serving([sys.executable, "-m", "tests.bench.bare", url, str(port)], port=port, log=log) as server:
        yield server


class Client:
    """One browser: a connection that stays open, cookies, and the token against forged requests."""

    def __init__(self, port: int, *, seat: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if seat:
            self._headers |= {"Cookie": f"bench_seat={seat}", "HX-Request": "true"}

    def begin(self, page: str) -> None:
        """Open a page as a browser does, for the cookie and the token."""
        plain = {name: value for name, value in self._headers.items() if name != "HX-Request"}
        self._connection.request("GET", page, headers=plain)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        if not (token := TOKEN.search(text)):
            raise RuntimeError(f"{page} answered {answer.status} without a token")
        self._headers |= {"Cookie": f"{self._headers['Cookie']}; {cookie}", "X-CSRFToken": token[1]}

    def post(self, path: str, fields: dict[str, str]) -> bool:
        """Whether it was taken."""
        self._connection.request("POST", path, body=urlencode(fields), headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status == 200

    def get(self, path: str) -> bool:
        """Whether it came."""
        plain = {name: value for name, value in self._headers.items() if name != "HX-Request"}
        self._connection.request("GET", path, headers=plain)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status == 200


@dataclass(slots=True)
class Times:
    """How long requests took, and how many failed."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    whole: float = 0.0

    def take(self, work: Callable[[], bool]) -> None:
        """One request."""
        took, good = timed(work)
        self.seconds.append(took)
        self.failed += not good

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.whole


def value_of(client: Client, batch: str, number: int) -> Callable[[], bool]:
    """Record one number of a batch's first step."""
    slot, value = NUMBERS[number]
    path = f"/batches/{batch}/steps/receive/record/{slot}"
    return lambda: client.post(path, {"value": value, "request_id": uuid4().hex})


def bare_value(client: Client) -> Callable[[], bool]:
    """Its barest likeness."""
    return lambda: client.post("/record", {"slot": "volume", "value": "50.0"})


def at_once(clients: Sequence[list[Callable[[], bool]]]) -> Times:
    """Every client does its requests one after the other, all clients at the same time."""
    found = [Times() for _ in clients]
    ready = threading.Barrier(len(clients) + 1)

    def go(mine: Times, requests: list[Callable[[], bool]]) -> None:
        ready.wait()
        for each in requests:
            mine.take(each)

    threads = [threading.Thread(target=go, args=pair) for pair in zip(found, clients, strict=True)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    return Times(
        seconds=[each for times in found for each in times.seconds],
        failed=sum(times.failed for times in found),
        whole=time.perf_counter() - start,
    )


def recording(table: Table, built: Built, *, server: Server, other: Server, where: str) -> None:
    """One value at a time, then eight clients at once, against the bare route on the same database."""
    first = f"/batches/{built.issued[0]}/steps/receive"
    tokens = seats(built.folder, count=CLIENTS)
    clients = [Client(server.port, seat=token) for token in tokens]
    for client in clients:
        client.begin(first)
    bares = [Client(other.port) for _ in range(CLIENTS)]
    say(f"one at a time, {where}")
    ours, theirs = Times(), Times()
    for batch in built.issued[:IN_TURN]:
        for number in range(len(NUMBERS)):
            ours.take(value_of(clients[0], batch, number))
            theirs.take(bare_value(bares[0]))
    _tell_in_turn(table, ours, theirs, where=where)
    say(f"{CLIENTS} clients at once, {where}")
    left = built.issued[IN_TURN:]
    wanted = [
        [value_of(client, batch, number) for batch in left[at::CLIENTS] for number in range(len(NUMBERS))]
        for at, client in enumerate(clients)
    ]
    crowd = at_once(wanted)
    bare_crowd = at_once([[bare_value(client)] * (len(wanted[0]) * 4) for client in bares])
    _tell_crowd(table, crowd, bare_crowd, where=where)


def _tell_in_turn(table: Table, ours: Times, theirs: Times, *, where: str) -> None:
    a, b = percentile(ours.seconds, 0.5), percentile(theirs.seconds, 0.5)
    table.add(
        Line(
            what=f"record one value over HTTP, {where}: p50",
            ours=milliseconds(a),
            bare=milliseconds(b),
            figure=a / b,
            unit="x",
            target=3,
        )
    )
    tail = percentile(ours.seconds, 0.99)
    table.add(
        Line(
            what=f"its p99 against its p50, {where}",
            ours=milliseconds(tail),
            bare=milliseconds(a),
            figure=tail / a,
            unit="x",
            target=5,
        )
    )


def _tell_crowd(table: Table, crowd: Times, theirs: Times, *, where: str) -> None:
    table.add(
        Line(
            what=f"{CLIENTS} clients recording at once, {where}: values/s",
            ours=f"{crowd.per_second:.0f}/s",
            bare=f"{theirs.per_second:.0f}/s",
            figure=crowd.per_second / theirs.per_second,
            unit="x",
            target=0.3,
            at_least=True,
        )
    )
    middle, tail = percentile(crowd.seconds, 0.5), percentile(crowd.seconds, 0.99)
    table.add(
        Line(
            what=f"their p99 against their p50, {where}",
            ours=milliseconds(tail),
            bare=milliseconds(middle),
            figure=tail / middle,
            unit="x",
            target=5,
        )
    )
    table.add(
        Line(
            what=f"their failures, {where}",
            ours=str(crowd.failed),
            bare=f"of {len(crowd.seconds)}",
            figure=crowd.failed,
            unit="",
            target=0,
        )
    )


def pages(table: Table, built: Built, *, server: Server, other: Server) -> None:
    """The page of the batch that ran to its end, and its step page, against a bare page of as many rows."""
    client = Client(server.port, seat=seats(built.folder, count=1, person="qa-a", station="QA-1")[0])
    bare_client = Client(other.port)
    client.begin(f"/batches/{built.done}")
    site = open_instance(built.folder)
    count = entries_of(site.ledger, built.done)
    site.ledger.close()
    ours, theirs = Times(), Times()
    for _ in range(25):
        ours.take(lambda: client.get(f"/batches/{built.done}"))
        theirs.take(lambda: bare_client.get(f"/rows/{count}"))
    a, b = percentile(ours.seconds[1:], 0.5), percentile(theirs.seconds[1:], 0.5)
    failed = f" ({ours.failed} failed)" if ours.failed else ""
    table.add(
        Line(
            what=f"page of a batch of {count} entries{failed}",
            ours=milliseconds(a),
            bare=milliseconds(b),
            figure=a / b,
            unit="x",
            target=3,
        )
    )


def entries_of(ledger: Ledger, batch: str) -> int:
    """How many entries a batch has."""
    with ledger.reading() as book:
        head = book.head(f"batch:{batch}")
    return head.seq if head else 0


def processes(table: Table, server: Server, *, when: str) -> None:
    """Memory of the server after all that, and how long it took to answer for the first time."""
    if os.path.exists("/proc/self/status"):
        held = server.resident()
        table.add(
            Line(
                what=f"resident memory of the server, {when}",
                ours=f"{held:.0f} MiB",
                bare="",
                figure=held,
                unit=" MiB",
                target=200,
            )
        )
    table.add(
        Line(
            what=f"start to first answer, {when}",
            ours=f"{server.started_in:.2f} s",
            bare="",
            figure=server.started_in,
            unit=" s",
            target=2,
        )
    )
