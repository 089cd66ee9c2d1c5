"""Is a cell against school avoidance followed by numbers alone, and do its files travel sealed and end in time?"""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from py7zr import SevenZipFile
from sqlalchemy import select

from deployments.description import DEPLOYMENTS
from models.life_tables import CellCount, CellSignature
from models.rules.cell import kept_until, load_cell, odd_counts, school_year
from models.rules.exchange import names_a_child
from models.rules.exchanged_tables import TABLES
from models.rules.planning import plan
from models.schema import metadata
from models.tables import Message, Notice, Unreachable
from models.words import NoticeStatus
from tasks import artifacts, sealed_archive
from tasks.cell import cells
from tasks.database import transaction
from tasks.intake import IntakeReport, take_in
from tasks.reminders import begin_run, decide, finish_run
from tasks.sealed_archive import ArchiveRefused, new_password, seal, unseal
from tasks.settings import settings
from tests.builders import PROPERTY, a_dossier, a_piece, a_programme, recipients_of
from tests.prefect_builders import a_small_campaign
from tests.test_cli import cites, refused

CELL = load_cell("vade-mecum-2020")
AT = datetime(2022, 3, 1, 8, 0, tzinfo=UTC)  # the 1st of March, 09:00 in Paris: thirty days before
DATED = {
    "cell_report": {"occurrences": {"2021": date(2022, 3, 31)}, "assumption": "le texte ne donne pas de date"},
}  # fmt: skip
RETURNED = "retours à l’école après mise en demeure"
WORD = "mot"
LABELS = (
    "territoire;decision;date;autorite;motif\n"
    + "".join(f"{code};labellise;2021-03-26;Ministres;\n" for code in ("douai", "lens", "saint-denis-974"))
)  # fmt: skip


@pytest.fixture
def campaign(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two labelled territories of the Hauts-de-France and one overseas, in a campaign that dates the cell's report."""
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path, deadlines=DATED)
    assert bring(tmp_path, code, decisions=LABELS).faults == ()
    return code


def bring(folder: Path, campaign: str, **tables: str) -> IntakeReport:
    paths = []
    for name, content in tables.items():
        path = folder / f"{name}.csv"
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return take_in(paths, campaign=campaign, at=AT, author="essai")


# Tables: by code or by title, numbers only


def test_documents_signatories_and_series_are_named_by_code_or_by_title(campaign: str, tmp_path: Path) -> None:
    """E186 to E188, E203 to E209."""
    report = bring(
        tmp_path, campaign,
        signatures_cellule="territoire;document;signataire;nom;signe_le\n"
        "douai;Protocole de la cellule;Maire;M. Essai;12/01/2021\n"
        "douai;charte;Procureur de la République;;2021-01-15\n",
        series_cellule="territoire;annee;serie;nombre\n"
        "douai;2021;IR1;12\ndouai;2021;Contrôles de l’instruction dans la famille par les communes;4\n"
        "douai;2021;controles-education;3\n",
    )  # fmt: skip
    assert (report.faults, report.warnings) == ((), ())
    with transaction() as session:
        signed = select(CellSignature.document, CellSignature.signatory, CellSignature.day)
        counted = select(CellCount.series, CellCount.value).order_by(CellCount.id)  # type: ignore[arg-type]
        assert [tuple(row) for row in session.execute(signed)] == [
            ("protocole", "maire", date(2021, 1, 12)), ("charte", "procureur", date(2021, 1, 15)),
        ]  # fmt: skip
        assert [tuple(row) for row in session.execute(counted)] == [
            ("descolarisations", 12), ("controles-communes", 4), ("controles-education", 3),
        ]  # fmt: skip


def test_what_the_programme_does_not_know_is_refused_with_the_words_to_choose_from(
    campaign: str, tmp_path: Path
) -> None:
    report = bring(
        tmp_path, campaign,
        signatures_cellule="territoire;document;signataire;signe_le\ndouai;avenant;maire;2021-01-12\n",
        series_cellule="territoire;annee;serie;nombre\ndouai;2021;IR2;4\ndouai;2021;IR1;-1\n",
    )  # fmt: skip
    assert [str(fault).replace("\u00a0", " ") for fault in report.faults] == [
        "series_cellule.csv, ligne 2, colonne « serie », valeur « IR2 » : série inconnue ; écrire l’une de : "
        "descolarisations, controles-communes, controles-education, mises-en-demeure, rescolarisations, signalements, "
        "enquetes-police, enquetes-sociales, stages-parentalite.",
        "series_cellule.csv, ligne 3, colonne « nombre », valeur « -1 » : ce n’est pas un nombre entier ; écrire un "
        "nombre entier, par exemple 12.",
        "signatures_cellule.csv, ligne 2, colonne « document », valeur « avenant » : document inconnu ; écrire l’un de "
        ": protocole, charte.",
    ]


@pytest.mark.parametrize("table", ["signatures_cellule", "series_cellule"])
def test_a_table_of_the_cell_that_announces_a_child_is_refused_whole(
    campaign: str, tmp_path: Path, table: str
) -> None:  # E199, E222
    headers = {"signatures_cellule": "territoire;document;signataire;signe_le", "series_cellule": "annee;serie;nombre"}
    report = bring(tmp_path, campaign, **{table: f"{headers[table]};prenom_enfant\nx;x;x;Zoé\n"})
    assert [(fault.column, "Zoé" in str(fault)) for fault in report.faults] == [("prenom_enfant", False)]


def test_numbers_that_do_not_go_together_are_remarked_upon_and_come_in(campaign: str, tmp_path: Path) -> None:  # E210
    series = "territoire;annee;serie;nombre\n"
    first = bring(tmp_path, campaign, series_cellule=series + "douai;2021;IR3;5\ndouai;2021;IR5;0\n")
    later = bring(
        tmp_path, campaign, series_cellule=series + "douai;2021;IR4;8\ndouai;2021;enquetes-police;1\ndouai;2022;IR4;9\n"
    )
    assert first.warnings == ()
    assert (later.faults, later.added) == ((), {"series_cellule": 3})
    assert [(fault.row, fault.problem) for fault in later.warnings] == [
        (
            2,
            "« retours à l’école après mise en demeure » : 8, alors que « mises en demeure de régulariser » : 5 (2021)",
        ),
        (3, "« enquêtes de police après signalement » : 1, alors que « signalements au procureur » : 0 (2021)"),
    ]


@pytest.mark.parametrize(
    ("counts", "odd"),
    [
        ({"rescolarisations": 5, "mises-en-demeure": 5}, []),
        ({"rescolarisations": 6, "mises-en-demeure": 5}, ["rescolarisations"]),
        ({"rescolarisations": 6}, []),
        ({"enquetes-police": 3, "enquetes-sociales": 2, "signalements": 1}, []),
        ({"enquetes-police": 0, "enquetes-sociales": 2, "signalements": 0}, ["enquetes-sociales"]),
        ({"stages-parentalite": 2, "signalements": 1}, ["stages-parentalite"]),
    ],
)
def test_the_rules_between_series_are_these(counts: dict[str, int], odd: list[str]) -> None:  # E210
    assert [each.series for each in odd_counts(CELL, counts)] == odd


# The yearly collection is a deadline like any other


def test_a_territory_to_which_nothing_applies_hears_nothing_at_all() -> None:  # E036, E252
    programme = a_programme(deadlines=DATED)
    label = [("2021-03-26", "labellise")]
    window: dict[str, date] = {"start": date(2021, 3, 1), "end": date(2022, 6, 30)}

    def sent(departement: str, **facts: Any) -> list[tuple[str, str, str]]:
        dossier = a_dossier(departement=departement, decisions=label, **facts)
        found = plan(programme, dossier, recipients_of(departement), {}, **window)
        return [
            (f"{notice.day:%d/%m}", notice.key.step, notice.recipient.role.value)
            for _, notice in found
            if notice.obligation == "cell_report:2021"
        ]

    granted = [("cell_report:2021", "2022-05-31", "2022-03-01")]
    pieces = [a_piece("indicateurs-cellule@2021/series", "2022-02-01 10:00")]
    assert sent("61") == []
    assert sent("61", extensions=granted) == []
    assert sent("61", pieces=pieces) == []
    assert sent("59") == [
        ("28/01", "-60", "prefet"), ("01/03", "-30", "prefet"), ("24/03", "-7", "prefet"), ("24/03", "-7", "dasen"),
        ("01/04", "1", "prefet"), ("01/04", "1", "dasen"),
        ("15/04", "15", "prefet"), ("15/04", "15", "dasen"), ("15/04", "15", "prefet_region"),
        ("15/04", "15", "coordination"),
    ]  # fmt: skip
    assert sent("59", received=["cell_report:2021"], received_at="2022-02-01 10:00", programme=programme) == [
        ("28/01", "-60", "prefet"), ("02/02", "receipt", "prefet"), ("02/02", "receipt", "dasen"),
    ]  # fmt: skip


def test_a_pass_writes_to_those_who_owe_and_keeps_a_report_in_numbers(
    campaign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # E257
    bring(
        tmp_path, campaign,
        signatures_cellule="territoire;document;signataire;nom;signe_le\ndouai;charte;maire;Mme Essai;2021-01-15\n",
        series_cellule="territoire;annee;serie;nombre\ndouai;2021;IR3;1\ndouai;2021;IR4;2\n",
    )  # fmt: skip
    kept: list[str] = []
    monkeypatch.setattr(artifacts, "create_markdown_artifact", lambda text, **_: kept.append(text))
    run, regions = begin_run.fn(campaign, "cell-report", AT)
    figures = finish_run.fn(run, [decide.fn(run, region) for region in regions])
    artifacts.report_run.fn(run)
    assert (figures["decided"], figures["letters"], figures["unreachable"]) == (2, 2, 0)
    with transaction() as session:
        assert sorted(session.scalars(select(Message.address))) == ["prefet@nord.test", "prefet@pas-de-calais.test"]
        decided = select(Notice.step).where(Notice.status == NoticeStatus.DECIDED)  # type: ignore[arg-type]
        assert session.scalars(decided).all() == ["-30", "-30"]
        assert session.scalars(select(Unreachable.role)).all() == []
    [report] = kept
    _, cell = report.split("## Cellules contre l’évitement scolaire")
    assert cell.strip().replace("\u00a0", " ").splitlines()[2:] == [
        "| Douai \\| &lt;img src=x&gt; | protocole de la cellule : 0 sur 7 ; charte déontologique : 1 sur 7 | "
        "2021 : 2 sur 9 | 2021 : « retours à l’école après mise en demeure » : 2, alors que « mises en demeure de "
        "régulariser » : 1 |",
        "| Lens | protocole de la cellule : 0 sur 7 ; charte déontologique : 0 sur 7 | 2021 : 0 sur 9 |  |",
    ]
    assert "Essai" not in cell


def test_the_status_says_who_signed_what_was_counted_and_what_is_due(campaign: str, tmp_path: Path) -> None:
    bring(
        tmp_path, campaign,
        signatures_cellule="territoire;document;signataire;nom;signe_le\ndouai;charte;maire;Mme Essai;2021-01-15\n",
        series_cellule="territoire;annee;serie;nombre\ndouai;2021;IR3;1\ndouai;2021;IR4;2\n",
        pieces="territoire;piece;parties;statut;date\ndouai;indicateurs-cellule@2021;series;recue;2022-02-01\n",
    )  # fmt: skip
    found = cells(campaign, AT)
    douai, lens = found["territories"]
    assert [each["territory"] for each in found["territories"]] == ["douai", "lens"]
    assert douai["documents"][1]["signed"] == [
        {"signatory": "maire", "title": "maire", "name": "Mme Essai", "day": "2021-01-15"}
    ]
    assert [each["signatory"] for each in douai["documents"][1]["unsigned"]] == [
        "prefet-delegue", "procureur", "dasen", "departement", "caf", "services",
    ]  # fmt: skip
    [year] = douai["years"]
    assert {each["series"]: each["value"] for each in year["series"] if each["value"] is not None} == {
        "mises-en-demeure": 1, "rescolarisations": 2,
    }  # fmt: skip
    assert (len(year["series"]), len(year["uncounted"]), len(year["warnings"])) == (9, 7, 1)
    assert douai["due"][-1] == {
        "deadline": "cell_report:2021", "due": "2022-03-31", "armed": "2021-03-26", "satisfied": False,
        "missing": ["indicateurs-cellule/point-etape"],
    }  # fmt: skip
    assert lens["due"][0]["missing"] == ["cellule-evitement/protocole", "cellule-evitement/charte"]

    overseas = cells(campaign, AT, territory="saint-denis-974", year=2021)["territories"]
    assert [(each["territory"], each["asked"], each["due"]) for each in overseas] == [("saint-denis-974", False, [])]
    told = cites("cell", "status", "--campaign", campaign, "--at", AT.isoformat(), "--format", "json")
    assert json.loads(told.stdout) == found
    table = cites("cell", "status", "--campaign", campaign, "--at", AT.isoformat())
    assert "indicateurs-cellule/point-etape" in table.stdout
    assert "douai, 2021 : « retours à l’école après mise en demeure » : 2" in table.stderr
    assert "lille" in refused(cites("cell", "status", "--campaign", campaign, "--territory", "lille"))


def test_the_documents_and_the_yearly_piece_are_those_of_the_programme() -> None:
    programme = a_programme(deadlines=DATED)
    for document in CELL.documents:
        requirement = programme.requirement(document.requirement)
        assert requirement is not None
        assert document.part in {part.code for part in requirement.parts}
    yearly = programme.requirement(CELL.requirement)
    assert yearly is not None
    assert (yearly.deadline, CELL.series_part in {part.code for part in yearly.parts}) == (CELL.deadline, True)


# How long a file may be kept


@pytest.mark.parametrize(
    ("born", "last_day"),
    [
        ("2008-08-31", "2024-08-31"),  # sixteen on the last day of a school year
        ("2008-09-01", "2025-08-31"),
        ("2009-01-15", "2025-08-31"),
        ("2008-02-29", "2024-08-31"),
    ],
)
def test_a_file_is_kept_to_the_end_of_the_school_year_of_the_sixteenth_birthday(born: str, last_day: str) -> None:
    """E220, E221."""
    day = date.fromisoformat(born)
    assert kept_until(CELL.retention, day, day).youngest == date.fromisoformat(last_day)


def test_a_programme_that_leaves_the_year_out_ends_the_day_before_it() -> None:  # E221
    until_start = replace(CELL.retention, boundary="start")
    day = date(2009, 1, 15)
    assert kept_until(until_start, day, day).youngest == date(2024, 8, 31)


@PROPERTY
@given(st.dates(date(1995, 1, 1), date(2090, 12, 31)), st.integers(0, 2000))
def test_the_last_day_is_within_a_year_after_sixteen_and_never_earlier_for_the_younger(born: date, days: int) -> None:
    kept = kept_until(CELL.retention, born, born + timedelta(days=days))
    sixteen = date(born.year + 16, born.month, min(born.day, 28))
    assert sixteen <= kept.eldest <= sixteen + timedelta(days=368)
    assert kept.eldest <= kept.youngest
    assert (kept.eldest.month, kept.eldest.day) == (8, 31)


@given(st.integers(1995, 2090))
def test_those_born_in_one_school_year_end_together(year: int) -> None:
    kept = kept_until(CELL.retention, *school_year(CELL.retention, year))
    assert kept.eldest == kept.youngest


def test_the_cohort_is_all_that_is_asked_and_a_certificate_is_printed(campaign: str) -> None:
    told = cites("cell", "keep-until", "--campaign", campaign, "--school-year-of-birth", "2008-2009").stdout.replace(
        "\u00a0", " "
    )
    assert "31 août 2025" in told
    assert "hypothèse" in told
    paper = cites(
        "cell", "keep-until", "--born-from", "2008-01-01", "--born-to", "2008-12-31", "--certificate"
    ).stdout.replace("\u00a0", " ")
    assert "ATTESTATION DE DESTRUCTION" in paper
    assert "1er janvier 2008" in paper
    assert "2008-2009" in refused(cites("cell", "keep-until", "--school-year-of-birth", "2008"))
    assert "--born-to" in refused(cites("cell", "keep-until", "--born-from", "2008-01-01"))
    assert "swap" in refused(cites("cell", "keep-until", "--born-from", "2009-01-01", "--born-to", "2008-01-01"))
    assert "whom" in refused(cites("cell", "keep-until"))


# Files travel sealed


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    path = tmp_path / "liste-petit-zoe.csv"
    path.write_text("nom;prenom\nPetit;Zoé\n", encoding="utf-8")
    return path


def test_a_file_goes_out_sealed_and_comes_back_with_a_password_that_went_apart(listing: Path, tmp_path: Path) -> None:
    """E214 to E219, E222."""
    archive, secret, folder = tmp_path / "envoi.7z", tmp_path / "mot-de-passe.txt", tmp_path / "ouvert"
    sealed = cites(
        "cell", "pack", str(listing), "--to", str(archive), "--out-password", str(secret), "--school-year-of-birth",
        "2008-2009",
    )  # fmt: skip
    assert sealed.exit_code == 0, sealed.output
    password = secret.read_text().strip()
    assert (secret.stat().st_mode & 0o777, len(password)) == (0o600, 35)
    assert password not in sealed.output
    assert "zoe" not in sealed.output.casefold()
    steps = [line for line in sealed.stdout.splitlines() if line[:2] in ("1.", "2.", "3.", "4.", "5.")]
    assert [line.split()[1] for line in steps] == ["Vérifiez", "Envoyez", "Envoyez", "Demandez", "Gardez"]
    assert "31 août 2025" in sealed.stdout.replace("\u00a0", " ")
    bytes_ = archive.read_bytes()
    assert b"Petit" not in bytes_
    assert "petit-zoe".encode("utf-16-le") not in bytes_

    opened = cites("cell", "unpack", str(archive), "--to", str(folder), "--in-password", str(secret))
    assert opened.exit_code == 0, opened.output
    assert "zoe" not in opened.output.casefold()
    [file] = folder.iterdir()
    assert (file.name, file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == (
        listing.name, "nom;prenom\nPetit;Zoé\n", 0o600,
    )  # fmt: skip


def test_a_password_may_go_by_standard_streams_and_never_by_the_command_line(listing: Path, tmp_path: Path) -> None:
    archive = tmp_path / "envoi.7z"
    sealed = cites("cell", "pack", str(listing), "--to", str(archive), "--out-password", "-")
    assert len(sealed.stdout.strip()) == 35
    assert "Vérifiez" in sealed.stderr
    said = refused(cites("cell", "unpack", str(archive), "--to", str(tmp_path / "a"), "--in-password", "hush-hush"))
    assert "never the password itself" in said
    assert "hush" not in said


def test_the_archive_is_one_that_7_zip_itself_opens(listing: Path, tmp_path: Path) -> None:  # E216, E217
    program = next(filter(None, map(shutil.which, ("7z", "7zz", "7za"))), None)
    if program is None:
        pytest.skip("7-Zip is not on this machine: install p7zip-full to see the archive opened by the real program")
    password = new_password()
    seal([listing], tmp_path / "envoi.7z", password)
    told = subprocess.run(
        [program, "l", "-slt", f"-p{password}", str(tmp_path / "envoi.7z")], capture_output=True, text=True, check=True
    )
    assert "Path = liste-petit-zoe.csv" in told.stdout
    assert "7zAES" in told.stdout
    wrong = subprocess.run([program, "l", "-pwrong", str(tmp_path / "envoi.7z")], capture_output=True, check=False)
    assert wrong.returncode != 0
    opened = [program, "x", "-y", f"-o{tmp_path / 'ouvert'}", f"-p{password}", str(tmp_path / "envoi.7z")]
    subprocess.run(opened, capture_output=True, check=True)
    assert (tmp_path / "ouvert" / listing.name).read_bytes() == listing.read_bytes()


def test_no_two_passwords_are_alike() -> None:
    assert len({new_password() for _ in range(200)}) == 200


def test_a_wrong_password_or_a_spoilt_archive_leaves_nothing(listing: Path, tmp_path: Path) -> None:
    archive, folder = tmp_path / "envoi.7z", tmp_path / "ouvert"
    seal([listing], archive, "le-bon")
    short = tmp_path / "court.7z"
    short.write_bytes(archive.read_bytes()[:-20])
    with pytest.raises(ArchiveRefused, match="check the password"):
        unseal(archive, folder, "le-mauvais")
    with pytest.raises(ArchiveRefused, match="came whole"):
        unseal(short, folder, "le-bon")
    with pytest.raises(ArchiveRefused, match="came whole"):
        unseal(listing, folder, "le-bon")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cites.db") == [
        "court.7z", "envoi.7z", "liste-petit-zoe.csv",
    ]  # fmt: skip


def hostile(path: Path, name: str, *, password: str | None = WORD) -> Path:
    with SevenZipFile(path, "w", password=password) as archive:
        archive.writestr(b"x", "plain.txt")
        archive.files.files_list[0]["filename"] = name  # the library refuses to write such a name, others do not
    return path


@pytest.mark.parametrize("name", ["../dehors.csv", "a/../../dehors.csv", "/dehors.csv", "..\\dehors.csv", "C:\\x.csv"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = hostile(tmp_path / "envoi.7z", name)
    with pytest.raises(ArchiveRefused, match="outside its folder"):
        unseal(archive, tmp_path / "ouvert", "mot")
    assert [path.name for path in tmp_path.iterdir()] == ["envoi.7z"]


def test_a_link_is_neither_sealed_nor_opened(listing: Path, tmp_path: Path) -> None:
    link = tmp_path / "lien.csv"
    link.symlink_to(listing)
    with pytest.raises(ArchiveRefused, match="not a plain file"):
        seal([link], tmp_path / "envoi.7z", "mot")
    with SevenZipFile(tmp_path / "envoi.7z", "w", password=WORD) as archive:
        archive.write(link, "lien.csv")
    with pytest.raises(ArchiveRefused, match="something else than files"):
        unseal(tmp_path / "envoi.7z", tmp_path / "ouvert", "mot")
    assert not (tmp_path / "ouvert").exists()


def test_an_archive_beyond_measure_is_neither_made_nor_opened(
    listing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal([listing], tmp_path / "envoi.7z", "mot")
    monkeypatch.setattr(sealed_archive, "MOST_BYTES", 10)
    with pytest.raises(ArchiveRefused, match="too much for one archive"):
        seal([listing], tmp_path / "autre.7z", "mot")
    with pytest.raises(ArchiveRefused, match="too much for one archive"):
        unseal(tmp_path / "envoi.7z", tmp_path / "ouvert", "mot")


def test_an_archive_in_clear_is_refused_and_nothing_is_overwritten(listing: Path, tmp_path: Path) -> None:
    clear = hostile(tmp_path / "clair.7z", "plain.txt", password=None)
    secret = tmp_path / "mot.txt"
    secret.write_text("mot\n")
    with pytest.raises(ArchiveRefused, match="not encrypted"):
        unseal(clear, tmp_path / "ouvert", "mot")
    for arguments, word in (
        (["--to", str(clear), "--out-password", str(tmp_path / "neuf.txt")], "is there already"),
        (["--to", str(tmp_path / "neuf.7z"), "--out-password", str(secret)], "is there already"),
        (["--to", str(tmp_path / "neuf.zip"), "--out-password", str(tmp_path / "neuf.txt")], "ends with .7z"),
    ):
        assert word in refused(cites("cell", "pack", str(listing), *arguments))
    assert not (tmp_path / "neuf.txt").exists()
    assert secret.read_text() == "mot\n"


# No child anywhere (E222)


def test_no_column_no_table_and_no_form_has_a_place_for_a_child() -> None:  # E199, E200, E222
    columns = [column.name for table in metadata.tables.values() for column in table.columns]
    exchanged = [column.name for table in TABLES.values() for column in table.columns]
    fields = [
        name
        for deployed in DEPLOYMENTS
        for form in _forms(deployed.entrypoint)
        for name in (*form.get("properties", {}), *(each.get("title", "") for each in form["properties"].values()))
    ]
    assert (len(columns) > 100, len(exchanged) > 60, len(fields) > 20) == (True, True, True)
    assert [name for name in (*columns, *exchanged, *fields) if names_a_child(name)] == []
    of_the_cell = {name: {column.name for column in model.__table__.columns} for name, model in CELL_TABLES.items()}
    assert of_the_cell == {
        "signatures": {"id", "territory_id", "document", "signatory", "name", "day"},
        "counts": {"id", "territory_id", "year", "series", "value"},
    }


CELL_TABLES: dict[str, Any] = {"signatures": CellSignature, "counts": CellCount}


def _forms(entrypoint: str) -> list[dict[str, Any]]:
    schema = parameter_schema(load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False))
    return [{"properties": schema.properties}, *(each for each in schema.definitions.values() if "properties" in each)]


# What people read


def test_the_guide_shows_what_a_cell_is_signs_counts_and_keeps() -> None:
    """E180 to E185, E189 to E198, E201, E202, E211 to E213, E223 to E228, E231, E253 to E256, E258."""
    shown = " ".join(cites("cell", "guide").stdout.replace("\u00a0", " ").split())
    expected = [
        *(line for chapter in CELL.guide for line in (chapter.title, *chapter.lines)),
        *CELL.signatories.values(),
        *(series.title for series in CELL.series),
        *CELL.exchange,
        *CELL.retention.assumptions,
    ]
    assert [line for line in expected if line not in shown] == []
    assert len(CELL.guide) == 7
