"""What does a first look at the engine show?

The 2021 campaign as of its J-7, and beside it a trial campaign of the same territories whose dates lie ahead.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

from models.rules.calendar import instant
from tasks.campaigns import Opening, open_campaign, open_campaign_file

EXAMPLE = Path(__file__).parent / "example"
AS_OF = instant(date(2021, 2, 19), 9, "Europe/Paris")  # J-7, brought forward from Sunday 21 February
TRIAL = "essai"


def open_examples(at: datetime) -> list[Opening]:
    """Open both campaigns, or find them open already: doing it twice changes nothing."""
    author = "le jeu d’exemple"
    example = open_campaign_file(EXAMPLE / "campaign-2021.yaml", at=at, author=author)
    return [example, _open_trial(at, author)]


def _open_trial(at: datetime, author: str) -> Opening:
    from models.queries import NoSuchCampaign, campaign_by_code
    from tasks.database import reading

    try:
        with reading() as session:
            document = campaign_by_code(session, TRIAL)[0].document  # its dates are those of its first day
    except NoSuchCampaign:
        document = trial_document(at.date())
    tables = [EXAMPLE / "tables" / name for name in ("territoires.csv", "contacts.csv")]
    return open_campaign(document, name="trial campaign", at=at, author=author, tables=tables)


def trial_document(today: date) -> str:
    """A campaign file whose deadlines lie in the months after `today`."""
    why = "campagne d’essai : dates tirées du jour de son ouverture"
    start = date(today.year + 1, 1, 1)
    years = ", ".join(f"{start.year + each}: {start.year + each + 1}-03-31" for each in range(3))

    def ahead(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    return f"""campaign: "{TRIAL}"
title: Campagne d’essai
edition: vade-mecum-2020
opens: {ahead(1)}
assumption: "{why}"
deadlines:
  candidature: {{date: {ahead(75)}, assumption: "{why}"}}
  action_plan: {{date: {ahead(150)}, assumption: "{why}"}}
  convention: {{date: {ahead(196)}, assumption: "{why}"}}
  fund_report: {{occurrences: {{{years}}}, assumption: "{why}"}}
  cell_report: {{occurrences: {{{years}}}, assumption: "{why}"}}
convention: {{start: {start}, end: {start.year + 2}-12-31, assumption: "{why}"}}
"""
