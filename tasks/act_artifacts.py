"""What does somebody who enters an act at a form read of it: what was recorded, or would be, and its effect?"""

from collections.abc import Mapping

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.queries import campaign_by_code
from models.rules.effects import Effect
from models.rules.lifecycle import FRENCH
from models.territory_queries import names_of
from notifications.french import count, typeset
from tasks.acts import ActReport
from tasks.artifacts import key, plain, table
from tasks.database import reading


@task(task_run_name="compte rendu de la saisie", cache_policy=NO_CACHE)
def report_act(campaign: str, words: str, report: ActReport, recorded: int, *, preview: bool) -> None:
    """Keep what was entered (`words`, one sentence) and its effect; `recorded`: how many rows are new."""
    with reading() as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        titles = {
            each.obligation: programme.title_of(each.obligation) for one in report.effects for each in one.due_dates
        }
        names = names_of(session, row.id) | titles
    create_markdown_artifact(
        act_report(words, report, recorded, names, preview=preview),
        key=key("saisie", campaign),
        description=f"{'Aperçu' if preview else 'Dernière saisie'} · campagne {campaign}",
    )


def act_report(words: str, report: ActReport, recorded: int, names: Mapping[str, str], *, preview: bool) -> str:
    """The Markdown of one act: done or not, warnings, then the effect for each territory.

    `names` are those of territories and obligations, by code.
    """
    if preview:
        done = "Aperçu seulement : rien n’est enregistré."
    elif recorded:
        done = f"Enregistré : {count(recorded, 'ligne nouvelle', plural='lignes nouvelles')}."
    else:
        done = "Rien de nouveau : c’était déjà enregistré."
    warnings = [(names.get(each.value, each.value), each.problem, each.cure) for each in report.intake.warnings]
    return "\n\n".join(
        (
            f"# {plain(typeset(words))}",
            typeset(f"**{done}**"),
            "## Avertissements",
            table(("Territoire", "Ce qui surprend", "Que faire"), warnings, none="Aucun."),
            "## Effet",
            table(
                ("Territoire", "Dossier", "Échéances", "Lettres annulées", "Déjà parties, d’une autre date",
                 "Lettres à venir"),
                [_effect(each, names) for each in report.effects],
                none="Aucun territoire n’est concerné.",
            ),
        )
    )  # fmt: skip


def _effect(effect: Effect, names: Mapping[str, str]) -> tuple[str, str, str, int, int, str]:
    before, after = FRENCH[effect.state_before], FRENCH[effect.state_after]
    dates = " ; ".join(
        f"{names.get(each.obligation, each.obligation)} : {f'{each.before:%d/%m/%Y}' if each.before else 'aucune'}"
        f" → {f'{each.after:%d/%m/%Y}' if each.after else 'aucune'}"
        for each in effect.due_dates
    )
    return (
        names.get(effect.territory, effect.territory),
        before if before == after else f"{before} → {after}",
        dates or "inchangées",
        effect.cancelled,
        effect.already_sent,
        f"{effect.to_come_before} → {effect.to_come_after}",
    )
