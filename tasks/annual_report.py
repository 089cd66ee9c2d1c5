"""What does the year of a campaign come to, for the report of the Conseil national to the ministers (E023, E149, E150)?

Every number comes from the functions that the other commands use; here they are only put together. A year that is over
is told as of its last day: of a territory, as of the evening there; of what is asked of all of them at one instant, as
of noon in Paris, when it is that day everywhere in France. A year under way is told as of the instant asked for.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from models.plan_queries import fund_operations
from models.queries import KnownDossier, campaign_by_code, known_dossiers
from models.report_queries import gaps_between, letters_between, notices_between
from models.rules.action_plan import plan_grammar
from models.rules.calendar import instant, local
from models.rules.completeness import satisfied_since
from models.rules.dossier import candidature_is_decided, has_withdrawn, signed_conventions, terms
from models.rules.fund_account import AccountRefused, Operation, accounts
from models.rules.indicators import indicator_grammar
from models.rules.lifecycle import FRENCH, State, state
from models.rules.programme import Programme
from models.words import IndicatorKind, NoticeStatus, Verdict
from notifications.annual_report import report_paper
from notifications.documents_docx import as_docx
from notifications.documents_pdf import as_pdf
from notifications.french import MAINLAND
from notifications.web_pages import as_html
from tasks.action_plan import action_plans
from tasks.balance import balance
from tasks.cofinancing import SIDE
from tasks.conventions import conventions
from tasks.database import reading
from tasks.indicators import indicators

STAGES = ("planned", "notified", "paid")
SECOND = timedelta(seconds=1)
OUTCOMES = ("on_time", "late", "open", "closed", "not_armed")


class YearNotBegun(Exception):
    """There is nothing to tell of a year that has not begun; says which one and until when a report can go."""


@dataclass(frozen=True, kw_only=True)
class WrittenReport:
    """The figures of a report, and the files that tell them."""

    found: Mapping[str, Any]
    files: tuple[Path, ...]


def write_annual_report(campaign: str, year: int, *, at: datetime, out: Path, url: str | None = None) -> WrittenReport:
    """Write the report of one year to the folder `out`: .docx, .pdf and .html to read, .json of its figures."""
    found = annual_report(campaign, year, at, url)
    paper = report_paper(found, at)
    contents = {
        "docx": as_docx(paper),
        "pdf": as_pdf(paper),
        "html": as_html(paper).encode(),
        "json": (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for kind, content in contents.items():
        file = out / f"rapport-annuel-{campaign}-{year}.{kind}"
        file.write_bytes(content)
        files.append(file)
    return WrittenReport(found=found, files=tuple(files))


def annual_report(campaign: str, year: int, at: datetime, url: str | None = None) -> dict[str, Any]:
    """The figures of one year, as docs/interface.md describes them. Writes nothing.

    Raises `NoSuchCampaign`, `YearNotBegun`.
    """
    begins, ends = instant(date(year, 1, 1), 0, MAINLAND), instant(date(year + 1, 1, 1), 0, MAINLAND)
    if at < begins:
        day = local(at, MAINLAND).date()
        raise YearNotBegun(f"{year} has not begun on {day}: ask for {day.year} or an earlier year")
    as_of = min(at, instant(date(year, 12, 31), 12, MAINLAND))
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        known = _on_their_last_evening(programme, known_dossiers(session, row.id), year, at)
        operations = fund_operations(session, row.id)
        notices, letters = (
            notices_between(session, row.id, begins, ends),
            letters_between(session, row.id, begins, ends),
        )
        gaps = gaps_between(session, row.id, begins, ends)
    measured = indicators(campaign, at, year=year, url=url)
    plans = action_plans(campaign, as_of, url=url)
    return {
        "campaign": campaign,
        "title": programme.title,
        "year": year,
        "at": at.isoformat(),
        "as_of": as_of.astimezone(UTC).isoformat(),
        "territories": _states(programme, known),
        "deadlines": _deadlines(programme, known, year),
        "acts": _acts([each for each, _ in known], year),
        "letters": {
            "letters": letters,
            "notices": {status.value: sum(counts.values()) for status, counts in notices.items()},
            "not_sent": [
                {"status": status.value, "reason": reason, "notices": number}
                for status, counts in notices.items()
                if status not in (NoticeStatus.SENT, NoticeStatus.DECIDED)
                for reason, number in sorted(counts.items())
            ],
            "nobody_to_write_to": gaps,
        },
        "cofinancing": _cofinancing(programme, campaign, year, url),
        "fund": _funds(programme, operations, year),
        "indicators": _measured(programme, measured),
        "findings": {
            "conventions": conventions(campaign, as_of, url)["counts"],
            "action_plan": plans["counts"],
            "indicators": measured["counts"],
        },
        "assumptions": list(
            dict.fromkeys(
                (
                    *programme.assumptions,
                    *plan_grammar(programme.edition).assumptions,
                    *indicator_grammar(programme.edition).assumptions,
                )
            )
        ),
    }


# Territories and their deadlines


def _on_their_last_evening(
    programme: Programme, known: Sequence[KnownDossier], year: int, at: datetime
) -> list[tuple[KnownDossier, datetime]]:
    """Each dossier and the instant it is told as of: the end of the year by its clock, or `at` if that is sooner."""
    return [
        (each, min(at, instant(date(year + 1, 1, 1), 0, programme.calendar.zone(each.dossier.departement)) - SECOND))
        for each in known
    ]


def _states(programme: Programme, known: Sequence[tuple[KnownDossier, datetime]]) -> dict[str, Any]:
    """How many territories stand in each state, in the order of a dossier's life, as a whole and by région."""
    states = [(each.dossier.region, state(programme, each.dossier, at)) for each, at in known]
    whole = Counter(seen for _, seen in states)
    regions: dict[str, Counter[State]] = {}
    for region, seen in states:
        regions.setdefault(region, Counter())[seen] += 1
    return {
        "count": len(states),
        "states": [
            {"state": each.value, "title": FRENCH[each], "territories": whole[each]} for each in State if whole[each]
        ],
        "regions": [
            {
                "region": region,
                "name": programme.calendar.region_name(region),
                "territories": sum(counts.values()),
                "states": {each.value: counts[each] for each in State if counts[each]},
            }
            for region, counts in sorted(regions.items())
        ],
    }  # fmt: skip


def _deadlines(programme: Programme, known: Sequence[tuple[KnownDossier, datetime]], year: int) -> list[dict[str, Any]]:
    """Each obligation due within the year: how many territories met it on time, late, not yet."""
    found = []
    for name in programme.obligation_names():
        outcomes: Counter[str] = Counter()
        for each, at in known:
            day = local(at, programme.calendar.zone(each.dossier.departement)).date()
            for present in terms(programme, each.dossier, name, day):
                if present.due.year == year:
                    outcomes[_outcome(programme, each, name, present.due, present.armed_on, at)] += 1
        if outcomes:
            title, _, occurrence = name.partition(":")
            words = programme.deadlines[title].title
            found.append(
                {"deadline": name, "title": f"{words} {occurrence}" if occurrence else words,
                 **{each: outcomes[each] for each in OUTCOMES}}
            )  # fmt: skip
    return found


def _outcome(
    programme: Programme, known: KnownDossier, name: str, due: date, armed_on: date | None, at: datetime
) -> str:
    dossier = known.dossier
    zone = programme.calendar.zone(dossier.departement)
    day = local(at, zone).date()
    if programme.deadline_of(name).armed_by == "signature":
        since = _followed_since(known, due, day)
    else:
        moment = satisfied_since(programme, dossier, name, at)
        since = local(moment, zone).date() if moment else None
    if armed_on is None:
        return "not_armed"
    if since is not None:
        return "on_time" if since <= due else "late"
    closed = has_withdrawn(dossier, day) or (name == "candidature" and candidature_is_decided(dossier, day))
    return "closed" if closed else "open"


def _followed_since(known: KnownDossier, last_day: date, day: date) -> date | None:
    """The day on which what follows a convention that ends on `last_day` was signed, if it was by `day`."""
    signed = [each.signed_on for each in signed_conventions(known.dossier, day) if each.first_day > last_day]
    return min((each for each in signed if each), default=None)


def _acts(known: Sequence[KnownDossier], year: int) -> dict[str, Any]:
    decisions = Counter(each.verdict for one in known for each in one.dossier.decisions if each.day.year == year)
    extensions = Counter(
        each.deadline for one in known for each in one.dossier.extensions if each.granted_on.year == year
    )
    return {
        "decisions": {verdict.value: decisions[verdict] for verdict in Verdict},
        "extensions": dict(sorted(extensions.items())),
        "withdrawals": sum(day.year == year for one in known for day in one.dossier.withdrawals),
        "conventions_signed": sum(
            bool(each.signed_on and each.signed_on.year == year) for one in known for each in one.dossier.conventions
        ),
    }


# Money


def _cofinancing(programme: Programme, campaign: str, year: int, url: str | None) -> dict[str, Any]:
    """The nation and the régions at the three stages, in cents, as `cites balance` gives them."""
    stages = {stage: balance(campaign, year, stage, url) for stage in STAGES}

    def side(row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: row[name] for name in SIDE}

    regions: dict[str, dict[str, Any]] = {}
    for stage, found in stages.items():
        for row in found["regions"]:
            name = programme.calendar.region_name(row["region"])
            regions.setdefault(row["region"], {"region": row["region"], "name": name})[stage] = side(row)
    findings = Counter(
        finding["code"]
        for row in (*stages["planned"]["territories"], *stages["planned"]["departements"])
        for finding in row["findings"]
    )
    return {
        "nation": {stage: side(found["nation"]) for stage, found in stages.items()},
        "regions": list(regions.values()),
        "findings": dict(sorted(findings.items())),
    }


def _funds(programme: Programme, operations: Mapping[str, Sequence[Operation]], year: int) -> dict[str, Any]:
    """The accounts of the year added up, in cents; a fund that does not chain is named, not counted."""
    kept, refused = [], []
    for territory, own in operations.items():
        try:
            kept += [each for each in accounts(programme.funding, own, of=territory) if each.year == year]
        except AccountRefused:
            refused.append(territory)
    spent, both = sum(each.spent for each in kept), sum(each.meets_both for each in kept)
    findings = Counter(finding.code for each in kept for finding in each.findings)
    return {
        "accounts": len(kept),
        "refused": refused,
        "opening": sum(each.opening for each in kept),
        "received": sum(each.received for each in kept),
        "spent": spent,
        "closing": sum(each.closing for each in kept),
        "meets_both": both,
        "share_meeting_both": round(both / spent, 3) if spent else None,
        "findings": dict(sorted(findings.items())),
    }


# Indicators


def _measured(programme: Programme, measured: Mapping[str, Any]) -> dict[str, Any]:
    grammar = indicator_grammar(programme.edition)
    year = str(measured["year"])
    every = [each for territory in measured["territories"] for each in territory["indicators"]]

    def group(code: str, title: str, own: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        own = list(own)
        return {
            "code": code,
            "title": title,
            "declared": len(own),
            "measured": sum(year in each["measures"] for each in own),
            "comparable": sum(each["progress"] is not None for each in own),
            "reached": sum(each["reached"] is True for each in own),
        }

    return {
        "territories": sum(bool(territory["indicators"]) for territory in measured["territories"]),
        "without": measured["counts"].get("no_indicator", 0),
        "whole": group("all", "Tous les indicateurs", every),
        "kinds": [
            group(kind.value, grammar.kinds[kind], [each for each in every if each["kind"] == kind.value])
            for kind in IndicatorKind
        ],
        "topics": [
            group(code, title, [each for each in every if each["topic"] == code])
            for code, title in grammar.topics.items()
        ],
    }
