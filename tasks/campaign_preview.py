"""What would a campaign file do, before it is opened?

Its deadlines with the effective days of their steps in every calendar that its territories live by, how many letters
each step would send with the tables given, every instant that would be planned, and what is only assumed. The campaign
is opened in a scratch database that is thrown away: nothing is written where the engine lives.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.queries import Directory, campaign_by_code, known_dossiers
from models.rules.calendar import Calendar
from models.rules.campaign_file import read_campaign_file
from models.rules.completeness import owners
from models.rules.dossier import DecisionFact, Dossier
from models.rules.notices import Recipient
from models.rules.planning import plan
from models.rules.programme import Programme
from models.rules.schedule import schedule
from models.words import Verdict
from tasks import database
from tasks.campaigns import open_campaign, open_campaign_file
from tasks.planning import moments

ALWAYS = datetime(1990, 1, 1, tzinfo=UTC)  # before any campaign
MAINLAND, ALSACE_MOSELLE = ("75", "Hexagone"), ("67", "Alsace-Moselle")  # shown whatever the tables hold
MARGIN = 31  # days after the last step: its effective day may be later
Counts = dict[tuple[str, str], tuple[int, set[tuple[datetime, int]]]]


def preview_file(path: Path, *, at: datetime, tables: Sequence[Path] = ()) -> dict[str, Any]:
    """The preview of a campaign file; its tables are `tables`, or stand where the file says.

    Shape: docs/interface.md. Raises `ProgrammeRefused`, `IntakeRefused` with every fault.
    """
    if tables:
        return preview_text(read_campaign_file(path), at=at, tables=tables, name=str(path))
    with _scratch() as url:
        code = open_campaign_file(path, at=at, author="aperçu", url=url).code
        return _preview(code, url)


def preview_text(
    document: str, *, at: datetime, tables: Sequence[Path] = (), name: str = "the campaign's file"
) -> dict[str, Any]:
    """The preview of a campaign from the text of its file; `name` is how refusals call it."""
    with _scratch() as url:
        code = open_campaign(document, name=name, at=at, author="aperçu", tables=tables, url=url).code
        return _preview(code, url)


@contextmanager
def _scratch() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/apercu.db"
        try:
            yield url
        finally:
            database.engine(url).dispose()


def _preview(code: str, url: str) -> dict[str, Any]:
    with database.reading(url) as session:
        row, programme = campaign_by_code(session, code)
        assert row.id is not None
        directory = Directory(session, row.id, programme)
        everyone = [(each.dossier, directory.recipients(each.dossier)) for each in known_dossiers(session, row.id)]
    labels = _labels_supposed_on(programme, [dossier for dossier, _ in everyone])
    counts = _letters(programme, everyone, labels)
    places = _places(programme.calendar, [dossier for dossier, _ in everyone])
    return {
        "campaign": code,
        "title": programme.title,
        "edition": programme.edition,
        "opens": programme.opens.isoformat(),
        "territories": len(everyone),
        "labels_supposed_on": labels.isoformat() if labels else None,
        "opening": _count(counts, "candidature", "opening"),
        "deadlines": [
            _obligation(programme, name, places, counts)
            for name in programme.obligation_names()
            if programme.deadline_of(name).armed_by != "signature"
        ],
        "instants": [
            {"at": each.at.isoformat(), "deadline": each.deadline, "label": each.label}
            for each in moments(code, None, ALWAYS, url)
        ],
        "roles": {role.value: title for role, title in programme.roles.items()},
        "nobody": _nobody(programme, everyone),
        "assumptions": list(dict.fromkeys(programme.assumptions)),
    }


def _obligation(programme: Programme, name: str, places: dict[str, str], counts: Counts) -> dict[str, Any]:
    deadline = programme.deadline_of(name)
    year = name.partition(":")[2]
    due = deadline.occurrences[year][-1]
    days: dict[int, dict[str, str]] = defaultdict(dict)
    for departement, place in places.items():
        for effective, step in schedule(programme, deadline, due.date, departement):
            days[step.offset][place] = effective.isoformat()
    return {
        "deadline": name,
        "title": f"{deadline.title} {year}".strip(),
        "due": due.date.isoformat(),
        "source": due.citation.words(),
        "armed_by": deadline.armed_by,
        "steps": [
            {
                "step": step.offset,
                "copies": [role.value for role in step.copies],
                "days": days[step.offset],
                **_count(counts, name, str(step.offset)),
            }
            for step in deadline.steps
        ],
    }


def _places(calendar: Calendar, dossiers: list[Dossier]) -> dict[str, str]:
    """One département of each calendar and clock in use, and what it is called: mainland first."""
    found = dict((MAINLAND, ALSACE_MOSELLE))
    known = {(calendar.departements[code].holidays, calendar.zone(code)) for code in found}
    for code in sorted({each.departement for each in dossiers}):
        lives_by = (calendar.departements[code].holidays, calendar.zone(code))
        if lives_by not in known:
            known.add(lives_by)
            found[code] = calendar.departement_name(code)
    return found


def _labels_supposed_on(programme: Programme, dossiers: list[Dossier]) -> date | None:
    """The day on which territories without a decision are supposed labelled, to count what a label sets going."""
    if all(each.decisions for each in dossiers) or all(
        each.armed_by != "label" for each in programme.deadlines.values()
    ):
        return None
    candidature = programme.deadlines.get("candidature")
    return candidature.occurrences[""][-1].date + timedelta(days=1) if candidature else programme.opens


def _letters(programme: Programme, everyone: list[tuple[Dossier, list[Recipient]]], labels: date | None) -> Counts:
    """Notices and letters (one for each reader at one instant) by obligation and step, if nothing more comes in."""
    deadlines = programme.deadlines.values()
    last = max((due[-1].date for each in deadlines for due in each.occurrences.values()), default=programme.opens)
    latest_step = max((step.offset for each in deadlines for step in each.steps), default=0)
    end = last + timedelta(days=latest_step + MARGIN)
    found: Counts = {}
    for dossier, recipients in everyone:
        supposed = dossier
        if labels is not None and not dossier.decisions:
            supposed = replace(dossier, decisions=(DecisionFact(verdict=Verdict.LABELLED, day=labels),))
        for lived, by_label in ((dossier, False), (supposed, True)):
            for at, notice in plan(programme, lived, recipients, {}, start=programme.opens, end=end):
                if (programme.deadline_of(notice.obligation).armed_by == "label") is by_label:
                    _add(found, notice.obligation, notice.key.step, at, notice.recipient.contact)
    return found


def _add(found: Counts, obligation: str, step: str, at: datetime, contact: int) -> None:
    notices, letters = found.get((obligation, step), (0, set()))
    letters.add((at, contact))
    found[obligation, step] = (notices + 1, letters)


def _count(counts: Counts, obligation: str, step: str) -> dict[str, int]:
    notices, letters = counts.get((obligation, step), (0, set()))
    return {"notices": notices, "letters": len(letters)}


def _nobody(programme: Programme, everyone: list[tuple[Dossier, list[Recipient]]]) -> list[dict[str, Any]]:
    """The roles that owe something and that nobody holds: in how many territories, for which deadlines."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for dossier, recipients in everyone:
        held = {each.role for each in recipients}
        for deadline in programme.deadlines.values():
            if deadline.armed_by != "signature":
                for role in owners(programme, dossier, deadline.name):
                    if role not in held:
                        found[deadline.name, programme.roles[role]] += 1
    return [{"deadline": name, "role": role, "territories": count} for (name, role), count in found.items()]
