"""How is money counted: which funders are whose, what goes to the fund, how far from one half is still balanced?"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.rules.yaml_files import Place
from models.words import Funder


@dataclass(frozen=True, kw_only=True)
class Funding:
    """How money is counted: amounts in cents, the two sides by funder, the tolerance around one half (or none)."""

    fund_share: int
    state: frozenset[Funder]
    taken_from_grant: frozenset[Funder]
    local: frozenset[Funder]
    imbalance_tolerance: float | None


def read_funding(edition: Place, campaign: Place, texts: Mapping[str, str]) -> Funding:
    """The money rules of an edition, with what a campaign's `funding:` says over them; refused in words."""
    places = dict(edition.items())
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
