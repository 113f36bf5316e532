"""Lint of the versions of the consent form: each once, in the order in which they come into force."""

from collections.abc import Iterator
from itertools import pairwise

from lims.authoring.findings import Finding, finding, warning
from lims.domain.protocol import StudyProtocol


def lint_consent_forms(protocol: StudyProtocol) -> Iterator[Finding]:
    """Every fault of the protocol's consent forms."""
    forms = protocol.consent_forms
    seen: set[str] = set()
    for at, form in enumerate(forms):
        place = ("consent_forms", at)
        if form.version in seen:
            version = form.version[:60]
            yield finding((*place, "version"), "The version “{version}” is used twice.", version=version)
        seen.add(form.version)
        if form.waits and not form.asked_again:
            yield finding((*place, "waits"), "Nothing waits for a form to which nobody is asked again.")
    for at, (before, form) in enumerate(pairwise(forms), start=1):
        if form.in_force_from <= before.in_force_from:
            yield finding(
                ("consent_forms", at, "in_force_from"),
                "“{version}” must come into force after “{before}”.",
                version=form.version[:60],
                before=before.version[:60],
            )
    if protocol.trial.screening.consent_forms:
        yield finding(
            ("trial", "screening", "consent_forms"),
            "Versions of the consent form stand under “consent_forms” of the protocol.",
        )
    if not forms:
        yield warning(
            ("consent_scopes",), "No version of the consent form is named, so every version is taken."
        )
