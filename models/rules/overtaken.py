"""Which letters that still wait are not true any more, and why?"""

from collections.abc import Collection, Sequence
from datetime import datetime

from models.rules.announcements import decision_name
from models.rules.calendar import local
from models.rules.completeness import findings, is_satisfied
from models.rules.dossier import Dossier, candidature_is_decided, has_withdrawn, standing_decision, terms
from models.rules.event_letters import DECISION, EXTENSION, RECEIPT
from models.rules.notices import Key, Recipient, Round
from models.rules.programme import Programme
from models.rules.reminders import due


def no_longer_due(
    programme: Programme,
    dossier: Dossier,
    obligation: str,
    recipients: Sequence[Recipient],
    recorded: Collection[Key],
    waiting: Collection[Key],
    at: datetime,
) -> dict[Key, str]:
    """Of the notices whose letter still waits, those that are not true any more at `at`, and why (in French)."""
    others = set(recorded) - set(waiting)
    now = due(programme, dossier, obligation, recipients, others, at, at_any_hour=True)
    true = {notice.key for notice in now.due}
    return {key: _why_not(programme, dossier, obligation, key, now, at) for key in waiting if key not in true}


def _why_not(programme: Programme, dossier: Dossier, obligation: str, key: Key, now: Round, at: datetime) -> str:
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    if has_withdrawn(dossier, day):
        return "le territoire s’est désisté"
    if key.step == DECISION:
        last = standing_decision(dossier, day)
        if last is None or decision_name(last) != key.occasion:
            return "une autre décision la remplace"
    elif obligation == "candidature" and candidature_is_decided(dossier, day):
        return "la candidature est décidée"
    present = [each for each in terms(programme, dossier, obligation, day) if each.armed_on is not None]
    if not present and key.step != DECISION:
        return "la décision qui faisait naître l’obligation ne tient plus"
    if present and not key.occasion and all(each.due != key.due for each in present):
        return "l’échéance a été déplacée"
    if key.step == EXTENSION and not any(key.occasion.endswith(each.due.isoformat()) for each in present):
        return "une autre date la remplace"
    if any(notice.key == key for notice in now.missed):
        return "le délai de grâce est passé"
    if any(notice.key == key for notice in now.superseded):
        return "une étape plus récente la remplace"
    satisfied = is_satisfied(findings(programme, dossier, obligation, at))
    if key.step == RECEIPT and not satisfied:
        return "l’obligation n’est plus satisfaite"
    if key.step not in (RECEIPT, DECISION) and satisfied:
        return "l’obligation est satisfaite"
    return "le délai de grâce est passé, ou le destinataire n’est plus concerné"
