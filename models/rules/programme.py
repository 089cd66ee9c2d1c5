"""What do the programme's files say?

An edition is a folder of cited values; a campaign file names its edition, gives the dates and may override any value,
with a citation. A file that is wrong, contradictory or uncited is refused in words: file, place, cure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from models.rules.calendar import Calendar, Departement, Holiday
from models.rules.governance import Governance, read_governance
from models.rules.review import Grid, read_grid
from models.rules.yaml_files import (
    CITATION_KEYS,
    PROGRAMME,
    Citation,
    Place,
    ProgrammeRefused,
    parse,
    read_yaml,
    role_named,
)
from models.words import Funder, Role

Day = date  # where a field is named `date`
ARMED_BY = ("opening", "label", "signature")
EVENT_LETTERS = ("opening", "receipt", "decision", "extension")
FARTHEST_STEP = 3660  # days; beyond ten years a step is a slip of the hand
PARTS_OF_AN_EDITION = (
    "deadlines", "requirements", "reminders", "funding", "roles", "axes", "review", "governance",
)  # fmt: skip
GROUPS = ("owners", "owners_of_missing")


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """One date of a deadline; `since` is the day from which it replaces the one before."""

    date: Day
    since: Day | None
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Step:
    """One reminder: days from the due date, the roles that read along, the folder of its letter."""

    offset: int
    copies: tuple[Role, ...]
    letter: str


@dataclass(frozen=True, kw_only=True)
class EventLetter:
    """Who receives the letter of an opening, a receipt, a decision, an extension."""

    to: tuple[Role, ...]
    group: str  # owners, owners_of_missing, or nothing when `to` names roles
    copies: tuple[Role, ...]
    if_labelled: tuple[Role, ...]
    letter: str


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One thing that is due: its dates by occurrence (the key is empty, or a year), and its steps."""

    name: str
    title: str
    object: str
    armed_by: str
    citation: Citation
    yearly: bool = False
    watched_with: str = ""
    occurrences: Mapping[str, tuple[DueDate, ...]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def obligations(self) -> tuple[str, ...]:
        """The obligations it makes: `candidature`, or `fund_report:2021`, `fund_report:2022` …"""
        if self.armed_by == "signature":
            return (self.name,)
        return tuple(f"{self.name}:{year}" if year else self.name for year in self.occurrences)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a requirement, owed by one role."""

    code: str
    title: str
    owner: Role


@dataclass(frozen=True, kw_only=True)
class Applies:
    """To whom a requirement applies: one word of a short closed list, and its values."""

    word: str
    values: frozenset[str] = frozenset()

    def to(self, *, territory: str, departement: str, region: str, asks_extra_means: bool) -> bool:
        match self.word:
            case "asks_extra_means":
                return asks_extra_means
            case "regions":
                return region in self.values
            case "departements":
                return departement in self.values
            case "territories":
                return territory in self.values
            case _:
                return True


WHEN_WORDS = ("always", "asks_extra_means")
WHEN_LISTS = ("regions", "departements", "territories")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What a deadline asks for."""

    code: str
    title: str
    deadline: str
    parts: tuple[Part, ...]
    required: bool
    applies: Applies
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Funding:
    """How money is counted: amounts in cents, the two sides by funder, the tolerance around one half (or none)."""

    fund_share: int
    state: frozenset[Funder]
    taken_from_grant: frozenset[Funder]
    local: frozenset[Funder]
    imbalance_tolerance: float | None


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """How the outbox bears the weather: pauses after the first, second … failure (the last repeats), then enough."""

    pauses: tuple[timedelta, ...]
    attempts: int
    lease: timedelta  # a worker silent for that long is taken for dead

    def pause(self, attempts: int) -> timedelta:
        """The pause after that many attempts."""
        return self.pauses[min(attempts, len(self.pauses)) - 1]


@dataclass(frozen=True, kw_only=True)
class Objective:
    code: str
    title: str
    axes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Programme:
    """A campaign's rules, whole: what its file says over what its edition says."""

    code: str
    title: str
    edition: str
    opens: date
    opens_citation: Citation
    deadlines: Mapping[str, Deadline]
    requirements: tuple[Requirement, ...]
    letters: Mapping[str, EventLetter]
    roles: Mapping[Role, str]
    hour: int
    grace_days: int
    closing_days: int
    funding: Funding
    objectives: tuple[Objective, ...]
    grid: Grid
    governance: Governance
    convention: tuple[date, date] | None
    tables: str
    calendar: Calendar
    assumptions: tuple[str, ...]
    held: frozenset[str] = frozenset()  # letters and events that wait for somebody's release
    asked: dict[tuple[str, str, str, str, bool], tuple[Any, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )  # what completeness.parts_asked has worked out, by deadline and territory
    items: dict[tuple[str, str, str, str], dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def obligation_names(self) -> tuple[str, ...]:
        return tuple(name for deadline in self.deadlines.values() for name in deadline.obligations())

    @cached_property
    def names_territories(self) -> bool:
        """Does a requirement name the territories that it applies to?"""
        return any(requirement.applies.word == "territories" for requirement in self.requirements)

    def requirement(self, code: str) -> Requirement | None:
        return self._requirements_by_code.get(code)

    @cached_property
    def _requirements_by_code(self) -> Mapping[str, Requirement]:
        return {requirement.code: requirement for requirement in reversed(self.requirements)}

    def requirements_of(self, deadline: str) -> tuple[Requirement, ...]:
        return tuple(requirement for requirement in self.requirements if requirement.deadline == deadline)

    def deadline_of(self, obligation: str) -> Deadline:
        """The deadline of `fund_report:2021` is `fund_report`."""
        return self.deadlines[obligation.partition(":")[0]]

    def title_of(self, obligation: str) -> str:
        """« Bilan annuel du fonds 2021 »."""
        return f"{self.deadline_of(obligation).title} {obligation.partition(':')[2]}".rstrip()

    def holds(self, obligation: str, step: str) -> bool:
        """Does the letter of this step (or event) wait until somebody releases it?"""
        return step in self.held or (bool(self.held) and self.letter_of(obligation, step) in self.held)

    def letter_of(self, obligation: str, step: str) -> str:
        """The folder of the letter that a step or an event brings; empty for a step that is no longer one."""
        if step in self.letters:
            return self.letters[step].letter
        steps = self.deadline_of(obligation).steps
        return next((each.letter for each in steps if str(each.offset) == step), "")

    def watched_by(self, command: str) -> tuple[Deadline, ...]:
        """The deadlines one pass looks at: the one that `cites run` names, and those watched with it."""
        name = command.replace("-", "_").casefold()
        known = {key.replace("-", "_").casefold(): key for key in self.deadlines}
        if name not in known:
            commands = ", ".join(key.replace("_", "-") for key, each in self.deadlines.items() if not each.watched_with)
            raise ProgrammeRefused(f"campaign {self.code} has no deadline «{command}»: choose among {commands}")
        first = self.deadlines[known[name]]
        return (first, *(each for each in self.deadlines.values() if each.watched_with == first.name))


def load_campaign(document: str, *, name: str) -> Programme:
    """The programme of a campaign from the text of its file; `name` is how refusals call that file."""
    campaign = Place(parse(document, name), name, document)
    campaign.only(
        "campaign", "title", "edition", "opens", "deadlines", "convention", "tables", "texts", "requirements",
        "reminders", "funding", "roles", "review", "governance", *CITATION_KEYS,
    )  # fmt: skip
    edition = campaign.need("edition").text()
    folder = PROGRAMME / edition
    if "/" in edition or edition.startswith(".") or not folder.is_dir():
        known = ", ".join(sorted(path.name for path in PROGRAMME.iterdir() if (path / "deadlines.yaml").exists()))
        campaign.need("edition").refuse(f"no edition is called «{edition}»", f"choose among {known}")
    base = _edition(edition)
    texts = dict(base.texts)
    if campaign.has("texts"):
        texts |= {key: place.need("title").text() for key, place in campaign.need("texts").items()}
    opens = campaign.need("opens")
    programme = Programme(
        code=_code(campaign.need("campaign")),
        title=campaign.need("title").text(),
        edition=edition,
        opens=opens.day(),
        opens_citation=campaign.citation(texts, known_only=False),
        deadlines=_dated_deadlines(campaign, base, texts),
        requirements=_requirements(base, campaign, texts),
        letters=_letters(base, campaign),
        roles=_roles(base, campaign, texts),
        hour=_number(base, campaign, "hour", least=0, most=23),
        grace_days=_number(base, campaign, "grace_days", least=0, most=366),
        closing_days=_number(base, campaign, "closing_days", least=0, most=3660),
        funding=_funding(base, campaign, texts),
        objectives=base.objectives,
        grid=read_grid(base.review, campaign, texts),
        governance=read_governance(base.governance, campaign, texts),
        convention=_convention(campaign, texts),
        tables=campaign.need("tables").text() if campaign.has("tables") else "",
        calendar=load_calendar(),
        assumptions=tuple(_assumptions(campaign.value)) + base.assumptions,
    )
    programme = replace(programme, held=_held(base, campaign, programme))
    _refuse_contradictions(programme, campaign)
    return programme


@lru_cache(maxsize=1)
def load_calendar() -> Calendar:
    """Départements, zones and public holidays: the same for every campaign."""
    places, holidays = read_yaml(PROGRAMME / "departements.yaml"), read_yaml(PROGRAMME / "holidays.yaml")
    default = places.need("default")
    zone, group = default.need("zone").text(), default.need("holidays").text()
    return Calendar(
        departements={
            code: Departement(
                code=code,
                name=place.need("name").text(),
                region=place.need("region").text(),
                academie=place.need("academie").text(),
                zone=place.need("zone").text() if place.has("zone") else zone,
                holidays=place.need("holidays").text() if place.has("holidays") else group,
            )
            for code, place in places.need("departements").items()
        },
        regions={code: place.text() for code, place in places.need("regions").items()},
        holidays=_holidays(holidays, group),
        national_zone=zone,
    )


@lru_cache(maxsize=1)
def load_delivery_policy() -> DeliveryPolicy:
    """How failing deliveries are tried again: the same for every campaign."""
    place = read_yaml(PROGRAMME / "delivery.yaml")
    place.citation({})
    return DeliveryPolicy(
        pauses=tuple(timedelta(minutes=each.whole()) for each in place.need("pauses_minutes").each()),
        attempts=place.need("attempts").whole(),
        lease=timedelta(minutes=place.need("lease_minutes").whole()),
    )


def citation_texts() -> Mapping[str, str]:
    """The register of cited texts: key, and how a letter names it."""
    return {key: place.need("words").text() for key, place in read_yaml(PROGRAMME / "texts.yaml").items()}


def read_campaign_file(path: Path) -> str:
    """The text of a campaign file, or a refusal that says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProgrammeRefused(f"{path}: no such file: give the path of a campaign file (.yaml)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProgrammeRefused(f"{path}: cannot be read as UTF-8 text ({error}): save it as UTF-8") from None


# An edition, before a campaign gives it dates


@dataclass(frozen=True, kw_only=True)
class _Edition:
    texts: Mapping[str, str]
    deadlines: Mapping[str, Deadline]
    requirements: Place
    reminders: Place
    funding: Place
    roles: Mapping[Role, str]
    objectives: tuple[Objective, ...]
    review: Place
    governance: Place
    assumptions: tuple[str, ...]


@lru_cache(maxsize=8)
def _edition(name: str) -> _Edition:
    folder = PROGRAMME / name
    texts = dict(citation_texts())
    files = {part: read_yaml(folder / f"{part}.yaml") for part in PARTS_OF_AN_EDITION}
    objectives = []
    for code, place in files["axes"].items():
        place.citation(texts)
        axes = {key: axis.text() for key, axis in place.need("axes").items()}
        objectives.append(Objective(code=code, title=place.need("title").text(), axes=axes))
    roles = {}
    for key, place in files["roles"].items():
        place.citation(texts)
        roles[role_named(place, key)] = place.need("title").text()
    return _Edition(
        texts=texts,
        deadlines={key: _deadline(key, place, texts) for key, place in files["deadlines"].items()},
        requirements=files["requirements"],
        reminders=files["reminders"],
        funding=files["funding"],
        roles=roles,
        objectives=tuple(objectives),
        review=files["review"],
        governance=files["governance"],
        assumptions=tuple(reason for place in files.values() for reason in _assumptions(place.value)),
    )


def _deadline(name: str, place: Place, texts: Mapping[str, str], *, known_only: bool = True) -> Deadline:
    armed_by = place.need("armed_by")
    return Deadline(
        name=name,
        title=place.need("title").text(),
        object=place.need("object").text() if place.has("object") else place.need("title").text(),
        armed_by=armed_by.word(ARMED_BY),
        yearly=place.need("yearly").yes() if place.has("yearly") else False,
        watched_with=place.need("watched_with").text() if place.has("watched_with") else "",
        citation=place.citation(texts, known_only=known_only),
    )


def _dated_deadlines(campaign: Place, base: _Edition, texts: Mapping[str, str]) -> dict[str, Deadline]:
    """The edition's deadlines with this campaign's dates; a deadline it does not date does not exist in it."""
    dated: dict[str, Deadline] = {}
    given = dict(campaign.need("deadlines").items())
    for name, place in given.items():
        entries = list(place.entries())
        known = base.deadlines.get(name)
        if known is None:
            first = entries[0]
            if not first.has("armed_by"):
                first.refuse(
                    f"the edition has no deadline «{name}»",
                    f"use one of {', '.join(base.deadlines)}, or define the new one here with title, armed_by, cite",
                )
            known = _deadline(name, first, texts, known_only=False)
        elif known.armed_by == "signature":
            place.refuse(f"«{name}» takes its date from each signed convention", "remove this entry")
        for entry in entries:
            entry.only("date", "occurrences", "since", "title", "object", "armed_by", "yearly", *CITATION_KEYS)
        dated[name] = replace(known, occurrences=_occurrences(known, entries, texts))
    order = [
        *(name for name in base.deadlines if name in dated),
        *(name for name in dated if name not in base.deadlines),
    ]
    found = {name: dated[name] for name in order}
    found |= {
        name: deadline
        for name, deadline in base.deadlines.items()
        if deadline.armed_by == "signature" and deadline.watched_with in found
    }
    steps = _steps(base, campaign, found)
    return {name: replace(deadline, steps=steps.get(name, ())) for name, deadline in found.items()}


def _occurrences(deadline: Deadline, entries: list[Place], texts: Mapping[str, str]) -> dict[str, tuple[DueDate, ...]]:
    found: dict[str, list[DueDate]] = {}
    for entry in entries:
        citation = entry.citation(texts, known_only=False)
        since = entry.need("since").day() if entry.has("since") else None
        if entry.has("occurrences"):
            if not deadline.yearly:
                entry.refuse(f"«{deadline.name}» is not yearly", "give it one date: YYYY-MM-DD")
            for year, place in entry.need("occurrences").items():
                for dated in place.entries():
                    if isinstance(dated.value, dict):
                        dated.only("date", "since", *CITATION_KEYS)
                        own = dated.citation(texts, known_only=False) if dated.has_citation() else citation
                        own_since = dated.need("since").day() if dated.has("since") else since
                        found.setdefault(year, []).append(
                            DueDate(date=dated.need("date").day(), since=own_since, citation=own)
                        )
                    else:
                        found.setdefault(year, []).append(DueDate(date=dated.day(), since=since, citation=citation))
        elif deadline.yearly:
            entry.refuse(f"«{deadline.name}» is yearly", "name its years: occurrences: {2021: 2022-03-31}")
        else:
            found.setdefault("", []).append(DueDate(date=entry.need("date").day(), since=since, citation=citation))
    for dates in found.values():
        for number, each in enumerate(dates):
            if number and each.since is None:
                entries[-1].refuse(
                    f"the second date of «{deadline.name}» does not say from when it holds", "add since: YYYY-MM-DD"
                )
    return {
        year: tuple(sorted(dates, key=lambda each: each.since or date.min)) for year, dates in sorted(found.items())
    }


def _steps(base: _Edition, campaign: Place, deadlines: Mapping[str, Deadline]) -> dict[str, tuple[Step, ...]]:
    places = dict(base.reminders.need("steps").items())
    if campaign.has("reminders"):
        own = campaign.need("reminders")
        own.only("steps", "letters", "hour", "grace_days", "closing_days", "held", *CITATION_KEYS)
        own.citation({}, known_only=False)
        if own.has("steps"):
            for name, place in own.need("steps").items():
                if name not in deadlines:
                    place.refuse(f"no deadline is called «{name}»", f"use one of {', '.join(deadlines)}")
                places[name] = place
    found = {}
    for name, place in places.items():
        steps = []
        for entry in place.each():
            entry.only("offset", "copies", "letter", *CITATION_KEYS)
            offset = entry.need("offset")
            if abs(offset.whole()) > FARTHEST_STEP:
                offset.refuse(f"{offset.value} is out of bounds", f"stay within {FARTHEST_STEP} days of the due date")
            steps.append(
                Step(
                    offset=offset.whole(),
                    copies=entry.need("copies").roles() if entry.has("copies") else (),
                    letter=entry.need("letter").text(),
                )
            )
        offsets = [step.offset for step in steps]
        if len(set(offsets)) != len(offsets):
            place.refuse("two steps have the same offset", "give each step its own offset in days")
        found[name] = tuple(sorted(steps, key=lambda step: step.offset))
    return found


def _requirements(base: _Edition, campaign: Place, texts: Mapping[str, str]) -> tuple[Requirement, ...]:
    found: dict[str, Requirement] = {}
    for deadline, place in base.requirements.items():
        if deadline in CITATION_KEYS:
            continue
        for code, each in place.items():
            found[code] = _requirement(code, deadline, each, texts, known_only=True)
    if campaign.has("requirements"):
        known = {*base.deadlines, *(name for name, _ in campaign.need("deadlines").items())}
        for deadline, place in campaign.need("requirements").items():
            if deadline not in known:
                place.refuse(f"no deadline is called «{deadline}»", f"use one of {', '.join(sorted(known))}")
            for code, each in place.items():
                before = found.get(code)
                if before is not None and before.deadline != deadline:
                    each.refuse(f"«{code}» already belongs to «{before.deadline}»", "give the new piece another code")
                found[code] = _requirement(code, deadline, each, texts, known_only=False, before=before)
    return tuple(found.values())


def _requirement(
    code: str, deadline: str, place: Place, texts: Mapping[str, str], *, known_only: bool,
    before: Requirement | None = None,
) -> Requirement:  # fmt: skip
    place.only("title", "when", "recommended", "parts", *CITATION_KEYS)
    parts = before.parts if before else ()
    if place.has("parts") or not before:
        parts = tuple(
            Part(code=key, title=part.need("title").text(), owner=part.need("owner").role())
            for key, part in place.need("parts").items()
        )
        if not parts:
            place.refuse(f"«{code}» has no part", "name at least one part with its title and owner")
    required = not place.need("recommended").yes() if place.has("recommended") else before.required if before else True
    return Requirement(
        code=code,
        title=place.need("title").text() if place.has("title") or not before else before.title,
        deadline=deadline,
        parts=parts,
        required=required,
        applies=_applies(place) if place.has("when") or not before else before.applies,
        citation=place.citation(texts, known_only=known_only),
    )


def _applies(place: Place) -> Applies:
    if not place.has("when"):
        return Applies(word="always")
    when = place.need("when")
    if isinstance(when.value, str):
        return Applies(word=when.word(WHEN_WORDS))
    when.only(*WHEN_LISTS)
    [(word, values)] = (
        list(when.items()) if len(when.value) == 1 else when.refuse("names several conditions", "one only")
    )
    return Applies(word=word, values=frozenset(each.text() for each in values.each()))


def _roles(base: _Edition, campaign: Place, texts: Mapping[str, str]) -> dict[Role, str]:
    titles = dict(base.roles)
    if campaign.has("roles"):
        for key, place in campaign.need("roles").items():
            place.only("title", *CITATION_KEYS)
            place.citation(texts, known_only=False)
            titles[role_named(place, key)] = place.need("title").text()
    return titles


def _letters(base: _Edition, campaign: Place) -> dict[str, EventLetter]:
    places = dict(base.reminders.need("letters").items())
    if campaign.has("reminders") and campaign.need("reminders").has("letters"):
        places |= dict(campaign.need("reminders").need("letters").items())
    found = {}
    for name, place in places.items():
        if name not in EVENT_LETTERS:
            place.refuse(f"no event is called «{name}»", f"use one of {', '.join(EVENT_LETTERS)}")
        place.only("to", "copies", "if_labelled", "letter", *CITATION_KEYS)
        to = place.need("to")
        grouped = isinstance(to.value, str)
        found[name] = EventLetter(
            to=() if grouped else to.roles(),
            group=to.word(GROUPS) if grouped else "",
            copies=place.need("copies").roles() if place.has("copies") else (),
            if_labelled=place.need("if_labelled").roles() if place.has("if_labelled") else (),
            letter=place.need("letter").text(),
        )
    return found


def _held(base: _Edition, campaign: Place, programme: Programme) -> frozenset[str]:
    own = campaign.need("reminders") if campaign.has("reminders") else base.reminders
    place = own if own.has("held") else base.reminders
    known = {*programme.letters, *(each.letter for each in programme.letters.values())}
    known |= {step.letter for deadline in programme.deadlines.values() for step in deadline.steps}
    marked = place.need("held").each() if place.has("held") else []
    return frozenset(each.word(sorted(known)) for each in marked)


def _number(base: _Edition, campaign: Place, key: str, *, least: int, most: int) -> int:
    own = campaign.need("reminders") if campaign.has("reminders") else base.reminders
    place = own.need(key) if own.has(key) else base.reminders.need(key)
    if not least <= place.whole() <= most:
        place.refuse(f"{place.value} is out of bounds", f"give a whole number from {least} to {most}")
    return place.whole()


def _funding(base: _Edition, campaign: Place, texts: Mapping[str, str]) -> Funding:
    places = dict(base.funding.items())
    if campaign.has("funding"):
        own = campaign.need("funding")
        own.only(*places)
        places |= dict(own.items())
    for place in places.values():
        place.citation(texts, known_only=False)

    def funders(key: str) -> frozenset[Funder]:
        words = [each.word([funder.value for funder in Funder]) for each in places[key].need("funders").each()]
        return frozenset(Funder(word) for word in words)

    tolerance = places["imbalance_tolerance"].need("value", none=True)
    if tolerance.value is not None and not (
        isinstance(tolerance.value, int | float) and 0 <= tolerance.value <= 0.5  # a share's distance from one half
    ):
        tolerance.refuse(f"{tolerance.value} is no tolerance", "give a number from 0 to 0.5, or null for no alert")
    return Funding(
        fund_share=places["fund_share"].need("amount").cents(),
        state=funders("state"),
        taken_from_grant=funders("taken_from_grant"),
        local=funders("local"),
        imbalance_tolerance=None if tolerance.value is None else float(tolerance.value),
    )


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


def _code(place: Place) -> str:
    code = place.text()
    if not code.replace("-", "").replace("_", "").isalnum() or not code.isascii() or len(code) > 64:
        place.refuse(f"«{code}» cannot be a campaign's code", "use letters, digits, - and _ (at most 64)")
    return code


def _holidays(place: Place, mainland: str) -> dict[str, tuple[Holiday, ...]]:
    texts = citation_texts()
    groups: dict[str, tuple[Holiday, ...]] = {}
    for group, days in place.items():
        found = []
        for day in days.each():
            day.only("name", "day", "easter", *CITATION_KEYS)
            day.citation(texts)
            month, _, number = day.need("day").text().partition("-") if day.has("day") else ("", "", "")
            found.append(
                Holiday(
                    name=day.need("name").text(),
                    month_day=(int(month), int(number)) if month else None,
                    after_easter=day.need("easter").whole() if day.has("easter") else None,
                )
            )
        groups[group] = tuple(found)
    return {group: days if group == mainland else groups[mainland] + days for group, days in groups.items()}


def _assumptions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("assumption"), str):
            yield value["assumption"]
        for each in value.values():
            yield from _assumptions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _assumptions(each)
