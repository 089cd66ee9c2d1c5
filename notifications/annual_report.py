"""How is a year told to the ministers: in which order, with which tables and pictures?

From the figures of `tasks.annual_report`, the blocks of one document that paper and screen share. What the Conseil
recommends is for people to write: its section is there, and empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.rules.amounts import euros
from models.rules.calendar import local
from models.rules.conventions import CODES as CONVENTIONS
from models.rules.indicators import CODES as INDICATORS
from models.rules.plan_findings import CODES as PLANS
from models.words import MessageStatus, NoticeStatus, Verdict
from notifications.documents import NARROW, Block, Box, Grid, Heading, Paper, Paragraph, amount, counted, share
from notifications.drawings import Bar, stacked
from notifications.french import MAINLAND, count, sentence, short_date
from notifications.outcomes import LETTERS, NOTICES
from notifications.pictures import rounded

STAGES = {"planned": "Prévu", "notified": "Notifié", "paid": "Versé"}
SIDES = ("État", "Collectivités", "Autres financeurs")
OUTCOMES = {
    "on_time": "À temps",
    "late": "En retard",
    "open": "Ouvertes",
    "closed": "Closes sans dossier complet",
    "not_armed": "Sans objet",
}
WATCHED = ("on_time", "late", "open")
GREEN, ORANGE, RED = "#2f6f3e", "#b45309", "#b42318"
VERDICTS = {
    Verdict.LABELLED: "cités labellisées",
    Verdict.REFUSED: "candidatures refusées",
    Verdict.DEFERRED: "candidatures ajournées",
}
FINDINGS = {
    "conventions": ("Conventions", CONVENTIONS),
    "action_plan": ("Programmes d’action", PLANS),
    "indicators": ("Indicateurs", INDICATORS),
}
MONEY_FINDINGS = {
    "fund_amount": "part du fonds différente du montant prévu",
    "fund_parity": "parts du fonds inégales",
    "fund_exceeds_grant": "fonds supérieur à la subvention",
    "paid_above_notified": "versé au-delà du notifié",
    "envelope_exceeded": "enveloppe départementale dépassée",
    "imbalance": "cofinancement au-delà de la tolérance",
    "receipt_without_funder": "recette sans financeur",
    "expense_without_axis": "dépense sans axe",
    "dated_outside_year": "opération datée hors de l’année",
    "negative_balance": "solde négatif",
}
RECOMMENDATIONS = "Recommandations du Conseil, à rédiger"


def report_paper(found: Mapping[str, Any], at: datetime) -> Paper:
    """The whole report; `at` is the instant that it is made."""
    as_of = local(datetime.fromisoformat(found["as_of"]), MAINLAND).date()
    sections: tuple[tuple[str, Iterable[Block]], ...] = (
        ("L’année en bref", _in_brief(found)),
        ("Les territoires", _territories(found["territories"])),
        ("Les échéances de l’année", _deadlines(found["deadlines"])),
        ("Décisions, prorogations, désistements", _acts(found["acts"])),
        ("Les lettres", _letters(found["letters"])),
        ("Le cofinancement", _cofinancing(found["cofinancing"], found["year"])),
        ("Les fonds des cités éducatives", _funds(found["fund"], found["year"])),
        ("Les indicateurs", _indicators(found["indicators"], found["year"])),
        ("Points à regarder", _findings(found["findings"])),
        (RECOMMENDATIONS, (Box(label="", lines=14),)),
        ("Hypothèses dont dépendent ces chiffres", _assumptions(found["assumptions"])),
    )
    blocks: list[Block] = [
        Paragraph(
            text="Ce rapport rassemble ce qui est enregistré de la campagne. Les états, les échéances et les "
            f"conventions y sont ceux du {short_date(as_of)} ; les montants et les mesures, ceux qui étaient "
            f"inscrits pour {found['year']} le {short_date(local(at, MAINLAND).date())}, jour où il est établi."
        )
    ]  # fmt: skip
    for number, (title, section) in enumerate(sections, start=1):
        blocks += [Heading(text=f"{number}. {title}"), *section]
    return Paper(
        title=f"Cités éducatives · rapport annuel {found['year']}",
        subtitle=f"{found['title']} · au Conseil national d’orientation et d’évaluation, pour les ministres",
        footer=f"Cités éducatives, rapport annuel {found['year']}",
        blocks=tuple(blocks),
        made_at=at,
    )


def _in_brief(found: Mapping[str, Any]) -> Iterable[Block]:
    labelled = found["acts"]["decisions"][Verdict.LABELLED.value]
    nation, fund, whole = found["cofinancing"]["nation"]["planned"], found["fund"], found["indicators"]["whole"]
    met = sum(each["on_time"] for each in found["deadlines"])
    concerned = sum(each[name] for each in found["deadlines"] for name in WATCHED)
    said = [
        f"Territoires suivis : {found['territories']['count']} ; labels donnés dans l’année : {labelled}.",
        f"Obligations venues à échéance : {concerned}, dont {met} tenues à temps.",
        f"Au stade prévu, {euros(nation['state'])} de l’État et {euros(nation['local'])} des collectivités"
        + (f", soit une part locale de {share(nation['local_share'])}." if nation["local_share"] is not None else "."),
        f"Fonds, {count(fund['accounts'], 'compte')} : {euros(fund['received'])} reçus, "
        f"{euros(fund['spent'])} dépensés.",
        f"Indicateurs déclarés : {whole['declared']}, dont {whole['measured']} mesurés dans l’année et "
        f"{whole['reached']} à leur cible.",
    ]
    yield counted(said, "")


def _territories(found: Mapping[str, Any]) -> Iterable[Block]:
    states = found["states"]
    if not states:
        yield Paragraph(text="La campagne n’a pas encore de territoire.")
        return
    yield stacked(
        "Territoires par état",
        ("territoires",),
        [Bar(name=each["title"], values=(each["territories"],)) for each in states],
    )
    titles = {each["state"]: each["title"] for each in states}
    yield Grid(
        headers=("Région", "Territoires", "Dont"),
        rows=tuple(
            (region["name"], str(region["territories"]),
             ", ".join(f"{number} {titles[name]}" for name, number in region["states"].items()))
            for region in found["regions"]
        ),
        widths=(5, 3, 9),
        to_the_right=frozenset({1}),
    )  # fmt: skip


def _deadlines(found: Sequence[Mapping[str, Any]]) -> Iterable[Block]:
    if not found:
        yield Paragraph(text="Aucune échéance ne tombait dans l’année.")
        return
    yield stacked(
        "Échéances de l’année",
        [OUTCOMES[name] for name in WATCHED],
        [Bar(name=each["title"], values=tuple(each[name] for name in WATCHED)) for each in found],
        colours=(GREEN, ORANGE, RED),
    )
    yield Grid(
        headers=("Échéance", *OUTCOMES.values()),
        rows=tuple((each["title"], *(str(each[name]) for name in OUTCOMES)) for each in found),
        widths=(5, 2, 2, 2, 3, 2),
        to_the_right=frozenset(range(1, len(OUTCOMES) + 1)),
    )
    yield Paragraph(
        text="À temps : complète à la fin du jour d’échéance et restée complète. En retard : complétée, ou complétée "
        "de nouveau, après ce jour. Ouverte : incomplète. Close : candidature décidée ou territoire désisté sans "
        "dossier complet. Sans objet : l’échéance ne court pas pour ce territoire, faute de label par exemple.",
        quiet=True,
    )


def _acts(found: Mapping[str, Any]) -> Iterable[Block]:
    extensions = sum(found["extensions"].values())
    rows = [
        *((words.capitalize(), found["decisions"][verdict.value]) for verdict, words in VERDICTS.items()),
        ("Prorogations accordées", extensions),
        ("Désistements", found["withdrawals"]),
        ("Conventions signées", found["conventions_signed"]),
    ]
    yield Grid(
        headers=("Acte", "Nombre"),
        rows=tuple((words, str(number)) for words, number in rows),
        widths=(6, 1),
        to_the_right=frozenset({1}),
    )


def _letters(found: Mapping[str, Any]) -> Iterable[Block]:
    notices = found["notices"]
    if not notices and not found["letters"]:
        yield Paragraph(text="Aucune lettre n’a été décidée dans l’année.")
    else:
        yield Grid(
            headers=("Lettres", "Nombre"),
            rows=tuple(
                (LETTERS[MessageStatus(status)].capitalize(), str(number))
                for status, number in found["letters"].items()
            ) or (("Aucune", "0"),),
            widths=(6, 1),
            to_the_right=frozenset({1}),
        )  # fmt: skip
        sent = notices.get(NoticeStatus.SENT.value, 0) + notices.get(NoticeStatus.DECIDED.value, 0)
        yield Paragraph(
            text=f"Une lettre rassemble les avis d’un même destinataire. Avis envoyés ou à envoyer : {sent}. Les "
            "autres ne sont pas partis, pour les raisons que voici."
        )
        yield Grid(
            headers=("Avis non envoyés", "Nombre"),
            rows=tuple(
                (_why(each["status"], each["reason"]), str(each["notices"])) for each in found["not_sent"]
            ) or (("Aucun", "0"),),
            widths=(6, 1),
            to_the_right=frozenset({1}),
        )  # fmt: skip
    gaps = found["nobody_to_write_to"]
    yield Paragraph(
        text=f"{count(gaps, 'fois', plural='fois')}, un rôle à qui écrire n’avait aucun contact."
        if gaps
        else "Chaque rôle à qui écrire avait un contact."
    )


def _why(status: str, reason: str) -> str:
    words = NOTICES[NoticeStatus(status)]
    return sentence(f"{words} : {reason}" if reason else words)


def _cofinancing(found: Mapping[str, Any], year: int) -> Iterable[Block]:
    nation = found["nation"]
    yield stacked(
        f"Cofinancement {year}",
        SIDES,
        [
            Bar(name=words, values=tuple(nation[stage][name] for name in ("state", "local", "other")))
            for stage, words in STAGES.items()
        ],
        rounded,
    )
    yield Grid(
        headers=("Ensemble", *SIDES, "Écart", "Part locale", "Effet de levier"),
        rows=tuple(
            (
                words,
                *(euros(nation[stage][name]) for name in ("state", "local", "other", "gap")),
                share(nation[stage]["local_share"]) or "—",
                share(nation[stage]["leverage"]) or "—",
            )
            for stage, words in STAGES.items()
        ),
        widths=(5, 6, 6, 6, 5, 4, 4),
        to_the_right=frozenset(range(1, 7)),
    )
    yield Grid(
        headers=("Apports comptés à part", "Valorisation", "Droit commun"),
        rows=tuple(
            (words, amount(nation[stage]["in_kind"]), amount(nation[stage]["common_law"]))
            for stage, words in STAGES.items()
        ),
        widths=(4, 3, 3),
        to_the_right=frozenset({1, 2}),
    )
    yield Heading(text="Par région, en milliers d’euros", level=2)
    yield Grid(
        headers=("Région", *(f"{side}, {words.lower()}" for words in STAGES.values() for side in ("État", "Local"))),
        rows=tuple(
            (row["name"], *(_thousands(row[stage][name]) for stage in STAGES for name in ("state", "local")))
            for row in found["regions"]
        ),
        widths=(8, 4, 4, 4, 4, 4, 4),
        to_the_right=frozenset(range(1, 7)),
    )
    yield Heading(text="À regarder, au stade prévu", level=2)
    yield _counts(found["findings"], MONEY_FINDINGS)


def _thousands(cents: int) -> str:
    """« 2 193,7 »: thousands of euros, as a column of a report shows them."""
    return f"{Decimal(cents).scaleb(-5):,.1f}".replace(",", NARROW).replace(".", ",")


def _funds(found: Mapping[str, Any], year: int) -> Iterable[Block]:
    if not found["accounts"]:
        yield Paragraph(text=f"Aucun compte de fonds n’est inscrit pour {year}.")
    else:
        yield Grid(
            headers=(count(found["accounts"], "compte") + f" de {year}", "Montant"),
            rows=tuple(
                (words, amount(found[name]))
                for name, words in (
                    ("opening", "Soldes au 1er janvier"),
                    ("received", "Recettes"),
                    ("spent", "Dépenses"),
                    ("closing", "Soldes au 31 décembre"),
                    ("meets_both", "Dépenses réunissant plusieurs établissements et un partenaire extérieur"),
                )
            ),
            widths=(6, 2),
            to_the_right=frozenset({1}),
            bold=frozenset({3}),
        )
        if found["share_meeting_both"] is not None:
            yield Paragraph(
                text=f"{share(found['share_meeting_both'])} des dépenses réunissent les deux priorités du fonds."
            )
        yield _counts(found["findings"], MONEY_FINDINGS)
    if found["refused"]:
        yield Paragraph(
            text=f"Comptes qui ne s’enchaînent pas d’une année à l’autre, non comptés : {', '.join(found['refused'])}."
        )


def _indicators(found: Mapping[str, Any], year: int) -> Iterable[Block]:
    rows = [found["whole"], *found["kinds"], *found["topics"]]
    yield Grid(
        headers=("Indicateurs", "Déclarés", f"Mesurés en {year}", "Comparables à leur cible", "Cible atteinte"),
        rows=tuple(
            (sentence(each["title"]),
             *(str(each[name]) for name in ("declared", "measured", "comparable", "reached")))
            for each in rows
        ),
        widths=(6, 2, 2, 3, 2),
        to_the_right=frozenset(range(1, 5)),
        bold=frozenset({0}),
    )  # fmt: skip
    yield Paragraph(
        text=f"Territoires qui en déclarent : {found['territories']} ; cités qui n’en déclarent aucun : "
        f"{found['without']}. Un indicateur se compare à sa cible quand sa référence, sa cible et une mesure sont "
        "connues ; une évolution n’est pas jugée.",
        quiet=True,
    )


def _findings(found: Mapping[str, Mapping[str, int]]) -> Iterable[Block]:
    for topic, (heading, titles) in FINDINGS.items():
        yield Heading(text=heading, level=2)
        yield _counts(found[topic], titles)


def _counts(counts: Mapping[str, int], titles: Mapping[str, str]) -> Block:
    if not counts:
        return Paragraph(text="Rien à signaler.")
    return Grid(
        headers=("Constat", "Nombre"),
        rows=tuple((sentence(titles.get(code, code)), str(number)) for code, number in counts.items()),
        widths=(6, 1),
        to_the_right=frozenset({1}),
    )


def _assumptions(assumptions: Sequence[str]) -> Iterable[Block]:
    yield Paragraph(text="Le texte du programme ne dit pas tout ; les règles du moteur supposent ce qui suit.")
    yield counted([f"{sentence(each)}." for each in assumptions], "Aucune.")
