"""What does a name typed in a table stand for in a campaign?

Départements, régions, perimeters, requirements and their parts, deadlines: by code or by French title, whatever the
case and the accents. What stands for nothing raises `typed_values.Unreadable`, in French, with the cure.
"""

import re
from collections.abc import Iterable, Mapping

from models.rules.calendar import NATIONAL
from models.rules.programme import Programme
from models.rules.requirements import Requirement
from models.rules.typed_values import Unreadable, fold

# Outside départements and régions: INSEE's list of régions has no place for them.
OWN_REGION = frozenset({"975", "977", "978", "986", "987", "988"})


class References:
    """The names that one programme knows."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._calendar = programme.calendar
        self._departements = {fold(place.name): code for code, place in self._calendar.departements.items()}
        self._regions = {fold(name): code for code, name in self._calendar.regions.items()}
        self._academies = {fold(place.academie): place.academie for place in self._calendar.departements.values()}
        self._requirements = {
            fold(name): each for each in programme.requirements for name in (each.title, each.code)
        }  # the code is last: it wins
        self._deadlines = {
            fold(name): each for each in programme.deadlines.values() for name in (each.title, each.name)
        }
        self._axes = {axis for objective in programme.objectives for axis in objective.axes}

    def departement(self, text: str) -> str:
        """`59`, `6` for `06`, `059`, `2a`, or its name."""
        code = text.upper()
        for candidate in (code, code.zfill(2), code.lstrip("0").zfill(2)):
            if candidate in self._calendar.departements:
                return candidate
        if found := self._departements.get(fold(text)):
            return found
        raise Unreadable("département inconnu", "écrire le code du département, par exemple 59, 06, 2A ou 974")

    def region(self, text: str, departement: str) -> str:
        """The région of the département; a text that names another one is refused."""
        expected = departement if departement in OWN_REGION else self._calendar.region(departement)
        if not text or departement in OWN_REGION or self._region(text) == expected:
            return expected
        name = self._calendar.region_name(expected)
        raise Unreadable(
            f"ce n’est pas la région du département {departement}", f"écrire {expected} ({name}), ou laisser vide"
        )

    def perimeter(self, text: str, territories: Mapping[str, str]) -> str:
        """The perimeter in its one spelling; `territories` gives the codes by folded-case code."""
        if text.casefold() in territories:
            return territories[text.casefold()]
        kind, colon, name = (part.strip() for part in text.partition(":"))
        word = fold(kind)
        if not colon and word in ("national", "nationale"):
            return NATIONAL
        if colon and word == "departement":
            return f"departement:{self.departement(name)}"
        if colon and word == "region" and (code := self._region(name)):
            return f"region:{code}"
        if colon and word == "academie" and fold(name) in self._academies:
            return f"academie:{self._academies[fold(name)]}"
        if colon and word == "territoire" and name.casefold() in territories:
            return territories[name.casefold()]
        if colon and word in ("region", "academie"):
            example = "region:32" if word == "region" else "academie:Reims"
            raise Unreadable(
                f"{'région' if word == 'region' else 'académie'} inconnue", f"écrire par exemple {example}"
            )
        raise Unreadable(
            "périmètre inconnu",
            "écrire le code d’un territoire de la campagne, departement:59, academie:Reims, region:32 ou national",
        )

    def requirement(self, text: str) -> tuple[Requirement, str]:
        """The requirement and its occurrence: the year of `bilan-fonds@2021`, empty for most."""
        found, year = self._requirements.get(fold(text)), ""
        if found is None:
            stem, year = _with_year(text)
            found = self._requirements.get(fold(stem))
        if found is None:
            dated = self._programme.deadlines
            codes = ", ".join(each.code for each in self._programme.requirements if each.deadline in dated)
            raise Unreadable("pièce inconnue", f"écrire l’une de : {codes}")
        deadline = self._programme.deadlines.get(found.deadline)
        years = [each for each in deadline.occurrences if each] if deadline else []
        if year not in (years or [""]):
            if years:
                problem = "cette pièce est annuelle" if not year else "cette année n’est pas celle d’une échéance"
                raise Unreadable(problem, f"écrire {_either(f'{found.code}@{each}' for each in years)}")
            raise Unreadable("cette pièce n’est pas annuelle", f"écrire {found.code}")
        return found, year

    def parts(self, requirement: Requirement, text: str) -> tuple[str, ...]:
        """The codes of the parts that the text names, each once, in order; every part when it names none."""
        known = {fold(name): part.code for part in requirement.parts for name in (part.title, part.code)}
        found: dict[str, None] = {}
        for chunk in re.split(r"[,;|\n]+", text):
            words = [chunk] if fold(chunk) in known else chunk.split()
            for word in words:
                if fold(word) not in known:
                    raise Unreadable(
                        f"« {word} » n’est pas une partie de la pièce {requirement.code}",
                        f"écrire {_either(part.code for part in requirement.parts)}, "
                        "ou laisser vide pour la pièce entière",
                    )
                found[known[fold(word)]] = None
        return tuple(found) or tuple(part.code for part in requirement.parts)

    def obligation(self, text: str) -> str:
        """`fund-report:2021`, `action_plan`, « Programme d’action », « Bilan annuel du fonds 2021 »."""
        deadline, year = self._deadlines.get(fold(text)), ""
        if deadline is None:
            stem, year = _with_year(text)
            deadline = self._deadlines.get(fold(stem))
        names = [name for name in self._programme.obligation_names() if not self._ends(name)]
        if deadline is None:
            raise Unreadable("échéance inconnue", f"écrire {_either(names)}")
        if self._ends(deadline.name):
            raise Unreadable(
                "la fin d’une convention ne se proroge pas", "inscrire au tableau conventions celle qui la suit"
            )
        name = f"{deadline.name}:{year}" if year else deadline.name
        if name not in names:
            own = [each for each in names if each.partition(":")[0] == deadline.name]
            yearly = own != [deadline.name]
            problem = (
                ("cette échéance est annuelle" if not year else "cette échéance n’a pas lieu cette année-là")
                if yearly
                else ("cette échéance n’est pas annuelle")
            )
            raise Unreadable(problem, f"écrire {_either(own)}")
        return name

    def axis(self, text: str) -> str:
        """`1.1` … `3.7`; a comma for the point is accepted."""
        code = text.replace(",", ".").removesuffix(".").strip()
        if code not in self._axes:
            raise Unreadable("axe inconnu", "écrire l’un des axes du programme, de 1.1 à 3.7")
        return code

    def _ends(self, obligation: str) -> bool:
        return self._programme.deadline_of(obligation).armed_by == "signature"

    def _region(self, text: str) -> str | None:
        for candidate in (text, text.zfill(2)):
            if candidate in self._calendar.regions:
                return candidate
        return self._regions.get(fold(text))


def code_named(text: str, titles: Mapping[str, str], unknown: str) -> str:
    """The code that a text names in a closed list, by itself or by its French title; `unknown` says what it is not."""
    codes = {fold(name): code for code, title in titles.items() for name in (title, code)}
    if fold(text) not in codes:
        raise Unreadable(unknown, f"écrire {_either(titles)}")
    return codes[fold(text)]


def _with_year(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)[\s@:_/(-]+((?:19|20)[0-9]{2})\)?", text.strip())
    return (found[1], found[2]) if found else (text, "")


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} ou {last}" if others else last
