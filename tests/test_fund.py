"""Do a fund's accounts chain from year to year, and is its report ready to sign?"""

import csv
import json
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from models.rules.fund_account import Account, AccountRefused, Operation, accounts, declares_an_opening
from models.words import Direction, Funder
from notifications.documents import Box, Heading, Paper, Paragraph
from notifications.documents_pdf import as_pdf
from tasks.fund import NoSuchYear, fund, fund_report
from tasks.intake import take_in
from tasks.settings import settings
from tests.builders import PROPERTY, a_programme
from tests.prefect_builders import a_small_campaign
from tests.test_cli import cites, refused

AT = datetime(2023, 2, 1, 23, 30, tzinfo=UTC)  # the 2nd of February already, in Paris
FUNDING = a_programme().funding
EURO = 100
RECEIPT, EXPENSE = Direction.RECEIPT, Direction.EXPENSE


def a_receipt(year: int, euros: int, funder: str = "ville", **changes: Any) -> Operation:
    return Operation(
        year=year, day=date(year, 3, 1), direction=RECEIPT, amount=euros * EURO, funder=funder, **changes
    )  # fmt: skip


def an_expense(year: int, euros: int, axis: str = "1.1", **changes: Any) -> Operation:
    given = {"day": date(year, 6, 1), **changes}
    return Operation(year=year, direction=EXPENSE, amount=euros * EURO, axis=axis, **given)


def an_opening(year: int, euros: int, direction: Direction = RECEIPT) -> Operation:
    return Operation(
        year=year, day=date(year, 1, 1), direction=direction, amount=euros * EURO, label=f"Report à nouveau {year - 1}"
    )


def both_shares(year: int) -> list[Operation]:
    return [a_receipt(year, 15_000), a_receipt(year, 15_000, "education")]


def kept(*operations: Operation) -> tuple[Account, ...]:
    return accounts(FUNDING, operations, of="douai")


def codes(account: Account) -> list[tuple[str, int]]:
    return [(each.code, each.amount) for each in account.findings]


operations = st.lists(
    st.builds(
        Operation,
        year=st.integers(2020, 2025),
        day=st.dates(date(2020, 1, 1), date(2025, 12, 31)),
        direction=st.sampled_from(Direction),
        amount=st.integers(0, 3_000_000),
        funder=st.sampled_from(["", *Funder]),
        axis=st.sampled_from(["", "1.1", "2.9", "2.10"]),
        several_schools=st.booleans(),
        outside_partner=st.booleans(),
    ),
    max_size=30,
)


@PROPERTY
@given(operations=operations)
def test_closing_is_opening_and_receipts_less_expenses_and_each_year_opens_on_the_last(
    operations: list[Operation],
) -> None:
    found = kept(*operations)
    named = {each.year for each in operations}
    assert [each.year for each in found] == (list(range(min(named), max(named) + 1)) if named else [])
    for each in found:
        own = [operation for operation in operations if operation.year == each.year]
        assert each.received == sum(operation.amount for operation in own if operation.direction is RECEIPT)
        assert each.spent == sum(operation.amount for operation in own if operation.direction is EXPENSE)
        assert each.closing == each.opening + each.received - each.spent
        assert each.lowest <= min(each.opening, each.closing)
        assert 0 <= each.meets_both <= each.spent
    for before, after in pairwise(found):
        assert after.opening == before.closing
    assert not found or found[0].opening == 0


@PROPERTY
@given(operations=operations, wrong=st.integers(1, 10**7), year=st.integers(2021, 2025))
def test_an_opening_that_says_the_closing_changes_nothing_and_any_other_is_refused_with_the_difference(
    operations: list[Operation], wrong: int, year: int
) -> None:
    whole = [a_receipt(2020, 1), *operations, a_receipt(2025, 1)]
    found = kept(*whole)
    closing = found[year - 1 - 2020].closing
    way = RECEIPT if closing >= 0 else EXPENSE
    true = Operation(year=year, day=date(year, 1, 1), direction=way, amount=abs(closing), label="report a nouveau")
    assert [each.closing for each in kept(*whole, true)] == [each.closing for each in found]
    false = Operation(year=year, day=date(year, 1, 1), direction=RECEIPT, amount=wrong, label="REPORT À NOUVEAU")
    with pytest.raises(AccountRefused) as refusal:
        kept(*whole, true, false)
    assert (refusal.value.year, refusal.value.closing, refusal.value.difference) == (year, closing, wrong)


def test_a_refusal_says_both_amounts_the_difference_and_the_row_that_would_mend_it() -> None:
    with pytest.raises(AccountRefused) as refusal:
        kept(a_receipt(2021, 30_000), an_expense(2021, 10_000), an_opening(2022, 25_000))
    assert str(refusal.value) == (
        "the fund of douai does not chain: 2021 closes on 20\u202f000\u00a0€ and 2022 declares an opening of "
        "25\u202f000\u00a0€, a difference of 5\u202f000\u00a0€: complete the operations of the years before, or "
        "correct the opening by one more row of 2022, «report à nouveau», depense, 5\u202f000\u00a0€"
    )
    mended = kept(
        a_receipt(2021, 30_000), an_expense(2021, 10_000), an_opening(2022, 25_000), an_opening(2022, 5_000, EXPENSE)
    )
    assert [(each.opening, each.closing, each.declared) for each in mended] == [
        (0, 20_000 * EURO, False), (20_000 * EURO, 20_000 * EURO, True),
    ]  # fmt: skip


def test_a_declared_opening_is_neither_a_receipt_nor_an_expense() -> None:
    [account] = kept(an_opening(2021, 1_200), *both_shares(2021), an_expense(2021, 31_000))
    assert (account.opening, account.received, account.spent, account.closing) == (
        1_200 * EURO, 30_000 * EURO, 31_000 * EURO, 200 * EURO,
    )  # fmt: skip
    assert account.declared
    assert codes(account) == []
    assert [declares_an_opening(each) for each in ("Report a nouveau", "REPORT À NOUVEAU 2020", "Report de fête")] == [
        True, True, False,
    ]  # fmt: skip


def test_a_year_without_operations_carries_what_the_last_one_left() -> None:
    found = kept(*both_shares(2021), an_expense(2023, 100))
    assert [(each.year, each.opening, each.closing) for each in found] == [
        (2021, 0, 30_000 * EURO), (2022, 30_000 * EURO, 30_000 * EURO), (2023, 30_000 * EURO, 29_900 * EURO),
    ]  # fmt: skip


def test_the_share_that_meets_both_priorities_counts_what_has_both_and_nothing_else() -> None:
    [account] = kept(
        *both_shares(2021),
        an_expense(2021, 100, several_schools=True, outside_partner=True),
        an_expense(2021, 50, several_schools=True),
        an_expense(2021, 150, outside_partner=True),
        an_expense(2021, 20, axis="2.10"),
        an_expense(2021, 7, axis="2.9"),
    )
    assert (account.meets_both, account.share_meeting_both) == (100 * EURO, 0.306)
    assert list(account.expenses.items()) == [("1.1", 300 * EURO), ("2.9", 7 * EURO), ("2.10", 20 * EURO)]


def test_what_calls_for_attention_is_found() -> None:
    [account] = kept(
        a_receipt(2021, 12_000),
        a_receipt(2021, 15_000, "education"),
        a_receipt(2021, 10, ""),
        an_expense(2021, 40, axis=""),
        an_expense(2021, 29_000, day=date(2022, 1, 5)),
    )
    assert codes(account) == [
        ("fund_amount", 12_000 * EURO),
        ("fund_parity", -3_000 * EURO),
        ("receipt_without_funder", 10 * EURO),
        ("expense_without_axis", 40 * EURO),
        ("dated_outside_year", 29_000 * EURO),
        ("negative_balance", -2_030 * EURO),
    ]


# As the tables bring them

TABLE = """territoire;annee;date;sens;financeur;axe;libelle;montant;plusieurs_etablissements;partenaire_exterieur
douai;2021;2021-01-01;recette;;;Report à nouveau 2020;500;;
douai;2021;2021-04-06;recette;ville;;Abondement;15000;;
douai;2021;2021-05-03;recette;education;;Abondement;15000;;
douai;2021;2021-06-07;recette;caf;;Don;1 234,56;;
douai;2021;2021-09-20;depense;;2.10;"<i>Chorale</i>, écrire à a@b.test";8000;oui;oui
douai;2021;2021-10-04;depense;;1.1;Visite du musée;2000,50;oui;non
douai;2022;2022-03-01;recette;ville;;Abondement;15000;;
"""


@pytest.fixture
def campaign(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return opened(sqlite_url, tmp_path, monkeypatch)


def opened(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small campaign, one of whose territories has a fund, on the database of the engine; gives its code."""
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()
    code = a_small_campaign(folder)
    assert brought(folder, code, TABLE) == []
    return code


def brought(folder: Path, campaign: str, table: str) -> list[str]:
    """Take in a table of operations; gives its warnings."""
    path = folder / "operations_fonds.csv"
    path.write_text(table, encoding="utf-8")
    report = take_in([path], campaign=campaign, at=AT, author="essai")
    assert report.faults == ()
    return [f"{each.row} {each.column} : {each.problem} ; {each.cure}" for each in report.warnings]


def test_a_table_that_breaks_the_chain_is_taken_with_a_warning_and_its_account_is_refused(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = opened(database_url, tmp_path, monkeypatch)
    header = TABLE.splitlines()[0]
    wrong = "douai;2022;2022-01-01;recette;;;Report à nouveau 2021;20000;;"
    assert brought(tmp_path, campaign, f"{header}\n{wrong}\n") == [
        "2 libelle : le fonds ne s’enchaîne pas : 2021 se clôt sur 21\u202f734,06\u00a0€, 2022 déclare "
        "20\u202f000\u00a0€, soit −1\u202f734,06\u00a0€ d’écart ; compléter les années d’avant, ou corriger par une "
        "ligne « report à nouveau » de plus"
    ]
    assert "does not chain: 2021 closes on 21\u202f734,06\u00a0€" in refused(
        cites("fund", "douai", "--campaign", campaign)
    )
    mend = "douai;2022;2022-01-01;recette;;;Report à nouveau 2021, rectification;1734,06;;"
    assert brought(tmp_path, campaign, f"{header}\n{mend}\n") == []
    assert [each["opening"] for each in fund(campaign, "douai")["accounts"]] == [50_000, 2_173_406]


def test_the_fund_is_told_year_by_year_on_the_command_line(campaign: str) -> None:
    told = json.loads(cites("fund", "douai", "--campaign", campaign, "--year", "2021", "--format", "json").stdout)
    assert told == {
        "campaign": campaign,
        "territory": "douai",
        "name": "Douai | <img src=x>",
        "accounts": [
            {
                "year": 2021,
                "opening": 50_000,
                "declared": True,
                "receipts": [
                    {"funder": "ville", "title": "Ministère chargé de la ville", "amount": 1_500_000},
                    {"funder": "education", "title": "Éducation nationale", "amount": 1_500_000},
                    {"funder": "caf", "title": "Caisse d’allocations familiales", "amount": 123_456},
                ],
                "received": 3_123_456,
                "expenses": [
                    {"axis": "1.1", "title": "Mixité sociale et scolaire", "amount": 200_050},
                    {"axis": "2.10", "title": a_programme().objectives[1].axes["2.10"], "amount": 800_000},
                ],
                "spent": 1_000_050,
                "closing": 2_173_406,
                "meets_both": 800_000,
                "share_meeting_both": 0.8,
                "lowest": 50_000,
                "lowest_on": None,
                "findings": [],
            }
        ],
    }
    shown = cites("fund", "douai", "--campaign", campaign)
    assert "2021     500.00    31234.56  10000.50   21734.06   0.800" in shown.stdout
    assert "2022 : Les deux ministères ne sont pas à parité" in shown.stderr
    assert "has operations from 2021 to 2022, none for 2031" in refused(
        cites("fund", "douai", "--campaign", campaign, "--year", "2031")
    )
    assert "lille" in refused(cites("fund", "lille", "--campaign", campaign))


ACCOUNT = [
    "Ligne du compte Montant",
    "Solde au 1er janvier 2021 500,00 €",
    "Recettes",
    "Ministère chargé de la ville 15 000,00 €",
    "Éducation nationale 15 000,00 €",
    "Caisse d’allocations familiales 1 234,56 €",
    "Total des recettes 31 234,56 €",
    "Dépenses",
    "Axe 1.1 · Mixité sociale et scolaire 2 000,50 €",
    f"Axe 2.10 · {a_programme().objectives[1].axes['2.10']} 8 000,00 €",
    "Total des dépenses 10 000,50 €",
    "Solde au 31 décembre 2021 21 734,06 €",
]
REPORT = [
    "Bilan annuel du fonds de la cité éducative",
    "Douai | <img src=x> · année 2021",
    "Campagne Extension 2021",
    "Département Nord (59)",
    "Collège tête de cité (UAI) à compléter",
    "À remettre au plus tard le 31 mars 2022",
    "Prérempli le 2 février 2023",
    "Ce bilan est prérempli d’après les opérations enregistrées. Le principal ou la principale du collège tête de "
    "cité, qui ordonne les dépenses du fonds, le vérifie, le complète et le signe. Texte suivi : Vade-mecum d’octobre "
    "2020, partie 1, « Conforter les moyens mobilisés par l’État et ses partenaires ».",
    "1. Compte de l’année",
    *ACCOUNT,
    "2. Actions financées",
    "Date Axe Action Plusieurs établissements Partenaire extérieur Montant",
    "20/09/2021 2.10 <i>Chorale</i>, écrire à (adresse) oui oui 8 000,00 €",
    "04/10/2021 1.1 Visite du musée oui non 2 000,50 €",
    "3. Ce à quoi le fonds est d’abord destiné",
    "Le fonds va d’abord aux actions qui réunissent plusieurs établissements et un partenaire extérieur : 8 000 € sur "
    "10 000,50 €, soit 80,0 % des dépenses de l’année.",
    "4. Points à vérifier avant de signer",
    "Rien à signaler.",
    "5. Observations",
    "Résultats des actions, difficultés, suites envisagées :",
    "6. Signature",
    f"Fait à {'.' * 40}, le {'.' * 40}",
    f"Nom et qualité de l’ordonnateur : {'.' * 40}",
    "Signature :",
]
FOOTER = "Bilan du fonds 2021 · Douai | <img src=x> · page"


def plain(text: str) -> str:
    """Words with single ordinary spaces between them."""
    return " ".join(text.split())


def in_docx(content: bytes) -> list[str]:
    """Paragraphs and rows of tables, in reading order, the empty ones left out."""
    document = Document(BytesIO(content))
    lines: list[str] = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                cells = [cell.text for cell in row.cells]
                lines += [" ".join(cells)] if len(cells) > 1 else cells[0].split("\n")
        else:
            lines.append(block.text)
    return [plain(line) for line in lines if line.strip()]


# E132, E133, E260
def test_the_whole_report_is_the_same_to_complete_to_print_and_to_add_up(campaign: str, tmp_path: Path) -> None:
    written = fund_report(campaign, "douai", year=2021, at=AT, out=tmp_path / "out")
    assert [file.name for file in written.files] == [
        f"bilan-fonds-2021-douai.{kind}" for kind in ("docx", "pdf", "csv")
    ]
    assert written.findings == ()
    docx, pdf, table = (file.read_bytes() for file in written.files)
    assert in_docx(docx) == REPORT

    reader = PdfReader(BytesIO(pdf))
    words = "".join(
        page.extract_text().replace(f"{FOOTER} {number} sur {len(reader.pages)}", "\n")
        for number, page in enumerate(reader.pages, start=1)
    )
    assert "".join(words.split()) == "".join("".join(REPORT).split())
    font: Any = reader.pages[0]["/Resources"]["/Font"]["/F1"]  # type: ignore[index]
    [descendant] = font["/DescendantFonts"]
    assert "/FontFile2" in descendant.get_object()["/FontDescriptor"]  # it carries its font
    assert reader.metadata is not None
    assert reader.metadata.title == "Bilan annuel du fonds de la cité éducative"

    rows = list(csv.reader(table.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["annee", "rubrique", "code", "intitule", "montant"]
    assert [(row[1], row[2], row[4]) for row in rows[1:]] == [
        ("ouverture", "", "500,00"),
        ("recette", "ville", "15000,00"), ("recette", "education", "15000,00"), ("recette", "caf", "1234,56"),
        ("total des recettes", "", "31234,56"),
        ("dépense", "axe 1.1", "2000,50"), ("dépense", "axe 2.10", "8000,00"),
        ("total des dépenses", "", "10000,50"),
        ("clôture", "", "21734,06"),
    ]  # fmt: skip


def test_a_document_of_word_processors_speaks_french_repeats_its_heads_and_tells_no_author(
    campaign: str, tmp_path: Path
) -> None:
    written = fund_report(campaign, "douai", year=2021, at=AT, out=tmp_path)
    document = Document(BytesIO(written.files[0].read_bytes()))
    assert (document.core_properties.language, document.core_properties.author) == ("fr-FR", "")
    assert document.core_properties.created == datetime(2023, 2, 1, 23, 30, tzinfo=UTC)
    assert document.sections[0].footer.paragraphs[0].text.startswith(FOOTER)
    account = document.tables[1]
    assert "w:tblHeader" in account.rows[0]._tr.xml
    assert all("w:cantSplit" in row._tr.xml for row in account.rows)


def test_what_is_to_check_stands_in_the_report_and_beside_the_command(campaign: str, tmp_path: Path) -> None:
    done = cites("fund-report", "douai", "--campaign", campaign, "--year", "2022", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert [Path(line).suffix for line in done.stdout.splitlines()] == [".docx", ".pdf", ".csv"]
    assert "à vérifier : Les deux ministères ne sont pas à parité" in done.stderr
    lines = in_docx(Path(done.stdout.splitlines()[0]).read_bytes())
    at = lines.index("4. Points à vérifier avant de signer")
    assert lines[at + 1 : at + 3] == [
        "La recette de l’éducation nationale est de 0 € au lieu de 15 000 €.",
        "Les deux ministères ne sont pas à parité : ville 15 000 €, éducation nationale 0 €.",
    ]
    assert "Aucune dépense n’est enregistrée pour cette année." in lines
    assert "Solde au 1er janvier 2022 21 734,06 €" in lines


def test_a_year_outside_the_campaign_has_a_report_without_a_due_date(campaign: str, tmp_path: Path) -> None:
    header = TABLE.splitlines()[0]
    brought(tmp_path, campaign, f"{header}\ndouai;2024;2024-03-01;recette;ville;;Abondement;15000;;\n")
    [docx, *_] = fund_report(campaign, "douai", year=2024, at=AT, out=tmp_path).files
    assert "À remettre au plus tard sans échéance dans cette campagne" in in_docx(docx.read_bytes())
    with pytest.raises(NoSuchYear, match="none for 2025"):
        fund_report(campaign, "douai", year=2025, at=AT, out=tmp_path)


@pytest.mark.parametrize("lines", range(20, 44, 4))
def test_a_frame_to_write_in_keeps_its_heading_wherever_the_page_ends(lines: int) -> None:
    filler = tuple(Paragraph(text=f"Ligne {number}.") for number in range(lines))
    paper = Paper(
        title="Rapport", subtitle="Essai", footer="Pied", made_at=datetime(2021, 2, 19, tzinfo=UTC),
        blocks=(*filler, Heading(text="Observations"), Box(label="À remplir", lines=20)),
    )  # fmt: skip
    pages = [page.extract_text() for page in PdfReader(BytesIO(as_pdf(paper))).pages]
    assert ["Observations" in page for page in pages] == ["À remplir" in page for page in pages]
