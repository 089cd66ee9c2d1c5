"""What do tests of the mail room need: three cités of one département, passes, deliveries, and what left?"""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlmodel import select

from models.rules.campaign_file import load_campaign
from models.tables import Message, Notice
from models.words import MessageStatus, NoticeStatus
from tasks.campaigns import open_campaign
from tasks.database import reading
from tasks.delivery import deliver
from tasks.intake import take_in
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tests.builders import a_campaign_file
from tests.prefect_builders import J_7, OPENED

TERRITORIES = """code;nom;communes;departement;region;chef_de_file;demande_moyens
douai;Douai;59178;59;32;commune;non
maubeuge;Maubeuge;59392;59;32;commune;non
roubaix;Roubaix;59512;59;32;commune;non
"""
CONTACTS = """role;perimetre;nom;courriel
chef_de_file;douai;Mairie de Douai;mairie@douai.test
chef_de_file;maubeuge;Mairie de Maubeuge;mairie@maubeuge.test
chef_de_file;roubaix;Mairie de Roubaix;mairie@roubaix.test
prefet;departement:59;Préfecture du Nord;prefet@nord.test
dasen;departement:59;DASEN du Nord;dasen@nord.test
"""
EVERYBODY = ["dasen@nord.test", "mairie@douai.test", "mairie@maubeuge.test", "mairie@roubaix.test", "prefet@nord.test"]
HELD = {"assumption": "essai", "held": ["reminder_near", "reminder_last_days"]}


def point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's settings point at this database."""
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()


def a_campaign_of_the_north(folder: Path, *, opened: datetime = OPENED, **changes: object) -> str:
    """Open a campaign of three cités that share a préfet and a DASEN; gives its code."""
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    (tables / "territoires.csv").write_text(TERRITORIES, encoding="utf-8")
    (tables / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    document = a_campaign_file(**changes)
    open_campaign(document, name="campaign.yaml", at=opened, author="essai", tables=[tables])
    return load_campaign(document, name="campaign.yaml").code


def a_north_already_told(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same campaign in this database, whose reminders of J-7 have left; gives `folder`."""
    point_at(url, monkeypatch)
    a_campaign_of_the_north(folder)
    a_pass(J_7)
    delivered(J_7)
    return folder


def imported(folder: Path, table: str, *lines: str, at: datetime = J_7) -> None:
    """Take these lines (the first are the headers) into the campaign of 2021."""
    path = folder / f"{table}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert take_in([path], campaign="2021", at=at, author="essai").faults == ()


def a_pass(at: datetime, deadline: str = "candidature") -> dict[str, int]:
    """One pass of the campaign of 2021, without its delivery: its figures."""
    run, regions = begin_run.fn("2021", deadline, at)
    return finish_run.fn(run, [decide.fn(run, region) for region in regions])


def delivered(at: datetime) -> list[str]:
    """What one delivery sends: the addresses, sorted."""
    before = set(mails())
    deliver.fn(at, "essai", at)
    return sorted(address_of(file) for file in set(mails()) - before)


def mails() -> list[Path]:
    return sorted((settings().home / "mail").glob("*.eml"))


def read(file: Path) -> EmailMessage:
    found = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def address_of(file: Path) -> str:
    return str(read(file)["To"].addresses[0].addr_spec)


def words_to(address: str) -> list[str]:
    """The texts of the letters that left to this address, in the order of their names."""
    found = []
    for file in mails():
        if address_of(file) == address:
            body = read(file).get_body(("plain",))
            assert body is not None
            found.append(str(body.get_content()))
    return found


def stands() -> list[tuple[str, MessageStatus]]:
    """Where each letter stands, in the order they were written."""
    with reading() as session:
        return [
            (row[0], row[1]) for row in session.execute(select(Message.address, Message.status).order_by(Message.id))
        ]  # type: ignore[arg-type]


def notices_to(address: str) -> list[NoticeStatus]:
    """Where the notices of the letters to this address stand."""
    with reading() as session:
        asked = select(Notice.status).join(Message, Message.id == Notice.message_id).where(Message.address == address)  # type: ignore[arg-type]
        return list(session.exec(asked.order_by(Notice.id)))  # type: ignore[arg-type]
