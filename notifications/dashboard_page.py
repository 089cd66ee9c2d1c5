"""How is a campaign watched on one page: who stands where, what is late, who blocks, what leaves, what is paid?

From the facts of `tasks.dashboard`: one HTML page that stands alone, prints on A4, is read aloud as well as seen, and
is whole without its script. The script only adds the same counts up again for one région or one département. Whatever
people typed is escaped; the page's own policy lets it load and run nothing else.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup

from models.rules.calendar import local, plain
from notifications import dashboard_counts as counted
from notifications.dashboard_figures import Segment, Sums, bar, key_to, longest_of, number
from notifications.dashboard_map import drawn_map, symbol
from notifications.dashboard_tables import BOTH, drawn_sheet, owing, piece_words, sheets, with_envelope
from notifications.dashboard_timeline import timeline
from notifications.french import MAINLAND, count, countdown, long_date, short_date, time_of_day, typeset

LATE_TABLE = "#t-retards"
NOTHING_OWED = "Rien n’est attendu de personne à cette date."
MANY = 4  # lines of a figure, from which it takes the whole width
PAGES = Path(__file__).parent / "pages"
PIECES = (("recue", "full", "reçues"), ("refusee", "cross", "refusées"), ("retiree", "dots", "retirées"),
          ("absente", "empty", "manquantes"))  # fmt: skip
OWED = (("late", "alarm", "en retard"), ("ahead", "stripes", "échéance à venir"))
SIDES = (("state", "full", "État"), ("local", "stripes", "collectivités"), ("other", "dots", "autres"))
ENVELOPE = (("used", "full", "subventions prévues"), ("left", "empty", "reste à attribuer"))
TOLD = (("sent", "full", "partis"), ("waiting", "empty", "en attente d’envoi"), ("planned", "stripes", "prévus"))


@lru_cache(maxsize=1)
def style() -> str:
    """The page's style sheet."""
    return (PAGES / "dashboard.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def script() -> str:
    """The page's script."""
    return (PAGES / "dashboard.js").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _skeleton() -> Markup:
    return Markup((PAGES / "dashboard.html").read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


@lru_cache(maxsize=1)
def policy() -> str:
    """What the page may load and run: its own style and script, known by their fingerprints, and nothing else."""
    said = {name: b64encode(sha256(text.encode()).digest()).decode()
            for name, text in (("style", style()), ("script", script()))}  # fmt: skip
    return (
        f"default-src 'none'; style-src 'sha256-{said['style']}'; script-src 'sha256-{said['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )


def page(facts: Mapping[str, Any]) -> str:
    """The whole page, in French."""
    sums = Sums(counts=facts["counts"], region_of={each["departement"]: each["region"] for each in facts["places"]})
    at = local(datetime.fromisoformat(facts["at"]), MAINLAND)
    figures = Markup("\n").join(
        (_standing(facts, sums), _blocking(facts, sums), _time(facts, sums), _pieces(facts, sums), _money(facts, sums))
    )
    tables = Markup("\n").join(drawn_sheet(each, facts["rows"]) for each in sheets(facts, sums))
    return str(
        _skeleton().format(
            title=facts["title"], code=facts["campaign"], policy=policy(),
            style=Markup(style()), script=Markup(script()),  # noqa: S704 - files of ours
            when=f"{short_date(at.date())} à {time_of_day(at)}", next_due=typeset(_next_due(facts, sums)),
            filters=_filters(facts), tiles=_tiles(facts, sums),
            figures=figures, tables=tables, data=_data(facts),
        )
    )  # fmt: skip


def _next_due(facts: Mapping[str, Any], sums: Sums) -> str:
    """The nearest due date that something is awaited for, today included."""
    if not facts["territories"]:
        return "Aucun territoire n’est encore inscrit : importez les tableaux de la campagne."
    ahead = [
        (each["due"], deadline["title"])
        for deadline in facts["deadlines"]
        if sums.value([counted.obligation(deadline["obligation"], "awaited")])
        for each in deadline["dues"]
        if each["due"] >= facts["day"]
    ]
    if not ahead:
        return "Aucune échéance à venir n’attend de pièce."
    due, title = min(ahead)
    return f"Prochaine échéance : {title}, {countdown((_day(due) - _day(facts['day'])).days)}, {long_date(_day(due))}."


def _data(facts: Mapping[str, Any]) -> Markup:
    """What the script needs, as JSON that can end neither its element nor a line of script."""
    needed = {
        "counts": facts["counts"],
        "places": {
            each["departement"]: [each["region"], each["name"], each["region_name"]] for each in facts["places"]
        },
    }
    text = json.dumps(needed, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - nothing in it can end the element


def _filters(facts: Mapping[str, Any]) -> Markup:
    regions = {each["region"]: each["region_name"] for each in facts["places"]}
    return Markup(
        "<form id='filters' hidden>"
        "<label>Région <select id='region'><option value=''>Toutes</option>{}</select></label>"
        "<label>Département <select id='departement'><option value=''>Tous</option>{}</select></label>"
        "<button type='button' id='none'>Aucun filtre</button></form>"
    ).format(
        _options(sorted(regions.items(), key=lambda pair: plain(pair[1]))),
        _options((each["departement"], f"{each['departement']} · {each['name']}") for each in facts["places"]),
    )


def _options(pairs: Any) -> Markup:
    return Markup("").join(Markup("<option value='{}'>{}</option>").format(*pair) for pair in pairs)


def _tiles(facts: Mapping[str, Any], sums: Sums) -> Markup:
    labelled = [counted.in_state(each["state"]) for each in facts["states"] if each["phase"] in ("labelled", "running")]
    near = sorted(
        {name for here in facts["counts"].values() for name in here
         if name.startswith("day.") and name.endswith(".planned") and _is_near(name, facts)}
    )  # fmt: skip
    waited = [counted.piece(each["obligation"], each["requirement"], fate) for each in facts["pieces"]
              for fate in counted.FATES[1:] if each["required"]]  # fmt: skip
    tiles = [
        ("#t-territoires", number(sums, [counted.TERRITORIES]), "territoires suivis"),
        ("#t-etats", number(sums, labelled), "labellisés ou sous convention"),
        (LATE_TABLE, number(sums, [counted.LATE]), "en retard"),
        ("#t-pieces", number(sums, waited), "pièces encore attendues"),
        ("#t-jours", number(sums, near), f"avis prévus sous {count(facts['days_near'], 'jour')}"),
    ]
    if facts["year"]:
        words = f"part des collectivités prévue en {facts['year']}"
        tiles.append(("#t-cofinancement-region", number(sums, [BOTH[1]], over=BOTH), words))
    late = Markup(" class='late'") if sums.value([counted.LATE]) else ""
    return Markup("<ul class='tiles'>{}</ul>").format(
        Markup("").join(
            Markup("<li><a href='{}'{}><strong>{}</strong> {}</a></li>").format(
                to, late if to == LATE_TABLE else "", value, typeset(words)
            )
            for to, value, words in tiles
        )
    )


def _is_near(name: str, facts: Mapping[str, Any]) -> bool:
    days: int = (_day(name.split(".")[1]) - _day(facts["day"])).days
    return days < int(facts["days_near"])


def _figure(anchor: str, title: str, body: Markup, to: str, *, note: str = "", wide: bool = False) -> Markup:
    """A figure under its heading, with the way to its table."""
    return Markup(
        "<section class='figure{}' id='{}' aria-labelledby='h-{}'><h3 id='h-{}'>{}</h3>{}{}"
        "<p class='to'><a href='#{}'>Voir le tableau<span class='aside'> : {}</span></a></p></section>"
    ).format(
        " wide" if wide else "", anchor, anchor, anchor, typeset(title), body,
        Markup("<p class='note'>{}</p>").format(typeset(note)) if note else "", to, title,
    )  # fmt: skip


def _part(title: str, anchor: str, *figures: Markup) -> Markup:
    return Markup(
        "<section class='part' aria-labelledby='{}'><h2 id='{}'>{}</h2><div class='figures'>{}</div></section>"
    ).format(anchor, anchor, typeset(title), Markup("\n").join(figures))


def _line(words: str | Markup, drawn: Markup, value: Markup, where: Markup | str = "") -> Markup:
    return Markup("<li{}><span class='name'>{}</span>{}<span class='value'>{}</span></li>").format(
        where, words, drawn, value
    )


def _standing(facts: Mapping[str, Any], sums: Sums) -> Markup:
    ranks = {phase: rank for rank, phase in enumerate(facts["phases"])}
    longest = longest_of(sums, [([_state(each, ranks)], None) for each in facts["states"]])
    lines = Markup("").join(
        _line(
            Markup("{}{}").format(_legend(ranks[each["phase"]]), each["title"]),
            bar(sums, [_state(each, ranks)], longest=longest, group="states"),
            number(sums, [counted.in_state(each["state"])]),
        )
        for each in facts["states"]
    )
    phases = [
        (ranks[phase], title, [counted.in_state(each["state"]) for each in facts["states"] if each["phase"] == phase])
        for phase, title in facts["phases"].items()
    ]
    legend = Markup("").join(
        Markup("<li>{}{} : {}</li>").format(_legend(rank), title, number(sums, states))
        for rank, title, states in phases
    )
    ring = Markup("<svg class='sign' viewBox='-2 -2 4 4' aria-hidden='true' focusable='false'>"
                  "<circle class='ring thin' r='1.5'/></svg>")  # fmt: skip
    one_by_one = len(facts["territories"]) <= facts["one_by_one"]
    note = (
        "Un symbole par territoire, à sa commune ou, quand elle n’est pas connue, au centre de son département ; un "
        "symbole qui en couvrirait un autre est écarté un peu."
        if one_by_one
        else "Un anneau par département, divisé selon les phases ; au centre, le nombre de territoires."
    )
    drawn = Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='Carte, à faire défiler'>{}</div>"
        "<ul class='key'>{}{}</ul>"
    ).format(
        drawn_map(facts, f"Carte des {count(len(facts['territories']), 'territoire')} par phase ; le tableau des "
                         "territoires dit la même chose."),
        legend, Markup("<li>{}en retard : {}</li>").format(ring, number(sums, [counted.LATE])) if one_by_one else "",
    )  # fmt: skip
    return _part(
        "Où en sont les cités", "etats",
        _figure("f-etats", "Territoires par état", Markup("<ul class='bars'>{}</ul>").format(lines), "t-etats"),
        _figure("f-carte", "Carte", drawn, "t-territoires", note=note),
    )  # fmt: skip


def _state(state: Mapping[str, str], ranks: Mapping[str, int]) -> Segment:
    return Segment(keys=[counted.in_state(state["state"])], look=f"p{ranks[state['phase']]}")


def _legend(rank: int) -> Markup:
    return Markup("<svg class='sign' viewBox='-2 -2 4 4' aria-hidden='true' focusable='false'>{}</svg>").format(
        symbol(rank, 1.5)
    )


def _blocking(facts: Mapping[str, Any], sums: Sums) -> Markup:
    roles = owing(facts, sums)
    parts = {role: [Segment(keys=[counted.owed_by(role, when)], look=look) for when, look, _ in OWED] for role in roles}
    longest = longest_of(sums, [(segments, None) for segments in parts.values()])
    lines = Markup("").join(
        _line(
            facts["roles"][role],
            bar(sums, parts[role], longest=longest, group="roles"),
            Markup("en retard {} · à venir {}").format(
                *(number(sums, [counted.owed_by(role, when)]) for when, _, _ in OWED)
            ),
        )
        for role in roles
    )
    body = Markup("{}<ul class='bars broad'>{}</ul>").format(key_to([(look, words) for _, look, words in OWED]), lines)
    late = Markup("<p class='say'>Territoires en retard sur une échéance au moins : <strong>{}</strong></p>").format(
        number(sums, [counted.LATE])
    )
    return _part(
        "Ce qui est en retard, et qui bloque", "retards",
        _figure("f-retards", "Qui doit encore quelque chose",
                Markup("{}{}").format(late, body if roles else Markup("<p>{}</p>").format(NOTHING_OWED)),
                "t-roles", note="En nombre de territoires pour lesquels ce rôle doit une pièce exigée au moins. Le "
                                "détail des retards, territoire par territoire, est dans le tableau des retards.",
                wide=True),
        Markup("<p class='to'><a href='#t-retards'>Voir le tableau des retards</a></p>"),
    )  # fmt: skip


def _time(facts: Mapping[str, Any], sums: Sums) -> Markup:
    words = (
        f"Avis par jour, du {short_date(_day(facts['first_day']))} au {short_date(_day(facts['last_day']))}, et "
        "échéances de la période ; le tableau des jours dit la même chose."
    )
    held = Markup("")
    if sums.value([counted.PAUSED]):
        held = Markup("<p class='say'>Territoires dont les envois sont suspendus : <strong>{}</strong></p>").format(
            number(sums, [counted.PAUSED])
        )
    drawn = held + Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='Calendrier, à faire défiler'>{}</div>{}"
    ).format(timeline(facts, sums, words), key_to([(look, said) for _, look, said in TOLD]))
    return _part(
        "Calendrier des échéances et des lettres", "calendrier",
        _figure("f-jours", "Avis par jour", drawn, "t-jours", wide=True,
                note="Un avis est une étape d’une échéance pour un destinataire ; une lettre en réunit souvent "
                     "plusieurs. Les avis partis sont comptés au jour du passage qui les a décidés ; les avis prévus "
                     "le sont comme si plus rien n’arrivait d’ici là."),
        Markup("<p class='to'><a href='#t-echeances'>Voir le tableau des échéances</a></p>"),
    )  # fmt: skip


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _pieces(facts: Mapping[str, Any], sums: Sums) -> Markup:
    titles = {each["obligation"]: each["title"] for each in facts["deadlines"]}
    figures: list[Markup] = []
    for name in dict.fromkeys(each["obligation"] for each in facts["pieces"]):
        lines = [_piece(each, sums) for each in facts["pieces"] if each["obligation"] == name]
        figures.append(
            _figure(
                f"f-pieces-{len(figures) + 1}", titles[name],
                Markup("{}<ul class='bars broad'>{}</ul>").format(
                    key_to([(look, words) for _, look, words in PIECES]), Markup("").join(lines)
                ),
                "t-pieces",
                note="Pour les territoires dont l’échéance court ou est satisfaite ; chaque volet, visa ou signature "
                     "compte pour une pièce, comme dans les lettres. Ce qui est dû dans plus de "
                     f"{count(facts['weeks_of_pieces'], 'semaine')} n’y est pas encore.",
                wide=len(lines) > MANY,
            )
        )  # fmt: skip
    return _part("Complétude par pièce", "completude", *figures or [Markup("<p>Aucune échéance ne court encore.</p>")])


def _piece(piece: Mapping[str, Any], sums: Sums) -> Markup:
    def key(fate: str) -> list[str]:
        return [counted.piece(piece["obligation"], piece["requirement"], fate)]

    segments = [Segment(keys=key(fate), look=look) for fate, look, _ in PIECES]
    return _line(
        piece_words(piece),
        bar(sums, segments, longest=sums.value([name for each in segments for name in each.keys])),
        Markup(" · ").join(Markup("{} {}").format(words, number(sums, key(fate))) for fate, _, words in PIECES),
    )


def _money(facts: Mapping[str, Any], sums: Sums) -> Markup:
    if not facts["year"]:
        return _part("Cofinancement", "cofinancement", Markup("<p>Aucun financement n’est encore saisi.</p>"))
    sides = [Segment(keys=[counted.money("planned", side)], look=look) for side, look, _ in SIDES]
    used = [Segment(keys=[counted.envelope(what)], look=look) for what, look, _ in ENVELOPE]
    delegated = with_envelope(sums)
    gap = Markup("État {} · collectivités {} · part locale {}")
    money = _by_place(facts, sums, sides, "money", list(sums.counts), lambda inside: gap.format(
        *(number(sums, [key], written="short", inside=inside) for key in BOTH),
        number(sums, [BOTH[1]], over=BOTH, inside=inside)))  # fmt: skip
    left = Markup("délégués {} · reste {}")
    envelopes = _by_place(facts, sums, used, "envelopes", delegated, lambda inside: left.format(
        *(number(sums, [counted.envelope(what)], written="short", inside=inside) for what in ("delegated", "left"))
    ))  # fmt: skip
    note = "Argent, hors valorisations et droit commun, au stade prévu. Sans filtre, par région ; dans une région, par "
    return _part(
        f"Cofinancement et enveloppes {facts['year']}", "cofinancement",
        _figure("f-cofinancement", f"Cofinancement prévu en {facts['year']}",
                Markup("{}{}").format(key_to([(look, words) for _, look, words in SIDES]), money),
                "t-cofinancement-region", note=f"{note}département."),
        _figure("f-enveloppes", "Enveloppes déléguées, et ce qui reste",
                Markup("{}{}").format(key_to([(look, words) for _, look, words in ENVELOPE]), envelopes)
                if delegated else Markup("<p>Aucune enveloppe n’est encore saisie.</p>"),
                "t-enveloppes", note="Ce qui reste : l’enveloppe du département, moins les subventions prévues de ses "
                                     "territoires. Un reste négatif est une enveloppe dépassée."),
    )  # fmt: skip


def _by_place(
    facts: Mapping[str, Any], sums: Sums, segments: Sequence[Segment], group: str, codes: Sequence[str], say: Any
) -> Markup:
    """A bar for each région, and for each département, which the script shows once its région is chosen."""
    places = [each for each in facts["places"] if each["departement"] in codes]
    regions = {each["region"]: each["region_name"] for each in places}
    inside = {code: [each for each in sums.inside(code) if each in codes] for code in regions}
    by_region = longest_of(sums, [(segments, each) for each in inside.values()])
    lines = [
        _line(name, bar(sums, segments, longest=by_region, group=group, inside=inside[code]), say(inside[code]),
              Markup(" data-r='{}'").format(code))
        for code, name in sorted(regions.items(), key=lambda pair: plain(pair[1]))
    ]  # fmt: skip
    lines += [
        _line(f"{each['name']} ({each['departement']})",
              bar(sums, segments, longest=by_region, group=group, inside=[each["departement"]]),
              say([each["departement"]]), Markup(" data-d='{}' data-inside hidden").format(each["departement"]))
        for each in places
    ]  # fmt: skip
    return Markup("<ul class='bars broad'>{}</ul>").format(Markup("").join(lines))
