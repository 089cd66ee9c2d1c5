"""How is a new campaign's file written, for people who will read it over before it opens?

Dates are those given, or those of another campaign moved by whole years: these are marked as assumptions. What the
other campaign overrides in its edition is taken over with its citations. The text is loaded before it is given.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from models.queries import campaign_by_code
from models.rules.campaign_file import load_campaign, read_campaign_file
from models.rules.deadlines import Deadline
from models.rules.programme import Programme
from models.rules.yaml_files import PROGRAMME, ProgrammeRefused, parse, read_yaml, written_as_yaml
from notifications.french import count, long_date, one_line
from tasks.database import reading

GIVEN = "date donnée à la préparation de la campagne, sans texte cité ; à confirmer"
TAKEN_OVER = ("texts", "requirements", "reminders", "funding", "roles")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is known of a campaign to prepare; `days` by obligation (`candidature`, `fund_report:2022`)."""

    code: str
    title: str
    opens: date
    days: Mapping[str, date] = field(default_factory=dict)
    convention: tuple[date, date] | None = None
    cite: str = ""  # the text that gives these dates, and the place in it


@dataclass(frozen=True, kw_only=True)
class Model:
    """The campaign that a draft takes after: its rules and the text of its file."""

    programme: Programme
    document: str


@dataclass(frozen=True, kw_only=True)
class _Dated:
    day: date
    source: dict[str, str]  # cite or assumption


def model_named(name: str, url: str | None = None) -> Model:
    """An open campaign by its code, or one by the path of its file. Raises `NoSuchCampaign`, `ProgrammeRefused`."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        document = read_campaign_file(path)
        return Model(programme=load_campaign(document, name=name), document=document)
    with reading(url) as session:
        row, programme = campaign_by_code(session, name)
        return Model(programme=programme, document=row.document)


def campaign_file(draft: Draft, model: Model | None = None) -> str:
    """The text of the campaign's file, commented in French; it loads. Raises `ProgrammeRefused` with the cure."""
    edition = model.programme.edition if model else _latest_edition()
    known = _deadlines(edition, model)
    _refuse_unknown(draft, known)
    years = draft.opens.year - model.programme.opens.year if model else 0
    dated = _dated(draft, model, years)
    own = _defined_by(model)
    text = "".join(
        (
            _head(draft, model),
            f"campaign: {_quoted(draft.code)}\n",
            f"title: {_quoted(one_line(draft.title))}\n",
            f"edition: {edition}  # les règles suivies, dans models/programme/{edition}/\n",
            f"opens: {draft.opens}  # {long_date(draft.opens)}\n",
            _lines_of(_given(draft)),
            "deadlines:\n",
            *(_deadline(name, title, dated, own) for name, title in known.items()),
            _convention(draft, model, years),
            _taken_over(model),
        )
    )
    load_campaign(text, name="the campaign to prepare")
    return text


def write_campaign_file(text: str, to: Path) -> None:
    """Write a prepared file; one that is there already is somebody's work, and is left. Raises `ProgrammeRefused`."""
    if to.suffix not in (".yaml", ".yml"):
        raise ProgrammeRefused(f"{to.name} is not a campaign file's name: end it with .yaml")
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with to.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        raise ProgrammeRefused(f"{to} is there already: choose another name, or move it away first") from None


def write_first_free(text: str, folder: Path, stem: str) -> Path:
    """Write a prepared file as `stem.yaml`, or `stem-2.yaml` … when somebody's work has that name; gives its path."""
    number = 1
    while (to := folder / f"{stem}{'' if number == 1 else f'-{number}'}.yaml").exists():
        number += 1
    write_campaign_file(text, to)
    return to


def _head(draft: Draft, model: Model | None) -> str:
    after = f"# Préparée d’après la campagne {model.programme.code}. " if model else "# "
    return (
        f"# Campagne {one_line(draft.code)} : fichier à relire avant l’ouverture.\n"
        f"{after}Chaque date dit d’où elle vient : `cite:` (un texte et l’endroit) ou\n"
        "# `assumption:` (une hypothèse et sa raison) ; une hypothèse confirmée devient une citation.\n"
        "# Voir ce qu’il en sortirait, sans rien écrire : cites campaign preview CE-FICHIER\n"
        "# Ouvrir la campagne, une fois relue :           cites campaign open CE-FICHIER\n"
    )


def _latest_edition() -> str:
    return max(path.parent.name for path in PROGRAMME.glob("*/deadlines.yaml"))


def _deadlines(edition: str, model: Model | None) -> dict[str, str]:
    """The deadlines that a campaign dates, by name, with their titles: the edition's, then the model's own."""
    places = read_yaml(PROGRAMME / edition / "deadlines.yaml").items()
    found = {name: place.need("title").text() for name, place in places if place.value.get("armed_by") != "signature"}
    if model:
        own = model.programme.deadlines.values()
        found |= {each.name: each.title for each in own if each.armed_by != "signature"}
    return found


def _refuse_unknown(draft: Draft, known: Mapping[str, str]) -> None:
    for name in draft.days:
        if name.partition(":")[0] not in known:
            raise ProgrammeRefused(f"no deadline is called «{name}»: choose among {', '.join(known)}")


def _dated(draft: Draft, model: Model | None, years: int) -> dict[str, _Dated]:
    """Every date of the new campaign, by obligation; a deadline that is dated by hand takes nothing from the model."""
    found = {name: _Dated(day=day, source=_given(draft)) for name, day in draft.days.items()}
    by_hand = {name.partition(":")[0] for name in draft.days}
    if model is not None:
        for deadline in model.programme.deadlines.values():
            if deadline.armed_by == "signature" or deadline.name in by_hand:
                continue
            for year, dates in deadline.occurrences.items():
                name = f"{deadline.name}:{int(year) + years}" if year else deadline.name
                found[name] = _Dated(day=_moved(dates[-1].date, years), source=_guessed(model, years))
    return found


def _moved(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _given(draft: Draft) -> dict[str, str]:
    return {"cite": one_line(draft.cite)} if draft.cite else {"assumption": GIVEN}


def _guessed(model: Model, years: int) -> dict[str, str]:
    moved = "reprise telle quelle"
    if years:
        moved = "décalée d’un an" if years == 1 else f"décalée de {count(years, 'an')}"
    return {"assumption": f"déduite de la campagne {model.programme.code}, {moved} ; à confirmer"}


def _deadline(name: str, title: str, dated: Mapping[str, _Dated], own_of_model: Mapping[str, Deadline]) -> str:
    own = {key: each for key, each in dated.items() if key.partition(":")[0] == name}
    if not own:
        return f"  # {name} ({title}) : sans date, donc absente de cette campagne\n"
    defined = _definition(own_of_model[name]) if name in own_of_model else ""
    if name in own:
        each = own[name]
        dates = f"  {name}:  # {title} : {long_date(each.day)}\n    date: {each.day}\n"
        return dates + _lines_of(each.source, 4) + defined
    source = next(iter(own.values())).source
    lines = "".join(
        f"      {key.partition(':')[2]}: {each.day}  # {long_date(each.day)}\n" for key, each in sorted(own.items())
    )
    return f"  {name}:  # {title} : une date par année\n    occurrences:\n{lines}" + _lines_of(source, 4) + defined


def _defined_by(model: Model | None) -> dict[str, Deadline]:
    """The deadlines that the model's file adds to its edition: the new file must define them too."""
    if model is None:
        return {}
    edition = {name for name, _ in read_yaml(PROGRAMME / model.programme.edition / "deadlines.yaml").items()}
    return {name: each for name, each in model.programme.deadlines.items() if name not in edition}


def _definition(deadline: Deadline) -> str:
    said = {"title": deadline.title, "object": deadline.object, "armed_by": deadline.armed_by}
    return _lines_of(said, 4) + ("    yearly: true\n" if deadline.yearly else "")


def _convention(draft: Draft, model: Model | None, years: int) -> str:
    span, source = draft.convention, _given(draft)
    if span is None and model is not None and model.programme.convention is not None:
        first, last = model.programme.convention
        span, source = (_moved(first, years), _moved(last, years)), _guessed(model, years)
    if span is None:
        return "# convention: sans dates, donc absente de cette campagne\n"
    first, last = span
    return f"convention:  # du {long_date(first)} au {long_date(last)}\n  start: {first}\n  end: {last}\n" + _lines_of(
        source, 2
    )


def _taken_over(model: Model | None) -> str:
    if model is None:
        return ""
    said = parse(model.document, f"campaign {model.programme.code}")
    kept = {name: said[name] for name in TAKEN_OVER if name in said}
    if not kept:
        return ""
    head = f"\n# Repris de la campagne {model.programme.code}, qui remplace ici son édition : à garder ou à retirer.\n"
    return head + written_as_yaml(kept)


def _lines_of(source: Mapping[str, str], indent: int = 0) -> str:
    return "".join(f"{' ' * indent}{name}: {_quoted(words)}\n" for name, words in source.items())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON is YAML, and leaves nothing to guess about quotes
