"""How does a campaign come into being, with its obligations and, if given, its tables?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from models.intake_queries import territory_ids
from models.queries import count_obligations, find_campaign
from models.rules.campaign_file import load_campaign, read_campaign_file
from models.rules.programme import Programme
from models.rules.yaml_files import ProgrammeRefused
from models.tables import Campaign, Obligation
from notifications.render import letters
from tasks.database import add_new, prepare, transaction
from tasks.events import an_event, record
from tasks.intake import IntakeRefused, IntakeReport, take_into


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What an opening did. `change`: opened, corrected, or unchanged."""

    code: str
    title: str
    change: str
    territories: int
    obligations: int
    intake: IntakeReport | None


def open_campaign_file(
    path: Path, *, at: datetime, author: str, tables: Path | None = None, url: str | None = None
) -> Opening:
    """Open the campaign of a file; its tables come from `tables`, or from where the file says.

    Raises ProgrammeRefused, IntakeRefused (with every fault); then nothing at all is written.
    """
    document, given = read_opening(path, tables)
    return open_campaign(document, name=str(path), at=at, author=author, tables=given, url=url)


def read_opening(path: Path, tables: Path | None) -> tuple[str, list[Path]]:
    """The text of a campaign file, and the tables that come with it. Raises ProgrammeRefused."""
    document = read_campaign_file(path)
    programme = _loaded(document, str(path))
    if tables is None and programme.tables:
        tables = path.parent / programme.tables
    if tables is not None and not tables.exists():
        raise ProgrammeRefused(f"{path}: its tables «{tables}» do not exist: mend `tables:`, or give --tables PATH")
    return document, [tables] if tables else []


def open_campaign(
    document: str, *, name: str, at: datetime, author: str, tables: Sequence[Path] = (), url: str | None = None
) -> Opening:
    """Open a campaign from the text of its file, or bring an open one to what it now says; twice changes nothing."""
    programme = _loaded(document, name)
    prepare(url)
    with transaction(url) as session:
        return open_within(session, programme, document, at=at, author=author, tables=tables)


def open_within(
    session: Session, programme: Programme, document: str, *, at: datetime, author: str, tables: Sequence[Path]
) -> Opening:
    """`open_campaign` within a transaction; `programme` is what `document` says. Raises IntakeRefused."""
    campaign = find_campaign(session, programme.code)
    change = "unchanged"
    if campaign is None:
        change = "opened"
        campaign = Campaign(
            code=programme.code, title=programme.title, edition=programme.edition, opens=programme.opens,
            document=document, opened_at=at,
        )  # fmt: skip
        session.add(campaign)
    elif campaign.document != document:
        change = "corrected"
    if change != "unchanged":
        opening = an_event(
            at, author, change, "campaign", campaign=programme.code,
            before={"document": campaign.document} if change == "corrected" else None,
            after={"document": document},
        )  # fmt: skip
        campaign.title, campaign.edition = programme.title, programme.edition
        campaign.opens, campaign.document = programme.opens, document
        session.flush()  # the campaign's lock first, then the record's: the same order as an intake
        record(session, [opening])
    intake = None
    if tables:
        intake = take_into(session, list(tables), campaign=programme.code, at=at, author=author)
        if intake.faults:
            raise IntakeRefused(intake)
    assert campaign.id is not None
    territories = territory_ids(session, campaign.id)
    add_new(session, Obligation, _obligations(territories.values(), programme.obligation_names()))
    return Opening(
        code=programme.code,
        title=programme.title,
        change=change,
        territories=len(territories),
        obligations=count_obligations(session, campaign.id),
        intake=intake,
    )


def _loaded(document: str, name: str) -> Programme:
    """What the file says, its letters being ones that can be written. Raises ProgrammeRefused."""
    programme = load_campaign(document, name=name)
    known = letters()
    for letter in programme.letters_named():
        if letter not in known:
            line = next((number for number, text in enumerate(document.splitlines(), 1) if letter in text), 1)
            raise ProgrammeRefused(
                f"{name}, line {line}: no letter is called «{letter}»: use one of {', '.join(known)}, "
                f"or write it in notifications/templates/{letter}/"
            )
    return programme


def _obligations(territories: Iterable[int], names: tuple[str, ...]) -> list[dict[str, int | str]]:
    return [{"territory_id": territory, "deadline": name} for territory in territories for name in names]
