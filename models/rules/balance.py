"""How balanced is the co-financing of a territory, a département, a région, the nation?

For one year and one stage (planned, notified, paid), from funding lines in whole cents (semantics §6). The State's own
15 000 € for the fund are taken from its grant, which already counts them: they are never counted twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from models.rules.amounts import euros
from models.rules.funding import Funding
from models.words import Funder, Kind, Purpose

STAGES = ("planned", "notified", "paid")


class Line(NamedTuple):
    """One funding line, amounts in cents."""

    territory: str
    funder: Funder
    purpose: Purpose
    kind: Kind
    mainstream: bool
    planned: int
    notified: int
    paid: int

    def at(self, stage: str) -> int:
        return int(getattr(self, stage))

    def counts(self) -> bool:
        """Cash that is not mainstream: the only money that either side counts."""
        return self.kind is Kind.CASH and not self.mainstream


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a territory is."""

    territory: str
    departement: str
    region: str


def balance(
    funding: Funding,
    places: Iterable[Place],
    lines: Iterable[Line],
    envelopes: Mapping[str, int],
    stage: str,
) -> dict[str, Any]:
    """The balances docs/interface.md describes (`territories`, `departements`, `regions`, `nation`).

    `lines` are one year's; `envelopes` are that year's by département, in cents.
    """
    places = sorted(places, key=lambda place: place.territory)
    sums = {place.territory: _Sums() for place in places}
    overpaid: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.territory in sums:
            sums[line.territory].take(funding, line, line.at(stage))
            if line.paid > line.notified:
                overpaid[line.territory].append(line)
    nation = _Sums()
    departements: dict[str, _Sums] = {code: _Sums() for code in envelopes}
    regions: dict[str, _Sums] = {}
    for place in places:
        own = sums[place.territory]
        for wider in (
            departements.setdefault(place.departement, _Sums()), regions.setdefault(place.region, _Sums()), nation,
        ):  # fmt: skip
            wider.add(own)
    return {
        "territories": [
            {"territory": place.territory, **sums[place.territory].side(),
             "findings": _findings(funding, sums[place.territory], overpaid.get(place.territory, ()))}
            for place in places
        ],
        "departements": [
            _departement(funding, code, each, envelopes.get(code)) for code, each in sorted(departements.items())
        ],
        "regions": [
            {"region": code, **each.side(), "findings": _imbalance(funding, each)}
            for code, each in sorted(regions.items())
        ],
        "nation": {**nation.side(), "findings": _imbalance(funding, nation)},
    }  # fmt: skip


@dataclass(slots=True)
class _Sums:
    """What funding lines add up to at one stage, in cents; wider places are the sums of their parts."""

    state: int = 0
    local: int = 0
    other: int = 0
    in_kind: int = 0
    common_law: int = 0
    city: int = 0
    education: int = 0
    grant: int = 0

    def take(self, funding: Funding, line: Line, amount: int) -> None:
        """Count one line, once."""
        if line.kind is Kind.IN_KIND:
            self.in_kind += amount
            return
        if line.mainstream:
            self.common_law += amount
            return
        of_the_fund = line.purpose is Purpose.FUND
        if line.funder in funding.state:
            if not (of_the_fund and line.funder in funding.taken_from_grant):
                self.state += amount
        elif line.funder in funding.local:
            self.local += amount
        else:
            self.other += amount
        if line.funder is Funder.VILLE and of_the_fund:
            self.city += amount
        elif line.funder is Funder.VILLE:
            self.grant += amount
        elif line.funder is Funder.EDUCATION and of_the_fund:
            self.education += amount

    def add(self, other: "_Sums") -> None:
        """Count a part of this place."""
        self.state += other.state
        self.local += other.local
        self.other += other.other
        self.in_kind += other.in_kind
        self.common_law += other.common_law
        self.city += other.city
        self.education += other.education
        self.grant += other.grant

    def side(self) -> dict[str, Any]:
        """The figures that every level shows."""
        both = self.state + self.local
        return {
            "state": self.state,
            "local": self.local,
            "other": self.other,
            "gap": self.state - self.local,
            "local_share": round(self.local / both, 3) if both else None,
            "leverage": round((self.local + self.other) / self.state, 3) if self.state else None,  # E124
            "fund_city": self.city,
            "fund_education": self.education,
            "fund_parity": self.city == self.education,
            "in_kind": self.in_kind,  # such as the people that the education ministry lends (E240)
            "common_law": self.common_law,
        }


def _findings(funding: Funding, sums: _Sums, overpaid: Iterable[Line]) -> list[dict[str, Any]]:
    city, education = sums.city, sums.education
    found = []
    for name, share in (("ville", city), ("éducation nationale", education)):
        if share != funding.fund_share:
            found.append(_finding("fund_amount", share, _other_share(name, share, funding.fund_share)))
    if city != education:
        found.append(
            _finding("fund_parity", city - education, f"Fonds : parts inégales, ville {euros(city)}, "
                                                      f"éducation nationale {euros(education)}")
        )  # fmt: skip
    if city > sums.grant:
        found.append(
            _finding("fund_exceeds_grant", city - sums.grant,
                     f"Fonds : la part ville ({euros(city)}) dépasse la subvention "
                     f"annuelle ({euros(sums.grant)}) sur laquelle elle est prise")
        )  # fmt: skip
    for line in overpaid:
        found.append(
            _finding(
                "paid_above_notified",
                line.paid - line.notified,
                f"{line.funder.value}, {line.purpose.value} : versé {euros(line.paid)}, notifié {euros(line.notified)}",
            )
        )
    return found + _imbalance(funding, sums)


@lru_cache(maxsize=4096)
def _other_share(name: str, share: int, expected: int) -> str:
    return f"Fonds : part {name} de {euros(share)} au lieu de {euros(expected)}"


def _imbalance(funding: Funding, sums: _Sums) -> list[dict[str, Any]]:
    both, gap = sums.state + sums.local, sums.state - sums.local
    if funding.imbalance_tolerance is None or not both:
        return []
    if abs(sums.local / both - 1 / 2) <= funding.imbalance_tolerance:
        return []
    return [_finding("imbalance", gap, f"Cofinancement : écart de {euros(gap)} entre l’État et les collectivités, "
                                       "au-delà de la tolérance")]  # fmt: skip


def _departement(funding: Funding, code: str, sums: _Sums, envelope: int | None) -> dict[str, Any]:
    left = None if envelope is None else envelope - sums.grant
    found = _imbalance(funding, sums)
    if left is not None and left < 0:
        found.insert(0, _finding("envelope_exceeded", left, f"Enveloppe dépassée de {euros(-left)}"))
    return {
        "departement": code,
        **sums.side(),
        "envelope": envelope,
        "envelope_left": left,
        "findings": found,
    }


def _finding(code: str, amount: int, words: str) -> dict[str, Any]:
    return {"code": code, "amount": amount, "text": words}
