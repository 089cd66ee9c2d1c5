"""Does the database itself refuse what must never be?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import select

from models.event_tables import Event
from models.tables import Campaign, Contact, Decision, Territory
from models.words import LeadAuthority, Role, Verdict
from tasks.database import prepare, transaction

OPENED = datetime(2020, 10, 15, 7, 0, tzinfo=UTC)


def a_campaign(url: str) -> int:
    with transaction(url) as session:
        campaign = Campaign(
            code="2021", title="Extension 2021", edition="vade-mecum-2020", opens=date(2020, 10, 15), document="",
            opened_at=OPENED,
        )  # fmt: skip
        session.add(campaign)
        session.flush()
        territory = Territory(
            campaign_id=campaign.id, code="douai", name="Douai", departement="59", region="32",
            lead_authority=LeadAuthority.COMMUNE,
        )  # fmt: skip
        session.add(territory)
        session.flush()
        return territory.id  # type: ignore[return-value]


def test_an_instant_comes_back_aware_and_in_utc(database_url: str) -> None:
    with transaction(database_url) as session:
        paris = timezone(timedelta(hours=1))
        session.add(Event(at=datetime(2021, 2, 19, 9, 0, tzinfo=paris), author="a", action="added", subject="pieces"))
    with transaction(database_url) as session:
        assert session.exec(select(Event.at)).one() == datetime(2021, 2, 19, 8, 0, tzinfo=UTC)
        assert session.exec(select(Event.at)).one().utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(database_url: str) -> None:
    with pytest.raises(StatementError, match="give it an offset"), transaction(database_url) as session:
        session.add(Event(at=datetime(2021, 2, 19, 9, 0), author="a", action="added", subject="pieces"))  # noqa: DTZ001


def test_a_word_outside_the_vocabulary_is_refused_by_the_database(database_url: str) -> None:
    territory = a_campaign(database_url)
    with pytest.raises(IntegrityError), transaction(database_url) as session:
        session.execute(
            text("INSERT INTO decision (territory_id, verdict, day, authority, grounds, rank) "
                 "VALUES (:territory, 'peut-etre', '2021-03-26', '', '', 0)"),
            {"territory": territory},
        )  # fmt: skip


def test_words_are_stored_as_people_type_them(database_url: str) -> None:
    territory = a_campaign(database_url)
    with transaction(database_url) as session:
        session.add(Decision(territory_id=territory, verdict=Verdict.LABELLED, day=date(2021, 3, 26)))
    with transaction(database_url) as session:
        assert session.execute(text("SELECT verdict FROM decision")).scalar_one() == "labellise"


def test_a_territory_has_one_code_in_a_campaign(database_url: str) -> None:
    a_campaign(database_url)
    with pytest.raises(IntegrityError), transaction(database_url) as session:
        session.add(
            Territory(
                campaign_id=1, code="douai", name="Autre", departement="59", region="32",
                lead_authority=LeadAuthority.COMMUNE,
            )
        )  # fmt: skip


def test_a_contact_without_an_address_is_refused_by_the_database(database_url: str) -> None:
    a_campaign(database_url)
    with pytest.raises(IntegrityError), transaction(database_url) as session:
        session.add(Contact(campaign_id=1, role=Role.PREFET, perimeter="departement:59", email=""))


@pytest.mark.parametrize("change", ["UPDATE event SET author = 'b'", "DELETE FROM event"])
def test_an_event_is_never_changed_nor_erased(database_url: str, change: str) -> None:
    with transaction(database_url) as session:
        session.add(Event(at=OPENED, author="a", action="added", subject="pieces"))
    with pytest.raises(DBAPIError, match="appended only"), transaction(database_url) as session:
        session.execute(text(change))


def test_a_transaction_that_fails_leaves_nothing(database_url: str) -> None:
    with pytest.raises(RuntimeError), transaction(database_url) as session:
        session.add(Event(at=OPENED, author="a", action="added", subject="pieces"))
        session.flush()
        raise RuntimeError("the power went out")
    with transaction(database_url) as session:
        assert session.exec(select(Event)).all() == []


def test_preparing_a_prepared_database_changes_nothing(database_url: str) -> None:
    a_campaign(database_url)
    prepare(database_url)
    with transaction(database_url) as session:
        assert session.exec(select(Territory.code)).all() == ["douai"]
