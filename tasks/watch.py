"""Did what was due this morning leave, and who hears that it did not?

A look of its own, that no pass has a part in: the rules say what should have left, the records whether it did. The
coordination hears of it once a day, by a letter posted whole; the run that found it fails, and says so where the letter
itself cannot leave.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.notice_queries import recorded_notices
from models.queries import Directory, campaign_by_code, known_dossiers
from models.rules.calendar import instant, local
from models.rules.digests import load_digests
from models.rules.notices import Notice
from models.rules.programme import Programme
from models.rules.watch import overdue_from, overlooked
from models.tables import Campaign
from models.territory_queries import dossiers_asked
from models.watch_queries import WaitingLetter, letters_not_left, letters_sent_between, pauses_at, people_of
from notifications.french import count, short_date
from tasks.artifacts import key, table, without_addresses
from tasks.database import reading, transaction
from tasks.posting import ToPost, letters_to, post_all, readers_of
from tasks.steps import obligation_words, step_words


class NothingLeft(Exception):
    """Letters that were due by noon have not left: says how many, of which campaign, and what to do."""


@dataclass(frozen=True, kw_only=True)
class _Overlooked:
    """Notices of one step due on one morning that nothing records."""

    obligation: str
    step: str
    morning: date  # on the recipients' calendars
    territories: int
    readers: frozenset[str]


@task(task_run_name="veille · {campaign}", cache_policy=NO_CACHE)
def watch(campaign: str, at: datetime) -> dict[str, Any]:
    """What should have left by now and has not; {} when all is well, or letters are held back on purpose.

    Otherwise the facts of the alarm, which is posted to the coordination, once a day: `letters` that did not leave,
    `sent` those that did since that morning, `overlooked` (nothing was decided), `waiting` (decided, and still here),
    `posted` the new letters of alarm.
    """
    with reading() as session:
        row, programme = campaign_by_code(session, campaign)
        found = _look(session, row, programme, at)
        letters = _letters(session, row, programme, found) if found else []
    if not found:
        return {}
    with transaction() as session:
        row, _ = campaign_by_code(session, campaign)
        return {**found, "posted": post_all(session, row, letters, deadline="watch", at=at)}


@task(task_run_name="alarme · {campaign}", cache_policy=NO_CACHE)
def sound(campaign: str, found: Mapping[str, Any]) -> None:
    """Keep the alarm as a report, and fail. Raises `NothingLeft`."""
    create_markdown_artifact(alarm_report(found), key=key("veille", campaign), description=f"Veille · {campaign}")
    raise NothingLeft(sentence(campaign, found))


def sentence(campaign: str, found: Mapping[str, Any]) -> str:
    """The alarm in one sentence, for those who keep the engine running."""
    server = next((each["reason"] for each in found["waiting"] if each["reason"]), "")
    cure = (
        f"the mail server fails ({without_addresses(server)}): mend it, then `cites deliver`"
        if server
        else "see that the engine runs (`cites up`), then `cites run` each deadline and `cites deliver`"
    )
    return f"campaign {campaign}: {found['letters']} letters due by noon have not left ({found['sent']} have): {cure}"


def alarm_report(found: Mapping[str, Any]) -> str:
    """The Markdown of an alarm."""
    others = count(found["sent"], "autre est partie", plural="autres sont parties")
    left = others if found["sent"] else "aucune autre n’est partie"
    return "\n\n".join(
        (
            "# Des lettres prévues ne sont pas parties",
            f"{count(found['letters'], 'lettre prévue n’est pas partie', plural='lettres prévues ne sont pas parties')}"
            f" ; {left} depuis le même matin.",
            "Rien n’est perdu : une fois la panne réparée, chaque destinataire recevra une seule lettre, avec le vrai "
            "délai. Le message d’état de ce passage dit le remède.",
            "## Jamais décidées",
            table(
                ("Échéance", "Étape", "Pour le", "Territoires", "Lettres"),
                [
                    (
                        each["deadline"],
                        each["step"],
                        short_date(date.fromisoformat(each["morning"])),
                        each["territories"],
                        each["letters"],
                    )
                    for each in found["overlooked"]
                ],
                none="Aucune : tout ce qui était dû a été décidé.",
            ),
            "## Décidées, et encore là",
            table(
                ("Pourquoi", "Lettres"),
                [
                    (without_addresses(each["reason"]) or "jamais présentées au serveur", each["letters"])
                    for each in found["waiting"]
                ],
                none="Aucune : tout ce qui était décidé est parti.",
            ),
        )
    )


def _look(session: Session, campaign: Campaign, programme: Programme, at: datetime) -> dict[str, Any]:
    assert campaign.id is not None
    pauses = pauses_at(session, campaign.id, at)
    if pauses.get((None, None)) or pauses.get((campaign.id, None)):
        return {}
    held = {territory for (_, territory), holds in pauses.items() if territory is not None and holds}
    noon = load_digests(programme.edition).alarm.hour
    undecided = _undecided(session, campaign, programme, at, noon, held)
    waiting = _overdue(letters_not_left(session, campaign.id, at), programme, at, noon, held)
    mornings = [instant(each.morning, 0, programme.calendar.national_zone) for each in undecided]
    since = min([*mornings, *(each.decided_at for each in waiting)], default=at)
    sent = letters_sent_between(session, campaign.id, since, at)
    server_fails = any(each.attempts == 0 for each in waiting) or not sent  # else it is the weather of a few addresses
    stuck: dict[str, int] = defaultdict(int)
    for each in waiting if server_fails else ():
        stuck[each.outcome] += 1
    if not undecided and not stuck:
        return {}
    never = {(each.morning, reader) for each in undecided for reader in each.readers}
    zone = programme.calendar.national_zone
    return {
        "day": local(at, zone).date().isoformat(),
        "noon": noon,
        "letters": len(never) + sum(stuck.values()),
        "sent": sent,
        "overlooked": [
            {
                "deadline": obligation_words(programme, each.obligation),
                "step": step_words(each.step),
                "morning": each.morning.isoformat(),
                "territories": each.territories,
                "letters": len(each.readers),
            }
            for each in undecided
        ],
        "waiting": [{"reason": reason, "letters": number} for reason, number in sorted(stuck.items())],
    }


def _undecided(
    session: Session, campaign: Campaign, programme: Programme, at: datetime, noon: int, held: set[int]
) -> list[_Overlooked]:
    assert campaign.id is not None
    directory, people = Directory(session, campaign.id, programme), people_of(session, campaign.id)
    recorded = recorded_notices(session, campaign.id).keys
    grouped: dict[tuple[date, str, str], list[tuple[str, Notice]]] = defaultdict(list)
    for known in known_dossiers(session, campaign.id):
        if known.id in held:
            continue
        keys = {name: recorded.get(number, set()) for name, number in known.obligations.items()}
        missed = overlooked(
            programme, known.dossier, directory.recipients(known.dossier), keys, at=at, noon=noon,
            since=campaign.opened_at,
        )  # fmt: skip
        for morning, notice in missed:
            grouped[morning.date(), notice.obligation, notice.key.step].append((known.dossier.code, notice))
    return [
        _Overlooked(
            obligation=obligation,
            step=step,
            morning=morning,
            territories=len({code for code, _ in notices}),
            readers=frozenset(people[notice.key.contact].key for _, notice in notices),
        )
        for (morning, obligation, step), notices in sorted(grouped.items())
    ]


def _overdue(
    letters: Sequence[WaitingLetter], programme: Programme, at: datetime, noon: int, held: set[int]
) -> list[WaitingLetter]:
    return [
        each
        for each in letters
        if not held & set(each.territories)
        and overdue_from(
            programme, decided_at=each.decided_at, zone=each.zone, departements=each.departements, noon=noon
        )
        <= at
    ]


def _letters(session: Session, campaign: Campaign, programme: Programme, found: Mapping[str, Any]) -> list[ToPost]:
    assert campaign.id is not None
    said = load_digests(programme.edition)
    directory, people = Directory(session, campaign.id, programme), people_of(session, campaign.id)
    return letters_to(
        readers_of(directory, people, dossiers_asked(session, campaign.id, campaign.code), said.alarm.to),
        said.alarm.letter,
        found,
        occasion=f"{campaign.code}:{found['day']}",
        departements=(said.seat,),
    )
