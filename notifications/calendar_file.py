"""How does a due date enter somebody's calendar, move there, and leave it when it falls?

One all-day event an obligation, under a UID that no letter, date or database changes. A date that moves is the same
event with a greater SEQUENCE; an obligation that falls is the same event, cancelled. Nothing asks for an answer: the
files are published (METHOD:PUBLISH), never invitations, and name no reader.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, vCalAddress, vText

from models.rules.due_days import Standing
from notifications import french
from notifications.facts import Section
from notifications.mail import Attachment

PRODUCT = "-//Cités éducatives//Échéances//FR"
OWNER = "Coordination des Cités éducatives"
FILE = "echeances.ics"
KIND = "text/calendar; charset=utf-8"  # no method here: a mail that bears one is taken for a meeting, its words hidden
REFRESH = timedelta(hours=12)
FALLEN = {
    Standing.SATISFIED: "satisfaite",
    Standing.DECIDED: "candidature décidée",
    Standing.WITHDRAWN: "désistement",
    Standing.VOID: "sans objet",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One event: a whole day if `start` is one, else from one instant to the other; no `end`: the day itself."""

    uid: str
    start: date | datetime
    end: date | datetime | None = None
    summary: str
    description: str
    categories: tuple[str, ...] = ()
    sequence: int = 0
    cancelled: bool = False
    modified: datetime | None = None  # when what it says was last changed; None: when the file was written


def uid_of(campaign: str, territory: str, obligation: str, watched: date | None) -> str:
    """The UID of an obligation's event, the same in every database: a UUID made of their codes (RFC 7986, 5.3)."""
    name = "/".join(filter(None, (campaign, territory, obligation, watched.isoformat() if watched else "")))
    return str(uuid5(NAMESPACE_URL, f"cites-educatives:{name}"))


def attachment(sections: Iterable[Section], *, at: datetime, organizer: str) -> tuple[Attachment, ...]:
    """The calendar file of a letter: an event for each obligation that it tells; nothing for none."""
    entries = entries_of(sections)
    if not entries:
        return ()
    method = "CANCEL" if all(each.cancelled for each in entries) else "PUBLISH"
    content = calendar_file(entries, at=at, organizer=organizer, method=method)
    return (Attachment(name=FILE, kind=KIND, content=content),)


def feed(sections: Iterable[Section], *, at: datetime, organizer: str, title: str) -> bytes:
    """The file that a reader's calendar subscribes to: the same events, byte for byte until something changes."""
    return calendar_file(entries_of(sections), at=at, organizer=organizer, title=title)


def entries_of(sections: Iterable[Section]) -> tuple[Entry, ...]:
    """One event for each obligation of these sections, the latest word on it; by day, then by words."""
    latest: dict[str, tuple[int, Section]] = {}
    for section in sections:
        if section.agenda:
            uid, sequence = section.agenda["uid"], section.agenda["sequence"]
            if uid not in latest or latest[uid][0] <= sequence:
                latest[uid] = sequence, section
    entries = [_entry(section) for _, section in latest.values()]
    return tuple(sorted(entries, key=lambda entry: (entry.start, entry.summary, entry.uid)))


def calendar_file(
    entries: Sequence[Entry], *, at: datetime, organizer: str = "", method: str = "", title: str = ""
) -> bytes:
    """An iCalendar stream (RFC 5545) of these events.

    With a `method` it is one message, written at `at`; without, a file that is published under `title`, whose events
    bear the instant of their last change. `organizer` is the address of the coordination.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if title:
        title = french.one_line(title)
        calendar.add("name", title)
        calendar.add("x-wr-calname", title)  # the same, for those that came before RFC 7986
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vText("PT12H"))
    for entry in entries:
        calendar.add_component(_event(entry, at=at, organizer=organizer, message=bool(method)))
    return bytes(calendar.to_ical())


def _event(entry: Entry, *, at: datetime, organizer: str, message: bool) -> Event:
    modified = (entry.modified or at).astimezone(UTC)
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", at.astimezone(UTC) if message else modified)
    event.add("last-modified", modified)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("dtstart", _moment(entry.start))
    event.add("dtend", _moment(entry.end or entry.start + timedelta(days=1)))
    event.add("summary", french.one_line(entry.summary))
    event.add("description", entry.description)
    if entry.categories:
        event.add("categories", [french.one_line(each) for each in entry.categories])
    if organizer:
        owner = vCalAddress(f"mailto:{parseaddr(organizer)[1]}")
        owner.params["CN"] = vText(OWNER)
        event.add("organizer", owner)
    event.add("class", "PUBLIC")
    event.add("transp", "TRANSPARENT")  # a due day takes nobody's time
    if not isinstance(entry.start, datetime):
        event.add("x-microsoft-cdo-alldayevent", "TRUE")
        event.add("x-microsoft-cdo-busystatus", "FREE")
    return event


def _moment(when: date | datetime) -> date | datetime:
    return when.astimezone(UTC) if isinstance(when, datetime) else when  # UTC: no VTIMEZONE to carry


def _entry(section: Section) -> Entry:
    standing = Standing(section.agenda["standing"])
    title, place = french.one_line(section.deadline_title), french.one_line(section.territory_name)
    fallen = standing is not Standing.AWAITED
    ending = f" ({FALLEN[standing]})" if fallen else ""
    return Entry(
        uid=section.agenda["uid"],
        start=date.fromisoformat(section.agenda["due"]),
        summary=french.typeset(f"{place} : échéance « {title} »{ending}"),
        description=french.typeset(_fallen(standing) if fallen else _awaited(section)),
        categories=("Cités éducatives", title),
        sequence=section.agenda["sequence"],
        cancelled=fallen,
        modified=datetime.fromisoformat(section.agenda["modified"]),
    )


def _fallen(standing: Standing) -> str:
    reasons = {
        Standing.SATISFIED: "Cette échéance est satisfaite : rien n’est plus attendu, ce rendez-vous est annulé.",
        Standing.DECIDED: "La candidature est décidée : cette échéance ne court plus, ce rendez-vous est annulé.",
        Standing.WITHDRAWN: "Le territoire s’est désisté : cette échéance ne court plus, ce rendez-vous est annulé.",
        Standing.VOID: "Cette échéance n’a plus d’objet : ce rendez-vous est annulé.",
    }
    return reasons[standing]


def _awaited(section: Section) -> str:
    clock = french.clock(section.agenda["zone"])
    lines = [f"Dernier jour : le {french.long_date(date.fromisoformat(section.agenda['due']))} inclus"
             + (f" (heure {clock})." if clock else ".")]  # fmt: skip
    if section.owes:
        number = "une pièce" if len(section.owes) == 1 else french.count(len(section.owes), "pièce")
        lines += ["", f"Attendu de vous, {number} :", *_demands(section)]
        if section.others:
            lines += ["", f"D’autres que vous doivent encore {french.count(len(section.others), 'pièce')}."]
        them = "la" if len(section.owes) == 1 else "les"
        lines += ["", f"Transmettez-{them} en répondant à l’un de nos courriels, ou à l’adresse de l’organisateur."]
    elif section.others:
        owners = french.listing(list(dict.fromkeys(french.one_line(item.owner_title) for item in section.others)))
        missing = french.count(len(section.others), "pièce")
        lines += ["", "Pour information : rien n’est attendu de vous.", f"À recevoir de {owners} : {missing}."]
    if section.cite:
        lines += ["", f"Source : {french.one_line(section.cite)}."]
    return "\n".join(lines)


def _demands(section: Section) -> list[str]:
    titles: dict[str, list[str]] = {}
    for item in section.owes:
        titles.setdefault(french.one_line(item.requirement_title), []).append(french.one_line(item.part_title))
    return [
        f"• {title}" + (f" : {french.listing(parts)}" if parts != ["document"] else "")
        for title, parts in titles.items()
    ]
