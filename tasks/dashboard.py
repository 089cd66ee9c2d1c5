"""What does the coordination watch in a campaign: states, delays and who blocks, letters, pieces, money?

Read once, counted by département: whatever the dashboard shows of a région is a sum over its départements. Roles and
territories are named, never a person nor an address.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from models.balance_queries import envelopes_of, lines_of, places_of
from models.dashboard_queries import communes_of, told_between
from models.fund_queries import funding_years
from models.notice_queries import recorded_notices
from models.queries import Directory, campaign_by_code, known_dossiers
from models.rules import balance as rules
from models.rules.balance import STAGES
from models.rules.calendar import local
from models.rules.completeness import parts_asked
from models.rules.dossier import Dossier
from models.rules.lifecycle import FRENCH
from models.rules.places import load_places
from models.rules.planning import plan
from models.rules.programme import Programme
from models.rules.view import View, load_view
from models.watch_queries import pauses_at
from models.words import NoticeStatus, Role
from notifications import dashboard_counts as counted
from notifications.dashboard_page import page
from tasks.database import reading
from tasks.settings import settings
from tasks.status import standing

TOLD = {NoticeStatus.SENT: "sent", NoticeStatus.DECIDED: "waiting"}
Obligations = Sequence[Mapping[str, Any]]  # of `tasks.status.standing`
Counts = dict[str, Counter[str]]  # by département, then by what is counted


def dashboard_file(campaign: str) -> Path:
    """Where passes keep the campaign's page."""
    return settings().home / "tableaux" / f"{campaign}.html"


def dashboard_link(campaign: str) -> str:
    """The campaign's page in Markdown: a link where it is served, else the file."""
    if settings().dashboard_url:
        return f"[Tableau de bord de la campagne]({settings().dashboard_url}/{campaign}.html)"
    return f"Tableau de bord de la campagne : `{dashboard_file(campaign)}`"


def write_dashboard(campaign: str, at: datetime, to: Path, url: str | None = None) -> None:
    """Write the campaign's dashboard as of `at` to `to`, whole or not at all; the file's own date is `at`.

    Raises NoSuchCampaign, OSError.
    """
    text = page(dashboard(campaign, at, url))
    to.parent.mkdir(parents=True, exist_ok=True)
    beside = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.utime(beside, (at.timestamp(), at.timestamp()))
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)


def dashboard(campaign: str, at: datetime, url: str | None = None) -> dict[str, Any]:
    """The facts of a campaign's dashboard at `at`, as `notifications.dashboard_page.page` takes them. Writes nothing.

    `counts` are whole numbers (amounts in cents) by département, under the names of
    `notifications.dashboard_counts`. Raises NoSuchCampaign.
    """
    view, places = load_view(), load_places()
    counts: Counts = defaultdict(Counter)
    territories: list[dict[str, Any]] = []
    late: list[dict[str, Any]] = []
    dues = Counter[tuple[str, str]]()
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        day = local(at, programme.calendar.national_zone).date()
        first, last = day - timedelta(weeks=view.weeks_behind), day + timedelta(weeks=view.weeks_ahead)
        horizon = (day + timedelta(weeks=view.weeks_of_pieces)).isoformat()
        directory, recorded = Directory(session, row.id, programme), recorded_notices(session, row.id)
        communes, pauses = communes_of(session, row.id), pauses_at(session, row.id, at)
        for known in known_dossiers(session, row.id):
            dossier, recipients = known.dossier, directory.recipients(known.dossier)
            told = standing(programme, known, recorded.told, at)
            near = [each for each in told["obligations"] if each["due"] <= horizon]
            owed = _owed(near)
            here = counts[dossier.departement]
            here.update(_of_a_territory(told, owed))
            here[counted.PAUSED] += any(
                pauses.get(scope, False) for scope in ((None, None), (row.id, None), (row.id, known.id))
            )
            here.update(_pieces(programme, dossier, near))
            dues.update((each["deadline"], each["due"]) for each in told["obligations"])
            point, exact = places.of(communes.get(dossier.code, ""), dossier.departement)
            territories.append(_territory(told, near, view, owed, point=point, exact=exact))
            own_day = local(at, programme.calendar.zone(dossier.departement)).date()
            late += _late(told, own_day, held={recipient.role for recipient in recipients})
            keys = {name: recorded.keys.get(number, set()) for name, number in known.obligations.items()}
            for _, notice in plan(programme, dossier, recipients, keys, start=day, end=last):
                here[counted.on_day(notice.day, "planned")] += 1
        _count_told(session, row.id, programme, counts, first, at)
        year = _count_money(session, row.id, programme, counts, day)
    return {
        "campaign": campaign,
        "title": programme.title,
        "at": at.isoformat(),
        "day": day.isoformat(),
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "year": year,
        "weeks_of_pieces": view.weeks_of_pieces,
        "days_near": view.days_near,
        "rows": view.rows,
        "one_by_one": view.territories_one_by_one,
        "phases": dict(view.phases),
        "states": _states(view),
        "roles": {role.value: programme.roles[role] for role in Role},
        "deadlines": _deadlines(programme, dues),
        "pieces": _asked_for(programme, counts),
        "territories": sorted(territories, key=lambda each: (each["departement"], each["name"])),
        "late": sorted(late, key=lambda each: (-each["days"], each["name"], each["obligation"])),
        "places": _places(programme, counts),
        "counts": {code: dict(sorted(here.items())) for code, here in sorted(counts.items())},
    }


def _of_a_territory(told: Mapping[str, Any], owed: Mapping[str, set[str]]) -> Iterator[str]:
    """What one territory counts for, once each."""
    yield counted.TERRITORIES
    yield counted.in_state(told["state"])
    if any(each["late"] for each in told["obligations"]):
        yield counted.LATE
    for each in told["obligations"]:
        yield counted.obligation(each["deadline"], _how(each))
    for when, roles in owed.items():
        for role in roles:
            yield counted.owed_by(role, when)


def _how(obligation: Mapping[str, Any]) -> str:
    if obligation["satisfied"]:
        return "satisfied"
    if obligation["late"]:
        return "late"
    return "awaited" if obligation["awaited"] else "closed"


def _owed(obligations: Obligations) -> dict[str, set[str]]:
    """The roles that owe a required part: of a late obligation; of one to come only."""
    late, ahead = (
        {
            finding["owner"]
            for each in obligations
            if each["awaited"] and each["late"] is is_late
            for finding in each["findings"]
            if finding["level"] == "required"
        }
        for is_late in (True, False)
    )
    return {"late": late, "ahead": ahead - late}


def _pieces(programme: Programme, dossier: Dossier, obligations: Obligations) -> Counter[str]:
    """The parts of a territory's satisfied and awaited obligations, by what became of them."""
    found: Counter[str] = Counter()
    for each in obligations:
        if each["armed"] is None or _how(each) == "closed":
            continue
        name = each["deadline"]
        lacking = Counter((finding["requirement"], finding["reason"]) for finding in each["findings"])
        for (requirement, reason), parts in lacking.items():
            found[counted.piece(name, requirement, reason)] += parts
        for part in parts_asked(programme, dossier, name.partition(":")[0]):
            found[counted.piece(name, part.requirement, "recue")] += 1
        for (requirement, _), parts in lacking.items():
            found[counted.piece(name, requirement, "recue")] -= parts
    return found


def _territory(
    told: Mapping[str, Any],
    near: Obligations,
    view: View,
    owed: Mapping[str, set[str]],
    *,
    point: tuple[float, float],
    exact: bool,
) -> dict[str, Any]:
    awaited = [each for each in told["obligations"] if each["awaited"]]
    following = min(awaited, key=lambda each: (each["due"], each["deadline"]), default=None)
    return {
        "territory": told["territory"],
        "name": told["name"],
        "departement": told["departement"],
        "state": told["state"],
        "phase": next(phase for state, phase in view.phase_of.items() if state == told["state"]),
        "point": point,
        "exact": exact,
        "late": any(each["late"] for each in awaited),
        "missing": sum(
            finding["level"] == "required" for each in near if each["awaited"] for finding in each["findings"]
        ),
        "owed_by": sorted(owed["late"] | owed["ahead"], key=[role.value for role in Role].index),
        "next": following["deadline"] if following else None,
        "due": following["due"] if following else None,
    }


def _late(told: Mapping[str, Any], day: date, held: set[Role]) -> Iterator[dict[str, Any]]:
    """The late obligations of a territory, and who owes what is missing; `held` are the roles that somebody holds."""
    for each in told["obligations"]:
        if each["late"]:
            owners = Counter(finding["owner"] for finding in each["findings"] if finding["level"] == "required")
            yield {
                "territory": told["territory"],
                "name": told["name"],
                "departement": told["departement"],
                "obligation": each["deadline"],
                "due": each["due"],
                "days": (day - date.fromisoformat(each["due"])).days,
                "owners": [
                    {"role": role, "parts": parts, "reachable": Role(role) in held} for role, parts in owners.items()
                ],
            }


def _count_told(
    session: Session, campaign_id: int, programme: Programme, counts: Counts, first: date, at: datetime
) -> None:
    """Notices that left or are to leave, by the day on which they were decided."""
    zone = programme.calendar.national_zone
    for each in told_between(session, campaign_id, at - (local(at, zone).date() - first + timedelta(days=1)), at):
        day = local(each.at, zone).date()
        if each.status in TOLD and day >= first:
            counts[each.departement][counted.on_day(day, TOLD[each.status])] += each.notices


def _count_money(session: Session, campaign_id: int, programme: Programme, counts: Counts, day: date) -> int | None:
    """Both sides at each stage and the envelopes, of the year of `day` or the nearest with money; gives that year."""
    years = funding_years(session, campaign_id)
    if not years:
        return None
    year = min(years, key=lambda each: (abs(each - day.year), each))
    places, lines = places_of(session, campaign_id), lines_of(session, campaign_id, year)
    envelopes = envelopes_of(session, campaign_id, year)
    for stage in STAGES:
        for row in rules.balance(programme.funding, places, lines, envelopes, stage)["departements"]:
            here = counts[row["departement"]]
            for side in counted.SIDES:
                here[counted.money(stage, side)] += row[side]
            if stage == "planned" and row["envelope"] is not None:
                here[counted.envelope("delegated")] += row["envelope"]
                here[counted.envelope("used")] += row["envelope"] - row["envelope_left"]
                here[counted.envelope("left")] += row["envelope_left"]
    return year


def _states(view: View) -> list[dict[str, str]]:
    """Every state, phase by phase in the order of a dossier's life."""
    order = list(view.phases)
    return [
        {"state": state.value, "title": FRENCH[state], "phase": phase}
        for state, phase in sorted(view.phase_of.items(), key=lambda pair: order.index(pair[1]))
    ]


def _deadlines(programme: Programme, dues: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    """Each obligation with its due dates and how many territories have each, the most frequent first."""
    return [
        {
            "obligation": name,
            "title": f"{programme.deadline_of(name).title} {name.partition(':')[2]}".strip(),
            "dues": [
                {"due": due, "territories": number}
                for (obligation, due), number in sorted(dues.items(), key=lambda pair: (-pair[1], pair[0]))
                if obligation == name
            ],
        }
        for name in programme.obligation_names()
    ]


def _asked_for(programme: Programme, counts: Counts) -> list[dict[str, Any]]:
    """The requirements of each obligation that counts somewhere, in the order of the programme."""
    known = {name for here in counts.values() for name in here}
    return [
        {
            "obligation": name,
            "requirement": requirement.code,
            "title": requirement.title,
            "required": requirement.required,
            "owners": list(dict.fromkeys(part.owner.value for part in requirement.parts)),
        }
        for name in programme.obligation_names()
        for requirement in programme.requirements_of(programme.deadline_of(name).name)
        if any(counted.piece(name, requirement.code, fate) in known for fate in counted.FATES)
    ]


def _places(programme: Programme, codes: Iterable[str]) -> list[dict[str, str]]:
    calendar = programme.calendar
    return [
        {
            "departement": code,
            "name": calendar.departement_name(code),
            "region": calendar.region(code),
            "region_name": calendar.region_name(calendar.region(code)),
        }
        for code in sorted(codes)
    ]
