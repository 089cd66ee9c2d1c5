"""What did a run do, in words that the coordination reads?

French Markdown kept beside the run. Roles and territories are named, never a person nor an address; whatever
people typed is escaped; long tables are cut and say so.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed

from models import report_queries as queries
from models.report_queries import Held, Nobody, RunSeen, StepCount
from models.rules.calendar import local
from models.rules.cell import load_cell
from models.rules.programme import Programme
from models.words import Role
from notifications import conventions_page
from notifications.french import count, short_date, time_of_day, typeset
from notifications.outcomes import NOTICES
from tasks.action_plan import SUMMARY, action_plans, asks_for_plans, summary_rows
from tasks.balance import place_names
from tasks.campaigns import Opening
from tasks.cell import cell_rows, cells
from tasks.conventions import conventions
from tasks.dashboard import dashboard_link
from tasks.database import reading
from tasks.steps import EVENTS, obligation_words, step_words

ROWS = 100  # more, and nobody reads a table to its end
SHOW_PROGRESS_ABOVE = 5  # partitions
FIGURES = {
    "territories": "territoires examinés",
    "obligations_told": "obligations relancées ou annoncées",
    "satisfied": "obligations satisfaites : rien à demander",
    "quiet": "obligations sans étape nouvelle",
    "not_armed": "obligations qui ne courent pas encore",
    "closed": "candidatures déjà décidées",
    "withdrawn": "obligations de territoires qui se sont désistés",
    "missed_obligations": "obligations vues trop tard",
    "decided": "avis décidés",
    "superseded": "avis dépassés par une étape suivante",
    "missed": "avis trop tardifs pour partir",
    "cancelled": "avis annulés avant leur départ",
    "unreachable": "rôles sans contact",
    "letters": "lettres préparées",
    "state_changes": "dossiers qui ont changé d’état",
    "forbidden_transitions": "changements d’état impossibles, laissés de côté",
}
_address = re.compile(r"\S+@\S+")
_markup = re.compile(r"([\\`*_{}\[\]()#+!|~-])")


def follow(decided: Sequence[PrefectFuture[Any]], name: str) -> list[Any]:
    """Wait for every partition; above a handful of them, show how far the pass has come.

    Gives what each one returned, or what it raised.
    """
    if len(decided) > SHOW_PROGRESS_ABOVE:
        shown: Any = create_progress_artifact(0.0, key=key("avancement", name), description="Régions examinées")
        for done, _ in enumerate(as_completed(list(decided)), start=1):
            if done * 4 // len(decided) != (done - 1) * 4 // len(decided):  # by quarters: each is a call to the server
                update_progress_artifact(shown, 100.0 * done / len(decided))
    return [future.result(raise_on_failure=False) for future in decided]


@task(task_run_name="compte rendu", cache_policy=NO_CACHE)
def report_run(run_id: int, *, unless_quiet: bool = False) -> None:
    """Keep the report of one run: decided, not sent and why, roles without a contact, figures.

    `unless_quiet`: a run that wrote nothing down leaves the last report in place.
    """
    with reading() as session:
        seen = queries.run_seen(session, run_id)
        steps = queries.steps_of_run(session, run_id)
        held = queries.held_back(session, run_id, ROWS + 1)
        nobody = queries.nobody_to_write_to(session, run_id, ROWS + 1)
    if unless_quiet and not steps and not nobody and not seen.figures.get("cancelled"):
        return
    watched = seen.programme.watched_by(seen.deadline)
    report = run_report(seen, steps, held, nobody, dashboard_link(seen.campaign))
    if any(each.armed_by == "signature" for each in watched):
        report += "\n\n" + conventions_report(conventions(seen.campaign, seen.at))
    if asks_for_plans(seen.programme, watched):
        report += "\n\n" + plans_report(action_plans(seen.campaign, seen.at))
    if any(each.name == load_cell(seen.programme.edition).deadline for each in watched):
        report += "\n\n" + cells_report(cells(seen.campaign, seen.at))
    create_markdown_artifact(
        report,
        key=key(seen.deadline, seen.campaign),
        description=f"{watched[0].title} · campagne {seen.campaign}",
    )


@task(task_run_name="tableau du cofinancement", cache_policy=NO_CACHE)
def report_balance(balance: Mapping[str, Any]) -> None:
    """Keep the co-financing of one campaign and year, as `tasks.balance.balance` gives it."""
    create_markdown_artifact(
        balance_report(balance, place_names(balance["campaign"])),
        key=key("cofinancement", balance["campaign"], str(balance["year"])),
        description=f"Cofinancement {balance['year']} · campagne {balance['campaign']}",
    )


@task(task_run_name="compte rendu de l’ouverture", cache_policy=NO_CACHE)
def report_opening(opened: Opening, planned: Mapping[str, Any]) -> None:
    """Keep what the opening of a campaign did, and what `tasks.schedules` planned for it."""
    create_markdown_artifact(
        opening_report(opened, planned),
        key=key("ouverture", opened.code),
        description=f"Ouverture · campagne {opened.code}",
    )


def run_report(
    seen: RunSeen, steps: Sequence[StepCount], held: Sequence[Held], nobody: Sequence[Nobody], dashboard: str = ""
) -> str:
    """The Markdown of one run's report; `dashboard` says where the campaign's page is."""
    at = local(seen.at, "Europe/Paris")
    deadline = seen.programme.watched_by(seen.deadline)[0]

    def of(each: StepCount | Held | Nobody) -> str:
        return f"{obligation_words(seen.programme, each.obligation)} · {step_words(each.step)}"

    return "\n\n".join(
        (
            f"# {plain(deadline.title)} · campagne {plain(seen.campaign)}",
            f"Passage du {short_date(at.date())} à {time_of_day(at)} (heure de Paris). {_in_brief(seen)}",
            *((dashboard,) if dashboard else ()),
            "## Ce qui a été décidé",
            table(
                ("Étape", "Territoires", "Avis", "Suite", "Échéance"),  # numbers first: the UI cuts a wide table
                [
                    (of(each), each.territories, each.notices, NOTICES[each.status], due_words(each))
                    for each in sorted(steps, key=_in_reading_order)
                ],
                none="Rien de nouveau : aucune étape n’était à relancer.",
            ),
            "## Ce qui n’est pas parti, et pourquoi",
            table(
                ("Territoire", "Étape", "Rôles", "Pourquoi"),
                [
                    (each.territory, of(each), roles_words(seen.programme, each.roles),
                     each.reason or NOTICES[each.status])
                    for each in held
                ],
                none="Rien d’autre que les étapes dépassées, ci-dessus, et ce qui n’était pas à relancer.",
            ),
            "## Rôles sans contact",
            table(
                ("Territoire", "Étape", "Rôle", "À quel titre"),
                [
                    (each.territory, of(each), roles_words(seen.programme, [each.role]),
                     "doit une pièce" if each.owes else "pour information")
                    for each in nobody
                ],
                none="Chaque rôle attendu a au moins un contact.",
            ),
            "## En chiffres",
            table(
                ("Ce passage", "Nombre"),
                [(words, seen.figures[name]) for name, words in FIGURES.items() if seen.figures.get(name)],
                none="Rien à compter.",
            ),
        )
    )  # fmt: skip


def _in_brief(seen: RunSeen) -> str:
    """What the run comes to, before any table: letters, and whether somebody has to do something."""
    letters, nobody = seen.figures.get("letters", 0), seen.figures.get("unreachable", 0)
    prepared = count(letters, "lettre préparée", plural="lettres préparées") if letters else "Aucune lettre à préparer"
    to_do = f" À faire : donner un contact à {count(nobody, 'rôle')}, ci-dessous." if nobody else " Rien à faire."
    return f"**{prepared}.**{to_do}"


def conventions_report(found: Mapping[str, Any]) -> str:
    """The Markdown of a campaign's conventions, as `tasks.conventions.conventions` gives them."""
    return "\n\n".join(
        (
            "## Conventions à regarder",
            table(conventions_page.FINDING_HEADERS, conventions_page.finding_rows(found), none="Rien à signaler."),
            "## Conventions",
            table(conventions_page.HEADERS, conventions_page.rows(found), none="Aucune convention n’est inscrite."),
        )
    )


def plans_report(found: Mapping[str, Any]) -> str:
    """The Markdown of what the action plans hold, a line a territory, as `tasks.action_plan.action_plans` gives it."""
    return "\n\n".join(
        (
            "## Programmes d’action",
            table(SUMMARY, summary_rows(found), none="Aucun territoire n’est labellisé."),
            "Le détail, axe par axe : `cites action-plan`.",
        )
    )


def cells_report(found: Mapping[str, Any]) -> str:
    """The Markdown of where cells stand, in numbers only, as `tasks.cell.cells` gives it (E222)."""
    headers = ("Territoire", "Signatures", "Séries relevées", "À vérifier")
    rows = [[typeset(cell) for cell in row] for row in cell_rows(found)]
    return f"## Cellules contre l’évitement scolaire\n\n{table(headers, rows, none='Aucune cellule demandée.')}"


def opening_report(opened: Opening, planned: Mapping[str, Any]) -> str:
    """The Markdown of a campaign that has just been opened, corrected, or found as it was."""
    changes = {"opened": "La campagne est ouverte.", "corrected": "La campagne suit son nouveau fichier."}
    imported = opened.intake.added if opened.intake else {}
    following = (
        f"Prochaine relance le {short_date(planned['next'].date())}." if planned["next"] else "Aucune relance à venir."
    )
    return "\n\n".join(
        (
            f"# {plain(opened.title)} (campagne {plain(opened.code)})",
            changes.get(opened.change, "La campagne était déjà ouverte : rien n’a changé."),
            f"{opened.territories} territoires ; {opened.obligations} obligations.",
            f"Passages : {planned['planned']} nouveaux, {planned['kept']} maintenus, {planned['removed']} retirés.",
            following,
            "## Lignes importées",
            table(("Tableau", "Lignes"), sorted(imported.items()), none="Aucun tableau."),
        )
    )


def balance_report(balance: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> str:
    """The Markdown of one year's co-financing: the nation, then what calls for attention, then each territory.

    `names` are those of `tasks.balance.place_names`.
    """
    columns = ("État", "Collectivités", "Autres", "Écart", "Part locale", "Effet de levier")
    stages = {"planned": "prévu", "notified": "notifié", "paid": "versé"}
    findings = [
        (place, finding["text"] or finding["code"], euros(finding["amount"]))
        for place, row in [
            *((names["departements"][each["departement"]], each) for each in balance["departements"]),
            *((names["territories"][each["territory"]], each) for each in balance["territories"]),
        ]
        for finding in row["findings"]
    ]
    return "\n\n".join(
        (
            f"# Cofinancement {balance['year']} · campagne {plain(balance['campaign'])}",
            f"Montants au stade « {stages[balance['stage']]} », en euros.",
            "## Ensemble",
            table(("", *columns), [("France entière", *_amounts(balance["nation"]))], none="Aucun financement."),
            "## À regarder",
            table(("Où", "Constat", "Montant"), findings, none="Rien à signaler."),
            "## Par région",
            table(
                ("Région", *columns),
                [(names["regions"][each["region"]], *_amounts(each)) for each in balance["regions"]],
                none="Aucune.",
            ),
            "## Par territoire",
            table(
                ("Territoire", *columns),
                [(names["territories"][each["territory"]], *_amounts(each)) for each in balance["territories"]],
                none="Aucun.",
            ),
        )
    )


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], *, none: str) -> str:
    """A Markdown table, every cell escaped, cut after `ROWS` rows; `none` when there is no row."""
    rows = list(rows)
    if not rows:
        return none
    lines = [headers, ["---"] * len(headers), *([plain(str(cell)) for cell in row] for row in rows[:ROWS])]
    cut = f"\n\n… et d’autres : seules les {ROWS} premières lignes sont montrées." if len(rows) > ROWS else ""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + cut


def plain(text: str) -> str:
    """Text that Markdown and HTML leave as it is, on one line."""
    return _markup.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def key(*words: str) -> str:
    """An artifact's key: `candidature-2021`, in the few characters that Prefect takes."""
    ascii_only = unicodedata.normalize("NFKD", "-".join(words)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.casefold()).strip("-")


def due_words(counted: StepCount) -> str:
    """The due date of a reminder; an event's letter has none."""
    return f"{counted.due:%d/%m/%Y}" if counted.due else ""


def roles_words(programme: Programme, roles: Iterable[Role]) -> str:
    """« préfet de département, DASEN »."""
    return ", ".join(dict.fromkeys(programme.roles.get(role, role) for role in roles))


def _in_reading_order(counted: StepCount) -> tuple[str, str, int, str]:
    offset = 0 if counted.step in EVENTS else int(counted.step)
    return counted.obligation, counted.due.isoformat() if counted.due else "", offset, counted.status


def without_addresses(text: str) -> str:
    """The text without any e-mail address: a mail server repeats them in its refusals."""
    return _address.sub("(adresse)", text)


def euros(cents: int | None) -> str:
    """« 350 000,00 » from whole cents."""
    return "" if cents is None else f"{cents / 100:,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def _amounts(row: Mapping[str, Any]) -> list[str]:
    def share(value: float | None) -> str:
        return "" if value is None else f"{value * 100:.1f} %".replace(".", ",")

    return [euros(row[name]) for name in ("state", "local", "other", "gap")] + [
        share(row["local_share"]),
        share(row["leverage"]),
    ]
