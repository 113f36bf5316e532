"""Issuing a batch."""

from lims.actions.masters import effective_master, effective_protocol
from lims.actions.people import mint_code
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, TakenMeanwhile, perform, with_next_number
from lims.domain.codes import CodeType
from lims.domain.entries.envelope import refusals_of, stream_of
from lims.domain.participant import Participant
from lims.domain.receipt import Site as IssuedAt
from lims.domain.receipt import codes_needed, issue
from lims.domain.rows import BatchRow
from lims.ledger.open_book import Book
from lims.ledger.read_tables import find


def issue_batch(
    site: Site, actor: Actor, request_id: str, *, participant: str, round_number: int, master: str
) -> Outcome:
    """Quality issues a batch for one participant and round; a refusal is filed with the participant."""
    return with_next_number(lambda: _issue_next(site, actor, request_id, participant, round_number, master))


def _issue_next(
    site: Site, actor: Actor, request_id: str, participant: str, round_number: int, master: str
) -> Outcome:
    with site.ledger.reading() as book:
        number = next_number(book)
        scene = Scene(site=site, book=book, now=site.clock.now(), actor=actor)
        version = effective_master(scene, master)[1].version
    stream, person = stream_of("batch", number), stream_of("participant", participant)

    def rule(scene: Scene) -> Decision:
        if scene.book.head(stream) is not None:
            raise TakenMeanwhile
        record, record_version = effective_master(scene, master)
        protocol, protocol_version = effective_protocol(scene)
        codes: list[str] = []
        for kind in codes_needed(record):
            code = mint_code(site, scene.book, CodeType[kind])
            while code in codes:
                code = mint_code(site, scene.book, CodeType[kind])
            codes.append(code)
        drafts = issue(
            scene.load(person, Participant),
            number=number,
            round_number=round_number,
            master=record,
            master_version=record_version,
            protocol=protocol,
            protocol_version=protocol_version,
            site=IssuedAt(zone=site.founded.zone, profile=site.founded.profile),
            today=scene.today,
            codes=codes,
            new_coi=mint_code(site, scene.book, CodeType.CHAIN_OF_IDENTITY),
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="issue_batch",
        on=stream,
        asked={"participant": participant, "round": str(round_number), "master": master},
        about=(
            ("master", master),
            ("version", version),
            ("participant", participant),
            ("round", str(round_number)),
        ),
        write=(person,),
        read=("study", stream_of("master", master)),
        refusals=refusals_of(person),
        makes=True,
    )
    return perform(site, actor, ask, rule)


def next_number(book: Book) -> str:
    """The next batch number of this instance, four digits and more."""
    newest = find(book, BatchRow, order=("-number",), limit=1)
    return f"{int(newest[0].number) + 1 if newest else 1:04d}"
