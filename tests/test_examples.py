"""Does the engine do what the examples of `tests/programme/` say?

They are written for the coordination, in French: a situation, a date, and what leaves to whom.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.rules.calendar import load_calendar
from models.rules.dossier import Dossier
from models.rules.notices import Key, Notice
from models.rules.programme import Programme
from models.rules.reminders import due
from models.words import Role
from tests.builders import a_dossier, a_piece, a_programme, an_instant, recipients_of

FOLDER = Path(__file__).parent / "programme"
DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
EVENTS = {
    "opening": "ouverture", "receipt": "accusé de réception", "decision": "décision", "extension": "prorogation",
}  # fmt: skip
WORDS = {
    "exemple", "departement", "echeance", "campagne", "etapes", "pieces", "decisions", "prorogations", "desistements",
    "conventions", "passages", "horloge", "le", "part", "manquees", "date", "jours",
}  # fmt: skip
EXAMPLES: dict[str, dict[str, Any]] = {
    f"{path.stem}: {example['exemple']}": example
    for path in sorted(FOLDER.glob("*.yaml"))
    for example in yaml.safe_load(path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_that_a_coordinator_can_read(example: dict[str, Any]) -> None:
    assert set(example) <= WORDS
    if "jours" in example:
        assert effective_days(example) == example["jours"]
        return
    programme, dossier, obligation = the_programme(example), the_dossier(example), example["echeance"]
    zone = load_calendar().zone(dossier.departement)
    recipients = recipients_of(dossier.departement)
    recorded: set[Key] = set()
    for moment in example.get("passages", []):
        passed = due(programme, dossier, obligation, recipients, recorded, an_instant(as_text(moment), zone))
        recorded |= {notice.key for notice in (*passed.due, *passed.superseded, *passed.missed)}
    at = an_instant(as_text(example["le"]), example.get("horloge", zone))
    found = due(programme, dossier, obligation, recipients, recorded, at)
    assert in_words(found.due) == example["part"]
    assert in_words(found.missed, copies=False) == example.get("manquees", {})


def effective_days(example: dict[str, Any]) -> dict[str, str]:
    steps = a_programme().deadlines[example["echeance"]].steps
    days = {
        f"J{step.offset:+d}": load_calendar().effective_day(example["date"], step.offset, example["departement"])
        for step in steps
    }
    return {step: f"{DAYS[day.weekday()]} {day:%d/%m/%Y}" for step, day in days.items()}


def in_words(notices: list[Notice], *, copies: bool = True) -> dict[str, str]:
    """`{"prefet": "J-7 (copie)"}`, one letter a role; two letters to one role would be lost, so that fails."""
    found = {
        notice.recipient.role.value: EVENTS.get(notice.key.step) or f"J{int(notice.key.step):+d}" for notice in notices
    }
    assert len(found) == len(notices)
    for notice in notices:
        if notice.copy and copies:
            found[notice.recipient.role.value] += " (copie)"
    return found


def the_programme(example: dict[str, Any]) -> Programme:
    changes: dict[str, Any] = {}
    if "campagne" in example:
        changes["deadlines"] = example["campagne"]
    if "etapes" in example:
        steps = [{"offset": offset, "letter": "reminder"} for offset in example["etapes"]]
        changes["reminders"] = {"assumption": "pour l’exemple", "steps": {example["echeance"]: steps}}
    return a_programme(**changes)


def the_dossier(example: dict[str, Any]) -> Dossier:
    departement = example.get("departement", "61")
    zone = load_calendar().zone(departement)
    pieces = []
    for row in example.get("pieces", []):
        [(status, name)] = [(word, row[word]) for word in ("recue", "refusee", "retiree") if word in row]
        at = an_instant(as_text(row["le"]), zone)
        names = [f"{name}"] if "/" in name else [
            f"{piece.requirement}{'@' + piece.occurrence if piece.occurrence else ''}/{piece.part}"
            for piece in a_dossier(departement=departement, received=[name]).pieces
        ]  # fmt: skip
        pieces += [a_piece(each, at, status, row.get("motif", "")) for each in names]
    return a_dossier(
        departement=departement,
        pieces=pieces,
        decisions=[(as_text(row["le"]), row["decision"]) for row in example.get("decisions", [])],
        extensions=[
            (row["echeance"], as_text(row["nouvelle_date"]), as_text(row["accordee_le"]))
            for row in example.get("prorogations", [])
        ],
        withdrawals=[as_text(day) for day in example.get("desistements", [])],
        conventions=[
            (as_text(row["debut"]), as_text(row["fin"]), as_text(row["signee_le"]))
            for row in example.get("conventions", [])
        ],
    )


def as_text(moment: str | date | datetime) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()


def test_every_role_of_the_examples_is_a_role_and_no_example_hides_another() -> None:
    roles = {role for example in EXAMPLES.values() for role in example.get("part", {})}
    assert roles <= {role.value for role in Role}
    written = sum(path.read_text(encoding="utf-8").count("- exemple:") for path in FOLDER.glob("*.yaml"))
    assert written == len(EXAMPLES)
