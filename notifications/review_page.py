"""How do the ministers read the candidatures of a campaign at their sitting?

From the facts of `tasks.review`: one HTML page that stands alone, prints one candidature a sheet and is read aloud as
it is seen; and the rows that the run's report shows too. Words beside words: no total, no order of merit (E014).
Whatever people typed is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from models.rules.calendar import local
from notifications.french import MAINLAND, count, listing, one_line, sentence, short_date, time_of_day, typeset
from notifications.pages import framed

STYLE = Markup("""
:root{color-scheme:light}
body{font-family:"Open Sans",Arial,sans-serif;color:#161616;background:#fff;max-width:62rem;margin:1.5rem auto;
padding:0 1rem;line-height:1.45}
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.35rem;margin:0 0 .2rem}h3{font-size:1rem;margin:1.1rem 0 .3rem}
p{margin:.3rem 0}.place{color:#3a3a3a}ul{margin:.3rem 0;padding-left:1.2rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:#3a3a3a;padding:.3rem 0}
th,td{border:1px solid #929292;padding:.3rem .5rem;text-align:left;vertical-align:top}
thead th{background:#eef1f6}tbody th{font-weight:600}
article{border-top:3px solid #000091;padding-top:.8rem;margin-top:2.2rem}
.word{font-weight:600}.lacks{border-left:4px solid #b34000;background:#fff6f0;padding:.4rem .8rem}
.ready{border-left:4px solid #18753c;background:#f1fbf4;padding:.4rem .8rem}
.scroll{overflow-x:auto}a{color:#000091}a:focus-visible,.scroll:focus-visible{outline:3px solid #0a76f6}
.skip{position:absolute;left:-999rem}.skip:focus{position:static}
.room{border:1px solid #929292;height:3.5rem;margin-top:.3rem}
@page{size:A4;margin:14mm}
@media print{body{margin:0;max-width:none;font-size:9pt;line-height:1.3}article{break-before:page;margin-top:0}
h2{font-size:1.2rem}h3{margin:.6rem 0 .2rem}table{font-size:.95em}
thead{display:table-header-group}tr,.lacks,.ready,.by-hand{break-inside:avoid}h3{break-after:avoid}a{color:inherit;text-decoration:none}.skip{display:none}}
@media screen{.by-hand{display:none}}
""")
BODY = Markup("""<a class="skip" href="#dossiers">Aller aux dossiers</a>
<header>
<h1>Instruction des candidatures</h1>
<p class="place">{campaign}. {when}</p>
<p>{caution}</p>
</header>
<main>
<section aria-labelledby="ensemble">
<h2 id="ensemble">Vue d’ensemble</h2>
{summary}
</section>
<div id="dossiers">
{files}
</div>
</main>""")
CAUTION = "La grille aide à lire les dossiers : elle n’est pas un barème, ses mots ne valent aucun point."
KINDS = {"visa": ("visa", ""), "opinion": ("avis", "avis"), "piece": ("pièce", "")}
GAVE_UP = "withdrawn"


def page(found: Mapping[str, Any]) -> str:
    """The whole page, in French."""
    at = local(datetime.fromisoformat(found["at"]), MAINLAND)
    territories = found["territories"]
    files = Markup("\n").join(_file(each) for each in territories) if territories else Markup("<p>Aucun dossier.</p>")
    return framed(
        f"Instruction des candidatures · {found['title']}", STYLE,
        BODY.format(campaign=found["title"],
                    caution=typeset(f"{CAUTION} La décision appartient aux ministres."),
                    summary=_summary(territories), files=files,
                    when=typeset(f"État des dossiers le {short_date(at.date())} à {time_of_day(at)} (heure de Paris)."))
    )  # fmt: skip


def summary_headers(territories: Sequence[Mapping[str, Any]]) -> list[str]:
    """The heads of `summary_rows`: a column for each visa and each opinion."""
    first = territories[0] if territories else {"visas": (), "opinions": ()}
    visas = [f"Visa {each['owner_title']}" for each in first["visas"]]
    opinions = [f"Avis {each['title']}" for each in first["opinions"]]
    return ["Territoire", "Dossier", *visas, *opinions, "Reste avant la décision", "Décision"]


def summary_rows(territories: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """A row for each candidature: where it stands, each visa, each opinion, what is missing, the decision."""
    return [
        (
            f"{each['name']} ({each['departement']})", sentence(each["state_title"]),
            *(visa["words"] for visa in each["visas"]), *(opinion["words"] for opinion in each["opinions"]),
            missing_words(each), decision_words(each),
        )
        for each in territories
    ]  # fmt: skip


def missing_words(territory: Mapping[str, Any]) -> str:
    """« 1 visa, 2 pièces et la lecture », or « rien »."""
    if territory["state"] == GAVE_UP:
        return "sans objet"
    counts = {kind: sum(each["kind"] == kind for each in territory["missing"]) for kind in KINDS}
    words = [count(number, KINDS[kind][0], plural=KINDS[kind][1]) for kind, number in counts.items() if number]
    unread = [not criterion["readings"] for criterion in territory["criteria"]]
    if any(unread):
        words.append("la lecture" if all(unread) else "la fin de la lecture")
    return listing(words) or "rien"


def decision_words(territory: Mapping[str, Any]) -> str:
    """« labellisé le 26 mars 2021 »."""
    decision = territory["decision"]
    if decision is None:
        return "sans objet" if territory["state"] == GAVE_UP else "à prendre"
    return f"{decision['words']} le {_day(decision['day'])}"


def grid_rows(territory: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """A row for each reader of each criterion: criterion, word, remarks, who and when; unread criteria have one too."""
    rows = []
    for criterion in territory["criteria"]:
        for each in criterion["readings"]:
            by = f"{each['author'] or 'lecteur non nommé'}, le {_day(each['day'])}"
            rows.append((criterion["title"], each["words"], each["remarks"], by))
        if not criterion["readings"]:
            rows.append((criterion["title"], "pas encore lu", "", ""))
    return rows


def _summary(territories: Sequence[Mapping[str, Any]]) -> Markup:
    rows = [
        (Markup("<a href='#{}'>{}</a>").format(each["territory"], row[0]), *row[1:])
        for each, row in zip(territories, summary_rows(territories), strict=True)
    ]
    return _table("Les candidatures, par région puis par nom", summary_headers(territories), rows)


def _file(territory: Mapping[str, Any]) -> Markup:
    place = f"{territory['departement_name']} ({territory['departement']}), {territory['region_name']}"
    return Markup(
        "<article id='{code}' aria-labelledby='{code}-nom'>\n<h2 id='{code}-nom'>{name}</h2>\n"
        "<p class='place'>{place}. Dossier : {state}.</p>\n{missing}\n"
        "<h3>Visas de la demande</h3>\n{visas}\n<h3>Avis régionaux</h3>\n{opinions}\n"
        "<h3>Grille de lecture</h3>\n{grid}\n<h3>Décision des ministres</h3>\n{decision}\n</article>"
    ).format(
        code=territory["territory"], name=territory["name"], place=place, state=territory["state_title"],
        missing=_missing(territory), visas=_visas(territory), opinions=_opinions(territory), grid=_grid(territory),
        decision=_decision(territory),
    )  # fmt: skip


def _missing(territory: Mapping[str, Any]) -> Markup:
    if not territory["missing"]:
        return Markup("<p class='ready'>{}</p>").format(
            "Les visas, les avis et les pièces sont réunis, la grille est lue."
        )
    texts = [each["text"] for each in territory["missing"] if each["kind"] != "criterion"]
    unread = [each["title"] for each in territory["criteria"] if not each["readings"]]
    if unread:
        every = len(unread) == len(territory["criteria"])
        texts.append("personne n’a encore lu ce dossier" if every else f"pas encore lu : {' ; '.join(unread)}")
    said = Markup("").join(Markup("<li>{}</li>").format(_text(sentence(each))) for each in texts)
    title = "Ce qui manquait" if territory["decision"] else "Ce qui manque avant la décision"
    return Markup("<div class='lacks'><h3>{}</h3><ul>{}</ul></div>").format(title, said)


def _visas(territory: Mapping[str, Any]) -> Markup:
    said = [
        (sentence(each["title"]), sentence(each["words"]), _day(each["on"]) if each["on"] else "—", each["motive"])
        for each in territory["visas"]
    ]
    return _table("Les visas qui accompagnent la demande de labellisation", ("Visa", "État", "Date", "Motif"), said)


def _opinions(territory: Mapping[str, Any]) -> Markup:
    said = [
        (sentence(each["title"]), sentence(each["words"]), _day(each["day"]) if each["day"] else "—", each["author"],
         each["grounds"])
        for each in territory["opinions"]
    ]  # fmt: skip
    headers = ("Instance", "Avis", "Date", "Auteur", "Motif")
    return _table("Les avis rendus avant la décision nationale", headers, said)


def _grid(territory: Mapping[str, Any]) -> Markup:
    read = [row for row in grid_rows(territory) if row[3]]
    if not read:
        return Markup("<p>Personne n’a encore lu ce dossier.</p>")
    headers = ("Critère", "Appréciation", "Observations", "Lecteur")
    return _table("Le dernier mot de chaque lecteur, critère par critère", headers, read)


def _decision(territory: Mapping[str, Any]) -> Markup:
    decision = territory["decision"]
    words = sentence(decision_words(territory))
    if territory["state"] == GAVE_UP:
        return Markup("<p>{}.</p>").format(words)
    if decision is None:
        return Markup(
            "<p>{}.</p><div class='by-hand'><p>Décision, motif, signature :</p><div class='room'></div></div>"
        ).format(words)
    by = f", par {decision['authority']}" if decision["authority"] else ""
    said = Markup("<p><span class='word'>{}</span>{}.</p>").format(words, _text(by))
    return said + Markup("<p>Motif : {}</p>").format(_text(decision["grounds"])) if decision["grounds"] else said


def _table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    head = Markup("").join(Markup("<th scope='col'>{}</th>").format(each) for each in headers)
    body = Markup("\n").join(
        Markup("<tr><th scope='row'>{}</th>{}</tr>").format(
            _text(row[0]), Markup("").join(Markup("<td>{}</td>").format(_text(cell)) for cell in row[1:])
        )
        for row in rows
    )
    return Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='{}'><table>\n<caption>{}</caption>\n"
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table></div>"
    ).format(caption, caption, head, body)


def _text(words: str | Markup) -> str | Markup:
    return words if isinstance(words, Markup) else typeset(one_line(words))


def _day(iso: str) -> str:
    return short_date(date.fromisoformat(iso))
