"""Which letters leave between two days, counted the slow way?

Nothing here is shared with the engine: the calendar, the zones, the cadences and the requirements are written out
again, the tables are read again, and the count is a loop over every day, zone, territory, deadline and contact. The
loop keeps what has already been said to whom, and nothing else. It knows one programme, that of the 2020 vade-mecum,
and starts with no notice recorded.
"""

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

PARIS = "Europe/Paris"
GRACE_DAYS = 10
MORNING = time(9)

ZONE_OF_DEPARTEMENT = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "975": "America/Miquelon", "976": "Indian/Mayotte", "977": "America/St_Barthelemy", "978": "America/Marigot",
}  # fmt: skip
ZONE_OF_REGION = {
    "01": "America/Guadeloupe", "02": "America/Martinique", "03": "America/Cayenne", "04": "Indian/Reunion",
    "06": "Indian/Mayotte", "975": "America/Miquelon", "977": "America/St_Barthelemy", "978": "America/Marigot",
}  # fmt: skip
ZONE_OF_ACADEMIE = {
    "guadeloupe": "America/Guadeloupe", "martinique": "America/Martinique", "guyane": "America/Cayenne",
    "la reunion": "Indian/Reunion", "mayotte": "Indian/Mayotte",
}  # fmt: skip

# Ministère de l'éducation nationale, 2022-2023. Saint-Martin belongs to the académie of Guadeloupe.
DEPARTEMENTS_OF_ACADEMIE = {
    "aix-marseille": "04 05 13 84", "amiens": "02 60 80", "besancon": "25 39 70 90", "bordeaux": "24 33 40 47 64",
    "clermont-ferrand": "03 15 43 63", "corse": "2A 2B", "creteil": "77 93 94", "dijon": "21 58 71 89",
    "grenoble": "07 26 38 73 74", "guadeloupe": "971 977 978", "guyane": "973", "la reunion": "974", "lille": "59 62",
    "limoges": "19 23 87", "lyon": "01 42 69", "martinique": "972", "mayotte": "976", "montpellier": "11 30 34 48 66",
    "nancy-metz": "54 55 57 88", "nantes": "44 49 53 72 85", "nice": "06 83", "normandie": "14 27 50 61 76",
    "orleans-tours": "18 28 36 37 41 45", "paris": "75", "poitiers": "16 17 79 86", "reims": "08 10 51 52",
    "rennes": "22 29 35 56", "strasbourg": "67 68", "toulouse": "09 12 31 32 46 65 81 82", "versailles": "78 91 92 95",
}  # fmt: skip

# (offset in days from the due date, roles that receive a copy)
FIRST_TWO = ("prefet", "dasen")
FOUR = ("prefet", "dasen", "prefet_region", "recteur")
CADENCE: dict[str, list[tuple[int, tuple[str, ...]]]] = {
    "candidature": [
        (-60, ()), (-30, ()), (-15, ()), (-7, FIRST_TWO), (-2, FIRST_TWO), (1, FOUR), (7, (*FOUR, "coordination")),
    ],
    "action_plan": [
        (-45, ()), (-30, ()), (-15, ()), (-7, FIRST_TWO), (-2, FIRST_TWO), (1, FOUR), (7, (*FOUR, "coordination")),
    ],
    "fund_report": [
        (-60, ()), (-30, ()), (-15, ("dasen",)), (-7, ("dasen", "prefet")), (1, ("dasen", "prefet")),
        (15, ("dasen", "prefet", "recteur", "coordination")),
    ],
    "convention": [
        (-60, ()), (-30, ()), (-15, ("prefet",)), (-7, ("prefet",)), (1, ("prefet", "prefet_region")),
        (15, ("prefet", "prefet_region", "coordination")),
    ],
    "convention_end": [
        (offset, ("prefet", "dasen", "chef_de_file", "coordination")) for offset in (-365, -180, -90, -30)
    ],
}  # fmt: skip

# (requirement, part, owner), required ones only, in the order in which they are named to people
REQUIRED: dict[str, list[tuple[str, str, str]]] = {
    "candidature": [
        ("diagnostic", "scolaire", "chef_de_file"),
        ("diagnostic", "social", "chef_de_file"),
        ("diagnostic", "urbain", "chef_de_file"),
        ("diagnostic", "insertion", "chef_de_file"),
        ("etat-des-lieux", "document", "chef_de_file"),
        ("strategie", "objectif-1", "chef_de_file"),
        ("strategie", "objectif-2", "chef_de_file"),
        ("strategie", "objectif-3", "chef_de_file"),
        ("gouvernance", "document", "chef_de_file"),
        ("gouvernance", "association-habitants", "chef_de_file"),
        ("indicateurs", "moyens", "chef_de_file"),
        ("indicateurs", "resultats", "chef_de_file"),
        ("protocole-evaluation", "document", "chef_de_file"),
        ("engagements", "document", "chef_de_file"),
        ("moyens-complementaires", "document", "chef_de_file"),
        ("partenaires", "document", "chef_de_file"),
        ("referents", "education", "dasen"),
        ("referents", "prefecture", "prefet"),
        ("referents", "collectivite", "chef_de_file"),
        ("referents", "chef-de-projet", "chef_de_file"),
        ("demande-labellisation", "visa-prefet", "prefet"),
        ("demande-labellisation", "visa-dasen", "dasen"),
        ("cellule-evitement", "protocole", "prefet"),
        ("cellule-evitement", "charte", "prefet"),
    ],
    "action_plan": [
        ("programme-action", "document", "chef_projet"),
        ("engagements-partenaires", "moyens-humains", "chef_projet"),
        ("engagements-partenaires", "moyens-materiels", "chef_projet"),
        ("engagements-partenaires", "apport-financier", "chef_projet"),
        ("plan-financement", "document", "chef_de_file"),
    ],
    "fund_report": [("bilan-fonds", "compte", "principal"), ("bilan-fonds", "actions", "principal")],
    "convention": [
        ("convention", "signature-prefet", "prefet"),
        ("convention", "signature-education", "dasen"),
        ("convention", "signature-collectivite", "chef_de_file"),
        ("annexe-contrat-de-ville", "document", "prefet"),
    ],
}


@dataclass(frozen=True, kw_only=True)
class Contact:
    role: str
    address: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One row of the table of pieces; `number` is its place in the table."""

    number: int
    code: str
    parts: tuple[str, ...]
    status: str
    instant: datetime


@dataclass(frozen=True, kw_only=True)
class Decision:
    number: int
    word: str
    day: date


@dataclass(frozen=True, kw_only=True)
class Extension:
    number: int
    deadline: str
    new_date: date
    granted: date


@dataclass(frozen=True, kw_only=True)
class Convention:
    first_day: date
    last_day: date
    signed: date


@dataclass(frozen=True, kw_only=True)
class Territory:
    code: str
    departement: str
    region: str
    extra_means: bool
    contacts: tuple[Contact, ...]
    pieces: tuple[Piece, ...]
    decisions: tuple[Decision, ...]
    extensions: tuple[Extension, ...]
    withdrawals: tuple[date, ...]
    conventions: tuple[Convention, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One date that the campaign gives a deadline, for everybody, from the day `since` (None: from the start)."""

    due: date
    since: date | None


@dataclass(frozen=True, kw_only=True)
class Campaign:
    opens: date
    deadlines: dict[str, tuple[Entry, ...]]  # keyed candidature, action_plan, fund_report:2021, …


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What one territory's facts ask for on one morning, before looking at who can read it.

    `event` is what must be said once: with the contact it makes the key. `roles` are those that owe and those named as
    copies; `missing` holds (requirement, part, owner).
    """

    deadline: str
    due: date
    step: int | str
    event: tuple[object, ...]
    roles: frozenset[str]
    missing: tuple[tuple[str, str, str], ...]


# ------------------------------------------------------------------------------------------------ the loop


def plan(
    campaign_yaml: Path,
    tables: Path,
    *,
    start: date,
    end: date,
    without: frozenset[date] = frozenset(),
    all_letters: bool = False,
) -> list[dict[str, Any]]:
    """The rows of `cites plan --format json` from `start` to `end`, both included, by (at, to, territory, deadline).

    `at` sorts as an instant; rows that still tie are sorted by due date, then step. `without` are days on which nothing
    runs. `all_letters` adds those of opening, receipt, decision and extension.
    """
    campaign = read_campaign(campaign_yaml)
    territories = read_territories(tables)
    zones = sorted({contact.zone for territory in territories for contact in territory.contacts})
    said: set[tuple[object, ...]] = set()
    found: list[tuple[datetime, dict[str, Any]]] = []
    today = start
    while today <= end:
        for zone in zones:
            if today in without:
                continue
            at = datetime.combine(today, MORNING, ZoneInfo(zone))
            for territory in territories:
                readers = [contact for contact in territory.contacts if contact.zone == zone]
                if not readers or not is_working_day(today, territory.departement):
                    continue
                letters = list(reminders(campaign, territory, today, at))
                if all_letters:
                    letters += other_letters(campaign, territory, today, at, zone)
                for letter in letters:
                    for contact in readers:
                        key = (territory.code, letter.deadline, *letter.event, contact.address)
                        if contact.role in letter.roles and key not in said:
                            said.add(key)
                            found.append((at, row(letter, territory, contact, at)))
        today += timedelta(days=1)
    order = ("to", "territory", "deadline", "due", "step")
    found.sort(key=lambda pair: (pair[0], *(str(pair[1][name]) for name in order)))
    return [line for _, line in found]


def row(letter: Letter, territory: Territory, contact: Contact, at: datetime) -> dict[str, Any]:
    return {
        "date": at.date().isoformat(),
        "at": at.isoformat(),
        "territory": territory.code,
        "deadline": letter.deadline,
        "due": letter.due.isoformat(),
        "step": letter.step,
        "role": contact.role,
        "to": contact.address,
        "owes": [f"{requirement}/{part}" for requirement, part, owner in letter.missing if owner == contact.role],
        "missing": [f"{requirement}/{part}" for requirement, part, _ in letter.missing],
    }


# ------------------------------------------------------------------------------------------------ reminders


def reminders(campaign: Campaign, territory: Territory, today: date, at: datetime) -> Iterator[Letter]:
    """One letter for each obligation whose current step is within its grace and that still lacks something."""
    if has_withdrawn(territory, today):
        return
    for deadline in campaign.deadlines:
        armed = base_arming(campaign, territory, deadline, today)
        if armed is None:
            continue
        due, arming, _ = present_due(campaign, territory, deadline, armed, today)
        step = current_step(deadline, due, arming, territory.departement, today)
        if step is None:
            continue
        missing = missing_parts(territory, deadline, at)
        if not missing:
            continue
        offset, copies = step
        owners = {owner for _, _, owner in missing}
        yield Letter(
            deadline=deadline,
            due=due,
            step=offset,
            event=("reminder", due, offset),
            roles=frozenset(owners | set(copies)),
            missing=missing,
        )
    for convention in watched_conventions(territory, today):
        if following_signature(territory, convention, today) is not None:
            continue
        step = current_step("convention_end", convention.last_day, convention.signed, territory.departement, today)
        if step is None:
            continue
        offset, copies = step
        yield Letter(
            deadline="convention_end",
            due=convention.last_day,
            step=offset,
            event=("reminder", convention.last_day, offset),
            roles=frozenset(copies),
            missing=(),
        )


def current_step(
    deadline: str, due: date, arming: date, departement: str, today: date
) -> tuple[int, tuple[str, ...]] | None:
    """The largest step that counts and has come, or None when there is none or when it is past its grace."""
    latest = None
    for offset, copies in CADENCE[deadline.partition(":")[0]]:  # offsets grow
        effective = effective_day(due, offset, departement)
        if arming <= effective <= today:
            latest = (effective, offset, copies)
    if latest is None or today > latest[0] + timedelta(days=GRACE_DAYS):
        return None
    return latest[1], latest[2]


def base_arming(campaign: Campaign, territory: Territory, deadline: str, today: date) -> date | None:
    """The day the obligation arms by itself, or None when it asks nothing of anyone today."""
    decision = last_decision(territory, today)
    if deadline == "candidature":
        if campaign.opens > today or is_decided(territory, today):
            return None
        return campaign.opens
    if decision is None or decision.word != "labellise":
        return None
    return decision.day


def present_due(
    campaign: Campaign, territory: Territory, deadline: str, armed: date, today: date
) -> tuple[date, date, Extension | None]:
    """The due date that holds today, the day it arms, and the extension that gives it, if one does."""
    general = [entry for entry in campaign.deadlines[deadline] if entry.since is None or entry.since <= today][-1]
    extension = None
    for candidate in territory.extensions:  # in the order of the table: a tie goes to the later row
        if candidate.deadline != deadline or candidate.granted > today:
            continue
        if extension is None or candidate.granted >= extension.granted:
            extension = candidate
    if extension is not None:
        moved_after = general.since is not None and general.since > extension.granted
        if not (moved_after and general.due > extension.new_date):
            return extension.new_date, max(armed, extension.granted), extension
    return general.due, max(armed, general.since) if general.since else armed, None


def last_decision(territory: Territory, today: date) -> Decision | None:
    latest = None
    for decision in territory.decisions:
        if decision.day <= today and (latest is None or decision.day >= latest.day):
            latest = decision
    return latest


def is_decided(territory: Territory, today: date) -> bool:
    """A refusal or a deferral stops deciding the candidature once an extension is granted on its day or later."""
    decision = last_decision(territory, today)
    if decision is None:
        return False
    if decision.word == "labellise":
        return True
    return not any(
        extension.deadline == "candidature" and decision.day <= extension.granted <= today
        for extension in territory.extensions
    )


def has_withdrawn(territory: Territory, today: date) -> bool:
    return any(day <= today for day in territory.withdrawals)


def watched_conventions(territory: Territory, today: date) -> Iterator[Convention]:
    decision = last_decision(territory, today)
    if decision is not None and decision.word == "labellise":
        yield from (convention for convention in territory.conventions if convention.signed <= today)


def following_signature(territory: Territory, convention: Convention, today: date) -> date | None:
    """The first day on which a convention that begins after this one's end was signed."""
    days = [
        other.signed
        for other in territory.conventions
        if other.first_day > convention.last_day and other.signed <= today
    ]
    return min(days) if days else None


# ------------------------------------------------------------------------------------------------ the other letters


def other_letters(campaign: Campaign, territory: Territory, today: date, at: datetime, zone: str) -> Iterator[Letter]:
    """Opening, receipts, decision and extensions of the day, each once per contact and event."""
    if has_withdrawn(territory, today):
        return
    yield from opening(campaign, territory, today, at)
    yield from receipts(campaign, territory, today, at, zone)
    yield from standing_decision(campaign, territory, today, at)
    yield from granted_extensions(campaign, territory, today, at)


def leaves(event_day: date, departement: str, today: date) -> bool:
    """An event is told on its day or the next working day, and within its grace counted from there."""
    effective = event_day
    while not is_working_day(effective, departement):
        effective += timedelta(days=1)
    return effective <= today <= effective + timedelta(days=GRACE_DAYS)


def opening(campaign: Campaign, territory: Territory, today: date, at: datetime) -> Iterator[Letter]:
    armed = base_arming(campaign, territory, "candidature", today)
    if armed is None or not leaves(campaign.opens, territory.departement, today):
        return
    due, _, _ = present_due(campaign, territory, "candidature", armed, today)
    yield Letter(
        deadline="candidature",
        due=due,
        step="opening",
        event=("opening",),
        roles=frozenset({"chef_de_file", "prefet", "dasen"}),
        missing=missing_parts(territory, "candidature", at),
    )


def receipts(campaign: Campaign, territory: Territory, today: date, at: datetime, zone: str) -> Iterator[Letter]:
    """A receipt is known by its event day: the same day is not told twice."""
    for deadline in campaign.deadlines:
        armed = base_arming(campaign, territory, deadline, today)
        if armed is None:
            continue
        since = satisfied_since(territory, deadline, at)
        if since is None:
            continue
        event_day = max(since.astimezone(ZoneInfo(zone)).date(), armed)
        if not leaves(event_day, territory.departement, today):
            continue
        due, _, _ = present_due(campaign, territory, deadline, armed, today)
        owners = {owner for _, _, owner in required_parts(territory, deadline)}
        yield Letter(
            deadline=deadline,
            due=due,
            step="receipt",
            event=("receipt", event_day),
            roles=frozenset(owners | {"prefet", "dasen"}),
            missing=(),
        )
    for convention in watched_conventions(territory, today):
        signed = following_signature(territory, convention, today)
        if signed is not None and leaves(max(signed, convention.signed), territory.departement, today):
            yield Letter(
                deadline="convention_end",
                due=convention.last_day,
                step="receipt",
                event=("receipt", convention.last_day, max(signed, convention.signed)),
                roles=frozenset({"prefet", "dasen"}),
                missing=(),
            )


def standing_decision(campaign: Campaign, territory: Territory, today: date, at: datetime) -> Iterator[Letter]:
    decision = last_decision(territory, today)
    if decision is None or not leaves(decision.day, territory.departement, today):
        return
    due, _, _ = present_due(campaign, territory, "candidature", campaign.opens, today)
    roles = {"chef_de_file", "prefet", "dasen", "prefet_region", "recteur"}
    if decision.word == "labellise":
        roles |= {"principal", "chef_projet"}
    yield Letter(
        deadline="candidature",
        due=due,
        step="decision",
        event=("decision", decision.number),
        roles=frozenset(roles),
        missing=missing_parts(territory, "candidature", at),
    )


def granted_extensions(campaign: Campaign, territory: Territory, today: date, at: datetime) -> Iterator[Letter]:
    for deadline in campaign.deadlines:
        armed = base_arming(campaign, territory, deadline, today)
        if armed is None:
            continue
        due, _, extension = present_due(campaign, territory, deadline, armed, today)
        if extension is None or not leaves(max(extension.granted, armed), territory.departement, today):
            continue
        missing = missing_parts(territory, deadline, at)
        if missing:
            yield Letter(
                deadline=deadline,
                due=due,
                step="extension",
                event=("extension", extension.number),
                roles=frozenset({owner for _, _, owner in missing} | {"prefet", "dasen"}),
                missing=missing,
            )


# ------------------------------------------------------------------------------------------------ completeness


def required_parts(territory: Territory, deadline: str) -> list[tuple[str, str, str]]:
    parts = []
    for requirement, part, owner in REQUIRED[deadline.partition(":")[0]]:
        if requirement == "moyens-complementaires" and not territory.extra_means:
            continue
        if requirement == "cellule-evitement" and territory.region != "32":
            continue
        parts.append((requirement, part, owner))
    return parts


def missing_parts(territory: Territory, deadline: str, at: datetime) -> tuple[tuple[str, str, str], ...]:
    """The required parts that do not stand at `recue` at that instant, in their order."""
    _, _, year = deadline.partition(":")
    missing = []
    for requirement, part, owner in required_parts(territory, deadline):
        code = f"{requirement}@{year}" if year else requirement
        latest = None
        for piece in territory.pieces:  # in the order of the table: between equal instants, the later row
            if piece.code != code or part not in piece.parts or piece.instant > at:
                continue
            if latest is None or piece.instant >= latest.instant:
                latest = piece
        if latest is None or latest.status != "recue":
            missing.append((requirement, part, owner))
    return tuple(missing)


def satisfied_since(territory: Territory, deadline: str, at: datetime) -> datetime | None:
    """The instant since which nothing has been missing without interruption, or None if something is."""
    if missing_parts(territory, deadline, at):
        return None
    _, _, year = deadline.partition(":")
    names = {requirement for requirement, _, _ in required_parts(territory, deadline)}
    codes = {f"{name}@{year}" if year else name for name in names}
    since = None
    for instant in sorted({piece.instant for piece in territory.pieces if piece.code in codes and piece.instant <= at}):
        if missing_parts(territory, deadline, instant):
            since = None
        elif since is None:
            since = instant
    return since


# ------------------------------------------------------------------------------------------------ the calendar


@cache
def effective_day(due: date, offset: int, departement: str) -> date:
    day = due + timedelta(days=offset)
    while not is_working_day(day, departement):
        day += timedelta(days=1 if offset > 0 else -1)
    return day


def is_working_day(day: date, departement: str) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year, departement)


@cache
def holidays(year: int, departement: str) -> list[date]:
    sunday = easter(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    days = [date(year, month, day) for month, day in fixed]
    days += [sunday + timedelta(days=1), sunday + timedelta(days=39), sunday + timedelta(days=50)]
    if departement in ("57", "67", "68"):
        days += [sunday - timedelta(days=2), date(year, 12, 26)]
    abolition = {"971": (5, 27), "972": (5, 22), "973": (6, 10), "974": (12, 20), "976": (4, 27)}
    if departement in abolition:
        days.append(date(year, *abolition[departement]))
    return days


def easter(year: int) -> date:
    """Butcher's rule for the Gregorian calendar."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 19 * m) // 433
    month = (h + m - 7 * n + 90) // 25
    return date(year, month, (h + m - 7 * n + 33 * month + 19) % 32)


def zone_of_departement(departement: str) -> str:
    return ZONE_OF_DEPARTEMENT.get(departement, PARIS)


def academie_of(departement: str) -> str:
    return next(name for name, codes in DEPARTEMENTS_OF_ACADEMIE.items() if departement in codes.split())


# ------------------------------------------------------------------------------------------------ reading


def read_campaign(path: Path) -> Campaign:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    deadlines: dict[str, list[Entry]] = {}
    for name, said in content["deadlines"].items():
        for entry in said if isinstance(said, list) else [said]:
            since = entry.get("since")
            if "occurrences" in entry:
                for year, due in entry["occurrences"].items():
                    deadlines.setdefault(f"{name}:{year}", []).append(Entry(due=due, since=since))
            else:
                deadlines.setdefault(name, []).append(Entry(due=entry["date"], since=since))
    return Campaign(opens=content["opens"], deadlines={name: tuple(entries) for name, entries in deadlines.items()})


def read_territories(tables: Path) -> list[Territory]:
    rows = {
        name: read_table(tables / f"{name}.csv")
        for name in ("territoires", "contacts", "pieces", "decisions", "prorogations", "desistements", "conventions")
    }
    territories = []
    for line in rows["territoires"]:
        code, departement = line["code"], line["departement"]
        zone = ZoneInfo(zone_of_departement(departement))
        own = {
            name: [(number, item) for number, item in enumerate(items) if item.get("territoire") == code]
            for name, items in rows.items()
        }
        territories.append(
            Territory(
                code=code,
                departement=departement,
                region=line["region"],
                extra_means=line["demande_moyens"] == "oui",
                contacts=tuple(
                    Contact(
                        role=item["role"],
                        address=item["courriel"],
                        zone=zone_of_perimeter(item["perimetre"], departement),
                    )
                    for item in rows["contacts"]
                    if covers(item["perimetre"], line)
                ),
                pieces=tuple(
                    Piece(
                        number=number,
                        code=item["piece"],
                        parts=tuple(item["parties"].replace(",", " ").split()),
                        status=item["statut"],
                        instant=read_instant(item["date"], zone),
                    )
                    for number, item in own["pieces"]
                ),
                decisions=tuple(
                    Decision(number=number, word=item["decision"], day=read_day(item["date"]))
                    for number, item in own["decisions"]
                ),
                extensions=tuple(
                    Extension(
                        number=number,
                        deadline=item["echeance"],
                        new_date=read_day(item["nouvelle_date"]),
                        granted=read_day(item["accordee_le"]),
                    )
                    for number, item in own["prorogations"]
                ),
                withdrawals=tuple(read_day(item["date"]) for _, item in own["desistements"]),
                conventions=tuple(
                    Convention(
                        first_day=read_day(item["debut"]),
                        last_day=read_day(item["fin"]),
                        signed=read_day(item["signee_le"]),
                    )
                    for _, item in own["conventions"]
                    if item["signee_le"]
                ),
            )
        )
    return territories


def covers(perimeter: str, territory: dict[str, str]) -> bool:
    kind, _, value = perimeter.partition(":")
    if not value:
        return perimeter in ("national", territory["code"])
    if kind == "academie":
        return folded(value) == academie_of(territory["departement"])
    return value == territory[kind]


def zone_of_perimeter(perimeter: str, departement_of_the_territory: str) -> str:
    kind, _, value = perimeter.partition(":")
    if kind == "national":
        return PARIS
    if kind == "region":
        return ZONE_OF_REGION.get(value, PARIS)
    if kind == "academie":
        return ZONE_OF_ACADEMIE.get(folded(value), PARIS)
    return zone_of_departement(value or departement_of_the_territory)


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of one CSV, headers without accents or capitals; a table that is not there has no row."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = stream.readline()
        stream.seek(0)
        lines = list(csv.reader(stream, delimiter=";" if header.count(";") > header.count(",") else ","))
    names = [folded(name).replace(" ", "_") for name in lines[0]]
    return [dict(zip(names, (cell.strip() for cell in line), strict=True)) for line in lines[1:] if any(line)]


def folded(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.strip().lower())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def read_day(text: str) -> date:
    return read_instant(text, ZoneInfo("UTC")).date()


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """`2021-02-28` or `28/02/2021`, perhaps an hour, perhaps an offset; without an offset, the zone's."""
    if "/" in text[:10]:
        text = f"{text[6:10]}-{text[3:5]}-{text[0:2]}{text[10:]}"
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)
