"""Who holds the mandates of a cité on a day, and what is there to see to in them?

A mandate is given to one person (E059): whoever follows has a mandate of their own (E060), and the address to which
letters go must be the holder's. Nothing here blocks; days are the territory's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.rules.calendar import plain
from models.rules.dossier import Dossier, has_withdrawn, labelled_on, signed_conventions
from models.rules.governance import Governance, MandateKind
from models.rules.programme import Programme
from models.words import Role

CODES: Mapping[str, str] = {
    "mandate_absent": "mandat absent",
    "mandate_ended": "mandat terminé",
    "holder_changed": "titulaire changé",
    "several_holders": "plusieurs titulaires",
    "more_than_one": "plusieurs personnes",
    "not_co_mandated": "co-mandat incomplet",
    "giver_missing": "mandant manquant",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MandateFact:
    """One person's mandate."""

    mandate: str
    holder: str
    first_day: date
    email: str = ""
    last_day: date | None = None
    given_by: tuple[str, ...] = ()
    reference: str = ""

    def stands_on(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody that letters go to for a role."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MandateFinding:
    """One thing to see to in one mandate; `holders` are the persons of whom it speaks, whom `text` does not name."""

    code: str
    mandate: str
    holders: tuple[str, ...]
    text: str

    @property
    def title(self) -> str:
        """The finding in two or three words."""
        return CODES[self.code]


def standing(mandates: Sequence[MandateFact], kind: str, day: date) -> tuple[MandateFact, ...]:
    """The mandates of a kind that stand on `day`, the earliest first."""
    found = [each for each in mandates if each.mandate == kind and each.stands_on(day)]
    return tuple(sorted(found, key=lambda each: (each.first_day, each.holder)))


def holders_for(governance: Governance, mandates: Sequence[MandateFact], role: Role, day: date) -> list[MandateFact]:
    """Who answers for a role on `day`, by mandate."""
    return [
        each
        for code, kind in governance.kinds.items()
        if role in kind.answers_for
        for each in standing(mandates, code, day)
    ]


def are_asked(programme: Programme, dossier: Dossier, day: date) -> bool:
    """Must the territory have its mandates on `day`: from its label (or the opening) until its conventions are over?"""
    if has_withdrawn(dossier, day):
        return False
    signed = signed_conventions(dossier, day)
    if signed and signed[-1].last_day < day:
        return False
    if programme.governance.asked_from == "opening":
        return programme.opens <= day
    return labelled_on(dossier, day) is not None


def mandate_findings(
    programme: Programme,
    dossier: Dossier,
    mandates: Sequence[MandateFact],
    contacts: Mapping[Role, Sequence[Person]],
    day: date,
) -> tuple[MandateFinding, ...]:
    """What there is to see to on `day`, in the programme’s order; `contacts`: who covers the territory, by role."""
    if not are_asked(programme, dossier, day):
        return ()
    governance = programme.governance
    found: list[MandateFinding] = []
    for code, kind in governance.kinds.items():
        held = standing(mandates, code, day)
        people = [person for role in kind.answers_for for person in contacts.get(role, ())]
        found += _absent_or_ended(code, kind, mandates, held, day)
        found += _several(code, kind, held)
        found += _changed(governance, code, kind, held, people)
        if kind.alone and len(people) > 1:
            names = tuple(person.name or "sans nom" for person in people)
            text = f"{len(people)} contacts répondent comme {kind.title} : une cité en a un seul (E058)"
            found.append(MandateFinding(code="more_than_one", mandate=code, holders=names, text=text))
        for each in held:
            found += _givers(governance, code, kind, each)
    return tuple(found)


def _absent_or_ended(
    code: str, kind: MandateKind, mandates: Sequence[MandateFact], held: Sequence[MandateFact], day: date
) -> Iterator[MandateFinding]:
    if held:
        return
    past = [each for each in mandates if each.mandate == code and each.last_day is not None and each.last_day < day]
    last = max(past, key=lambda each: each.last_day or date.min, default=None)
    if last is None or last.last_day is None:
        text = f"aucun mandat de {kind.title} n’est en cours : le faire établir, daté, et l’inscrire au tableau mandats"
        yield MandateFinding(code="mandate_absent", mandate=code, holders=(), text=text)
        return
    text = (
        f"le mandat de {kind.title} a pris fin le {last.last_day:%d/%m/%Y} et personne ne lui succède : "
        "un nouveau mandat est nécessaire (E060)"
    )
    yield MandateFinding(code="mandate_ended", mandate=code, holders=(last.holder,), text=text)


def _several(code: str, kind: MandateKind, held: Sequence[MandateFact]) -> Iterator[MandateFinding]:
    names = tuple(dict.fromkeys(each.holder for each in held))
    if len(names) > 1:
        text = (
            f"{len(names)} personnes ont en même temps le mandat de {kind.title} : clore celui qui ne vaut plus, en "
            "datant sa fin"
        )
        yield MandateFinding(code="several_holders", mandate=code, holders=names, text=text)


def _changed(
    governance: Governance, code: str, kind: MandateKind, held: Sequence[MandateFact], people: Sequence[Person]
) -> Iterator[MandateFinding]:
    if not held:
        return
    for person in people:
        if any(_is_holder(governance, each, person) for each in held):
            continue
        holder = held[-1]
        text = (
            f"les courriels pour {kind.title} vont à une autre personne que celle qui a le mandat depuis le "
            f"{holder.first_day:%d/%m/%Y} : si la personne a changé, un nouveau mandat daté est nécessaire (E060) ; "
            "sinon, corriger le contact"
        )
        yield MandateFinding(code="holder_changed", mandate=code, holders=(holder.holder,), text=text)


def _is_holder(governance: Governance, mandate: MandateFact, person: Person) -> bool:
    """Is the contact the holder, by name; or, where the contact is an office or has no name, by address?"""
    holder, contact = _name(governance, mandate.holder), _name(governance, person.name)
    if holder and contact and (holder <= contact or contact <= holder):
        return True
    is_somebody = bool(contact) and not plain(person.name).startswith(tuple(plain(each) for each in governance.offices))
    return not is_somebody and (not mandate.email or mandate.email.casefold() == person.email.casefold())


def _name(governance: Governance, text: str) -> set[str]:
    forms = {plain(each) for each in governance.forms_of_address}
    return {word for word in plain(text).replace(",", " ").split() if word not in forms}


def _givers(governance: Governance, code: str, kind: MandateKind, mandate: MandateFact) -> Iterator[MandateFinding]:
    given = {governance.institutions[each].side for each in mandate.given_by if each in governance.institutions}
    lacking = [governance.side_title(side) for side in kind.sides if side not in given]
    if not lacking:
        return
    both = len(kind.sides) > 1
    rule = "l’État et la collectivité le mandatent ensemble (E055)" if both else "il l’est par son institution (E059)"
    text = f"le mandat de {kind.title} n’est pas donné par : {', '.join(lacking)} ; {rule}"
    finding = "not_co_mandated" if both else "giver_missing"
    yield MandateFinding(code=finding, mandate=code, holders=(mandate.holder,), text=text)
