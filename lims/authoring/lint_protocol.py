"""Lint of a study protocol: arms, rounds, consent, the clinic's checks, doses and legal texts."""

from collections.abc import Iterator
from decimal import Decimal

from lims.authoring.findings import Finding, finding, warning
from lims.authoring.lint_consent import lint_consent_forms
from lims.authoring.lint_structure import lint_codes, lint_options, lint_words
from lims.authoring.lint_trial import lint_trial
from lims.authoring.lint_values import lint_limits
from lims.domain.protocol import StudyProtocol

PROFILES = frozenset({"ALL", "CN", "EU", "US"})
SITE_FIELDS = frozenset(
    {
        "registry",
        "round_interval_days",
        "bedside_checks",
        "bedside_valid_minutes",
        "least_hours_at_release",
        "least_hours_at_dispatch",
        "volume_given",
        "observation_minutes",
        "handover_minutes",
        "late_failure",
        "notices",
        "least_delivered_dose",
        "greatest_delivered_dose",
        "legal_texts",
        "consent_scopes",
        "consent_forms",
        "participant_prefix",
        "trial",
    }
)


def lint_protocol(protocol: StudyProtocol) -> Iterator[Finding]:
    """Every fault and warning of a protocol that fits the schema."""
    yield from _lint_arms(protocol)
    yield from lint_consent_forms(protocol)
    yield from _lint_strata(protocol)
    yield from _lint_numbers(protocol)
    yield from _lint_clinic(protocol)
    yield from _lint_legal_texts(protocol)
    yield from lint_trial(protocol)
    for at, field in enumerate(protocol.placeholders):
        if field not in SITE_FIELDS:
            yield finding(("placeholders", at), "“{field}” is no field that a site sets.", field=field[:60])


def _lint_arms(protocol: StudyProtocol) -> Iterator[Finding]:
    yield from lint_codes([arm.code for arm in protocol.arms], ("arms",))
    for at, arm in enumerate(protocol.arms):
        yield from lint_words(arm.title, ("arms", at, "title"))
        if not 1 <= arm.share <= 100:
            yield finding(
                ("arms", at, "share"), "An arm's share of the randomisation lies between 1 and 100."
            )
    if not any(arm.receives_product for arm in protocol.arms):
        yield finding(("arms",), "No arm receives the product.")
    yield from lint_codes([scope.code for scope in protocol.consent_scopes], ("consent_scopes",))
    if not any(scope.needed_for_batch for scope in protocol.consent_scopes):
        yield finding(("consent_scopes",), "A batch needs a consent: no scope is needed_for_batch.")


MOST_STRATA = 50
"""More strata than this leave most blocks incomplete in a trial of some hundred people."""


def _lint_strata(protocol: StudyProtocol) -> Iterator[Finding]:
    yield from lint_codes([factor.code for factor in protocol.strata], ("strata",))
    count = 1
    for at, factor in enumerate(protocol.strata):
        place = ("strata", at)
        yield from lint_words(factor.title, (*place, "title"))
        yield from lint_codes([level.code for level in factor.levels], (*place, "levels"))
        if len(factor.levels) < 2:
            yield finding((*place, "levels"), "A factor of stratification has at least two levels.")
        count *= len(factor.levels)
    if count > MOST_STRATA:
        yield finding(
            ("strata",),
            "The factors make {count} strata; at most {most} fit a trial.",
            count=str(count),
            most=str(MOST_STRATA),
        )


def _lint_numbers(protocol: StudyProtocol) -> Iterator[Finding]:
    ranges = {
        "rounds": (1, 20),
        "round_interval_days": (0, 3650),
        "bedside_valid_minutes": (1, 240),
        "least_hours_at_release": (0, 10_000),
        "least_hours_at_dispatch": (0, 10_000),
        "observation_minutes": (0, 10_000),
    }
    if protocol.handover_minutes is not None:
        ranges["handover_minutes"] = (1, 10_000)
    if (notices := protocol.notices) is not None:
        for name, most in (("acknowledge_minutes", 10_000), ("escalate_every_minutes", 10_000)):
            if not 1 <= int(getattr(notices, name)) <= most:
                yield finding(
                    ("notices", name),
                    "“{field}” lies between {least} and {most}.",
                    field=name,
                    least="1",
                    most=str(most),
                )
        if not 0 <= notices.escalations <= 100:
            yield finding(
                ("notices", "escalations"),
                "“{field}” lies between {least} and {most}.",
                field="escalations",
                least="0",
                most="100",
            )
    for field, (least, most) in ranges.items():
        if not least <= int(getattr(protocol, field)) <= most:
            yield finding(
                (field,),
                "“{field}” lies between {least} and {most}.",
                field=field,
                least=str(least),
                most=str(most),
            )
    if protocol.least_hours_at_dispatch > protocol.least_hours_at_release:
        yield finding(
            ("least_hours_at_dispatch",),
            "More shelf life would be needed at dispatch than at release before it.",
        )
    yield from lint_limits(protocol.volume_given, None, unit="mL", decimals=None, place=("volume_given",))
    greatest = protocol.greatest_delivered_dose
    if protocol.least_delivered_dose <= Decimal(0):
        yield finding(("least_delivered_dose",), "The least dose is more than nothing.")
    if greatest is not None and greatest < protocol.least_delivered_dose:
        yield finding(("greatest_delivered_dose",), "The greatest dose is less than the least dose.")


def _lint_clinic(protocol: StudyProtocol) -> Iterator[Finding]:
    yield from lint_codes([check.code for check in protocol.bedside_checks], ("bedside_checks",))
    for at, check in enumerate(protocol.bedside_checks):
        yield from lint_words(check.title, ("bedside_checks", at, "title"))
        yield from lint_options(check.options, ("bedside_checks", at, "options"))
        if all(option.acceptable for option in check.options):
            yield finding(
                ("bedside_checks", at, "options"), "Every answer is acceptable, so the check stops nothing."
            )
    for at, code in enumerate(protocol.never_out_of_specification):
        if code in protocol.never_out_of_specification[:at]:
            yield finding(("never_out_of_specification", at), "The code “{code}” is used twice.", code=code)


def _lint_legal_texts(protocol: StudyProtocol) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for at, text in enumerate(protocol.legal_texts):
        if text.profile not in PROFILES:
            yield finding(
                ("legal_texts", at, "profile"), "“{profile}” is no profile.", profile=text.profile[:60]
            )
        if (text.profile, text.code) in seen:
            yield finding(("legal_texts", at, "code"), "The code “{code}” is used twice.", code=text.code)
        seen.add((text.profile, text.code))
    if not protocol.legal_texts:
        yield warning(("legal_texts",), "Labels would carry no legal text.")
