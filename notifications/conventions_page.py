"""How are a campaign's conventions read: who has signed and when, until when each one runs, what is there to see to?

From the facts of `tasks.conventions`: one page that stands alone and prints, and the rows that a run's report shows.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from notifications import pages
from notifications.documents import clean
from notifications.french import count, sentence, short_date, typeset

HEADERS = ("Territoire", "Convention", "Signée le", "Signatures et annexe", "Contrat de ville", "Suite")
FINDING_HEADERS = ("Territoire", "Constat", "En clair")
STATUS = {"recue": "reçue", "refusee": "refusée", "retiree": "retirée", "absente": "absente"}


def page(found: Mapping[str, Any]) -> str:
    """The whole page, in French."""
    day = short_date(datetime.fromisoformat(found["at"]).date())
    body = Markup("\n").join(
        (
            Markup("<h1>Conventions au {}</h1>").format(day),
            pages.paragraph(f"{found['title']}. Les conventions inscrites, et ce qu’il y a à regarder."),
            pages.section("En bref", pages.items(typeset(each) for each in in_short(found))),
            pages.section(
                "À regarder",
                pages.table("Ce qu’il y a à regarder", FINDING_HEADERS, finding_rows(found), none="Rien à signaler."),
            ),
            pages.section(
                "Les conventions",
                pages.table(
                    "Une ligne par convention ; signatures et annexe sont celles de la première",
                    HEADERS,
                    [tuple(typeset(cell) for cell in row) for row in rows(found)],
                    none="Aucune convention n’est inscrite.",
                ),
            ),
        )
    )
    return pages.page(f"Conventions au {day} · {found['title']}", body)


def in_short(found: Mapping[str, Any]) -> list[str]:
    """How many conventions, how many signed, then how many times each thing there is to see to."""
    every = [each for territory in found["territories"] for each in territory["conventions"]]
    signed = sum(each["signed"] for each in every)
    titles = {finding["code"]: finding["title"] for each in found["territories"] for finding in each["findings"]}
    return [
        f"{sentence(count(len(every), 'convention inscrite', plural='conventions inscrites'))}, {signed} "
        f"{'signée' if signed < 2 else 'signées'}.",
        *(f"{sentence(titles[code])} : {number}." for code, number in found["counts"].items()),
    ]


def rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row a convention: from when to when, its signatures, its contrat de ville, what follows it."""
    return [
        (
            territory["name"],
            f"{_day(each['first_day'])} – {_day(each['last_day'])}",
            _day(each["signed_on"]) if each["signed"] else "non signée",
            " ; ".join(_part(part) for part in territory["parts"]) if each["follows"] is None else "—",
            _contract(each),
            _following(each),
        )
        for territory in found["territories"]
        for each in territory["conventions"]
    ]


def finding_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each thing to see to: territory, in two words, in one sentence."""
    return [
        (each["name"], finding["title"], finding["text"])
        for each in found["territories"]
        for finding in each["findings"]
    ]


def _part(part: Mapping[str, Any]) -> str:
    when = f" le {_day(part['day'])}" if part["day"] else ""
    why = f" ({clean(part['reason'])})" if part["reason"] else ""
    return f"{part['title']} : {STATUS[part['status']]}{when}{why}"


def _contract(convention: Mapping[str, Any]) -> str:
    if convention["city_contract_end"] is None:
        return "fin inconnue"
    past = convention["days_past_city_contract"]
    return f"jusqu’au {_day(convention['city_contract_end'])}" + (f", {past} jours trop tôt" if past else "")


def _following(convention: Mapping[str, Any]) -> str:
    if convention["followed_by"]:
        return f"renouvelée au {_day(convention['followed_by'])}"
    return f"fait suite à celle du {_day(convention['follows'])}" if convention["follows"] else "—"


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else "—"
