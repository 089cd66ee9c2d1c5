"""What does a campaign's file say over its edition, and why can it not be followed?

A campaign file names its edition, gives the dates and may override any value, with a citation. A file that is wrong,
contradictory or uncited is refused in words: file, place, cure.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from models.rules.calendar import load_calendar
from models.rules.cited_texts import assumptions
from models.rules.deadlines import date_deadlines
from models.rules.edition import load_edition
from models.rules.event_letters import read_letters
from models.rules.funding import read_funding
from models.rules.governance import read_governance
from models.rules.programme import Programme
from models.rules.requirements import read_requirements
from models.rules.review import read_grid
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Place, ProgrammeRefused, parse, role_named
from models.words import Role


def load_campaign(document: str, *, name: str) -> Programme:
    """The programme of a campaign from the text of its file; `name` is how refusals call that file."""
    campaign = Place(parse(document, name), name, document)
    campaign.only(
        "campaign", "title", "edition", "opens", "deadlines", "convention", "tables", "texts", "requirements",
        "reminders", "funding", "roles", "review", "governance", *CITATION_KEYS,
    )  # fmt: skip
    edition = load_edition(_edition_named(campaign.need("edition")))
    texts = dict(edition.texts)
    if campaign.has("texts"):
        texts |= {key: place.need("title").text() for key, place in campaign.need("texts").items()}
    if campaign.has("reminders"):
        reminders = campaign.need("reminders")
        reminders.only("steps", "letters", "hour", "grace_days", "closing_days", "held", *CITATION_KEYS)
        reminders.citation({}, known_only=False)
    programme = Programme(
        code=_code(campaign.need("campaign")),
        title=campaign.need("title").text(),
        edition=campaign.need("edition").text(),
        opens=campaign.need("opens").day(),
        opens_citation=campaign.citation(texts, known_only=False),
        deadlines=date_deadlines(edition.deadlines, edition.reminders, campaign, texts),
        requirements=read_requirements(edition.requirements, campaign, texts, edition.deadlines),
        letters=read_letters(edition.reminders, campaign),
        roles=_roles(edition.roles, campaign, texts),
        hour=_number(edition.reminders, campaign, "hour", least=0, most=23),
        grace_days=_number(edition.reminders, campaign, "grace_days", least=0, most=366),
        closing_days=_number(edition.reminders, campaign, "closing_days", least=0, most=3660),
        funding=read_funding(edition.funding, campaign, texts),
        objectives=edition.objectives,
        grid=read_grid(edition.review, campaign, texts),
        governance=read_governance(edition.governance, campaign, texts),
        convention=_convention(campaign, texts),
        tables=campaign.need("tables").text() if campaign.has("tables") else "",
        calendar=load_calendar(),
        assumptions=(*assumptions(campaign.value), *edition.assumptions),
    )
    programme = replace(programme, held=_held(edition.reminders, campaign, programme))
    _refuse_contradictions(programme, campaign)
    return programme


def read_campaign_file(path: Path) -> str:
    """The text of a campaign file, or a refusal that says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProgrammeRefused(f"{path}: no such file: give the path of a campaign file (.yaml)") from None
    except OSError as error:
        raise ProgrammeRefused(
            f"{path}: cannot be read ({error.strerror}): give the path of a campaign file (.yaml)"
        ) from None
    except UnicodeDecodeError as error:
        raise ProgrammeRefused(f"{path}: cannot be read as UTF-8 text ({error}): save it as UTF-8") from None


def _edition_named(place: Place) -> str:
    name = place.text()
    if "/" in name or name.startswith(".") or not (PROGRAMME / name).is_dir():
        known = ", ".join(sorted(path.name for path in PROGRAMME.iterdir() if (path / "deadlines.yaml").exists()))
        place.refuse(f"no edition is called «{name}»", f"choose among {known}")
    return name


def _code(place: Place) -> str:
    code = place.text()
    if not code.replace("-", "").replace("_", "").isalnum() or not code.isascii() or len(code) > 64:
        place.refuse(f"«{code}» cannot be a campaign's code", "use letters, digits, - and _ (at most 64)")
    return code


def _roles(edition: Mapping[Role, str], campaign: Place, texts: Mapping[str, str]) -> dict[Role, str]:
    titles = dict(edition)
    if campaign.has("roles"):
        for key, place in campaign.need("roles").items():
            place.only("title", *CITATION_KEYS)
            place.citation(texts, known_only=False)
            titles[role_named(place, key)] = place.need("title").text()
    return titles


def _number(reminders: Place, campaign: Place, key: str, *, least: int, most: int) -> int:
    place = _saying(key, reminders, campaign).need(key)
    if not least <= place.whole() <= most:
        place.refuse(f"{place.value} is out of bounds", f"give a whole number from {least} to {most}")
    return place.whole()


def _held(reminders: Place, campaign: Place, programme: Programme) -> frozenset[str]:
    place = _saying("held", reminders, campaign)
    known = {*programme.letters, *programme.letters_named()}
    marked = place.need("held").each() if place.has("held") else []
    return frozenset(each.word(sorted(known)) for each in marked)


def _saying(key: str, reminders: Place, campaign: Place) -> Place:
    """The `reminders:` that say this: the campaign's own, or else the edition's."""
    own = campaign.need("reminders") if campaign.has("reminders") else reminders
    return own if own.has(key) else reminders


def _convention(campaign: Place, texts: Mapping[str, str]) -> tuple[date, date] | None:
    if not campaign.has("convention"):
        return None
    place = campaign.need("convention")
    place.only("start", "end", *CITATION_KEYS)
    place.citation(texts, known_only=False)
    start, end = place.need("start").day(), place.need("end").day()
    if end < start:
        place.refuse(f"the convention ends ({end}) before it starts ({start})", "put the two dates in order")
    return start, end


def _refuse_contradictions(programme: Programme, campaign: Place) -> None:
    if "candidature" in programme.deadlines and programme.requirement(programme.grid.visas) is None:
        place = campaign.need("review") if campaign.has("review") else campaign.need("edition")
        place.refuse(
            f"the visas are those of «{programme.grid.visas}», which nothing here asks for",
            "name a requirement of the candidature under review: visas: requirement:",
        )
    candidature = programme.deadlines.get("candidature")
    if candidature is not None:
        for due in candidature.occurrences[""]:
            if due.date < programme.opens:
                campaign.need("deadlines").need("candidature").refuse(
                    f"the candidature is due on {due.date}, before the campaign opens ({programme.opens})",
                    "move one of the two dates",
                )
    for deadline in programme.deadlines.values():
        if not deadline.steps and not deadline.watched_with:
            campaign.need("deadlines").need(deadline.name).refuse(
                f"«{deadline.name}» has no reminder step", f"give it steps under reminders: steps: {deadline.name}:"
            )
