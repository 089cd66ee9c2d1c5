"""What do tests of flows need: a small campaign in the tables, and a home whose Prefect is ready?"""

import os
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from deployments.environment import prefect_home
from models.rules.calendar import instant
from models.rules.campaign_file import load_campaign
from tasks.campaigns import open_campaign
from tasks.settings import settings
from tests.builders import a_campaign_file

OPENED = instant(date(2020, 10, 15), 8, "Europe/Paris")
J_7 = instant(date(2021, 2, 19), 9, "Europe/Paris")  # the 21st is a Sunday
J_7_REUNION = instant(date(2021, 2, 19), 9, "Indian/Reunion")

TERRITORIES = """code;nom;communes;departement;region;chef_de_file;demande_moyens
douai;Douai | <img src=x>;59178;59;32;commune;non
lens;Lens;62498;62;32;commune;non
saint-denis-974;Saint-Denis;97411;974;04;commune;non
"""
CONTACTS = """role;perimetre;nom;courriel
chef_de_file;douai;Mairie;mairie@douai.test
prefet;departement:59;Préfecture;prefet@nord.test
dasen;departement:59;DASEN;dasen@nord.test
prefet;departement:62;Préfecture;prefet@pas-de-calais.test
dasen;departement:62;DASEN;dasen@pas-de-calais.test
chef_de_file;saint-denis-974;Mairie;mairie@saint-denis.test
"""


def a_small_campaign(folder: Path, url: str | None = None, **changes: object) -> str:
    """Open a campaign of three territories, one overseas, one with nobody as its chef de file; gives its code."""
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    (tables / "territoires.csv").write_text(TERRITORIES, encoding="utf-8")
    (tables / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    document = a_campaign_file(**changes)
    open_campaign(document, name="campaign.yaml", at=OPENED, author="essai", tables=[tables], url=url)
    return load_campaign(document, name="campaign.yaml").code


def a_home_with_prefect(made: Path, home: Path) -> Path:
    """This home, in which Prefect's database `made` before stands where `cites up` and a command of its own have it."""
    for prefect in (prefect_home(home), prefect_home(prefect_home(home) / "private" / "1")):
        prefect.mkdir(parents=True)
        shutil.copy(made, prefect / made.name)
    return home


def without_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in this process's environment speaks of a Prefect server: another test's is not this one's."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)


def letters() -> list[Path]:
    """The letters that have left, by name."""
    return sorted((settings().home / "mail").glob("*.eml"))


def at(day: str, clock: str, zone: str = "Europe/Paris") -> datetime:
    """An instant from the clock of a zone, as "2021-02-19", "09:00"."""
    hour, minute = clock.split(":")
    return instant(date.fromisoformat(day), int(hour), zone).replace(minute=int(minute))
