"""How is a recorded change said in French, to whoever asks what happened to a territory?

One sentence an event, from what the event keeps: the values after it, or only those that it corrected. A table that has
no sentence of its own is told by its name and its values. What people typed is put on one line; addresses are left out.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from models.rules.amounts import euros
from models.rules.calendar import local
from models.rules.programme import Programme
from models.words import Funder, PieceStatus, Verdict
from notifications.documents import clean
from notifications.french import short_date, time_of_day

Values = Mapping[str, Any]
FUNDERS: Mapping[str, str] = {
    Funder.VILLE: "ministère chargé de la ville",
    Funder.EDUCATION: "éducation nationale",
    Funder.ETAT_AUTRE: "autres services de l’État",
    Funder.COMMUNE: "commune",
    Funder.INTERCOMMUNALITE: "intercommunalité",
    Funder.DEPARTEMENT: "conseil départemental",
    Funder.REGION: "conseil régional",
    Funder.CAF: "caisse d’allocations familiales",
    Funder.AUTRE_PUBLIC: "autre organisme public",
    Funder.PRIVE: "mécénat et fonds privés",
}
STATUS = {PieceStatus.RECEIVED: "reçue", PieceStatus.REFUSED: "refusée", PieceStatus.TAKEN_BACK: "retirée"}
VERDICTS = {Verdict.LABELLED: "labellisation", Verdict.REFUSED: "refus", Verdict.DEFERRED: "ajournement"}
ACTIONS = {
    "added": "inscription", "corrected": "correction", "replaced": "remplacement", "opened": "ouverture",
}  # fmt: skip
TABLES = {
    "territoires": "Territoire", "contacts": "Contact", "pieces": "Pièce", "financements": "Financement",
    "enveloppes": "Enveloppe", "decisions": "Décision", "prorogations": "Prorogation", "desistements": "Désistement",
    "conventions": "Convention", "operations_fonds": "Fonds de la cité", "campaign": "Campagne",
}  # fmt: skip
LONGEST_VALUE = 120
UNSAID = frozenset({"rank", "email", "channel"})


def heading(subject: str, action: str) -> str:
    """« Pièce · inscription »: what was touched, and how."""
    return f"{TABLES.get(subject, subject.replace('_', ' ').capitalize())} · {ACTIONS.get(action, action)}"


def sentence_of(programme: Programme, zone: str, subject: str, before: Values | None, after: Values | None) -> str:
    """What an event changed, in one sentence; a correction tells what stood before too."""
    say = SENTENCES.get(subject, _plainly)
    told = say(programme, zone, after) if after else ""
    if before is None:
        return told
    return f"{told} ; auparavant : {say(programme, zone, before)}" if told else say(programme, zone, before)


def _campaign(programme: Programme, zone: str, values: Values) -> str:
    return "le fichier de la campagne, ses échéances et ses règles"


def _territory(programme: Programme, zone: str, values: Values) -> str:
    place = values.get("departement")
    return ", ".join(
        filter(
            None,
            (
                clean(str(values.get("name") or values.get("code") or "")),
                f"communes {values['communes']}" if values.get("communes") else "",
                f"département {programme.calendar.departement_name(place)}" if place else "",
                f"collège tête de cité {values['lead_college']}" if values.get("lead_college") else "",
            ),
        )
    )


def _contact(programme: Programme, zone: str, values: Values) -> str:
    role = next((title for each, title in programme.roles.items() if each == values.get("role")), "contact")
    left = "" if values.get("active", True) else ", ne reçoit plus les courriels"
    return f"{role} ({perimeter_words(programme, values.get('perimeter', ''))}){left}"


def perimeter_words(programme: Programme, perimeter: str) -> str:
    """« département Nord », « académie de Lille », or the perimeter as it is."""
    kind, _, name = perimeter.partition(":")
    match kind:
        case "departement":
            return f"département {programme.calendar.departement_name(name)}"
        case "region":
            return f"région {programme.calendar.region_name(name)}"
        case "academie":
            return f"académie {name}"
        case _:
            return perimeter


def _piece(programme: Programme, zone: str, values: Values) -> str:
    requirement = programme.requirement(values.get("requirement", ""))
    title = requirement.title if requirement else str(values.get("requirement", "pièce"))
    parts = {part.code: part.title for part in requirement.parts} if requirement else {}
    part = f", {parts.get(values['part'], values['part'])}" if len(parts) > 1 and "part" in values else ""
    year = f" {values['occurrence']}" if values.get("occurrence") else ""
    status = f" : {STATUS.get(values['status'], values['status'])}" if "status" in values else ""
    at = f" le {_moment(values['at'], zone)}" if "at" in values else ""
    return f"{title}{year}{part}{status}{at}" + _because(values.get("reason"))


def _funding(programme: Programme, zone: str, values: Values) -> str:
    purpose = {"fonds": "pour le fonds", "programme": "pour le programme"}.get(values.get("purpose", ""), "")
    kind = ", valorisation" if values.get("kind") == "valorisation" else ""
    mainstream = ", droit commun" if values.get("mainstream") else ""
    amounts = [
        f"{word} {euros(values[name])}"
        for name, word in (("planned", "prévu"), ("notified", "notifié"), ("paid", "versé"))
        if name in values
    ]
    funder = FUNDERS.get(values.get("funder", ""), "financeur")
    return f"{values.get('year', '')}, {funder} {purpose}{kind}{mainstream} : {', '.join(amounts)}"


def _envelope(programme: Programme, zone: str, values: Values) -> str:
    name = programme.calendar.departement_name(str(values.get("departement", "")))
    amount = f" : {euros(values['amount'])}" if "amount" in values else ""
    return f"{values.get('year', '')}, département {name}{amount}"


def _decision(programme: Programme, zone: str, values: Values) -> str:
    verdict = VERDICTS.get(values.get("verdict", ""), "décision")
    by = f", {clean(values['authority'])}" if values.get("authority") else ""
    return f"{verdict} du {_day(values.get('day'))}{by}" + _because(values.get("grounds"))


def _extension(programme: Programme, zone: str, values: Values) -> str:
    name, _, year = str(values.get("deadline", "")).partition(":")
    title = f"{programme.deadlines[name].title} {year}".strip() if name in programme.deadlines else "échéance"
    by = f" par {clean(values['authority'])}" if values.get("authority") else ""
    reference = f", {clean(values['reference'])}" if values.get("reference") else ""
    granted = f"accordée le {_day(values.get('granted_on'))}{by}{reference}"
    return f"{title} reportée au {_day(values.get('new_due'))}, {granted}" + _because(values.get("grounds"))


def _withdrawal(programme: Programme, zone: str, values: Values) -> str:
    return f"le {_day(values.get('day'))}" + _because(values.get("grounds"))


def _convention(programme: Programme, zone: str, values: Values) -> str:
    told = [f"début le {_day(values.get('first_day'))}"]
    if "last_day" in values:
        told.append(f"fin le {_day(values['last_day'])}")
    if "signed_on" in values:
        told.append(f"signée le {_day(values['signed_on'])}" if values["signed_on"] else "non signée")
    if values.get("city_contract_end"):
        told.append(f"annexée à un contrat de ville qui finit le {_day(values['city_contract_end'])}")
    return ", ".join(told)


def _operation(programme: Programme, zone: str, values: Values) -> str:
    way = {"recette": "recette", "depense": "dépense"}.get(values.get("direction", ""), "opération")
    amount = f" de {euros(values['amount'])}" if "amount" in values else ""
    of = FUNDERS.get(values.get("funder", ""), "") or (f"axe {values['axis']}" if values.get("axis") else "")
    label = f", « {clean(values['label'])} »" if values.get("label") else ""
    return (
        f"compte {values.get('year', '')}, {way}{amount} le {_day(values.get('day'))}{f', {of}' if of else ''}{label}"
    )


def _plainly(programme: Programme, zone: str, values: Values) -> str:
    """The values alone, for a table that has no sentence of its own."""
    return ", ".join(
        clean(str(value))[:LONGEST_VALUE]
        for name, value in values.items()
        if value not in (None, "") and not isinstance(value, bool) and name not in UNSAID
    )


SENTENCES: Mapping[str, Callable[[Programme, str, Values], str]] = {
    "campaign": _campaign, "territoires": _territory, "contacts": _contact, "pieces": _piece, "financements": _funding,
    "enveloppes": _envelope, "decisions": _decision, "prorogations": _extension, "desistements": _withdrawal,
    "conventions": _convention, "operations_fonds": _operation,
}  # fmt: skip


def _because(reason: Any) -> str:
    return f" ({clean(str(reason))})" if reason else ""


def _day(text: Any) -> str:
    return short_date(date.fromisoformat(text)) if text else "(jour non indiqué)"


def _moment(text: str, zone: str) -> str:
    """The day, and the hour unless it is midnight, on the territory's clock."""
    at = local(datetime.fromisoformat(text), zone)
    hour = "" if (at.hour, at.minute) == (0, 0) else f" à {time_of_day(at)}"
    return short_date(at.date()) + hour
