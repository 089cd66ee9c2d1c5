"""What happened to a territory, and what was it sent or not sent, with the reasons (« preuve de relance »)?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.event_tables import Event
from models.history_queries import answers_of, digests_about, events_about, head_or_first
from models.queries import KnownDossier, campaign_by_code, covering, known_dossiers, perimeter_key
from models.report_queries import gaps_of, notices_of, states_of
from models.rules.calendar import local
from models.rules.digests import load_digests
from models.rules.dossier import Dossier
from models.rules.lifecycle import FRENCH, State
from models.rules.programme import Programme
from models.tables import Contact, Message, Notice
from models.territory_queries import NoSuchTerritory
from models.words import IncomingKind, MessageStatus, NoticeStatus, Role
from notifications.changes import heading, sentence_of
from notifications.french import sentence, short_date, time_of_day
from tasks.database import reading
from tasks.steps import obligation_words, step_words

ANSWERS = {
    IncomingKind.REPORT: "le serveur du destinataire signale que la lettre n’est pas arrivée",
    IncomingKind.AUTOMATIC: "réponse automatique",
    IncomingKind.ANSWER: "réponse reçue",
    IncomingKind.PROPOSAL: "réponse reçue, avec un tableau",
}
DIGEST = {
    MessageStatus.WAITING: "lettre à envoyer",
    MessageStatus.SENDING: "lettre en cours d’envoi",
    MessageStatus.DEAD: "lettre refusée par le serveur de courriel",
    MessageStatus.CANCELLED: "lettre annulée avant son départ",
}
NOT_SENT = {
    NoticeStatus.DECIDED: "à envoyer",
    NoticeStatus.SUPERSEDED: "non envoyée, dépassée par une étape suivante",
    NoticeStatus.MISSED: "non envoyée, trop tard pour partir",
    NoticeStatus.CANCELLED: "annulée avant son départ",
    NoticeStatus.DEAD: "refusée par le serveur de courriel",
}


def history(campaign: str, territory: str, url: str | None = None) -> dict[str, Any]:
    """Everything recorded of a territory, in order of time, as plain JSON. Writes nothing.

    Each entry has `at` (ISO 8601, UTC), `local` (the same on the territory's clock), `kind` (change, state, notice,
    digest, answer, unreachable), `words` (in French, without any address) and what else is known of it. `record` is the
    fingerprint that `cites verify --holds` checks. Raises NoSuchCampaign, NoSuchTerritory.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        known = next((each for each in known_dossiers(session, row.id) if each.dossier.code == territory), None)
        if known is None:
            raise NoSuchTerritory(campaign, territory)
        zone = programme.calendar.zone(known.dossier.departement)
        entries = sorted(_entries(session, row.id, programme, known, zone), key=lambda entry: str(entry["at"]))
        head = head_or_first(session)
    for entry in entries:
        entry["local"] = local(datetime.fromisoformat(entry["at"]), zone).isoformat(timespec="seconds")
    return {
        "campaign": campaign,
        "title": programme.title,
        "territory": territory,
        "name": known.dossier.name,
        "departement": programme.calendar.departement_name(known.dossier.departement),
        "zone": zone,
        "record": {"events": head.events, "hash": head.hash},
        "entries": entries,
    }


def _entries(
    session: Session, campaign_id: int, programme: Programme, known: KnownDossier, zone: str
) -> Iterator[dict[str, Any]]:
    for event in events_about(session, programme.code, known.dossier.code):
        if _concerns(programme, known.dossier, event):
            yield _change(programme, zone, event)
    for seen in states_of(session, known.id):
        yield _entry(seen.at, "state", words=f"État du dossier : {FRENCH[State(seen.state)]}", state=seen.state)
    for notice, deadline, contact, message in notices_of(session, known.id):
        yield _notice(programme, zone, notice, deadline, contact, message)
    regional = load_digests(programme.edition).regional.letter
    for message in digests_about(session, campaign_id, regional, known.dossier.departement):
        yield _digest(programme, zone, message)
    for answer, deadline, role in answers_of(session, known.id):
        words = f"{sentence(ANSWERS[answer.kind])} ({programme.roles[role]}, {obligation_words(programme, deadline)})"
        yield _entry(answer.read_at, "answer", words=words, deadline=deadline, role=role.value, what=answer.kind.value)
    for gap, deadline in gaps_of(session, known.id):
        yield _entry(
            gap.decided_at, "unreachable", deadline=deadline,
            deadline_title=obligation_words(programme, deadline), due=gap.due.isoformat(), step=gap.step,
            role=gap.role.value, owes=gap.owes,
            words=f"{_letter(programme, deadline, gap.step)} : aucun contact pour "
                  f"{programme.roles[gap.role]}, {'qui doit une pièce' if gap.owes else 'pour information'}",
        )  # fmt: skip


def _concerns(programme: Programme, dossier: Dossier, event: Event) -> bool:
    """An event of the whole campaign concerns a territory unless its perimeter or département is another's."""
    values = event.after or event.before or {}
    if event.territory:
        return True
    if "perimeter" in values:
        return perimeter_key(values["perimeter"]) in covering(programme.calendar, dossier)
    return bool(values.get("departement", dossier.departement) == dossier.departement)


def _change(programme: Programme, zone: str, event: Event) -> dict[str, Any]:
    told = sentence_of(programme, zone, event.subject, event.before, event.after)
    return _entry(
        event.at, "change", subject=event.subject, action=event.action, author=event.author, grounds=event.grounds,
        before=event.before, after=event.after, title=heading(event.subject, event.action), words=told,
    )  # fmt: skip


def _notice(
    programme: Programme, zone: str, notice: Notice, deadline: str, contact: Contact, message: Message | None
) -> dict[str, Any]:
    sent = message.sent_at if message is not None and notice.status is NoticeStatus.SENT else None
    reason = notice.reason or (message.outcome if message is not None and notice.status is NoticeStatus.DEAD else "")
    if message is not None and message.held and message.released_at is None and notice.status is NoticeStatus.DECIDED:
        reason = message.held
    return _entry(
        notice.decided_at,
        "notice",
        deadline=deadline,
        deadline_title=obligation_words(programme, deadline),
        due=notice.due.isoformat(),
        step=notice.step,
        role=contact.role.value,
        to=contact.email,
        status=notice.status.value,
        reason=reason,
        sent_at=_iso(sent) if sent else None,
        sent_local=local(sent, zone).isoformat(timespec="seconds") if sent else None,
        subject=message.subject if message is not None and sent else "",
        message_id=message.message_id if message is not None else "",
        body_hash=message.body_hash if message is not None and sent else "",
        words=f"{_letter(programme, deadline, notice.step)}{_due(notice)} : {programme.roles[contact.role]}, "
        f"{_outcome(notice, message, sent, zone)}",
    )


def _digest(programme: Programme, zone: str, message: Message) -> dict[str, Any]:
    """A digest of the territory's région, which speaks of it among others."""
    roles = [programme.roles[Role(each)] for each in message.facts.get("roles", ())]
    fate = f"lettre envoyée{_moment(message.sent_at, zone)}" if message.sent_at else DIGEST[message.status]
    return _entry(
        message.decided_at, "digest", letter=message.letter, roles=list(message.facts.get("roles", ())),
        to=message.address, status=message.status.value, reason=message.outcome if not message.sent_at else "",
        sent_at=_iso(message.sent_at) if message.sent_at else None, subject=message.subject,
        message_id=message.message_id, body_hash=message.body_hash,
        words=f"Synthèse de la région : {', '.join(roles)}, {fate}",
    )  # fmt: skip


def _letter(programme: Programme, deadline: str, step: str) -> str:
    return f"{obligation_words(programme, deadline)}, {step_words(step)}"


def _due(notice: Notice) -> str:
    return "" if notice.occasion else f" (échéance du {short_date(notice.due)})"


def _outcome(notice: Notice, message: Message | None, sent: datetime | None, zone: str) -> str:
    if sent:
        return f"lettre envoyée{_moment(sent, zone)}"
    if notice.status is NoticeStatus.SENT:
        return "lettre envoyée"
    if message is not None and message.status is MessageStatus.WAITING and message.held and not message.released_at:
        return "lettre retenue, à libérer par quelqu’un"
    return f"lettre {NOT_SENT[notice.status]}"


def _moment(at: datetime, zone: str) -> str:
    here = local(at, zone)
    return f" le {short_date(here.date())} à {time_of_day(here)}"


def _entry(at: datetime, kind: str, **said: Any) -> dict[str, Any]:
    return {"at": _iso(at), "kind": kind, **said}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
