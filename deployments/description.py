"""What is deployed, with which schedule, and what may run at once?

The one description of every deployment: `cites up` registers it through the API, `prefect.yaml` is generated from it
for `prefect deploy --all` on a distributed pool.

The exact instants of a campaign are runs planned one by one (`tasks.schedules`); the ticks below are the safety net
that finds whatever those missed. Every zone is a whole number of hours from UTC, so one tick an hour comes after
09:00 in each of them. It comes a few minutes after the hour, when the runs planned for 09:00 are over: at the same
minute one of the two would be cancelled, since two runs of one deployment never go together. The minutes differ, so
that the machine is not asked for everything at once. Parameters have harmless defaults, because the UI's switch
erases a schedule's own.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deployments.environment import POOL

PARIS = "Europe/Paris"
HOURLY = "Passe seul toutes les heures ; à lancer à la main pour qu’une saisie soit suivie d’effet tout de suite."


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A schedule: its slug (which keeps it apart from those added by hand) and its hours, on the clock of Paris."""

    slug: str
    cron: str


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """How many runs of one deployment may go together, and what becomes of one too many."""

    limit: int
    collision_strategy: str


CONCURRENCY = Concurrency(limit=1, collision_strategy="CANCEL_NEW")  # after an outage, one tick catches up for all
ONE_AFTER_ANOTHER = Concurrency(limit=1, collision_strategy="ENQUEUE")  # each of them has something else to tell


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One deployment: `entrypoint` is the dotted path of its flow, `description` what it does and when to use it."""

    name: str
    entrypoint: str
    description: str
    tags: tuple[str, ...]
    tick: Tick | None = None
    concurrency: Concurrency | None = CONCURRENCY  # None: as many runs as come


DEPLOYMENTS = (
    Deployed(
        name="Candidature",
        entrypoint="flows.candidature.candidature",
        description=("Vérifie les dossiers de candidature, décide les relances dues et les envoie.\n\n" + HOURLY),
        tags=("relances", "echeance:candidature"),
        tick=Tick(slug="toutes-les-heures", cron="4 * * * *"),
    ),
    Deployed(
        name="Programme d’action",
        entrypoint="flows.action_plan.action_plan",
        description=(
            "Vérifie les programmes d’action des cités labellisées, décide les relances dues et les envoie.\n\n"
            + HOURLY
        ),
        tags=("relances", "echeance:action_plan"),
        tick=Tick(slug="toutes-les-heures", cron="6 * * * *"),
    ),
    Deployed(
        name="Bilan du fonds",
        entrypoint="flows.fund_report.fund_report",
        description=(
            "Vérifie les bilans annuels du fonds de la cité, décide les relances dues et les envoie.\n\n" + HOURLY
        ),
        tags=("relances", "echeance:fund_report"),
        tick=Tick(slug="toutes-les-heures", cron="8 * * * *"),
    ),
    Deployed(
        name="Convention",
        entrypoint="flows.convention.convention",
        description=(
            "Vérifie les conventions, surveille leur terme, décide les relances dues et les envoie.\n\n" + HOURLY
        ),
        tags=("relances", "echeance:convention"),
        tick=Tick(slug="toutes-les-heures", cron="10 * * * *"),
    ),
    Deployed(
        name="Autres échéances",
        entrypoint="flows.deadlines.any_deadline",
        description=(
            "Le même passage pour les échéances qu’un fichier de campagne ajoute à celles du programme.\n\n"
            "Passe seul toutes les heures ; sans échéance ajoutée, ne fait rien."
        ),
        tags=("relances", "echeance:*"),
        tick=Tick(slug="toutes-les-heures", cron="12 * * * *"),
    ),
    Deployed(
        name="Région",
        entrypoint="flows.regions.region",
        description=(
            "La part d’une région dans un passage, quand les passages se partagent entre plusieurs exécutants "
            "(CITES_PARTITIONS=workers).\n\nJamais à la main : le passage la demande et rassemble les lettres."
        ),
        tags=("relances",),
        concurrency=None,
    ),
    Deployed(
        name="Courrier",
        entrypoint="flows.delivery.delivery",
        description=(
            "Envoie les lettres décidées qui attendent, et reprend celles qu’une panne a retardées.\n\n"
            "Passe seul quatre fois par heure ; à lancer à la main une fois le serveur de courriel rétabli."
        ),
        tags=("courrier",),
        tick=Tick(slug="quatre-fois-par-heure", cron="1,16,31,46 * * * *"),
    ),
    Deployed(
        name="Synthèses",
        entrypoint="flows.digests.digests",
        description=(
            "Écrit où en sont les dossiers : chaque mois au préfet de région et au recteur, chaque semaine à la "
            "coordination.\n\n"
            "Passe seul chaque matin ouvré ; chaque synthèse ne part qu’une fois, et un matin manqué se rattrape."
        ),
        tags=("courrier",),
        tick=Tick(slug="chaque-matin-ouvre", cron="40 8 * * 1-5"),
    ),
    Deployed(
        name="Veille",
        entrypoint="flows.watch.watch",
        description=(
            "Compare ce qui devait partir le matin à ce qui est parti ; si rien n’est parti, écrit à la coordination "
            "et échoue.\n\n"
            "Passe seul à midi, les jours ouvrés ; à lancer à la main en cas de doute. Se tait quand tout va bien."
        ),
        tags=("surveillance",),
        tick=Tick(slug="a-midi", cron="20 12 * * 1-5"),  # once the passes of noon are over
    ),
    Deployed(
        name="Alerte",
        entrypoint="flows.incident.incident",
        description=(
            "Écrit à la coordination qu’un passage a échoué, a été interrompu ou n’a pas commencé : une lettre au plus "
            "par déploiement et par heure.\n\nLancée par les automatismes (*Automations*) ; rien à faire à la main."
        ),
        tags=("surveillance",),
        concurrency=ONE_AFTER_ANOTHER,
    ),
    Deployed(
        name="Relever les réponses",
        entrypoint="flows.answers.answers",
        description=(
            "Lit la boîte aux lettres : adresses qui échouent, tableaux proposés. Ne répond jamais.\n\n"
            "Passe seul trois fois par heure ; sans boîte aux lettres réglée, ne fait rien."
        ),
        tags=("courrier",),
        tick=Tick(slug="trois-fois-par-heure", cron="9,29,49 * * * *"),
    ),
    Deployed(
        name="Libérer des lettres",
        entrypoint="flows.mailroom.releasing",
        description=(
            "Laisse partir des lettres retenues pour relecture, ou les refuse.\n\n"
            "À lancer à la main. Elles partent à leur prochaine heure, un jour ouvré."
        ),
        tags=("courrier", "coordination"),
    ),
    Deployed(
        name="Suspendre les envois",
        entrypoint="flows.mailroom.pausing",
        description=(
            "Suspend tous les envois, ceux d’une campagne ou d’un territoire ; les décisions continuent.\n\n"
            "À lancer à la main. Rien n’est perdu : les lettres attendent la reprise."
        ),
        tags=("courrier", "coordination"),
    ),
    Deployed(
        name="Reprendre les envois",
        entrypoint="flows.mailroom.resuming",
        description=(
            "Laisse repartir ce qu’une pause retenait.\n\n"
            "À lancer à la main. Ce qui a attendu est revu avant de partir : rien de périmé, rien en double."
        ),
        tags=("courrier", "coordination"),
    ),
    Deployed(
        name="Oublier ce qui est ancien",
        entrypoint="flows.forgetting.forgetting",
        description=(
            "Oublie le texte des lettres anciennes et les contacts remplacés depuis longtemps ; la preuve d’envoi "
            "demeure.\n\n"
            "Passe seul chaque nuit ; les délais sont dans models/programme/delivery.yaml."
        ),
        tags=("courrier",),
        tick=Tick(slug="chaque-nuit", cron="52 2 * * *"),
    ),
    Deployed(
        name="Cofinancement",
        entrypoint="flows.cofinancing.cofinancing",
        description=(
            "Additionne les financements par territoire, département et région, et signale ce qui est à regarder.\n\n"
            "Passe seul le lundi à 7 h ; à lancer à la main après l’import d’un tableau de financements."
        ),
        tags=("financements",),
        tick=Tick(slug="chaque-lundi", cron="0 7 * * 1"),
    ),
    Deployed(
        name="Relever le portail",
        entrypoint="flows.portal.portal",
        description=(
            "Prend les pièces déposées, refusées ou retirées sur Démarche numérique, d’après les fichiers de "
            "correspondance du dossier `portail`.\n\n"
            "Passe seul toutes les heures ; sans fichier de correspondance, ne fait rien."
        ),
        tags=("portail",),
        tick=Tick(slug="toutes-les-heures", cron="48 * * * *"),  # before the passes that count what is missing
    ),
    Deployed(
        name="Rapport annuel",
        entrypoint="flows.annual_report.annual_report",
        description=(
            "Écrit le rapport annuel du Conseil national aux ministres, en .docx, .pdf et .html, et en montre les "
            "tableaux.\n\nÀ lancer à la main, pour une année ; les recommandations restent à rédiger."
        ),
        tags=("rapports",),
    ),
    Deployed(
        name="Ouvrir une campagne",
        entrypoint="flows.campaign.opening",
        description=(
            "Ouvre une campagne à partir de son fichier, importe ses tableaux et prévoit ses relances.\n\n"
            "À lancer à la main. Ouvrir deux fois la même campagne ne change rien."
        ),
        tags=("coordination",),
    ),
    Deployed(
        name="Suivi des dossiers",
        entrypoint="flows.follow_up.follow_up",
        description=(
            "Dresse l’état de l’instruction, des mandats et de ceux qui bloquent ; rien n’est envoyé.\n\n"
            "Passe seul du lundi au vendredi à 7 h 20 ; à lancer à la main avant une réunion."
        ),
        tags=("coordination",),
        tick=Tick(slug="chaque-matin", cron="24 7 * * 1-5"),
    ),
    Deployed(
        name="Préparer une campagne",
        entrypoint="flows.preparation.preparing",
        description=(
            "Écrit le fichier d’une campagne à partir de dates, et montre ce qu’elle ferait : jours des relances, "
            "lettres, hypothèses.\n\nÀ lancer à la main. Rien n’est ouvert ni enregistré : le fichier se relit d’abord."
        ),
        tags=("coordination",),
    ),
    Deployed(
        name="Saisir une décision",
        entrypoint="flows.decisions.decision",
        description=(
            "Enregistre la décision prise sur une ou plusieurs candidatures ; le prochain passage écrit aux intéressés."
            "\n\nÀ lancer à la main. Sans rien changer au formulaire, la saisie est seulement vérifiée."
        ),
        tags=("coordination",),
    ),
    Deployed(
        name="Accorder une prorogation",
        entrypoint="flows.acts.extension",
        description=(
            "Donne plus de temps à un ou plusieurs territoires pour une échéance ; les étapes reprennent sur la "
            "nouvelle date.\n\nÀ lancer à la main. Sans rien changer au formulaire, l’effet est seulement montré."
        ),
        tags=("coordination",),
    ),
    Deployed(
        name="Inscrire un désistement",
        entrypoint="flows.acts.withdrawal",
        description=(
            "Inscrit qu’un ou plusieurs territoires renoncent ; plus rien ne leur est envoyé.\n\n"
            "À lancer à la main. Sans rien changer au formulaire, l’effet est seulement montré."
        ),
        tags=("coordination",),
    ),
    Deployed(
        name="Preuve de relance",
        entrypoint="flows.proof.proof",
        description=(
            "Montre tout ce qui a été enregistré d’un territoire : ce qui est arrivé, chaque lettre envoyée ou non, et "
            "pourquoi.\n\nÀ lancer à la main. Ne change rien."
        ),
        tags=("rapports",),
    ),
)


def prefect_yaml() -> str:
    """The text of `prefect.yaml`: the same deployments, for `prefect deploy --all`."""
    head = (
        "# Generated from deployments/description.py by `python -m deployments.description`: change it there.\n"
        f"# Needs a work pool: prefect work-pool create {POOL} --type process\n"
        "name: cites-educatives\n"
        "# The engine is installed where its worker runs: nothing to fetch, the current folder stays what it is.\n"
        "pull:\n"
        "- prefect.deployments.steps.set_working_directory:\n"
        '    directory: "."\n'
        "deployments:\n"
    )
    return head + "".join(_entry(each) for each in DEPLOYMENTS)


def _entry(deployed: Deployed) -> str:
    lines = [
        f"- name: {_quoted(deployed.name)}",
        f"  entrypoint: {deployed.entrypoint}",
        f"  description: {_quoted(deployed.description)}",
        f"  tags: {_quoted(list(deployed.tags))}",
        "  parameters: {}",
        *([f"  concurrency_limit: {_quoted(asdict(deployed.concurrency))}"] if deployed.concurrency else []),
        f"  work_pool: {_quoted({'name': POOL})}",
    ]
    if deployed.tick:
        lines += [
            "  schedules:",
            f"  - slug: {deployed.tick.slug}",
            f"    cron: {_quoted(deployed.tick.cron)}",
            f"    timezone: {PARIS}",
            "    active: true",
        ]
    else:
        lines.append("  schedules: []")
    return "\n".join(lines) + "\n"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # JSON is YAML, and leaves nothing to guess about quotes


if __name__ == "__main__":
    (Path(__file__).parent.parent / "prefect.yaml").write_text(prefect_yaml(), encoding="utf-8")
