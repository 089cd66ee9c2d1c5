"""Which letter does an opening, a receipt, a decision or an extension bring, and to whom?"""

from dataclasses import dataclass

from models.rules.yaml_files import CITATION_KEYS, Place
from models.words import Role

EVENT_LETTERS = OPENING, RECEIPT, DECISION, EXTENSION = ("opening", "receipt", "decision", "extension")
GROUPS = ("owners", "owners_of_missing")


@dataclass(frozen=True, kw_only=True)
class EventLetter:
    """Who receives the letter of an opening, a receipt, a decision, an extension."""

    to: tuple[Role, ...]
    group: str  # owners, owners_of_missing, or nothing when `to` names roles
    copies: tuple[Role, ...]
    if_labelled: tuple[Role, ...]
    letter: str


def read_letters(reminders: Place, campaign: Place) -> dict[str, EventLetter]:
    """The letters of an edition's `reminders.yaml` by event, with what a campaign says over them."""
    places = dict(reminders.need("letters").items())
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
