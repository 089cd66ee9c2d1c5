"""How balanced is the co-financing of a territory, a département, a région, the nation?

For one year and one stage (planned, notified, paid), from funding lines in whole cents (semantics §6). The State's own
15 000 € for the fund are taken from its grant, which already counts them: they are never counted twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.rules.programme import Funding
from models.words import Funder, Kind, Purpose

STAGES = ("planned", "notified", "paid")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
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
        return {"planned": self.planned, "notified": self.notified, "paid": self.paid}[stage]

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
    by_territory: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_territory[line.territory].append(line)

    def group(key: Callable[[Place], str]) -> dict[str, list[Line]]:
        grouped: dict[str, list[Line]] = {}
        for place in places:
            grouped.setdefault(key(place), []).extend(by_territory[place.territory])
        return dict(sorted(grouped.items()))

    everything = [line for place in places for line in by_territory[place.territory]]
    departements = group(lambda place: place.departement)
    for code in envelopes:
        departements.setdefault(code, [])
    return {
        "territories": [
            {"territory": place.territory, **_side(funding, by_territory[place.territory], stage),
             "findings": _findings(funding, by_territory[place.territory], stage)}
            for place in places
        ],
        "departements": [
            _departement(funding, code, departements[code], envelopes.get(code), stage)
            for code in sorted(departements)
        ],
        "regions": [
            {"region": code, **_side(funding, each, stage), "findings": _imbalance(funding, each, stage)}
            for code, each in group(lambda place: place.region).items()
        ],
        "nation": {**_side(funding, everything, stage), "findings": _imbalance(funding, everything, stage)},
    }  # fmt: skip


def euros(cents: int) -> str:
    """An amount as French letters write it: 1 234,50 €."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\u202f")
    return f"{'−' if cents < 0 else ''}{grouped}{f',{rest:02d}' if rest else ''}\u00a0€"


def _side(funding: Funding, lines: list[Line], stage: str) -> dict[str, Any]:
    state = local = other = in_kind = common_law = 0
    for line in lines:
        amount = line.at(stage)
        if line.kind is Kind.IN_KIND:
            in_kind += amount
        elif line.mainstream:
            common_law += amount
        elif line.funder in funding.state:
            if not (line.purpose is Purpose.FUND and line.funder in funding.taken_from_grant):
                state += amount
        elif line.funder in funding.local:
            local += amount
        else:
            other += amount
    city, education = _fund(lines, stage, Funder.VILLE), _fund(lines, stage, Funder.EDUCATION)
    return {
        "state": state,
        "local": local,
        "other": other,
        "gap": state - local,
        "local_share": round(local / (state + local), 3) if state + local else None,
        "leverage": round((local + other) / state, 3) if state else None,  # E124
        "fund_city": city,
        "fund_education": education,
        "fund_parity": city == education,
        "in_kind": in_kind,  # such as the people that the education ministry lends (E240)
        "common_law": common_law,
    }


def _fund(lines: list[Line], stage: str, funder: Funder) -> int:
    return sum(
        line.at(stage) for line in lines if line.counts() and line.purpose is Purpose.FUND and line.funder is funder
    )


def _grant(lines: list[Line], stage: str) -> int:
    return sum(
        line.at(stage)
        for line in lines
        if line.counts() and line.purpose is Purpose.PROGRAMME and line.funder is Funder.VILLE
    )


def _findings(funding: Funding, lines: list[Line], stage: str) -> list[dict[str, Any]]:
    city, education = _fund(lines, stage, Funder.VILLE), _fund(lines, stage, Funder.EDUCATION)
    grant = _grant(lines, stage)
    found = []
    for name, share in (("ville", city), ("éducation nationale", education)):
        if share != funding.fund_share:
            found.append(
                _finding("fund_amount", share, f"Fonds : part {name} de {euros(share)} au lieu de "
                                               f"{euros(funding.fund_share)}")
            )  # fmt: skip
    if city != education:
        found.append(
            _finding("fund_parity", city - education, f"Fonds : parts inégales, ville {euros(city)}, "
                                                      f"éducation nationale {euros(education)}")
        )  # fmt: skip
    if city > grant:
        found.append(
            _finding("fund_exceeds_grant", city - grant, f"Fonds : la part ville ({euros(city)}) dépasse la subvention "
                                                         f"annuelle ({euros(grant)}) sur laquelle elle est prise")
        )  # fmt: skip
    for line in lines:
        if line.paid > line.notified:
            found.append(
                _finding(
                    "paid_above_notified",
                    line.paid - line.notified,
                    f"{line.funder.value}, {line.purpose.value} : "
                    f"versé {euros(line.paid)}, notifié {euros(line.notified)}",
                )
            )
    return found + _imbalance(funding, lines, stage)


def _imbalance(funding: Funding, lines: list[Line], stage: str) -> list[dict[str, Any]]:
    side = _side(funding, lines, stage)
    both = side["state"] + side["local"]
    if funding.imbalance_tolerance is None or not both:
        return []
    if abs(side["local"] / both - 1 / 2) <= funding.imbalance_tolerance:
        return []
    return [_finding("imbalance", side["gap"], f"Cofinancement : écart de {euros(side['gap'])} entre l’État et les "
                                               "collectivités, au-delà de la tolérance")]  # fmt: skip


def _departement(funding: Funding, code: str, lines: list[Line], envelope: int | None, stage: str) -> dict[str, Any]:
    left = None if envelope is None else envelope - _grant(lines, stage)
    found = _imbalance(funding, lines, stage)
    if left is not None and left < 0:
        found.insert(0, _finding("envelope_exceeded", left, f"Enveloppe dépassée de {euros(-left)}"))
    return {
        "departement": code,
        **_side(funding, lines, stage),
        "envelope": envelope,
        "envelope_left": left,
        "findings": found,
    }


def _finding(code: str, amount: int, words: str) -> dict[str, Any]:
    return {"code": code, "amount": amount, "text": words}
