"""What do the review, the mandates and those who block look like beside a run?

French Markdown, as in `tasks.artifacts`: roles and functions are named, never a person nor an address. Whatever people
typed is escaped.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.rules.calendar import local
from notifications.french import MAINLAND, count, listing, short_date, time_of_day, typeset
from notifications.review_page import CAUTION, grid_rows, summary_headers, summary_rows
from tasks.artifacts import key, plain, table, without_addresses
from tasks.steps import step_words


@task(task_run_name="instruction des candidatures", cache_policy=NO_CACHE)
def report_review(found: Mapping[str, Any]) -> None:
    """Keep what lies before the ministers, as `tasks.review.review` gives it."""
    _keep(found, "instruction", "Instruction", review_report(found))


@task(task_run_name="mandats et gouvernance", cache_policy=NO_CACHE)
def report_governance(found: Mapping[str, Any]) -> None:
    """Keep what there is to see to in mandates, as `tasks.governance.governance` gives it."""
    _keep(found, "gouvernance", "Gouvernance", governance_report(found))


@task(task_run_name="qui bloque", cache_policy=NO_CACHE)
def report_blockers(found: Mapping[str, Any]) -> None:
    """Keep who blocks, as `tasks.blockers.without_persons` gives it."""
    _keep(found, "blocages", "Qui bloque", blockers_report(found))


def review_report(found: Mapping[str, Any]) -> str:
    """The Markdown of a campaign's review: the candidatures side by side, what is missing, then the words read."""
    territories = found["territories"]
    missing = [
        (each["name"], lacks["text"])
        for each in territories
        if each["decision"] is None and each["state"] != "withdrawn"
        for lacks in each["missing"]
        if lacks["kind"] in ("visa", "opinion")
    ]
    read = [
        (each["name"], *map(without_addresses, row))
        for each in territories
        if any(criterion["readings"] for criterion in each["criteria"])
        for row in grid_rows(each)
    ]
    return _report(
        found, "Instruction des candidatures",
        CAUTION,
        ("Vue d’ensemble", table(summary_headers(territories), summary_rows(territories), none="Aucun dossier.")),
        ("Visas et avis qui manquent avant la décision", table(("Territoire", "En clair"), missing, none="Aucun.")),
        ("Grille de lecture", table(("Territoire", "Critère", "Appréciation", "Observations", "Lecteur"), read,
                                    none="Personne n’a encore lu de dossier.")),
    )  # fmt: skip


def governance_report(found: Mapping[str, Any]) -> str:
    """The Markdown of a campaign's mandates: what to see to, then who holds them."""
    findings = [
        (each["name"], finding["mandate_title"], finding["title"], finding["text"])
        for each in found["territories"]
        for finding in each["findings"]
    ]
    held = [
        (each["name"], mandate["title"], _period(mandate, found["at"]), listing(mandate["given_by_titles"]))
        for each in found["territories"]
        for mandate in each["mandates"]
    ]
    asked = sum(each["asked"] for each in found["territories"])
    said = f"{count(asked, 'cité doit', plural='cités doivent')} avoir ses mandats ce jour." if asked else (
        "Aucune cité ne doit encore avoir ses mandats : ils sont attendus à partir du label."
    )  # fmt: skip
    return _report(
        found, "Mandats et gouvernance", said.replace("doivent avoir ses", "doivent avoir leurs"),
        ("À regarder", table(("Territoire", "Mandat", "Constat", "En clair"), findings, none="Rien à signaler.")),
        ("Mandats, dans l’ordre de leurs dates",
         table(("Territoire", "Mandat", "Durée", "Donné par"), held, none="Aucun mandat inscrit.")),
    )  # fmt: skip


def blockers_report(found: Mapping[str, Any]) -> str:
    """The Markdown of who blocks: each role in one line, then deadline by deadline, the most urgent first.

    What is missing, at length, stands in the last column: the UI lets a wide table slide under its edge.
    """
    deadlines: dict[tuple[str, str, int], list[Mapping[str, Any]]] = {}
    for each in found["blockers"]:
        deadlines.setdefault((each["due"], each["title"], each["days_left"]), []).append(each)
    headers = ("Territoire", "Qui", "Pièces", "Dernière relance", "Demandé depuis", "N’a pas remis")
    return _report(
        found, "Qui bloque ?",
        "Une ligne par fonction qui doit encore quelque chose ; c’est à elle seule, et aux lecteurs en copie de "
        "l’étape, que la relance est adressée. Les noms et les adresses se lisent par la commande `cites blockers`.",
        ("En bref", table(("Qui", "Territoires", "Pièces", "Pièces en retard", "Sans contact"),
                          _by_role(found["blockers"]), none="Personne ne bloque.")),
        *(
            (
                f"{plain(title)}, {_day(due)} : {_left(days)}",
                table(headers, [_line(each) for each in theirs], none=""),
            )
            for (due, title, days), theirs in deadlines.items()
        ),
    )  # fmt: skip


def _by_role(blockers: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """A row for each role, whoever owes most first."""
    roles: dict[str, list[Mapping[str, Any]]] = {}
    for each in blockers:
        roles.setdefault(each["role_title"], []).append(each)
    rows = [
        (
            title, len({each["territory"] for each in theirs}), sum(len(each["owes"]) for each in theirs),
            sum(len(each["owes"]) for each in theirs if each["days_left"] < 0),
            len({each["territory"] for each in theirs if not each["reachable"]}),
        )
        for title, theirs in roles.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row[3], -row[2], row[0]))


def _line(blocker: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        blocker["name"], _who(blocker), len(blocker["owes"]), _last(blocker["last_reminder"]),
        _day(blocker["asked_since"]) if blocker["asked_since"] else "pas encore", " ; ".join(blocker["owes_titles"]),
    )  # fmt: skip


def _report(found: Mapping[str, Any], title: str, said: str, *sections: tuple[str, str]) -> str:
    at = local(datetime.fromisoformat(found["at"]), MAINLAND)
    when = f"Au {short_date(at.date())}, {time_of_day(at)} (heure de Paris). {said}"
    return "\n\n".join(
        (
            f"# {title} · campagne {plain(found['campaign'])}",
            typeset(when),
            *(f"## {heading}\n\n{text}" for heading, text in sections),
        )
    )


def _keep(found: Mapping[str, Any], name: str, title: str, report: str) -> None:
    create_markdown_artifact(
        report, key=key(name, found["campaign"]), description=f"{title} · campagne {found['campaign']}"
    )


def _who(blocker: Mapping[str, Any]) -> str:
    role = blocker["role_title"].partition(" (")[0]
    mandated = listing([title for title in blocker["mandates"] if title != blocker["role_title"]])
    who = f"{role} ({mandated})" if mandated else role
    return who if blocker["reachable"] else f"{who}, aucun contact"


def _left(days: int) -> str:
    if days < 0:
        return f"dépassé de {count(-days, 'jour')}"
    return "aujourd’hui" if days == 0 else f"il reste {count(days, 'jour')}"


def _last(reminder: Mapping[str, Any] | None) -> str:
    return f"{step_words(reminder['step'])}, {_day(reminder['day'])}" if reminder else "aucune"


def _period(mandate: Mapping[str, Any], at: str) -> str:
    if mandate["last_day"]:
        return f"du {_day(mandate['first_day'])} au {_day(mandate['last_day'])}"
    since = "depuis le" if mandate["first_day"] <= at[:10] else "à partir du"
    return f"{since} {_day(mandate['first_day'])}"


def _day(iso: str) -> str:
    return short_date(date.fromisoformat(iso))
