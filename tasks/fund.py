"""What do the account and the yearly report of a cité's fund say?"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from models.fund_queries import operations_of
from models.queries import campaign_by_code, known_dossiers
from models.rules.amounts import euros
from models.rules.calendar import local
from models.rules.dossier import terms
from models.rules.fund_account import Account, Operation, accounts
from models.rules.programme import Programme
from models.territory_queries import Cite, cite_by_code
from models.words import Direction, Funder
from notifications.changes import FUNDERS
from notifications.documents import (
    Box,
    Grid,
    Heading,
    Paper,
    Paragraph,
    amount,
    clean,
    counted,
    share,
    yes_or_no,
)
from notifications.documents_docx import as_docx
from notifications.documents_pdf import as_pdf
from notifications.french import sentence, short_date
from tasks.database import reading

REPORT, PIECE = "fund_report", "bilan-fonds"
DOTS = "." * 40
NOBODY, NO_AXIS = "Financeur non indiqué", "Axe non indiqué"


class NoSuchYear(Exception):
    """The fund has no account of that year; says which ones it has."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where the report of one year was written, and what there is to check in it before it is signed."""

    files: tuple[Path, ...]
    findings: tuple[str, ...]


def fund(campaign: str, territory: str, year: int | None = None, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites fund`: a territory's yearly accounts (or one of them), amounts in cents. Writes nothing.

    `{"campaign","territory","name","accounts":[{"year","opening","declared","receipts":[{"funder","title","amount"}…],
    "received","expenses":[{"axis","title","amount"}…],"spent","closing","meets_both","share_meeting_both",
    "lowest","lowest_on","findings":[{"code","amount","text"}…]}…]}`. Raises `AccountRefused`, `NoSuchYear`,
    `NoSuchTerritory`, `NoSuchCampaign`.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        cite = cite_by_code(session, row.id, campaign, territory)
        kept = accounts(programme.funding, operations_of(session, cite.id), of=cite.code)
    if year is not None:
        kept = (_of_year(kept, year, cite),)
    return {
        "campaign": campaign,
        "territory": cite.code,
        "name": cite.name,
        "accounts": [_account(programme, each) for each in kept],
    }


def fund_report(
    campaign: str, territory: str, *, year: int, at: datetime, out: Path, url: str | None = None
) -> Written:
    """Write one year's report to the folder `out`: .docx and .pdf to sign, .csv of the account.

    `at` is the instant that the report is prepared. Raises as `fund` does.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        cite = cite_by_code(session, row.id, campaign, territory)
        kept = _of_year(accounts(programme.funding, operations_of(session, cite.id), of=cite.code), year, cite)
        [known] = known_dossiers(session, row.id, territories=[cite.id])
    day = local(at, programme.calendar.zone(cite.departement)).date()
    obligation = f"{REPORT}:{year}"
    due = None
    if obligation in programme.obligation_names():
        [present] = terms(programme, known.dossier, obligation, day)
        due = present.due
    paper = report_paper(programme, cite, kept, day=day, due=due, at=at)
    out.mkdir(parents=True, exist_ok=True)
    contents = {"docx": as_docx(paper), "pdf": as_pdf(paper), "csv": account_table(programme, kept).encode("utf-8-sig")}
    files = []
    for kind, content in contents.items():
        file = out / f"bilan-fonds-{year}-{cite.code}.{kind}"
        file.write_bytes(content)
        files.append(file)
    return Written(files=tuple(files), findings=tuple(each.text for each in kept.findings))


def report_paper(
    programme: Programme, cite: Cite, account: Account, *, day: date, due: date | None, at: datetime
) -> Paper:
    """The report of one year as it is handed to the principal: prefilled, to be checked, completed and signed."""
    requirement = programme.requirement(PIECE)
    source = f" Texte suivi : {requirement.citation.words()}." if requirement else ""
    title = requirement.title if requirement else "Bilan annuel du fonds de la cité éducative"
    identity = [
        ("Campagne", programme.title),
        ("Département", f"{programme.calendar.departement_name(cite.departement)} ({cite.departement})"),
        ("Collège tête de cité (UAI)", cite.lead_college or "à compléter"),
        ("À remettre au plus tard", f"le {short_date(due)}" if due else "sans échéance dans cette campagne"),
        ("Prérempli", f"le {short_date(day)}"),
    ]
    return Paper(
        title=title,
        subtitle=f"{clean(cite.name)} · année {account.year}",
        footer=f"Bilan du fonds {account.year} · {clean(cite.name)}",
        made_at=at,
        blocks=(
            Grid(headers=(), rows=tuple(identity), widths=(2, 4)),
            Paragraph(
                text="Ce bilan est prérempli d’après les opérations enregistrées. Le principal ou la principale du "
                f"collège tête de cité, qui ordonne les dépenses du fonds, le vérifie, le complète et le signe.{source}"
            ),
            Heading(text="1. Compte de l’année"),
            _account_grid(programme, account),
            Heading(text="2. Actions financées"),
            _actions(account),
            Heading(text="3. Ce à quoi le fonds est d’abord destiné"),
            Paragraph(text=_priority(account)),
            Heading(text="4. Points à vérifier avant de signer"),
            counted([each.text for each in account.findings], "Rien à signaler."),
            Heading(text="5. Observations"),
            Box(label="Résultats des actions, difficultés, suites envisagées :", lines=8),
            Heading(text="6. Signature"),
            Box(
                label=f"Fait à {DOTS}, le {DOTS}\n\nNom et qualité de l’ordonnateur : {DOTS}\n\nSignature :",
                lines=8,
            ),
        ),
    )


def account_table(programme: Programme, account: Account) -> str:
    """The account as CSV text, `;` between columns, amounts as « 15000,00 »."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(("annee", "rubrique", "code", "intitule", "montant"))
    for heading, code, title, cents in _lines(programme, account):
        writer.writerow((account.year, heading, code, title, f"{cents / 100:.2f}".replace(".", ",")))
    return written.getvalue()


def _of_year(kept: Sequence[Account], year: int, cite: Cite) -> Account:
    for each in kept:
        if each.year == year:
            return each
    years = f"from {kept[0].year} to {kept[-1].year}" if kept else "for no year"
    raise NoSuchYear(
        f"the fund of {cite.code} has operations {years}, none for {year}: import its table operations_fonds first"
    )


def _lines(programme: Programme, account: Account) -> list[tuple[str, str, str, int]]:
    """Heading, code, title and cents of each line of an account, totals included, in reading order."""
    axes = _axes(programme)
    return [
        ("ouverture", "", f"Solde au 1er janvier {account.year}", account.opening),
        *(("recette", code, _funder(code), each) for code, each in account.receipts.items()),
        ("total des recettes", "", "Total des recettes", account.received),
        *(
            ("dépense", f"axe {code}" if code else "", axes.get(code, NO_AXIS), each)
            for code, each in account.expenses.items()
        ),
        ("total des dépenses", "", "Total des dépenses", account.spent),
        ("clôture", "", f"Solde au 31 décembre {account.year}", account.closing),
    ]


def _account_grid(programme: Programme, account: Account) -> Grid:
    rows: list[tuple[str, str]] = []
    strong: set[int] = set()
    headings = {"recette": "Recettes", "dépense": "Dépenses"}
    for heading, code, title, cents in _lines(programme, account):
        if first := headings.pop(heading, ""):
            strong.add(len(rows))
            rows.append((first, ""))
        if heading not in ("recette", "dépense"):
            strong.add(len(rows))
        rows.append((f"{code.capitalize()} · {title}" if heading == "dépense" and code else title, amount(cents)))
    return Grid(
        headers=("Ligne du compte", "Montant"),
        rows=tuple(rows),
        widths=(5, 2),
        to_the_right=frozenset({1}),
        bold=frozenset(strong),
    )


def _actions(account: Account) -> Grid | Paragraph:
    spent = [each for each in account.operations if each.direction is Direction.EXPENSE]
    if not spent:
        return Paragraph(text="Aucune dépense n’est enregistrée pour cette année.")
    return Grid(
        headers=("Date", "Axe", "Action", "Plusieurs établissements", "Partenaire extérieur", "Montant"),
        rows=tuple(_action(each) for each in spent),
        widths=(14, 6, 32, 16, 14, 16),
        to_the_right=frozenset({5}),
    )


def _action(operation: Operation) -> tuple[str, ...]:
    return (
        f"{operation.day:%d/%m/%Y}",
        operation.axis or "—",
        clean(operation.label) or "à préciser",
        yes_or_no(operation.several_schools),
        yes_or_no(operation.outside_partner),
        amount(operation.amount),
    )


def _priority(account: Account) -> str:
    if account.share_meeting_both is None:
        return "Sans dépense, il n’y a pas de part à calculer."
    return (
        "Le fonds va d’abord aux actions qui réunissent plusieurs établissements et un partenaire extérieur : "
        f"{euros(account.meets_both)} sur {euros(account.spent)}, soit {share(account.share_meeting_both)} des "
        "dépenses de l’année."
    )


def _account(programme: Programme, account: Account) -> Mapping[str, Any]:
    axes = _axes(programme)
    return {
        "year": account.year,
        "opening": account.opening,
        "declared": account.declared,
        "receipts": [
            {"funder": code, "title": _funder(code), "amount": each} for code, each in account.receipts.items()
        ],
        "received": account.received,
        "expenses": [
            {"axis": code, "title": axes.get(code, NO_AXIS), "amount": each} for code, each in account.expenses.items()
        ],
        "spent": account.spent,
        "closing": account.closing,
        "meets_both": account.meets_both,
        "share_meeting_both": account.share_meeting_both,
        "lowest": account.lowest,
        "lowest_on": account.lowest_on.isoformat() if account.lowest_on else None,
        "findings": [{"code": each.code, "amount": each.amount, "text": each.text} for each in account.findings],
    }


def _funder(code: str) -> str:
    return sentence(FUNDERS[Funder(code)]) if code else NOBODY


def _axes(programme: Programme) -> dict[str, str]:
    return {code: title for objective in programme.objectives for code, title in objective.axes.items()}
