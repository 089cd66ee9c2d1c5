"""What does the programme say of letters held by a safety catch, of mail that comes back, and of what is forgotten?

The same for every campaign: `models/programme/delivery.yaml`, beside how a failing mail server is borne.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from models.rules.yaml_files import PROGRAMME, Place, read_yaml


@dataclass(frozen=True, kw_only=True)
class Catch:
    """When a pass holds its letters for somebody's release."""

    surplus_ratio: int
    least_notices: int
    late_days: int

    def why_held(self, figures: Mapping[str, int]) -> str:
        """Why a pass with these figures holds its letters, in French; empty when it does not.

        `unplanned` counts the notices that an earlier pass would have decided, had it known what is known now;
        `late_at_opening` those of steps that were past before their campaign was opened.
        """
        decided, unplanned = figures.get("decided", 0), figures.get("unplanned", 0)
        planned, late = decided - unplanned, figures.get("late_at_opening", 0)
        if unplanned >= self.least_notices and decided > self.surplus_ratio * planned:
            return f"ce passage décide {decided} avis là où {planned} étaient attendus : à relire avant l’envoi"
        if late >= self.least_notices:
            return (
                f"campagne ouverte tard : {late} avis d’étapes passées depuis plus de {self.late_days} jours, à relire "
                "avant l’envoi"
            )
        return ""


@dataclass(frozen=True, kw_only=True)
class AnswersPolicy:
    """What is thought of the mail that comes back."""

    temporary_reports: int
    quiet: timedelta
    looked_at: timedelta
    automatic_precedences: frozenset[str]
    automatic_subjects: tuple[str, ...]  # without case nor accents


@dataclass(frozen=True, kw_only=True)
class Retention:
    """When words and names are forgotten."""

    letters: timedelta
    contacts: timedelta
    answers: timedelta


@dataclass(frozen=True, kw_only=True)
class MailroomPolicy:
    catch: Catch
    answers: AnswersPolicy
    retention: Retention


@lru_cache(maxsize=1)
def load_mailroom_policy() -> MailroomPolicy:
    """The safety catches, the answers' rules and the delays of forgetting. Raises `ProgrammeRefused`."""
    place = read_yaml(PROGRAMME / "delivery.yaml")
    catch, answers, retention = (_sourced(place, name) for name in ("catch", "answers", "retention"))
    return MailroomPolicy(
        catch=Catch(
            surplus_ratio=_count(catch, "surplus_ratio"),
            least_notices=_count(catch, "least_notices"),
            late_days=_count(catch, "late_days"),
        ),
        answers=AnswersPolicy(
            temporary_reports=_count(answers, "temporary_reports"),
            quiet=_days(answers, "quiet_days"),
            looked_at=_days(answers, "days_looked_at"),
            automatic_precedences=frozenset(each.text() for each in answers.need("automatic_precedences").each()),
            automatic_subjects=tuple(each.text() for each in answers.need("automatic_subjects").each()),
        ),
        retention=Retention(
            letters=_days(retention, "letter_days"),
            contacts=_days(retention, "contact_days"),
            answers=_days(retention, "answer_days"),
        ),
    )


def _sourced(place: Place, name: str) -> Place:
    found = place.need(name)
    found.citation({})
    return found


def _count(place: Place, key: str) -> int:
    number = place.need(key)
    if number.whole() < 1:
        number.refuse(f"{number.value} is out of bounds", "give a whole number from 1 up")
    return number.whole()


def _days(place: Place, key: str) -> timedelta:
    return timedelta(days=_count(place, key))
