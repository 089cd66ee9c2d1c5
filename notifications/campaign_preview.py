"""How is a campaign that is not open yet shown to whoever must agree to it?

The facts are those of `tasks.campaign_preview`, as docs/interface.md describes them.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from models.rules.calendar import local
from notifications.documents import Block, Bullets, Grid, Heading, Paper, Paragraph
from notifications.french import MAINLAND, count, listing, long_date, short_date, time_of_day

FOOTER = "Aperçu : rien n’est enregistré, aucune lettre n’est partie."


def preview_paper(preview: Mapping[str, Any], at: datetime) -> Paper:
    """The preview as a document, made at `at`."""
    return Paper(
        title=f"Aperçu de la campagne {preview['campaign']}",
        subtitle=f"{preview['title']}, ouverte le {short_date(date.fromisoformat(preview['opens']))}",
        footer=FOOTER,
        blocks=tuple(_blocks(preview)),
        made_at=at,
    )


def _blocks(preview: Mapping[str, Any]) -> Iterator[Block]:
    yield Paragraph(text=_summary(preview))
    if preview["labels_supposed_on"]:
        day = short_date(date.fromisoformat(preview["labels_supposed_on"]))
        yield Paragraph(
            text="Les lettres sont comptées comme si rien d’autre n’arrivait que ce que disent les tableaux. Pour les "
            f"échéances qui naissent du label, les territoires sans décision sont supposés labellisés le {day}.",
            quiet=True,
        )
    yield Heading(text="Les échéances et leurs relances")
    for deadline in preview["deadlines"]:
        due = date.fromisoformat(deadline["due"])
        yield Heading(text=f"{deadline['title']} : {long_date(due)}", level=2)
        yield Paragraph(text=f"Source : {deadline['source']}.", quiet=True)
        yield _steps(deadline, preview["roles"])
    if preview["nobody"]:
        yield Heading(text="Rôles sans contact")
        titles = {each["deadline"].partition(":")[0]: each["title"] for each in preview["deadlines"]}
        yield Grid(
            headers=("Échéance", "Rôle", "Territoires"),
            rows=tuple(
                (titles.get(each["deadline"], each["deadline"]), each["role"], str(each["territories"]))
                for each in preview["nobody"]
            ),
            widths=(40, 45, 15),
            to_the_right=frozenset((2,)),
        )
    if preview["instants"]:
        yield Heading(text="Tous les passages prévus")
        yield Grid(
            headers=("Jour", "Heure de Paris", "Passage"),
            rows=tuple(_instant(each) for each in preview["instants"]),
            widths=(35, 15, 50),
        )
    yield Heading(text="Ce qui est supposé")
    yield Bullets(items=tuple(preview["assumptions"]))


def _summary(preview: Mapping[str, Any]) -> str:
    if not preview["territories"]:
        return "Aucun tableau n’est donné : les jours sont ceux du calendrier, sans territoire ni lettre."
    planned = count(len(preview["instants"]), "passage prévu", plural="passages prévus")
    opening = count(preview["opening"]["letters"], "lettre")
    return f"{count(preview['territories'], 'territoire')}, {planned} ; à l’ouverture, {opening}."


def _steps(deadline: Mapping[str, Any], roles: Mapping[str, str]) -> Grid:
    places = list(dict.fromkeys(place for step in deadline["steps"] for place in step["days"]))
    return Grid(
        headers=("Étape", *places, "Copies", "Avis", "Lettres"),
        rows=tuple(
            (
                f"J{step['step']:+d}" if step["step"] else "jour J",
                *(_day(step["days"].get(place)) for place in places),
                listing([roles[role] for role in step["copies"]]),
                str(step["notices"]),
                str(step["letters"]),
            )
            for step in deadline["steps"]
        ),
        widths=(8, *(12 for _ in places), 30, 8, 8),
        to_the_right=frozenset((len(places) + 2, len(places) + 3)),
    )


def _day(day: str | None) -> str:
    """« ven. 12/02/2021 »; a step that another one overtakes on the same day has none."""
    if day is None:
        return "—"
    read = date.fromisoformat(day)
    return f"{('lun.', 'mar.', 'mer.', 'jeu.', 'ven.', 'sam.', 'dim.')[read.weekday()]} {read:%d/%m/%Y}"


def _instant(each: Mapping[str, Any]) -> tuple[str, str, str]:
    here = local(datetime.fromisoformat(each["at"]), MAINLAND)
    return long_date(here.date()), time_of_day(here), each["label"]
