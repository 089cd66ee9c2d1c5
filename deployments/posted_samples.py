"""How do the letters that no obligation makes read: a région's digest, the coordination's summary, the alarm?

Their facts are invented; the templates are the engine's. The places are real.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.rules.calendar import instant
from models.rules.programme import Programme
from notifications.facts import Posted

PARIS = "Europe/Paris"
STATES = [
    {"state": "en préparation", "territories": 4},
    {"state": "transmise", "territories": 2},
    {"state": "labellisée", "territories": 1},
]
UPCOMING = [
    {
        "due": "2021-02-28",
        "deadline": "Candidature",
        "territories": ["Douai / Waziers", "Lens", "Maubeuge"],
        "owners": [{"role": "chef de file (commune ou intercommunalité)", "pieces": 9}, {"role": "DASEN", "pieces": 2}],
    }
]
NOT_SENT = [{"fate": "annulés avant leur départ", "reason": "l’obligation est satisfaite", "notices": 3}]


@dataclass(frozen=True, kw_only=True)
class PostedSample:
    """One letter posted whole: its file name, what it is for and when it leaves (French), its facts."""

    name: str
    purpose: str
    when: str
    letter: Posted
    at: datetime


def posted_samples(rules: Programme) -> tuple[PostedSample, ...]:
    """One sample of each letter that is posted whole."""
    monday, first = date(2021, 2, 22), date(2021, 2, 1)
    return (
        _sample(
            rules, "synthese-regionale", "Synthèse d’une région", "Le premier jour ouvré du mois.", first,
            role="préfet de région", letter="regional_digest", facts={
                "region": "Hauts-de-France", "day": "2021-02-01", "first": "2021-01-01", "last": "2021-01-31",
                "territories": 7, "ahead_days": 30, "states": STATES, "upcoming": UPCOMING, "late": [
                    {"territory": "Denain", "deadline": "Bilan annuel du fonds 2020", "days": 12, "due": "2021-01-20",
                     "owners": [{"role": "principal du collège tête de cité", "pieces": 2}]},
                ],
                "money": {"year": 2021, "stages": [
                    {"stage": "prévu", "state": "2 450 000 €", "local": "1 980 000 €", "words": "part locale 44,7 %"},
                    {"stage": "versé", "state": "0 €", "local": "0 €", "words": "rien n’est encore versé"},
                ]},
                "letters": 21, "notices": 34, "not_sent": NOT_SENT,
            },
        ),
        _sample(
            rules, "bilan-de-la-semaine", "Bilan de la semaine, pour la coordination", "Chaque lundi.", monday,
            role="coordination nationale", letter="weekly_summary", facts={
                "day": "2021-02-22", "first": "2021-02-15", "last": "2021-02-21", "territories": 46, "ahead_days": 14,
                "states": STATES, "upcoming": UPCOMING,
                "late_by_deadline": [
                    {"due": "2021-01-20", "deadline": "Bilan annuel du fonds 2020", "territories": ["Denain"],
                     "owners": [{"role": "principal du collège tête de cité", "pieces": 2}]},
                ],
                "new_gaps": [{"territory": "Lens", "roles": ["chef de projet opérationnel"]}],
                "old_gaps": [{"territory": "Saint-Martin", "roles": ["recteur", "DASEN"]}],
                "failing": [{"address": "mairie@denain.test", "since": "2021-02-17", "permanent": True,
                             "reason": "adresse inconnue du serveur"}],
                "held": [{"letters": 2, "since": "2021-02-19", "reason": "le fichier de campagne la retient"}],
                "letters": 38,
                "sent": [{"deadline": "Candidature", "step": "J-7", "notices": 62}], "not_sent": NOT_SENT,
            },
        ),
        _sample(
            rules, "alerte-rien-n-est-parti", "Alerte : rien n’est parti alors que des lettres étaient prévues",
            "À midi, un jour ouvré, si des lettres prévues manquent.", monday, role="coordination nationale",
            letter="alarm", facts={
                "noon": 12, "day": "2021-02-22", "letters": 38, "sent": 0,
                "overlooked": [{"deadline": "Candidature", "step": "J-7", "morning": "2021-02-22", "letters": 31,
                                "territories": 27}],
                "waiting": [{"letters": 7, "reason": "le serveur de courriel est injoignable"}],
            },
        ),
        _sample(
            rules, "alerte-passage-en-echec", "Alerte : un passage a échoué",
            "Quand un passage échoue, est interrompu ou ne commence pas ; une par déploiement et par heure au plus.",
            monday, role="coordination nationale", letter="incident", facts={
                "outcome": "failed", "deployment": "Candidature", "run": "Candidature à la date du 22/02/2021",
                "day": "2021-02-22", "clock": "8 h 04",
                "reason": "en échec : décider · région Hauts-de-France",
            },
        ),
        _sample(
            rules, "alerte-passage-en-retard", "Alerte : un passage n’a pas commencé",
            "Quand un passage attend depuis un quart d’heure ; une par déploiement et par heure au plus.",
            monday, role="coordination nationale", letter="incident", facts={
                "outcome": "late", "deployment": "Courrier", "run": "Envoi des lettres", "day": "2021-02-22",
                "clock": "8 h 31", "reason": "",
            },
        ),
    )  # fmt: skip


def _sample(
    rules: Programme, name: str, purpose: str, when: str, day: date, *, role: str, letter: str, facts: Mapping[str, Any]
) -> PostedSample:
    at = instant(day, rules.hour, PARIS)
    return PostedSample(
        name=name, purpose=purpose, when=when, at=at,
        letter=Posted(
            address=f"{letter.replace('_', '-')}@exemple.test", name=role, roles=(role,), zone=PARIS,
            campaign=rules.title, decided_at=at, letter=letter, facts=facts,
        ),
    )  # fmt: skip
