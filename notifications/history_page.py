"""How is a « preuve de relance » read: what happened to a territory, what was sent to it or not, and why?

From the facts of `tasks.history`: one page that stands alone and prints, and the rows that a run's report shows too.
The page names the readers' addresses, since it proves where a letter went; the rows for a report name roles alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from markupsafe import Markup

from notifications import pages
from notifications.documents import clean
from notifications.french import clock, count, sentence, short_date, typeset

KINDS = {
    "state": "État du dossier",
    "notice": "Lettre",
    "digest": "Synthèse",
    "answer": "Retour de courrier",
    "unreachable": "Rôle sans contact",
}
HEADERS = ("Quand", "Quoi", "En clair", "Pourquoi, par qui")
DEADLINE_HEADERS = ("Échéance", "Lettres envoyées", "Non envoyées", "Rôles sans contact", "Dernière lettre")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One row of the story: facts entered together are one row with several sentences."""

    at: datetime  # on the territory's clock
    what: str
    said: tuple[str, ...]
    why: str


def page(found: Mapping[str, Any]) -> str:
    """The whole page, in French."""
    rows = [(_when(each.at), each.what, _said(each.said), each.why) for each in told(found, addresses=True)]
    record = found["record"]
    body = Markup("\n").join(
        (
            Markup("<h1>Preuve de relance · {}</h1>").format(found["name"]),
            pages.paragraph(
                f"{found['title']}, département {found['departement']}. Tout ce qui a été enregistré de ce "
                "territoire, dans l’ordre : ce qui est arrivé, ce qui a été décidé, chaque lettre envoyée ou non, avec "
                f"la raison. Les heures sont celles {clock(found['zone']) or 'de Paris'}."
            ),
            pages.section("En bref", pages.items(typeset(each) for each in in_short(found))),
            pages.section(
                "Échéance par échéance",
                pages.table(
                    "Lettres par échéance",
                    DEADLINE_HEADERS,
                    by_deadline(found),
                    none="Aucune lettre n’a encore été décidée.",
                    figures=(1, 2, 3),
                ),
            ),
            pages.section(
                "Dans l’ordre",
                pages.table(
                    "Tous les faits enregistrés, du plus ancien au plus récent",
                    HEADERS,
                    rows,
                    none="Rien n’est encore enregistré.",
                ),
            ),
            Markup("<p class='print'>{}</p>").format(
                f"Registre des faits : {record['events']} événements, chaînés. Empreinte du dernier : "
                f"{record['hash']}. « cites verify --holds {record['hash']} » prouve que rien de ce qui précède n’a "
                "été modifié depuis."
            ),
        )
    )
    return pages.page(f"Preuve de relance · {found['name']} · {found['title']}", body)


def in_short(found: Mapping[str, Any]) -> list[str]:
    """The story in a few sentences: where the dossier stands, what left, what did not, who could not be written to."""
    entries = found["entries"]
    states = [each for each in entries if each["kind"] == "state"]
    notices = [each for each in entries if each["kind"] == "notice"]
    sent = [each for each in notices if each["status"] == "sent"]
    waiting = sum(each["status"] == "decided" for each in notices)
    said = []
    if states:
        since = datetime.fromisoformat(states[-1]["local"]).date()
        said.append(f"{states[-1]['words']}, vu ainsi depuis le {short_date(since)}.")
    left = count(len(sent), "avis envoyé", plural="avis envoyés") if sent else "Aucun avis n’a encore été envoyé"
    said.append(f"{left}{f', {waiting} en attente de départ' if waiting else ''}.")
    kept = len(notices) - len(sent) - waiting
    if kept:
        reason = "avec sa raison ci-dessous" if kept == 1 else "chacun avec sa raison ci-dessous"
        said.append(f"{count(kept, 'avis non envoyé', plural='avis non envoyés')}, {reason}.")
    digests = sum(each["kind"] == "digest" and each["status"] == "sent" for each in entries)
    if digests:
        said.append(f"{count(digests, 'synthèse de la région envoyée', plural='synthèses de la région envoyées')}.")
    nobody = sum(each["kind"] == "unreachable" for each in entries)
    if nobody:
        said.append(f"{count(nobody, 'fois', plural='fois')}, un rôle n’avait aucun contact.")
    return said


def by_deadline(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row a deadline: its letters sent, not sent, the roles without a contact, the day of the last one that left."""
    rows: list[tuple[str, ...]] = []
    entries = [each for each in found["entries"] if each["kind"] in ("notice", "unreachable")]
    for title in dict.fromkeys(each["deadline_title"] for each in entries):
        own = [each for each in entries if each["deadline_title"] == title]
        sent = [each["sent_local"] for each in own if each.get("sent_local")]
        kept = sum(each["kind"] == "notice" and each["status"] not in ("sent", "decided") for each in own)
        nobody = sum(each["kind"] == "unreachable" for each in own)
        last = short_date(datetime.fromisoformat(max(sent)).date()) if sent else "—"
        left = sum(each["kind"] == "notice" and each["status"] == "sent" for each in own)
        rows.append((title, str(left), str(kept), str(nobody), last))
    return rows


def told(found: Mapping[str, Any], *, addresses: bool) -> list[Told]:
    """The rows of the story, in order; facts that one person entered in one table at once are one row."""
    rows = []
    for (at, _, what, why), together in groupby(found["entries"], key=lambda each: _together(each)):
        said = tuple(dict.fromkeys(_words(each, addresses=addresses) for each in together))
        rows.append(Told(at=datetime.fromisoformat(at), what=what, said=said, why=why))
    return rows


def _together(entry: Mapping[str, Any]) -> tuple[str, object, str, str]:
    """What two entries share to be told in one row: a change its author and table, anything else nothing."""
    why = clean(str(entry.get("reason", "")))
    if entry["kind"] == "change":
        by = ", ".join(filter(None, (f"par {clean(entry['author'])}", clean(entry["grounds"]))))
        return entry["local"], "change", entry["title"], by
    return entry["local"], id(entry), KINDS[entry["kind"]], why


def _words(entry: Mapping[str, Any], *, addresses: bool) -> str:
    words = sentence(str(entry["words"]))
    if addresses and entry.get("subject") == "contacts":
        words += f" · {(entry['after'] or entry['before'])['email']}"
    if addresses and entry["kind"] in ("notice", "digest"):
        words += f" · {entry['to']}"
        if entry["subject"]:
            words += f" · objet : « {entry['subject']} »"
    return words


def _said(said: Sequence[str]) -> pages.Cell:
    return typeset(said[0]) if len(said) == 1 else pages.items(typeset(each) for each in said)


def _when(at: datetime) -> str:
    return f"{at:%d/%m/%Y} {at:%H:%M}"
