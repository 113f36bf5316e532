"""What is done about randomisation: opened with a sealed secret, a participant randomised, closed and told."""

import secrets
from collections.abc import Callable, Mapping

from lims.actions.detach import words
from lims.actions.masters import effective_protocol
from lims.actions.site import Site
from lims.actions.work import Actor, Ask, Decision, Outcome, Scene, perform
from lims.domain.canonical import file_hash
from lims.domain.entries.envelope import stream_of
from lims.domain.participant import Participant
from lims.domain.protocol import StudyProtocol
from lims.domain.trial import randomisation as rules
from lims.domain.trial.allocation_list import read_list
from lims.domain.trial.randomisation import STREAM, Randomisation
from lims.ledger.sealed import seal, unseal


def open_randomisation(site: Site, actor: Actor, request_id: str) -> Outcome:
    """Randomisation by permuted blocks begins; its seed is made here, sealed, and shown to nobody."""
    secret = rules.secret_of_seed(secrets.token_hex(32))
    return _open(site, actor, request_id, act="open_randomisation", asked={}, make=lambda protocol: secret)


def import_allocation_list(site: Site, actor: Actor, request_id: str, *, text: str) -> Outcome:
    """Randomisation by a list that was made elsewhere begins; the list is sealed, and nobody here sees it again."""

    def make(protocol: StudyProtocol) -> str:
        listed = read_list(text, arms=rules.frozen_arms(protocol), factors=rules.frozen_factors(protocol))
        return rules.secret_of_list(listed, salt=secrets.token_hex(32))

    # The hash stands for the list, which must not lie among what was asked.
    asked = {"list": file_hash(text.encode())}
    return _open(site, actor, request_id, act="import_allocation_list", asked=asked, make=make)


def _open(
    site: Site,
    actor: Actor,
    request_id: str,
    *,
    act: str,
    asked: Mapping[str, str],
    make: Callable[[StudyProtocol], str],
) -> Outcome:
    def rule(scene: Scene) -> Decision:
        protocol, _ = effective_protocol(scene)
        secret = make(protocol)
        drafts = rules.open_it(
            _state(scene),
            protocol=protocol,
            of_list=act == "import_allocation_list",
            secret=secret,
            sealed=seal(secret, purpose=STREAM, keys=site.keys),
        )
        return Decision(drafts=drafts)

    ask = Ask(request_id=request_id, act=act, on=STREAM, asked=asked, read=("study",))
    return perform(site, actor, ask, rule)


def randomise(
    site: Site, actor: Actor, request_id: str, *, participant: str, strata: tuple[tuple[str, str], ...] = ()
) -> Outcome:
    """A participant takes the next place; asked twice, the answer is the same arm."""
    stream, answers = stream_of("participant", participant), dict(strata)

    def rule(scene: Scene) -> Decision:
        state, person = _state(scene), scene.load(stream, Participant)
        protocol, _ = effective_protocol(scene)
        drafts = rules.randomise(
            state,
            person,
            answers=answers,
            secret=lambda: _secret(site, state),
            at=scene.now,
            protocol=protocol,
        )
        return Decision(drafts=drafts)

    ask = Ask(
        request_id=request_id,
        act="randomise",
        on=stream,
        asked={f"factor_{code}": option for code, option in answers.items()},
        about=(("participant", participant),),
        write=(STREAM,),
        read=("study",),
    )
    return perform(site, actor, ask, rule)


def mark_randomised_in_error(
    site: Site, actor: Actor, request_id: str, *, participant: str, reason: str
) -> Outcome:
    """A mark with its reason: the arm and the used place stay as they are."""
    stream, kept = stream_of("participant", participant), words(reason, field="reason", least=10)

    def rule(scene: Scene) -> Decision:
        person = scene.load(stream, Participant)
        return Decision(drafts=rules.mark_in_error(person, reason=kept.detached))

    ask = Ask(
        request_id=request_id,
        act="mark_randomised_in_error",
        on=stream,
        asked={"reason": reason},
        kept=(kept,),
    )
    return perform(site, actor, ask, rule)


def close_randomisation(site: Site, actor: Actor, request_id: str) -> Outcome:
    """Enrolment has ended: the secret is told, and anyone can run the list again."""

    def rule(scene: Scene) -> Decision:
        state = _state(scene)
        return Decision(drafts=rules.close(state, secret=lambda: _secret(site, state)))

    ask = Ask(request_id=request_id, act="close_randomisation", on=STREAM, asked={})
    return perform(site, actor, ask, rule)


def _state(scene: Scene) -> Randomisation:
    state = scene.record(STREAM)
    assert isinstance(state, Randomisation)
    return state


def _secret(site: Site, state: Randomisation) -> str:
    """The secret, opened for one act and kept nowhere."""
    assert state.opened is not None
    return unseal(state.opened.sealed, purpose=STREAM, keys=site.keys)
