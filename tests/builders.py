"""What are a dossier, a programme and a recipient, when a test says only what it is about?

Builders of facts: whatever is not given is the plainest thing that could be. Days may be written "2021-02-19", instants
"2021-02-19 09:00" (on the territory's own clock).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from hypothesis import settings

from models.rules.calendar import load_calendar
from models.rules.campaign_file import load_campaign
from models.rules.completeness import parts_asked
from models.rules.dossier import ConventionFact, DecisionFact, Dossier, ExtensionFact, PieceFact
from models.rules.notices import Key, Notice, Recipient
from models.rules.programme import Programme
from models.rules.reminders import due
from models.words import PieceStatus, Role, Verdict

PROPERTY = settings(derandomize=True, deadline=None, database=None, max_examples=50)
QUICK_PROPERTY = settings(PROPERTY, max_examples=100)

CAMPAIGN_2021: Mapping[str, Any] = {
    "campaign": "2021",
    "title": "Extension 2021",
    "edition": "vade-mecum-2020",
    "opens": date(2020, 10, 15),
    "assumption": "le texte dit octobre",
    "deadlines": {
        "candidature": {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
        "action_plan": {"date": date(2021, 5, 15), "cite": "vade-mecum-2020, partie 1"},
        "convention": {"date": date(2021, 6, 30), "assumption": "le texte ne donne pas de date"},
        "fund_report": {
            "occurrences": {"2021": date(2022, 3, 31), "2022": date(2023, 3, 31), "2023": date(2024, 3, 31)},
            "assumption": "le texte dit chaque année",
        },
    },
    "convention": {"start": date(2021, 1, 1), "end": date(2023, 12, 31), "cite": "vade-mecum-2020, partie 1"},
}


TWO_FUND_REPORTS = {
    "fund_report": {
        "occurrences": {"2021": date(2022, 3, 31), "2022": date(2023, 3, 31)},
        "assumption": "le texte dit chaque année",
    }
}


def a_campaign_file(**changes: Any) -> str:
    """The text of the 2021 campaign's file: a change replaces a key, `None` removes it, `deadlines` are merged."""
    said = {**CAMPAIGN_2021, **changes}
    if isinstance(changes.get("deadlines"), dict):
        said["deadlines"] = {**CAMPAIGN_2021["deadlines"], **changes["deadlines"]}
        said["deadlines"] = {name: each for name, each in said["deadlines"].items() if each is not None}
    kept = {name: value for name, value in said.items() if value is not None}
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)


def a_programme(**changes: Any) -> Programme:
    """The rules of the 2021 campaign, with these keys of its file changed."""
    return load_campaign(a_campaign_file(**changes), name="campaign.yaml")


def a_day(day: str | date) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


def an_instant(at: str | datetime, zone: str = "Europe/Paris") -> datetime:
    """An instant from text; without an offset it is read on the clock of `zone`."""
    read = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def a_piece(
    name: str, at: str | datetime, status: str = "recue", reason: str = "", zone: str = "Europe/Paris"
) -> PieceFact:
    """`diagnostic/social`, `bilan-fonds@2021/compte`."""
    code, _, part = name.partition("/")
    requirement, _, occurrence = code.partition("@")
    return PieceFact(
        requirement=requirement,
        occurrence=occurrence,
        part=part,
        status=PieceStatus(status),
        at=an_instant(at, zone),
        reason=reason,
    )


def a_dossier(
    *,
    code: str = "alencon",
    departement: str = "61",
    asks_extra_means: bool = False,
    received: Iterable[str] = (),
    received_at: str | datetime = "2020-11-02 10:00",
    pieces: Sequence[PieceFact] = (),
    decisions: Sequence[tuple[str, str]] = (),
    extensions: Sequence[tuple[str, str, str]] = (),
    withdrawals: Sequence[str] = (),
    conventions: Sequence[tuple[str, str, str | None]] = (),
    programme: Programme | None = None,
) -> Dossier:
    """A territory of the Orne unless told.

    `received` names parts (`diagnostic/social`), requirements (`diagnostic`) or obligations (`candidature`,
    `fund_report:2021`), all of them received at `received_at`; `pieces` follow. `decisions` are (day, verdict),
    `extensions` (obligation, new date, day granted), `conventions` (first day, last day, day signed or None).
    """
    calendar = load_calendar()
    zone = calendar.zone(departement)
    bare = Dossier(
        code=code, name=code.title(), departement=departement, region=calendar.region(departement),
        asks_extra_means=asks_extra_means,
    )  # fmt: skip
    early = [
        a_piece(name, received_at, zone=zone)
        for wanted in received
        for name in _parts_named(programme or a_programme(), bare, wanted)
    ]
    return Dossier(
        code=bare.code,
        name=bare.name,
        departement=departement,
        region=bare.region,
        asks_extra_means=asks_extra_means,
        pieces=tuple(sorted((*early, *pieces), key=lambda piece: piece.at)),
        decisions=tuple(DecisionFact(day=a_day(day), verdict=Verdict(word)) for day, word in decisions),
        extensions=tuple(
            ExtensionFact(deadline=name, new_due=a_day(new), granted_on=a_day(granted))
            for name, new, granted in extensions
        ),
        withdrawals=tuple(a_day(day) for day in withdrawals),
        conventions=tuple(
            ConventionFact(first_day=a_day(first), last_day=a_day(last), signed_on=a_day(signed) if signed else None)
            for first, last, signed in conventions
        ),
    )


def a_recipient(role: str, *, contact: int = 1, zone: str = "Europe/Paris") -> Recipient:
    return Recipient(contact=contact, role=Role(role), zone=zone)


def recipients_of(departement: str = "61", roles: Iterable[str] | None = None) -> list[Recipient]:
    """One contact for each role (or these roles), on the clock of the role's usual perimeter."""
    calendar = load_calendar()
    wanted = [Role(role) for role in roles] if roles is not None else list(Role)
    return [
        Recipient(
            contact=list(Role).index(role) + 1,
            role=role,
            zone="Europe/Paris" if role is Role.COORDINATION else calendar.zone(departement),
        )
        for role in wanted
    ]


def letters_at(
    programme: Programme,
    dossier: Dossier,
    obligation: str,
    at: str | datetime,
    *,
    recorded: Iterable[Key] = (),
    recipients: Sequence[Recipient] | None = None,
) -> list[tuple[str, str]]:
    """What is due at `at`, as (step, role) in the order of steps and roles."""
    found = notices_at(programme, dossier, obligation, at, recorded=recorded, recipients=recipients)
    return [(notice.key.step, notice.recipient.role.value) for notice in found]


def notices_at(
    programme: Programme,
    dossier: Dossier,
    obligation: str,
    at: str | datetime,
    *,
    recorded: Iterable[Key] = (),
    recipients: Sequence[Recipient] | None = None,
) -> list[Notice]:
    """What is due at `at`; an instant without an offset is read on the territory's clock."""
    readers = recipients if recipients is not None else recipients_of(dossier.departement)
    instant = an_instant(at, programme.calendar.zone(dossier.departement))
    found = due(programme, dossier, obligation, readers, set(recorded), instant).due
    return sorted(found, key=lambda notice: (notice.key.step, list(Role).index(notice.recipient.role)))


def _parts_named(programme: Programme, dossier: Dossier, wanted: str) -> list[str]:
    if "/" in wanted:
        return [wanted]
    name, _, occurrence = wanted.partition(":")
    if name in programme.deadlines:
        suffix = f"@{occurrence}" if occurrence else ""
        asked = [each for each in parts_asked(programme, dossier, name) if each.required]
        return [f"{each.requirement}{suffix}/{each.part}" for each in asked]
    requirement = programme.requirement(wanted.partition("@")[0])
    assert requirement is not None, wanted
    return [f"{wanted}/{part.code}" for part in requirement.parts]
