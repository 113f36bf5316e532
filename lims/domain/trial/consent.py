"""Versions of the consent form: which one is in force on a day, and who is asked again after a new one (TR-1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lims.domain.entries.trial import ConsentRecorded
from lims.domain.protocol import ConsentForm, StudyProtocol
from lims.domain.refusals import BadEntry, Refused

Given = Mapping[str, ConsentRecorded]
"""For each scope the consent that is in force."""


def form_in_force(protocol: StudyProtocol, on: date) -> ConsentForm | None:
    """The newest version that was in force on that day; None where the protocol names none."""
    begun = [form for form in protocol.consent_forms if form.in_force_from <= on]
    return begun[-1] if begun else None


def check_form(protocol: StudyProtocol, version: str, *, signed_on: date) -> None:
    """What she signed is the version that was in force on the day on which she signed."""
    if not protocol.consent_forms:
        return
    known = {form.version: form for form in protocol.consent_forms}
    form, in_force = known.get(version), form_in_force(protocol, signed_on)
    if form is None:
        listed = ", ".join(known)
        raise BadEntry("consent.unknown_form", field="form_version", version=version, listed=listed)
    if in_force is None or form.in_force_from > signed_on:
        since = form.in_force_from.isoformat()
        raise BadEntry("consent.not_yet", field="form_version", version=version, since=since)
    if form != in_force:
        raise BadEntry(
            "consent.superseded",
            field="form_version",
            version=version,
            newer=in_force.version,
            since=in_force.in_force_from.isoformat(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """She consented to an earlier version, and a later one asks her again."""

    form: ConsentForm
    """The version that she is to sign now."""
    since: date
    scopes: tuple[str, ...]
    """What she consented to on an earlier version."""
    waits: frozenset[str]
    """What waits for her: a sample, a round, or nothing."""


def asked_again(
    given: Given, protocol: StudyProtocol, *, on: date, scopes: frozenset[str] | None = None
) -> AskedAgain | None:
    """Whether she is asked again, for `scopes` or for all that she consented to; None when nothing is due.

    A version that the protocol does not name counts as earlier than all that it names.
    """
    places = {form.version: at for at, form in enumerate(protocol.consent_forms)}
    missed: dict[int, ConsentForm] = {}
    behind = []
    for scope, consent in given.items():
        hers = places.get(consent.form_version, -1)
        newer = {
            at: form
            for at, form in enumerate(protocol.consent_forms)
            if at > hers and form.asked_again and form.in_force_from <= on
        }
        if newer and (scopes is None or scope in scopes):
            behind.append(scope)
            missed |= newer
    form = form_in_force(protocol, on)
    if not missed or form is None:
        return None
    return AskedAgain(
        form=form,
        since=min(one.in_force_from for one in missed.values()),
        scopes=tuple(behind),
        waits=frozenset(what for one in missed.values() for what in one.waits),
    )


def check_signed_for_batch(given: Given, protocol: StudyProtocol, today: date) -> None:
    """No new batch while a newer version of the form waits for her signature, where the protocol says so."""
    _check(asked_again(given, protocol, on=today, scopes=protocol.batch_scopes), before="round")


def check_signed_for_sample(given: Given, protocol: StudyProtocol, today: date) -> None:
    """No sample while a newer version of the form waits for her signature, where the protocol says so."""
    _check(asked_again(given, protocol, on=today, scopes=protocol.sample_scopes), before="sample")


def _check(due: AskedAgain | None, *, before: str) -> None:
    if due and before in due.waits:
        raise Refused("consent.asked_again", version=due.form.version, since=due.since.isoformat())
