"""Is it time to tell the régions and the coordination where things stand, and was it told already?

A digest is posted once an occasion: whoever asks again finds it posted. Nothing of it has an effect on reminders.
"""

from collections.abc import Iterator
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.queries import campaign_by_code, known_dossiers
from models.rules.calendar import local
from models.rules.digests import is_spoken_of, load_digests
from models.watch_queries import people_of, posted_already
from tasks.database import reading, transaction
from tasks.digest_facts import Country
from tasks.posting import ToPost, letters_to, post_all, readers_of


@task(task_run_name="synthèses · {campaign}", cache_policy=NO_CACHE)
def post_digests(campaign: str, at: datetime) -> dict[str, int]:
    """Post the digests whose occasion has come at `at` and that were not posted yet; gives {"digests": how many}.

    There are none of a campaign that has not begun or is over, nor for an occasion before it was opened here.
    """
    with reading() as session:
        letters = list(_due(session, campaign, at))
    if not letters:
        return {"digests": 0}
    with transaction() as session:
        row, _ = campaign_by_code(session, campaign)
        return {"digests": post_all(session, row, letters, deadline="digest", at=at)}


def _due(session: Session, code: str, at: datetime) -> Iterator[ToPost]:
    campaign, programme = campaign_by_code(session, code)
    assert campaign.id is not None
    said = load_digests(programme.edition)
    zone = programme.calendar.national_zone
    periods = {digest.letter: digest.period(local(at, zone).date()) for digest in (said.regional, said.weekly)}
    asked = {
        letter
        for letter, period in periods.items()
        if local(campaign.opened_at, zone).date() <= period.occasion
        and not posted_already(session, f"{letter}:{code}:{period.occasion}:")
    }
    dossiers = known_dossiers(session, campaign.id) if asked else []
    if not dossiers or not is_spoken_of(programme, [each.dossier for each in dossiers], local(at, zone).date()):
        return
    country, people = Country(session, campaign, programme, dossiers, at), people_of(session, campaign.id)
    if said.weekly.letter in asked:
        period = periods[said.weekly.letter]
        facts = country.national(said.weekly, period)
        yield from letters_to(
            readers_of(country.directory, people, country.dossiers, said.weekly.to),
            said.weekly.letter,
            facts,
            occasion=f"{code}:{period.occasion}",
            departements=(said.seat,),
        )
    if said.regional.letter in asked:
        period = periods[said.regional.letter]
        for region in sorted({dossier.region for dossier in country.dossiers}):
            theirs = [dossier for dossier in country.dossiers if dossier.region == region]
            facts = country.regional(region, said.regional, period)
            if facts:
                yield from letters_to(
                    readers_of(country.directory, people, theirs, said.regional.to),
                    said.regional.letter,
                    facts,
                    occasion=f"{code}:{period.occasion}:{region}",
                    departements=tuple(sorted({dossier.departement for dossier in theirs})),
                )
