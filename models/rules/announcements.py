"""Which letters does an event bring, once each: an opening, a receipt, a decision, an extension? (semantics §3.10)"""

from collections.abc import Iterable
from datetime import date, timedelta

from models.rules.calendar import local
from models.rules.completeness import owners, satisfied_since
from models.rules.dossier import DecisionFact, Terms, standing_decision, terms
from models.rules.event_letters import DECISION, EXTENSION, OPENING, RECEIPT, EventLetter
from models.rules.looks import Look
from models.rules.notices import Key, Occasion, Round
from models.words import Role, Verdict


def announce_opening(look: Look, found: Round, present: Terms) -> None:
    """Tell whoever owes a part that the campaign is open."""
    opens = look.programme.opens
    occasion = Occasion(day=opens, name=opens.isoformat())
    _tell(look, found, present.due, OPENING, occasion)


def acknowledge(look: Look, found: Round, present: Terms) -> None:
    """Tell those who owed the parts that the obligation is satisfied, and since when."""
    if look.deadline.armed_by == "signature":
        follower = look.follower(present)
        if follower is None or follower.signed_on is None:
            return
        day = max(follower.signed_on, present.armed_on or follower.signed_on)
        name = f"{follower.signed_on.isoformat()}/{present.due.isoformat()}"
    else:
        since = satisfied_since(look.programme, look.dossier, look.obligation, look.at)
        if since is None or present.born_on is None:
            return
        day, name = max(local(since, look.zone).date(), present.born_on), since.isoformat()
    _tell(look, found, present.due, RECEIPT, Occasion(day=day, name=name))


def announce_decision(look: Look, found: Round) -> None:
    """Tell the decision that stands; the letter of a label has more readers."""
    last = standing_decision(look.dossier, look.day)
    if last is None:
        return
    [present] = terms(look.programme, look.dossier, look.obligation, look.day)
    letter = look.programme.letters[DECISION]
    copies = letter.copies + (letter.if_labelled if last.verdict is Verdict.LABELLED else ())
    occasion = Occasion(
        day=last.day,
        name=decision_name(last),
        verdict=last.verdict.value,
        authority=last.authority,
        grounds=last.grounds,
    )
    _tell(look, found, present.due, DECISION, occasion, copies)


def announce_extension(look: Look, found: Round, present: Terms) -> None:
    """Tell the extension that gave the due date, once it holds."""
    extension = present.extension
    if extension is None or present.born_on is None:
        return
    occasion = Occasion(
        day=extension.granted_on,
        name=f"{extension.granted_on.isoformat()}/{present.due.isoformat()}",
        authority=extension.authority,
        grounds=extension.grounds,
        previous_due=present.previous_due,
        reference=extension.reference,
    )
    _tell(look, found, present.due, EXTENSION, occasion, since=present.born_on)


def decision_name(decision: DecisionFact) -> str:
    return f"{decision.day.isoformat()}/{decision.verdict.value}"


def _tell(
    look: Look, found: Round, due_on: date, event: str, occasion: Occasion,
    copies: Iterable[Role] | None = None, since: date | None = None,
) -> None:  # fmt: skip
    known_on = max(occasion.day, since) if since else occasion.day
    effective = look.programme.calendar.next_working_day(known_on, look.dossier.departement)
    if not effective <= look.day <= effective + timedelta(days=look.programme.grace_days):
        return
    letter = look.programme.letters[event]
    main, reading = _main_readers(look, letter), set(letter.copies if copies is None else copies)
    for recipient in look.readers:
        if recipient.role not in main | reading:
            continue
        key = Key(occasion.day, event, occasion.name, recipient.contact)
        if key not in look.recorded:
            copy = recipient.role not in main
            notice = look.notice(key, recipient, due_on, letter.letter, effective, copy=copy, event=occasion)
            found.due.append(notice)
    look.notice_gaps(found, occasion.day, event, occasion.name, main, reading)


def _main_readers(look: Look, letter: EventLetter) -> set[Role]:
    match letter.group:
        case "owners":
            return set(owners(look.programme, look.dossier, look.obligation))
        case "owners_of_missing":
            return look.owing()
        case _:
            return set(letter.to)
