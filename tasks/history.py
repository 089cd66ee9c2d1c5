"""What happened to a territory, and what was it sent or not sent, with the reasons (« preuve de relance »)?"""

from datetime import datetime
from typing import Any

from models.queries import campaign_by_code, known_dossiers
from models.report_queries import events_of, gaps_of, notices_of, states_of
from models.tables import Contact, Event, Message, Notice
from models.words import NoticeStatus
from tasks.database import reading


class NoSuchTerritory(Exception):
    """The campaign has no territory with this code; says how to see those that it has."""


def history(campaign: str, territory: str, url: str | None = None) -> dict[str, Any]:
    """Everything recorded of a territory, in order of time, as plain JSON. Writes nothing.

    Each entry has `at` (ISO 8601, UTC), `kind` (change, state, notice, unreachable) and what it says.
    Raises NoSuchCampaign, NoSuchTerritory.
    """
    with reading(url) as session:
        row, _ = campaign_by_code(session, campaign)
        assert row.id is not None
        known = next((each for each in known_dossiers(session, row.id) if each.dossier.code == territory), None)
        if known is None:
            raise NoSuchTerritory(
                f"campaign {campaign} has no territory «{territory}»: see their codes with `cites status`"
            )
        entries = [
            *(_change(event) for event in events_of(session, campaign, territory)),
            *(_entry(seen.at, "state", state=seen.state) for seen in states_of(session, known.id)),
            *(_notice(*each) for each in notices_of(session, known.id)),
            *(
                _entry(
                    gap.decided_at, "unreachable", deadline=deadline, step=gap.step, role=gap.role.value, owes=gap.owes
                )
                for gap, deadline in gaps_of(session, known.id)
            ),
        ]
        return {
            "campaign": campaign,
            "territory": territory,
            "name": known.dossier.name,
            "entries": sorted(entries, key=lambda entry: entry["at"]),
        }


def _change(event: Event) -> dict[str, Any]:
    return _entry(
        event.at, "change", subject=event.subject, action=event.action, author=event.author, grounds=event.grounds,
        before=event.before, after=event.after,
    )  # fmt: skip


def _notice(notice: Notice, deadline: str, contact: Contact, message: Message | None) -> dict[str, Any]:
    sent = message.sent_at if message is not None and notice.status is NoticeStatus.SENT else None
    reason = notice.reason or (message.outcome if message is not None and notice.status is NoticeStatus.DEAD else "")
    return _entry(
        notice.decided_at,
        "notice",
        deadline=deadline,
        step=notice.step,
        role=contact.role.value,
        to=contact.email,
        status=notice.status.value,
        reason=reason,
        sent_at=_iso(sent) if sent else None,
        subject=message.subject if message is not None and sent else "",
        message_id=message.message_id if message is not None else "",
    )


def _entry(at: datetime, kind: str, **said: Any) -> dict[str, Any]:
    return {"at": _iso(at), "kind": kind, **said}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
