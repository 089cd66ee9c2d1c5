"""Does a prefecture's workbook say what is missing, come back whole, and touch nothing but what was changed?"""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from sqlmodel import select

from deployments.cli import main
from models.event_tables import Event
from models.rules.calendar import load_calendar
from models.rules.exchanged_tables import TABLES, table_named
from models.rules.perimeters import perimeter_named
from models.rules.workbook_words import workbook_words
from models.tables import Contact, Piece, Territory
from models.words import PieceStatus
from tasks import database
from tasks.database import transaction
from tasks.export import ExportRefused
from tasks.intake import take_in
from tasks.sheets import read_tables
from tasks.workbook import export_each, export_perimeter
from tests.builders import a_campaign_file
from tests.test_intake import AT, importer, opened, told

TERRITORIES = """code;nom;communes;departement;region
douai;Douai;59178;59;32
lille;Lille;59350;59;32
lens;Lens;62498;62;32
cayenne;Cayenne;97302;973;3
"""
CONTACTS = """role;perimetre;nom;courriel
prefet;departement:59;Préfecture du Nord;prefet@nord.test
prefet;departement:59;Secrétariat;secretariat@nord.test
dasen;departement:59;DASEN;dasen@nord.test
prefet;departement:62;Préfecture;prefet@pas-de-calais.test
prefet_region;region:32;SGAR;sgar@hauts-de-france.test
recteur;academie:Lille;Rectorat;recteur@lille.test
chef_de_file;douai;Mairie de Douai;mairie@douai.test
chef_de_file;lens;Mairie de Lens;mairie@lens.test
coordination;national;Coordination;coordination@anct.test
"""
PIECES = """territoire;piece;parties;statut;date;motif
douai;diagnostic;scolaire;recue;12/01/2021;
douai;strategie;objectif-1;refusee;2021-02-12T09:30:00+01:00;=Illisible
lens;diagnostic;;recue;12/01/2021;
"""
ENVELOPES = "departement;annee;montant\n59;2021;400 000\n62;2021;300 000,50\n"
DAY = datetime(2021, 2, 19, 8, tzinfo=UTC)
OFFICE = shutil.which("soffice")


@pytest.fixture
def url(sqlite_url: str, tmp_path: Path) -> str:
    assert (
        importer(sqlite_url, tmp_path)(
            territoires=TERRITORIES, contacts=CONTACTS, pieces=PIECES, enveloppes=ENVELOPES
        ).faults
        == ()
    )
    return sqlite_url


@pytest.fixture
def nord(url: str, tmp_path: Path) -> Path:
    """The workbook of the Nord, on 19 February 2021."""
    export_perimeter("2021", "departement:59", tmp_path / "nord.xlsx", at=DAY, url=url)
    return tmp_path / "nord.xlsx"


def cells(path: Path, sheet: str) -> list[list[object]]:
    """The values of a sheet, its titles left out; a spreadsheet's midnight is a day."""
    rows = list(load_workbook(path)[sheet].values)[1:]
    return [[value.date() if hasattr(value, "date") else value for value in row] for row in rows]


def corrected(path: Path, change: Callable[[Workbook], object]) -> Path:
    """The workbook as somebody saves it after a change."""
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def brought(path: Path, url: str, campaign: str = "2021"):  # type: ignore[no-untyped-def]
    return take_in([path], campaign=campaign, at=AT, author="Mme Roy", url=url)


# What it says


def test_every_title_and_every_word_of_a_workbook_is_read_back_as_what_it_stands_for() -> None:
    words = workbook_words()
    for name, sheet in words.sheets.items():
        table = TABLES[name]
        assert table_named(sheet.title) is table
        for column in table.columns:
            title = sheet.columns[column.name].title
            assert table.column(title) is column
            assert table.column(f"{title} *") is column
            assert [column.read(words.shown(word)) for word in column.words] == [
                column.read(word) for word in column.words
            ]


def test_every_example_of_a_note_is_a_cell_that_the_intake_reads() -> None:
    for name, sheet in workbook_words().sheets.items():
        for column in TABLES[name].columns:
            example = sheet.columns[column.name].example.partition(" ou ")[0].replace("59, 2A", "59")
            if example:
                column.read(example)


def test_a_prefecture_s_workbook_holds_its_département_and_nothing_else(nord: Path) -> None:
    book = load_workbook(nord)
    assert book.sheetnames == [
        "À lire", "À compléter", *(sheet.title for sheet in workbook_words().sheets.values()), "_listes", "_cites",
    ]  # fmt: skip
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "hidden"] == ["_listes", "_cites"]
    assert [row[0] for row in cells(nord, "Territoires")] == ["douai", "lille"]
    assert [row[:2] for row in cells(nord, "Contacts")] == [
        ["préfet", "departement:59"], ["préfet", "departement:59"], ["DASEN", "departement:59"],
        ["chef de file", "douai"],
    ]  # fmt: skip
    assert cells(nord, "Enveloppes") == [["59", 2021, 400000]]
    assert cells(nord, "Pièces") == [
        ["douai", "Diagnostic partagé des enjeux éducatifs du quartier", "scolaire", "reçue", date(2021, 1, 12),
         None, None],
        ["douai", "Stratégie éducative", "objectif-1", "refusée", "2021-02-12T09:30:00+01:00", "=Illisible", None],
    ]  # fmt: skip


def test_what_is_missing_is_told_with_its_reason_its_owner_and_the_days_left(nord: Path) -> None:
    rows = [row for row in cells(nord, "À compléter") if row[10] == "douai"]
    assert rows[0] == [
        "Douai", "Candidature", "Diagnostic partagé des enjeux éducatifs du quartier", "volet social",
        "chef de file (commune ou intercommunalité)", "absente", None, date(2021, 2, 28), 9, "il reste 9 jours",
        "douai",
    ]  # fmt: skip
    assert [(row[3], row[5], row[6]) for row in rows if row[5] == "refusée"] == [
        ("objectif 1, rôle de l’École", "refusée", "=Illisible")
    ]
    sheet = load_workbook(nord)["À compléter"]
    assert {(row[5].value, row[9].value[:11], row[0].fill.fgColor.rgb[2:]) for row in sheet.iter_rows(min_row=2)} == {
        ("absente", "il reste 9 ", "FFF3BF"), ("refusée", "il reste 9 ", "FAD7A0"),
        ("absente", "recommandée", "E7E7E7"), ("aucun contact", "il reste 9 ", "D6E4F5"),
    }  # fmt: skip
    assert [row[4] for row in cells(nord, "À compléter") if row[5] == "aucun contact"] == [
        "chef de file (commune ou intercommunalité)"
    ]  # of Lille, which has no town hall to write to


def test_the_day_after_the_due_date_it_says_by_how_much_it_is_late(url: str, tmp_path: Path) -> None:
    export_perimeter("2021", "douai", tmp_path / "d.xlsx", at=datetime(2021, 3, 2, 8, tzinfo=UTC), url=url)
    assert cells(tmp_path / "d.xlsx", "À compléter")[0][7:10] == [date(2021, 2, 28), -2, "en retard de 2 jours"]


def test_the_first_sheet_says_for_whom_since_when_and_what_the_colours_mean(nord: Path) -> None:
    said = [str(row[0].value).replace("\u00a0", " ") for row in load_workbook(nord)["À lire"].iter_rows()]
    assert said[1:5] == [
        "Campagne 2021 : Extension 2021", "Périmètre : Nord (département 59)", "Préparé le 19 février 2021",
        "À renvoyer à : Cités éducatives <relances@cites-educatives.test>",
    ]  # fmt: skip
    assert said[-5] == "En retard : l’échéance est passée."


def test_a_sheet_is_frozen_noted_typed_and_ready_to_print(nord: Path) -> None:
    book = load_workbook(nord)
    sheet = book["Pièces"]
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("B2", "$1:$1", "landscape")
    assert (sheet.sheet_properties.tabColor.rgb, sheet.column_dimensions["E"].number_format) == (
        "003A7D44",
        "dd/mm/yyyy",
    )
    assert "Exemple : 28/02/2021" in sheet["E1"].comment.text.replace("\u00a0", " ")
    assert "Obligatoire." in sheet["A1"].comment.text
    lists = {
        str(each.sqref).rstrip("0123456789"): (each.type, each.formula1)
        for each in sheet.data_validations.dataValidation
    }
    assert lists["A2:A"] == ("list", "'_listes'!$A$1:$A$2")
    assert lists["D2:D"] == ("list", '"reçue,refusée,retirée"')
    assert lists["C2:C"][1].startswith("OFFSET('_listes'!$H$1,MATCH($B2,'_listes'!$G$1:$G$")
    assert (book.properties.title, book.properties.creator, book.properties.language) == (
        "Cités éducatives, campagne 2021 : Nord (département 59)", "Cités éducatives", "fr-FR",
    )  # fmt: skip


# It comes back


def test_a_workbook_taken_in_as_it_is_changes_nothing(database_url: str, tmp_path: Path) -> None:
    importer(database_url, tmp_path)(territoires=TERRITORIES, contacts=CONTACTS, pieces=PIECES, enveloppes=ENVELOPES)
    export_perimeter("2021", "region:32", tmp_path / "r.xlsx", at=DAY, url=database_url)
    report = brought(tmp_path / "r.xlsx", database_url)
    assert (report.faults, report.warnings) == ((), ())
    assert report.unchanged == {"territoires": 3, "contacts": 8, "pieces": 6, "enveloppes": 2}
    assert not any((*report.added.values(), *report.corrected.values(), *report.replaced.values()))


def test_only_what_was_changed_is_written_and_other_perimeters_keep_their_contacts(nord: Path, url: str) -> None:
    def change(book: Workbook) -> None:
        book["Territoires"]["B2"] = "Douai et Waziers"
        book["Contacts"].delete_rows(3)  # the secretariat of the prefecture
        book["Pièces"].append(["douai", "Gouvernance proposée", "document", "reçue", date(2021, 2, 18)])

    with transaction(url) as session:
        before = len(session.exec(select(Event)).all())
    report = brought(corrected(nord, change), url)
    assert told(report) == []
    assert {name: count for name, count in report.added.items() if count} == {"pieces": 1}
    assert {name: count for name, count in report.corrected.items() if count} == {"territoires": 1}
    assert {name: count for name, count in report.replaced.items() if count} == {"contacts": 1}
    with transaction(url) as session:
        assert [row.email for row in session.exec(select(Contact).where(~Contact.active))] == ["secretariat@nord.test"]
        assert len(session.exec(select(Event)).all()) == before + 3


def test_a_workbook_that_comes_back_late_says_what_it_may_undo(nord: Path, url: str, tmp_path: Path) -> None:
    between = tmp_path / "territoires.csv"
    between.write_text("code;nom;departement\ndouai;Douai-Waziers;59\nlens;Lens !;62\n", encoding="utf-8")
    take_in([between], campaign="2021", at=datetime(2021, 2, 25, tzinfo=UTC), author="Mme Roy", url=url)
    report = brought(nord, url)
    assert [str(each).replace("\u00a0", " ") for each in report.warnings] == [
        "nord.xlsx : 1 changement enregistré au même endroit depuis la préparation de ce classeur, le 19 février 2021 "
        "; vérifier que les corrections de ce classeur ne les défont pas."
    ]
    assert report.corrected["territoires"] == 1


def test_a_row_of_another_perimeter_is_refused(nord: Path, url: str) -> None:
    def change(book: Workbook) -> None:
        book["Pièces"].append(["lens", "gouvernance", "document", "reçue", date(2021, 2, 18)])
        book["Contacts"].append(["préfet de région", "region:32", "Autre", "autre@sgar.test"])
        book["Enveloppes"].append(["62", 2021, 1])
        book["Territoires"].append(["lens", "Lens", "59178", "59"])

    report = brought(corrected(nord, change), url)
    assert [each.partition(" : ")[0] for each in told(report)] == [
        "nord.xlsx, feuille « Contacts », ligne 6, colonne « Périmètre * », valeur « region:32 »",
        "nord.xlsx, feuille « Enveloppes », ligne 3, colonne « Département * », valeur « 62 »",
        "nord.xlsx, feuille « Pièces », ligne 4, colonne « Territoire * », valeur « lens »",
        "nord.xlsx, feuille « Territoires », ligne 4, colonne « Code * », valeur « lens »",
    ]
    assert told(report)[0].endswith(
        "cette ligne est hors du périmètre de ce classeur (departement:59) ; la retirer de ce classeur ; elle se "
        "corrige dans celui de son propre périmètre."
    )


def test_a_new_territory_of_the_perimeter_is_welcome(nord: Path, url: str) -> None:
    report = brought(
        corrected(nord, lambda book: book["Territoires"].append(["roubaix", "Roubaix", "59512", "59"])), url
    )
    assert (told(report), report.added["territoires"]) == ([], 1)


def test_a_workbook_of_another_campaign_is_refused_once(nord: Path, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'autre.db'}"
    database.prepare(other)
    from tasks.campaigns import open_campaign

    open_campaign(a_campaign_file(campaign="2022"), name="c", at=AT, author="essai", url=other)
    report = brought(nord, other, "2022")
    database.engine(other).dispose()
    assert told(report) == [
        "nord.xlsx : ce classeur a été préparé pour la campagne « 2021 » ; l’importer dans celle-là, ou demander un "
        "classeur de la campagne 2022."
    ]


def test_the_sheets_that_speak_to_people_are_left_even_when_they_were_written_on(nord: Path, url: str) -> None:
    def change(book: Workbook) -> None:
        book["À lire"]["A30"] = "=1+1"
        book["À compléter"]["L2"] = "fait, voir pièces"

    report = brought(corrected(nord, change), url)
    assert (told(report), sum(report.unchanged.values())) == ([], 2 + 4 + 2 + 1)


# Who gets one


def test_each_département_that_has_a_territory_gets_its_workbook(url: str, tmp_path: Path) -> None:
    written = export_each("2021", "departement", tmp_path / "envois", at=DAY, url=url)
    assert {path.name: counts["territoires"] for path, counts in written.items()} == {
        "2021-departement-59.xlsx": 2, "2021-departement-62.xlsx": 1, "2021-departement-973.xlsx": 1,
    }  # fmt: skip
    inside = export_each("2021", "departement", tmp_path / "hdf", at=DAY, within="region:32", url=url)
    assert [path.name for path in inside] == ["2021-departement-59.xlsx", "2021-departement-62.xlsx"]
    assert [path.name for path in export_each("2021", "region", tmp_path / "regions", at=DAY, url=url)] == [
        "2021-region-03.xlsx", "2021-region-32.xlsx",
    ]  # fmt: skip


def test_a_perimeter_that_nobody_knows_or_that_is_empty_is_refused_with_its_cure(url: str, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused, match="«departement:99» is no perimeter of campaign 2021: give national"):
        export_perimeter("2021", "departement:99", tmp_path / "x.xlsx", at=DAY, url=url)
    with pytest.raises(ExportRefused, match="no territory in «departement:13»"):
        export_perimeter("2021", "departement:13", tmp_path / "x.xlsx", at=DAY, url=url)


def test_a_perimeter_holds_what_lies_inside_it_whole() -> None:
    calendar = load_calendar()
    north, island = perimeter_named(calendar, "departement:59"), perimeter_named(calendar, "departement:974")
    assert [
        north.holds_perimeter(calendar, name, None)
        for name in ("departement:59", "academie:Lille", "region:32", "national")
    ] == [True, False, False, False]
    assert island.holds_perimeter(calendar, "academie:La Réunion", None)
    assert perimeter_named(calendar, "region:32").holds_perimeter(calendar, "academie:LILLE", None)
    assert not perimeter_named(calendar, "foo:bar").holds_territory("douai", "59")


def test_a_blank_workbook_is_ready_for_a_campaign_without_a_territory(sqlite_url: str, tmp_path: Path) -> None:
    opened(sqlite_url)
    to = tmp_path / "vierge.xlsx"
    export_perimeter("2021", "national", to, at=DAY, blank=True, url=sqlite_url)
    assert "À compléter" not in load_workbook(to).sheetnames
    report = brought(
        corrected(to, lambda book: book["Territoires"].append(["douai", "Douai", "59178", "59"])), sqlite_url
    )
    assert (told(report), report.added) == ([], {"territoires": 1})


def test_the_command_writes_them_and_says_where(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", url)

    def cites(*words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(main, ["export", "--campaign", "2021", "--at", "2021-02-19T09:00:00+01:00", *words])
        return ended.exit_code, ended.output

    folder, book = tmp_path / "envois", tmp_path / "p.xlsx"
    assert cites("--each", "departement", "--perimeter", "region:32", "--to", str(folder)) == (
        0,
        f"{folder}/2021-departement-59.xlsx: 2 territoires, 50 à compléter\n"
        f"{folder}/2021-departement-62.xlsx: 1 territoires, 22 à compléter\n",
    )
    assert cites("--perimeter", "lens", "--to", str(book))[1].startswith(f"{book}: 22 a_completer, 1 territoires, ")
    assert cites("--perimeter", "mars", "--to", str(book))[0] == 1
    assert cites("--each", "region", "--to", str(book))[0] == 2


# Through an office, and whatever people type

HOSTILE = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://x.test")', "_x000D_", "'=1", "'",
    "<b>&amp;", "]]>", "1.10", "007", "1E5", "TRUE", "#REF!", "28/02/2021", "a\u00a0b", "\u202eabc",
    "𝕿𝖍𝖊", "👩‍👩‍👧",
    "\u2028x", '"', "\\", "%s%n", "{{7*7}}", "x" * 150, "ﬀ", "=1\n=2",
)  # fmt: skip


def _with_hostile_texts(url: str, folder: Path, texts: tuple[str, ...] = HOSTILE) -> int:
    """Territories and refused pieces whose texts are hostile; how many rows."""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    territories = [f"c{number};{quoted(text)};59" for number, text in enumerate(texts)]
    pieces = [f"c{number};gouvernance;document;refusee;12/02/2021;{quoted(text)};{quoted(text)}"
              for number, text in enumerate(texts)]  # fmt: skip
    report = importer(url, folder)(
        territoires="\n".join(["code;nom;departement", *territories]),
        pieces="\n".join(["territoire;piece;parties;statut;date;motif;fichier", *pieces]),
    )
    assert report.faults == ()
    return 2 * len(texts)


def test_whatever_people_type_is_kept_as_a_text_and_comes_back_as_it_was(sqlite_url: str, tmp_path: Path) -> None:
    rows = _with_hostile_texts(sqlite_url, tmp_path, (*HOSTILE, "_x005F_", "_x005F_x000D_"))
    to = tmp_path / "campagne.xlsx"
    export_perimeter("2021", "national", to, at=DAY, url=sqlite_url)
    for sheet in load_workbook(to).worksheets:
        assert not [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    report = brought(to, sqlite_url)
    assert (told(report), sum(report.unchanged.values())) == ([], rows)


def test_letters_that_no_workbook_can_hold_are_refused_when_they_come_in(sqlite_url: str, tmp_path: Path) -> None:
    report = importer(sqlite_url, tmp_path)(territoires="code;nom;departement\na;x\ufffey;59\nb;x\x07y;59\n")
    assert [each.split(" : ")[1].split(" ; ")[0] for each in told(report)] == [
        "caractère de contrôle interdit (U+FFFE)", "caractère de contrôle interdit (U+0007)",
    ]  # fmt: skip


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed on this machine (command soffice)")
def test_an_office_opens_the_workbook_and_what_it_saves_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    rows = _with_hostile_texts(sqlite_url, tmp_path)
    for name in ("tel-quel", "corrige"):
        export_perimeter("2021", "national", tmp_path / f"{name}.xlsx", at=DAY, url=sqlite_url)

    def change(book: Workbook) -> None:
        book["Pièces"].append(["c0", "Gouvernance proposée", "document", "reçue", date(2021, 2, 18)])

    corrected(tmp_path / "corrige.xlsx", change)
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    for form in ("xlsx", "ods"):
        subprocess.run(
            [str(OFFICE), "--headless", profile, "--convert-to", form, "--outdir", str(tmp_path / form),
             *(str(tmp_path / f"{name}.xlsx") for name in ("tel-quel", "corrige"))],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        report = brought(tmp_path / form / f"tel-quel.{form}", sqlite_url)
        assert (told(report), sum(report.unchanged.values())) == ([], rows)
    report = brought(tmp_path / "ods" / "corrige.ods", sqlite_url)
    assert (told(report), report.added["pieces"], sum(report.unchanged.values())) == ([], 1, rows)
    with transaction(sqlite_url) as session:
        latest = session.exec(select(Piece).order_by(Piece.id.desc())).first()  # type: ignore[union-attr]
        assert latest is not None
        assert (latest.status, latest.at) == (PieceStatus.RECEIVED, datetime(2021, 2, 17, 23, tzinfo=UTC))
        assert [row.name for row in session.exec(select(Territory).where(Territory.code == "c0"))] == [HOSTILE[0]]
    assert [
        mark.campaign for each in read_tables([tmp_path / "ods" / "corrige.ods"]).sheets if (mark := each.mark)
    ] == ["2021"] * len(TABLES)
