"""How is the mail room of a campaign read: every letter, where it stands, and what it says?

One HTML page that stands alone, in French: the figures, who can no longer be reached, then each letter, which opens to
show the mail itself in a frame that runs nothing. Whatever people typed is escaped.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from models.rules.calendar import local
from notifications.french import count, listing, short_date, time_of_day, typeset
from notifications.pages import framed

PARIS = "Europe/Paris"
STATUSES = {
    "held": ("À relire", "attend que quelqu’un la libère"),
    "paused": ("En pause", "attend la fin d’une pause"),
    "waiting": ("En attente", "partira à son heure"),
    "sending": ("En cours d’envoi", "un envoi est en cours"),
    "dead": ("Refusées", "ne partira pas"),
    "sent": ("Parties", "remise au serveur de courriel"),
    "cancelled": ("Annulées", "n’avait plus lieu d’être"),
}
STYLE = Markup("""
body{font-family:"Open Sans",Arial,sans-serif;color:#161616;background:#fff;max-width:64rem;margin:1.5rem auto;
padding:0 1rem;line-height:1.5}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:2px solid #000091;
padding-bottom:.2rem}
p.lead{margin-top:0;color:#3a3a3a}
table{border-collapse:collapse;font-size:.9rem;width:100%}caption{text-align:left;color:#3a3a3a;padding:.3rem 0}
th,td{border:1px solid #929292;padding:.3rem .5rem;text-align:left;vertical-align:top}thead th{background:#ececfe}
td.n{text-align:right}
.scroll{overflow-x:auto}
details.letter{border:1px solid #c9c9c9;border-left:5px solid #6a6a6a;margin:.5rem 0;background:#fff}
details.held{border-left-color:#b34000}details.paused{border-left-color:#716043}details.waiting{border-left-color:#0063cb}
details.dead{border-left-color:#ce0500}details.sent{border-left-color:#18753c}
summary{cursor:pointer;padding:.55rem .8rem}summary:focus-visible{outline:3px solid #0a76f6;outline-offset:2px}
summary .subject{font-weight:bold}summary .facts{display:block;font-size:.85rem;color:#3a3a3a}
.inside{padding:0 .8rem .8rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .8rem;font-size:.85rem}
dt{color:#3a3a3a}dd{margin:0;overflow-wrap:anywhere}
iframe{width:100%;height:34rem;border:1px solid #c9c9c9;background:#fff}
.alert{border-left:5px solid #ce0500;background:#fff4f4;padding:.5rem .8rem}
summary h2{display:inline;border:0;padding:0}details.counts{margin-top:1.5rem}
@media print{details.letter{break-inside:avoid}}
""")
BODY = Markup("""<main>
<h1>Courrier</h1>
<p class="lead">{campaign}, au {day}. {said}</p>
{paused}{failing}{counts}{letters}
</main>""")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One letter: `status` is a word of `STATUSES`; `html` the mail, or `silent` why it cannot be shown."""

    id: int
    status: str
    to: str
    name: str
    roles: tuple[str, ...]
    territories: tuple[str, ...]
    decided_at: datetime
    sent_at: datetime | None
    zone: str
    subject: str
    reason: str
    message_id: str
    body_hash: str
    forgotten_at: datetime | None
    html: str = ""
    silent: str = ""


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A campaign's letters, its pauses (territory or nothing, grounds), and whom letters no longer reach."""

    campaign: str
    title: str
    at: datetime
    entries: tuple[Entry, ...]
    paused: tuple[tuple[str, str], ...]
    failing: tuple[tuple[str, str, str, str], ...]  # role, perimeter, address, reason


def page(found: Mailbox) -> str:
    """The whole page."""
    groups = [(status, [each for each in found.entries if each.status == status]) for status in STATUSES]
    letters = Markup("").join(_group(status, entries) for status, entries in groups if entries)
    return framed(
        f"Courrier · {found.title}",
        STYLE,
        BODY.format(
            campaign=found.title,
            day=short_date(local(found.at, PARIS).date()),
            said=typeset(_said(found)),
            paused=_paused(found),
            failing=_failing(found),
            counts=_counted(found, "Par territoire", "Territoire", lambda each: each.territories)
            + _counted(found, "Par destinataire", "Adresse", lambda each: (each.to,)),
            letters=letters,
        ),
    )


def _said(found: Mailbox) -> str:
    counts = Counter(each.status for each in found.entries)
    if not counts:
        return "Aucune lettre."
    words = [f"{counts[status]} {STATUSES[status][0].lower()}" for status in STATUSES if counts[status]]
    return f"{count(len(found.entries), 'lettre').capitalize()} : {listing(words)}."


def _paused(found: Mailbox) -> Markup:
    if not found.paused:
        return Markup("")
    lines = Markup("").join(
        Markup("<li>{}{}</li>").format(
            f"Le territoire {territory}" if territory else "Tous les envois", f" : {grounds}" if grounds else ""
        )
        for territory, grounds in found.paused
    )
    return Markup("<h2>Pauses</h2>\n<ul>{}</ul>\n").format(lines)


def _failing(found: Mailbox) -> Markup:
    if not found.failing:
        return Markup("")
    table = _table(
        "Contacts dont l’adresse échoue : corriger le tableau des contacts", ("Rôle", "Périmètre", "Adresse", "Motif"),
        found.failing,
    )  # fmt: skip
    return Markup("<h2>À qui les lettres n’arrivent plus</h2>\n{}\n").format(table)


def _counted(found: Mailbox, heading: str, column: str, names: Callable[[Entry], Iterable[str]]) -> Markup:
    """How many letters stand where, by whatever `names` gives of each; closed until somebody asks."""
    shown = [status for status in STATUSES if any(each.status == status for each in found.entries)]
    counts = Counter((name, each.status) for each in found.entries for name in names(each))
    every = sorted({name for name, _ in counts})
    if len(every) < 2:
        return Markup("")
    rows = [(name, *(str(counts[name, status] or "") for status in shown)) for name in every]
    headers = (column, *(STATUSES[status][0] for status in shown))
    return Markup('<details class="counts"><summary><h2>{}</h2></summary>\n{}\n</details>\n').format(
        heading, _table(f"Nombre de lettres, {heading.lower()}", headers, rows, figures=True)
    )


def _table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]], *, figures: bool = False) -> Markup:
    cell = Markup('<td class="n">{}</td>') if figures else Markup("<td>{}</td>")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(each) for each in headers)
    body = Markup("\n").join(
        Markup("<tr>{}{}</tr>").format(
            Markup('<th scope="row">{}</th>').format(row[0]), Markup("").join(cell.format(each) for each in row[1:])
        )
        for row in rows
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>\n<caption>{}</caption>\n'
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table></div>"
    ).format(caption, caption, head, body)


def _group(status: str, entries: Sequence[Entry]) -> Markup:
    letters = Markup("").join(_letter(each) for each in entries)
    return Markup('<h2 id="{}">{} ({})</h2>\n{}\n').format(status, STATUSES[status][0], len(entries), letters)


def _letter(entry: Entry) -> Markup:
    known = [
        ("Destinataire", f"{entry.name} <{entry.to}>" if entry.name else entry.to),
        ("À titre de", listing(list(entry.roles))),
        ("Territoires", listing(list(entry.territories))),
        ("Décidée le", _instant(entry.decided_at, entry.zone)),
        ("Partie le", _instant(entry.sent_at, entry.zone) if entry.sent_at else ""),
        ("Suite", entry.reason or STATUSES[entry.status][1]),
        ("Message-ID", entry.message_id),
        ("Empreinte", entry.body_hash),
    ]
    facts = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in known if value)
    when = entry.sent_at or entry.decided_at
    said = [short_date(local(when, entry.zone).date()), entry.to, listing(list(entry.territories))]
    return Markup(
        '<details class="letter {}">\n<summary><span class="subject">{}</span>'
        '<span class="facts">n° {} · {}</span></summary>\n<div class="inside"><dl>{}</dl>\n{}</div>\n</details>\n'
    ).format(
        entry.status, entry.subject or "Lettre sans objet", entry.id, " · ".join(each for each in said if each), facts,
        _body(entry),
    )  # fmt: skip


def _body(entry: Entry) -> Markup:
    if not entry.html:
        return Markup("<p>{}</p>").format(entry.silent) if entry.silent else Markup("")
    return Markup('<iframe sandbox title="Lettre n° {}" loading="lazy" srcdoc="{}"></iframe>').format(
        entry.id, entry.html
    )


def _instant(at: datetime, zone: str) -> str:
    clock = local(at, zone)
    return f"{short_date(clock.date())} à {time_of_day(clock)}"
