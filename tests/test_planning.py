"""Which instants does a campaign put on the schedule, and which looks does a rehearsal make?"""

from datetime import UTC, date, datetime
from pathlib import Path

from tasks.campaigns import open_campaign
from tasks.planning import Look, looks, moments, plan_rows
from tests.test_cli import CAMPAIGN, CONTACTS, TERRITORIES

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def a_campaign_of_two(folder: Path, url: str, document: str = CAMPAIGN) -> str:
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    (tables / "territoires.csv").write_text(TERRITORIES, encoding="utf-8")
    (tables / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    open_campaign(document, name="the campaign", at=AT, author="essai", tables=[tables], url=url)
    return "2027"


def test_each_step_has_its_instant_in_each_zone(sqlite_url: str, tmp_path: Path) -> None:
    campaign = a_campaign_of_two(tmp_path, sqlite_url)
    told = [(moment.at.astimezone(UTC), moment.label) for moment in moments(campaign, None, AT, url=sqlite_url)]
    assert [each for each in told if each[0] < datetime(2027, 2, 1, tzinfo=UTC)] == [
        # due on Sunday 28/02/2027: J-60 is Wednesday 30/12, J-30 Friday 29/01
        (datetime(2026, 12, 30, 5, 0, tzinfo=UTC), "Candidature 2027 · J-60 · La Réunion"),
        (datetime(2026, 12, 30, 8, 0, tzinfo=UTC), "Candidature 2027 · J-60"),
        (datetime(2027, 1, 29, 5, 0, tzinfo=UTC), "Candidature 2027 · J-30 · La Réunion"),
        (datetime(2027, 1, 29, 8, 0, tzinfo=UTC), "Candidature 2027 · J-30"),
    ]


def test_a_moved_date_moves_the_instants(sqlite_url: str, tmp_path: Path) -> None:
    moved = CAMPAIGN.replace(
        'candidature: {date: 2027-02-28, cite: "note-2026-11-02, page 1"}',
        'candidature:\n    - {date: 2027-02-28, cite: "note-2026-11-02, page 1"}\n'
        '    - {date: 2027-03-31, since: 2026-11-24, cite: "note-2026-11-24, page 1"}',
    )
    campaign = a_campaign_of_two(tmp_path, sqlite_url)
    a_campaign_of_two(tmp_path, sqlite_url, moved)
    candidature = [
        (moment.at.astimezone(UTC).date(), moment.label)
        for moment in moments(campaign, date(2027, 1, 1), AT, url=sqlite_url)
        if moment.deadline == "candidature" and "Réunion" not in moment.label
    ]
    assert candidature == [
        (date(2027, 1, 29), "Candidature 2027 · J-60"),  # Saturday 30/01 gives way to Friday
        (date(2027, 3, 1), "Candidature 2027 · J-30"),
        (date(2027, 3, 16), "Candidature 2027 · J-15"),
        (date(2027, 3, 24), "Candidature 2027 · J-7"),
        (date(2027, 3, 26), "Candidature 2027 · J-2"),  # 29/03 is Easter Monday: Friday before
        (date(2027, 4, 1), "Candidature 2027 · J+1"),
        (date(2027, 4, 7), "Candidature 2027 · J+7"),
    ]


def test_a_rehearsal_looks_only_when_something_is_decided(sqlite_url: str, tmp_path: Path) -> None:
    campaign = a_campaign_of_two(tmp_path, sqlite_url)
    start, end = date(2027, 1, 20), date(2027, 2, 15)
    found = looks(campaign, start, end, url=sqlite_url)
    # 20/01 is 21 days after J-60: too late, it is recorded as missed; then J-30 and J-15
    assert [(look.at.astimezone(UTC), look.zone, look.deadlines) for look in found] == [
        (datetime(2027, day_month[1], day_month[0], hour, 0, tzinfo=UTC), zone, ("candidature",))
        for day_month in ((20, 1), (29, 1), (12, 2))
        for hour, zone in ((5, "Indian/Reunion"), (8, "Europe/Paris"))
    ]
    planned = {row["at"] for row in plan_rows(campaign, start=start, end=end, url=sqlite_url)}
    assert planned == {look.at.isoformat() for look in found if look.at.astimezone(UTC).date() != start}
    assert isinstance(found[0], Look)


def test_the_recteur_of_guadeloupe_s_region_reads_for_saint_martin(sqlite_url: str, tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    header = TERRITORIES.splitlines()[0]
    rows = ["marigot;Marigot;97801;978;978;commune;non;;;", "bourg;Bourg-en-Bresse;01053;01;84;commune;non;;;"]
    (tables / "territoires.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    (tables / "contacts.csv").write_text(
        "role;perimetre;nom;courriel;canal\n"
        "recteur;region:01;Rectorat;recteur@guadeloupe.test;\n"
        "prefet_region;region:01;SGAR;sgar@guadeloupe.test;\n",
        encoding="utf-8",
    )
    open_campaign(CAMPAIGN, name="the campaign", at=AT, author="essai", tables=[tables], url=sqlite_url)
    told = plan_rows("2027", start=date(2027, 3, 1), end=date(2027, 3, 31), url=sqlite_url)
    assert [(row["territory"], row["step"], row["to"]) for row in told] == [
        ("marigot", 1, "recteur@guadeloupe.test"),
        ("marigot", 7, "recteur@guadeloupe.test"),
    ]
