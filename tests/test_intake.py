"""Do people's tables come in whole or not at all, with every fault told, and twice without a change?"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdsTable
from odf.table import TableCell, TableRow
from odf.text import P
from openpyxl import Workbook
from sqlmodel import select

from models.event_tables import Event
from models.queries import NoSuchCampaign
from models.tables import (
    Campaign,
    Contact,
    Convention,
    Decision,
    Envelope,
    Extension,
    FundingLine,
    FundOperation,
    Obligation,
    Piece,
    Territory,
    Withdrawal,
)
from models.words import LeadAuthority, PieceStatus, Role, Verdict
from tasks import workbook_guard
from tasks.database import transaction
from tasks.intake import IntakeReport, take_in
from tests.builders import TWO_FUND_REPORTS, a_campaign_file

AT = datetime(2021, 2, 19, 8, 0, tzinfo=UTC)
TERRITORIES = (
    "code;nom;communes;departement;region;chef_de_file;demande_moyens;qpv;population_qpv;college_tete\n"
    "douai;Douai / Waziers;59178 59654;59;32;intercommunalité;oui;QP059001 QP059002;12 500;0590001B\n"
    "cayenne;Cayenne;97302;973;3;commune;non;;;\n"
)

Import = Callable[..., IntakeReport]


def opened(url: str) -> None:
    with transaction(url) as session:
        session.add(
            Campaign(code="2021", title="Extension 2021", edition="vade-mecum-2020", opens=date(2020, 10, 15),
                     document=a_campaign_file(deadlines=TWO_FUND_REPORTS), opened_at=AT)
        )  # fmt: skip


def importer(url: str, folder: Path) -> Import:
    """`bring(pieces="…")` writes pieces.csv and takes it in; several tables make one intake."""
    opened(url)

    def bring(*, check: bool = False, **tables: str) -> IntakeReport:
        paths = []
        for name, content in tables.items():
            path = folder / f"{name}.csv"
            path.write_text(content, encoding="utf-8")
            paths.append(path)
        return take_in(paths, campaign="2021", at=AT, author="Mme Roy", check=check, url=url)

    return bring


@pytest.fixture
def bring(sqlite_url: str, tmp_path: Path) -> Import:
    bring = importer(sqlite_url, tmp_path)
    assert bring(territoires=TERRITORIES).faults == ()
    return bring


def told(report: IntakeReport) -> list[str]:
    return [str(fault).replace("\u00a0", " ") for fault in report.faults]


def warned(report: IntakeReport) -> list[str]:
    return [str(warning).replace("\u00a0", " ") for warning in report.warnings]


def rows(url: str, *columns: Any) -> list[Any]:
    with transaction(url) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(columns[0].class_.id)).all()]


ALL_TABLES = {
    "territoires": TERRITORIES,
    "contacts": "role;perimetre;nom;courriel;canal\nprefet;departement:59;Préfecture du Nord;prefet@nord.test;\n",
    "pieces": "territoire;piece;parties;statut;date;motif;fichier\n"
    "douai;diagnostic;;reçue;12/02/2021;;diagnostic.pdf\n"
    "cayenne;strategie;objectif-1;refusée;2021-02-12T09:30;Illisible;\n",
    "financements": "territoire;annee;financeur;objet;nature;droit_commun;prevu;notifie;verse\n"
    "douai;2021;ville;programme;numeraire;non;350 000,00 €;;\n"
    "douai;2021;ville;programme;numeraire;non;350 000,00 €;;\n",
    "enveloppes": "departement;annee;montant\n59;2021;1 000 000\n",
    "decisions": "territoire;decision;date;autorite;motif\ndouai;labellisé;2021-03-26;Ministres;Avis favorable\n",
    "prorogations": "territoire;echeance;nouvelle_date;accordee_le;autorite;motif;reference\n"
    "cayenne;candidature;2021-03-15;2021-02-10;Coordination;Intempéries;N-12\n",
    "desistements": "territoire;date;motif\ncayenne;2021-04-02;Délibération\n",
    "conventions": "territoire;debut;fin;signee_le;fin_contrat_de_ville\n"
    "douai;2021-01-01;2023-12-31;2021-06-11;2022-12-31\n",
    "operations_fonds": "territoire;annee;date;sens;financeur;axe;libelle;montant;plusieurs_etablissements;"
    "partenaire_exterieur\ndouai;2021;2021-07-05;recette;ville;;Dotation;15000;;\n"
    "douai;2021;2021-09-27;dépense;;2.10;Tutorat;6 400,50;oui;non\n",
    "examens": "territoire;critere;appreciation;observations;date;autorite\n"
    "douai;pilotage;convaincant;Troïka désignée;2021-03-05;SGAR\n",
    "avis": "territoire;instance;avis;date;autorite;motif\n"
    "douai;prefecture_region;favorable;2021-03-10;SGAR;Projet solide\n",
    "mandats": "territoire;mandat;titulaire;courriel;debut;fin;mandants;reference\n"
    "douai;chef_projet;Claude Essai;claude@douai.test;2021-04-01;;etat collectivite;L-7\n",
    "engagements": "territoire;partenaire;nature;annee;libelle;quantite;montant\n"
    "douai;Ville de Douai;humain;2021;Médiation;1,5 poste;60 000\n",
    "actions": "territoire;axe;intitule;porteur;premiere_annee;derniere_annee;cout;nouvelle;plusieurs_etablissements;"
    "partenaire_exterieur\ndouai;2.10;Tutorat;Collège;2021;2023;12 000;oui;oui;non\n",
    "indicateurs": "territoire;indicateur;intitule;nature;domaine;unite;source;reference;annee_reference;cible;"
    "annee_cible\ndouai;assiduite;Assiduité;resultats;enfants;%;Rectorat;87,5;2020;92;2023\n",
    "mesures": "territoire;indicateur;annee;valeur\ndouai;assiduite;2021;88,25\n",
    "signatures_cellule": "territoire;document;signataire;nom;signe_le\ndouai;protocole;maire;M. Essai;2021-02-01\n",
    "series_cellule": "territoire;annee;serie;nombre\ndouai;2021;descolarisations;12\n",
}


# E028, E029, E034, E056, E059 to E063, E098 to E104, E109, E135, E145 to E148: their tables among the others
def test_every_table_comes_in_and_the_same_tables_twice_change_nothing(database_url: str, tmp_path: Path) -> None:
    bring = importer(database_url, tmp_path)
    first = bring(**ALL_TABLES)
    assert told(first) == []
    added = {
        "territoires": 2, "contacts": 1, "pieces": 5, "financements": 2, "enveloppes": 1, "decisions": 1,
        "prorogations": 1, "desistements": 1, "conventions": 1, "operations_fonds": 2,
        "examens": 1, "avis": 1, "mandats": 1, "engagements": 1, "actions": 1, "indicateurs": 1, "mesures": 1,
        "signatures_cellule": 1, "series_cellule": 1,
    }  # fmt: skip
    assert first.added == added
    assert rows(database_url, Territory.code, Territory.name, Territory.communes, Territory.region,
                Territory.lead_authority, Territory.asks_extra_means, Territory.qpv_population) == [
        ("douai", "Douai / Waziers", "59178 59654", "32", LeadAuthority.INTERCOMMUNALITE, True, 12500),
        ("cayenne", "Cayenne", "97302", "03", LeadAuthority.COMMUNE, False, None),
    ]  # fmt: skip
    assert rows(database_url, Piece.part, Piece.status, Piece.at, Piece.reason) == [
        *((part, PieceStatus.RECEIVED, datetime(2021, 2, 11, 23, 0, tzinfo=UTC), "")
          for part in ("scolaire", "social", "urbain", "insertion")),
        ("objectif-1", PieceStatus.REFUSED, datetime(2021, 2, 12, 12, 30, tzinfo=UTC), "Illisible"),
    ]  # fmt: skip
    assert rows(database_url, FundingLine.planned, FundingLine.notified, FundingLine.rank) == [
        (35_000_000, 0, 0), (35_000_000, 0, 1),
    ]  # fmt: skip
    assert rows(database_url, Envelope.departement, Envelope.amount) == [("59", 100_000_000)]
    assert rows(database_url, Decision.verdict, Decision.day) == [(Verdict.LABELLED, date(2021, 3, 26))]
    assert rows(database_url, Extension.deadline, Extension.new_due) == [("candidature", date(2021, 3, 15))]
    assert rows(database_url, Withdrawal.day) == [(date(2021, 4, 2),)]
    assert rows(database_url, Convention.signed_on, Convention.city_contract_end) == [
        (date(2021, 6, 11), date(2022, 12, 31))
    ]
    assert rows(database_url, FundOperation.axis, FundOperation.amount, FundOperation.several_schools) == [
        ("", 1_500_000, False), ("2.10", 640_050, True),
    ]  # fmt: skip
    before = _everything(database_url)
    second = bring(**ALL_TABLES)
    assert (second.faults, second.unchanged) == ((), added)
    assert [set(each.values()) for each in (second.added, second.corrected, second.replaced)] == [{0}, {0}, {0}]
    assert _everything(database_url) == before


def test_a_territory_that_comes_in_gets_its_obligations(bring: Import, sqlite_url: str) -> None:
    names = ["candidature", "action_plan", "fund_report:2021", "fund_report:2022", "convention", "convention_end"]
    assert Counter(rows(sqlite_url, Obligation.deadline)) == {(name,): 2 for name in names}


def test_one_fault_leaves_everything_out_and_every_fault_is_told(bring: Import, sqlite_url: str) -> None:
    before = _everything(sqlite_url)
    report = bring(
        pieces="territoire;piece;parties;statut;date\n"
        "douai;diagnostic;;recue;2021-02-12\n"
        "douia;diagnostique;;envoyee;31/02/2021\n"
        "\n"
        "douai;bilan-fonds;;recue;2021-02-12\n"
        "douai;diagnostic;politique;recue;\n",
        financements="territoire;annee;financeur;objet;prevu\ndouai;2021;ville;programme;15.000\n",
    )
    assert told(report) == [
        "financements.csv, ligne 2, colonne « prevu », valeur « 15.000 » : montant ambigu : 15 000 euros, ou "
        "15 euros et "
        "des millièmes ? ; écrire 15000 ou 15,00.",
        "pieces.csv, ligne 3, colonne « statut », valeur « envoyee » : mot inconnu ; écrire recue, refusee ou retiree.",
        "pieces.csv, ligne 3, colonne « date », valeur « 31/02/2021 » : cette date n’existe pas ; vérifier le jour, le "
        "mois et l’heure (jour/mois/année, heure:minute).",
        "pieces.csv, ligne 3, colonne « territoire », valeur « douia » : territoire inconnu de la campagne "
        "2021 ; écrire "
        "peut-être « douai », ou ajouter ce territoire au tableau territoires.",
        "pieces.csv, ligne 3, colonne « piece », valeur « diagnostique » : pièce inconnue ; écrire l’une de "
        ": diagnostic, "
        "etat-des-lieux, strategie, gouvernance, indicateurs, protocole-evaluation, engagements, "
        "moyens-complementaires, "
        "partenaires, referents, demande-labellisation, cellule-evitement, saisine-caf, saisine-departement-region, "
        "programme-action, engagements-partenaires, plan-financement, bilan-fonds, convention, "
        "annexe-contrat-de-ville.",
        "pieces.csv, ligne 5, colonne « piece », valeur « bilan-fonds » : cette pièce est annuelle ; écrire "
        "bilan-fonds@2021 ou bilan-fonds@2022.",
        "pieces.csv, ligne 6, colonne « date » : valeur manquante ; remplir cette cellule.",
        "pieces.csv, ligne 6, colonne « parties », valeur « politique » : « politique » n’est pas une partie "
        "de la pièce "
        "diagnostic ; écrire scolaire, social, urbain ou insertion, ou laisser vide pour la pièce entière.",
    ]
    assert _everything(sqlite_url) == before


def test_a_check_says_what_would_change_and_writes_nothing(bring: Import, sqlite_url: str) -> None:
    before = _everything(sqlite_url)
    report = bring(check=True, **ALL_TABLES)
    assert (report.faults, report.added["pieces"], report.unchanged["territoires"]) == ((), 5, 2)
    assert _everything(sqlite_url) == before


def test_a_campaign_that_is_not_open_is_refused(bring: Import, sqlite_url: str) -> None:
    with pytest.raises(NoSuchCampaign, match="no campaign is called «2099»"):
        take_in([], campaign="2099", at=AT, author="Mme Roy", url=sqlite_url)


def test_a_correction_changes_what_the_file_says_and_leaves_an_event(bring: Import, sqlite_url: str) -> None:
    report = bring(territoires="code;nom;demande_moyens\ndouai;Douai et Waziers;non\n")
    assert (told(report), report.corrected) == ([], {"territoires": 1})
    assert rows(sqlite_url, Territory.name, Territory.asks_extra_means, Territory.communes, Territory.region)[0] == (
        "Douai et Waziers", False, "59178 59654", "32",
    )  # fmt: skip
    last = rows(sqlite_url, Event.at, Event.author, Event.action, Event.campaign, Event.territory, Event.subject,
                Event.before, Event.after)[-1]  # fmt: skip
    assert last == (
        AT, "Mme Roy", "corrected", "2021", "douai", "territoires",
        {"code": "douai", "name": "Douai / Waziers", "asks_extra_means": True},
        {"code": "douai", "name": "Douai et Waziers", "asks_extra_means": False},
    )  # fmt: skip


def test_the_list_of_contacts_of_a_role_and_perimeter_is_the_list(bring: Import, sqlite_url: str) -> None:
    head = "role;perimetre;courriel\n"
    bring(contacts=f"{head}prefet;departement:59;ancien@nord.test\ndasen;departement:59;dasen@nord.test\n")
    replaced = bring(contacts=f"{head}Préfet;Département:59;nouveau@nord.test\n")
    assert (replaced.added, replaced.replaced) == ({"contacts": 1}, {"contacts": 1})
    assert warned(replaced) == [
        "contacts.csv, ligne 2, colonne « courriel », valeur « ancien@nord.test » : ce contact (prefet, "
        "departement:59) "
        "est remplacé : il n’est plus dans la liste ; remettre sa ligne dans le tableau s’il doit encore recevoir les "
        "courriels."
    ]
    assert rows(sqlite_url, Contact.email, Contact.active) == [
        ("ancien@nord.test", False), ("dasen@nord.test", True), ("nouveau@nord.test", True),
    ]  # fmt: skip
    assert rows(sqlite_url, Event.action)[-1] == ("replaced",)
    back = bring(contacts=f"{head}prefet;departement:59;ANCIEN@nord.test\nprefet;departement:59;nouveau@nord.test\n")
    assert (back.corrected, back.unchanged, back.replaced) == ({"contacts": 1}, {"contacts": 1}, {"contacts": 0})
    assert rows(sqlite_url, Contact.role, Contact.active) == [
        (Role.PREFET, True), (Role.DASEN, True), (Role.PREFET, True),
    ]  # fmt: skip


def test_between_equal_instants_the_order_of_the_table_is_kept_even_when_it_is_corrected(
    database_url: str, tmp_path: Path
) -> None:
    bring = importer(database_url, tmp_path)
    head = "territoire;piece;parties;statut;date;motif\n"
    refused, received = (
        "douai;diagnostic;social;refusee;2021-02-12;Illisible\n",
        "douai;diagnostic;social;recue;2021-02-12;\n",
    )
    bring(territoires=TERRITORIES, pieces=head + received + refused)
    assert rows(database_url, Piece.status) == [(PieceStatus.RECEIVED,), (PieceStatus.REFUSED,)]
    report = bring(pieces=head + refused + received)
    assert (report.added, report.replaced) == ({"pieces": 0}, {"pieces": 2})
    assert rows(database_url, Piece.status) == [(PieceStatus.REFUSED,), (PieceStatus.RECEIVED,)]
    assert bring(pieces=head + refused + received).unchanged == {"pieces": 2}


def test_a_new_row_before_an_old_one_of_the_same_instant_is_stored_before_it(bring: Import, sqlite_url: str) -> None:
    head = "territoire;decision;date\n"
    bring(decisions=f"{head}douai;refuse;2021-03-26\n")
    bring(decisions=f"{head}douai;labellise;2021-03-26\ndouai;refuse;2021-03-26\n")
    assert rows(sqlite_url, Decision.verdict) == [(Verdict.LABELLED,), (Verdict.REFUSED,)]


def test_a_missing_column_and_an_unknown_one_are_faults_of_the_header(bring: Import) -> None:
    assert told(bring(decisions="territoire;avis;date\ndouai;labellise;2021-03-26\n")) == [
        "decisions.csv, ligne 1, colonne « avis » : colonne inconnue du tableau decisions ; la supprimer, ou "
        "écrire l’une "
        "de : territoire, decision, date, autorite, motif.",
        "decisions.csv, ligne 1, colonne « decision » : colonne absente du tableau decisions ; l’ajouter.",
    ]


def test_a_header_with_a_childs_name_refuses_the_table_whole_and_quotes_no_row(bring: Import, sqlite_url: str) -> None:
    before = _everything(sqlite_url)
    report = bring(
        pieces="territoire;piece;statut;date;nom_enfant\ndouai;diagnostic;recue;2021-02-12;Zoé Petit\nx;;;;\n"
    )
    assert told(report) == [
        "pieces.csv, ligne 1, colonne « nom_enfant » : une colonne annonce le nom ou la naissance d’un "
        "enfant : le tableau "
        "est refusé en entier (E222) ; supprimer toute donnée nominative d’enfant, et n’envoyer que des nombres."
    ]
    assert _everything(sqlite_url) == before


def test_messy_files_are_read_as_people_mean_them(sqlite_url: str, tmp_path: Path) -> None:
    importer(sqlite_url, tmp_path)
    folder = tmp_path / "envoi"
    folder.mkdir()
    (folder / "01-Territoires.CSV").write_bytes(
        '\ufeff Code , NOM ,Département,Région\r\n\r\nDouai ," Douai ",59,Hauts-de-France\r\n,,,\r\n'.encode()
    )
    (folder / "réception.csv").write_bytes(
        "sep=;\r\nTerritoire;Pièce;Statut;Date\r\nDOUAI;Diagnostic;REÇUE;12/02/2021\r\n".encode()
    )
    (folder / "LISEZMOI.txt").write_text("rien")
    (folder / "~$verrou.xlsx").write_text("rien")
    report = take_in([folder], campaign="2021", at=AT, author="Mme Roy", url=sqlite_url)
    assert (told(report), report.added) == ([], {"territoires": 1, "pieces": 4})
    assert rows(sqlite_url, Territory.code, Territory.name, Territory.departement) == [("Douai", "Douai", "59")]


def test_several_files_of_one_table_are_one_table(sqlite_url: str, tmp_path: Path) -> None:
    bring = importer(sqlite_url, tmp_path)
    one, other = ("code;nom;departement\ndouai;Douai;59\n", "code;nom;departement\nlens;Lens;62\ndouai;Douai;59\n")
    assert bring(territoires_1=one, territoires_2=other).added == {"territoires": 2}


def test_a_territory_told_twice_differently_is_a_fault(bring: Import) -> None:
    report = bring(territoires="code;nom;departement\nlens;Lens;62\nlens;Lens-Liévin;62\n")
    assert told(report) == [
        "territoires.csv, ligne 3, valeur « lens » : ce que dit la ligne 2 est redit autrement ; ne garder "
        "que la bonne ligne."
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("lens;Lens;99;;", "département inconnu"),
        ("lens;Lens;62;11;", "ce n’est pas la région du département 62"),
        ("lens;;62;;", "valeur manquante"),
        ("lens est;Lens;62;;", "ce code prêterait à confusion"),
        ("national;Lens;62;;", "ce code prêterait à confusion"),
        ("lens;Lens;62;;-3", "ce n’est pas un nombre entier"),
        (f"lens;{'L' * 201};62;;", "texte trop long (201 caractères)"),
        ("lens;Le\x07ns;62;;", "caractère de contrôle interdit (U+0007)"),
    ],
)
def test_a_territory_that_cannot_be_is_refused(bring: Import, content: str, problem: str) -> None:
    report = bring(territoires=f"code;nom;departement;region;population_qpv\n{content}\n")
    assert [fault.problem for fault in report.faults] == [problem]


def test_hostile_text_is_kept_as_text(bring: Import, sqlite_url: str) -> None:
    hostile = ["=cmd|' /C calc'!A0", "'; DROP TABLE event;--", "{{ 7*7 }}", "<script>alert(1)</script>", "% \\ 🙂"]
    lines = [f'c{number};"{name}";59' for number, name in enumerate(hostile)]
    assert told(bring(territoires="\n".join(["code;nom;departement", *lines]))) == []
    assert [name for (name,) in rows(sqlite_url, Territory.name)][2:] == hostile


def test_what_is_only_odd_is_a_warning(bring: Import) -> None:
    report = bring(
        territoires="code;nom;communes;departement;college_tete\nlens;Lens;59178;62;0620001A\n",
        pieces="territoire;piece;statut;date\ndouai;etat-des-lieux;refusee;2021-02-12\n",
        prorogations="territoire;echeance;nouvelle_date;accordee_le\ndouai;candidature;2021-02-20;2021-02-10\n",
        financements="territoire;annee;financeur;objet;verse\ndouai;2021;ville;programme;1000\n",
        operations_fonds="territoire;date;sens;montant\ndouai;2021-09-01;dépense;10\ndouai;2021-09-01;recette;10\n",
    )
    assert report.faults == ()
    assert [(warning.file, warning.column, warning.problem) for warning in report.warnings] == [
        ("financements.csv", "verse",
         "crédits de la ville versés en 2021 alors qu’aucune convention n’est signée à la fin de cette année (E241)"),
        ("operations_fonds.csv", "axe", "dépense sans axe"),
        ("operations_fonds.csv", "financeur", "recette sans financeur"),
        ("pieces.csv", "motif", "pièce refusée sans motif"),
        ("prorogations.csv", "nouvelle_date",
         "cette date n’est pas postérieure à l’échéance de la campagne (28/02/2021)"),
        ("territoires.csv", "college_tete", "ce numéro UAI est faux (sa lettre de contrôle ne convient pas)"),
        ("territoires.csv", "communes", "commune hors du département 62 : 59178"),
    ]  # fmt: skip
    assert report.added["operations_fonds"] == 2


LABEL = "territoire;decision;date\ndouai;labellise;2021-03-26\n"
SIGNED = "territoire;debut;fin;signee_le\ndouai;2021-01-01;2023-12-31;2021-06-11\n"


def test_no_convention_is_signed_before_the_label(bring: Import) -> None:
    assert [fault.problem for fault in bring(conventions=SIGNED).faults] == [
        "convention signée sans label à cette date (E241)"
    ]
    early = SIGNED.replace("2021-06-11", "2021-03-25")
    assert [fault.problem for fault in bring(decisions=LABEL, conventions=early).faults] == [
        "convention signée avant le label du 26/03/2021 (E241)"
    ]
    assert bring(decisions=LABEL, conventions=SIGNED).faults == ()


def test_a_label_that_is_taken_back_before_the_signature_does_not_hold(bring: Import) -> None:
    taken_back = f"{LABEL}douai;refuse;2021-05-02\n"
    assert [fault.problem for fault in bring(decisions=taken_back, conventions=SIGNED).faults] == [
        "convention signée sans label à cette date (E241)"
    ]
    bring(decisions=LABEL, conventions=SIGNED)
    assert [(fault.file, fault.row, fault.problem) for fault in bring(decisions=taken_back).faults] == [
        ("decisions.csv", 2, "la convention signée le 11/06/2021 n’aurait plus de label à cette date (E241)"),
        ("decisions.csv", 3, "la convention signée le 11/06/2021 n’aurait plus de label à cette date (E241)"),
    ]
    after = f"{LABEL}douai;refuse;2021-07-02\n"
    assert bring(decisions=after).faults == ()


def test_a_territory_that_withdrew_is_not_labelled(bring: Import) -> None:
    assert bring(desistements="territoire;date\ndouai;2021-02-12\n").faults == ()
    assert [fault.problem for fault in bring(decisions=LABEL).faults] == [
        "ce territoire s’est désisté le 12/02/2021 : il ne peut plus être labellisé (E241)"
    ]


def test_a_withdrawal_is_not_dated_before_a_label_already_given(bring: Import) -> None:
    assert bring(decisions=LABEL).faults == ()
    assert [fault.problem for fault in bring(desistements="territoire;date\ndouai;2021-03-01\n").faults] == [
        "un label a été donné le 26/03/2021, après ce désistement (E241)"
    ]
    assert bring(desistements="territoire;date\ndouai;2021-09-01\n").faults == ()


def test_a_convention_that_ends_before_it_begins_is_refused(bring: Import) -> None:
    backwards = "territoire;debut;fin\ndouai;2023-01-01;2021-12-31\n"
    assert [fault.problem for fault in bring(conventions=backwards).faults] == [
        "la convention finirait avant son début (01/01/2023)"
    ]


# The files themselves


def workbook(path: Path, **tables: list[list[object]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in tables.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def test_a_workbook_gives_its_own_dates_numbers_and_booleans(bring: Import, sqlite_url: str, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "envoi.xlsx",
        Territoires=[["code", "nom", "departement", "demande_moyens", "communes"], ["bourg", "Bourg", 1, True, 1053],
                     ["dijon", "Dijon", 21, "=TRUE()", 21231]],  # so LibreOffice saves the boolean of another office
        Pièces=[["territoire", "piece", "statut", "date"],
                ["douai", "engagements", "recue", datetime(2021, 2, 12, 9, 30)]],  # noqa: DTZ001 - a spreadsheet's
        Enveloppes=[["departement", "annee", "montant"], [1, 2021, 1234.56]],
        Feuil4=[],
    )  # fmt: skip
    report = take_in([path], campaign="2021", at=AT, author="Mme Roy", url=sqlite_url)
    assert told(report) == []
    assert rows(sqlite_url, Territory.departement, Territory.asks_extra_means, Territory.communes)[-2:] == [
        ("01", True, "01053"), ("21", True, "21231"),
    ]  # fmt: skip
    assert rows(sqlite_url, Piece.at) == [(datetime(2021, 2, 12, 8, 30, tzinfo=UTC),)]
    assert rows(sqlite_url, Envelope.departement, Envelope.amount) == [("01", 123_456)]


def ods(path: Path, name: str, lines: list[list[TableCell]]) -> Path:
    document = OpenDocumentSpreadsheet()
    sheet = OdsTable(name=name)
    for line in lines:
        row = TableRow()
        for cell in line:
            row.addElement(cell)
        sheet.addElement(row)
    sheet.addElement(TableRow(numberrowsrepeated=1_000_000))
    document.spreadsheet.addElement(sheet)
    document.save(str(path))
    return path


def ods_text(words: str) -> TableCell:
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=words))
    return cell


def test_an_open_document_gives_its_own_dates_and_numbers(bring: Import, sqlite_url: str, tmp_path: Path) -> None:
    path = ods(
        tmp_path / "envoi.ods", "operations_fonds",
        [
            [ods_text(name) for name in
             ("territoire", "date", "sens", "financeur", "montant", "plusieurs_etablissements",
              "partenaire_exterieur")],
            [ods_text("douai"), TableCell(valuetype="date", datevalue="2021-07-05"), ods_text("recette"),
             ods_text("caf"),
             TableCell(valuetype="float", value="15000.5"), TableCell(valuetype="boolean", booleanvalue="true"),
             TableCell(valuetype="boolean", booleanvalue="true", formula="of:=TRUE()")],
        ],
    )  # fmt: skip
    report = take_in([path], campaign="2021", at=AT, author="Mme Roy", url=sqlite_url)
    assert told(report) == []
    assert rows(sqlite_url, FundOperation.year, FundOperation.day, FundOperation.funder, FundOperation.amount,
                FundOperation.several_schools, FundOperation.outside_partner) == [
        (2021, date(2021, 7, 5), "caf", 1_500_050, True, True)
    ]  # fmt: skip


def refusals(path: Path, url: str) -> list[tuple[int | None, str]]:
    report = take_in([path], campaign="2021", at=AT, author="Mme Roy", url=url)
    return [(fault.row, fault.problem) for fault in report.faults]


def test_formulas_are_refused_in_workbooks(bring: Import, sqlite_url: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", enveloppes=[["departement", "annee", "montant"], ["59", 2021, "=1+1"]])
    assert refusals(path, sqlite_url) == [(2, "les formules sont refusées")]
    calculated = TableCell(valuetype="float", value="2", formula="of:=1+1")
    lines = [
        [ods_text(name) for name in ("departement", "annee", "montant")],
        [ods_text("59"), ods_text("2021"), calculated],
    ]
    assert refusals(ods(tmp_path / "b.ods", "enveloppes", lines), sqlite_url) == [(2, "les formules sont refusées")]


def rebuilt(path: Path, **entries: bytes) -> Path:
    """The same archive with more entries; `__` stands for `/`, `_DOT_` for the point."""
    data = BytesIO(path.read_bytes())
    with ZipFile(data) as before, ZipFile(path, "w", ZIP_DEFLATED) as after:
        for entry in before.infolist():
            after.writestr(entry, before.read(entry))
        for name, content in entries.items():
            after.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return path


@pytest.mark.parametrize(
    ("entry", "content", "problem"),
    [
        ("xl__vbaProject_DOT_bin", b"macro", "ce classeur contient des macros"),
        (
            "xl__externalLinks__externalLink1_DOT_xml",
            b"<x/>",
            "ce classeur contient des liaisons ou des objets externes",
        ),
        ("xl__connections_DOT_xml", b"<x/>", "ce classeur contient des liaisons ou des objets externes"),
        ("xl__embeddings__oleObject1_DOT_bin", b"x", "ce classeur contient des liaisons ou des objets externes"),
        ("xl__bombe_DOT_xml", b"0" * 30_000_000, "archive démesurée une fois ouverte"),
        ("xl__mille_DOT_xml", b'<!DOCTYPE x [<!ENTITY a "b">]>', "ce classeur contient une déclaration XML interdite"),
    ],
)
def test_what_a_workbook_must_not_hold_is_refused(
    bring: Import, sqlite_url: str, tmp_path: Path, entry: str, content: bytes, problem: str
) -> None:
    path = workbook(tmp_path / "envoi.xlsx", enveloppes=[["departement", "annee", "montant"], ["59", 2021, 1]])
    assert refusals(rebuilt(path, **{entry: content}), sqlite_url) == [(None, problem)]


def test_an_archive_too_big_in_all_is_refused(
    bring: Import, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "envoi.xlsx", enveloppes=[["departement", "annee", "montant"], ["59", 2021, 1]])
    monkeypatch.setattr(workbook_guard, "MOST_INSIDE", 1000)
    assert refusals(path, sqlite_url) == [(None, "archive démesurée une fois ouverte")]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("envoi.xlsm", b"PK", "les macros sont refusées"),
        ("envoi.xls", b"\xd0\xcf\x11\xe0", "ce format n’est pas lu"),
        ("envoi.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "classeur chiffré, ou d’un ancien format"),
        ("envoi.xlsx", b"bonjour", "ce n’est pas un classeur"),
        ("envoi.xlsx", b"PK\x03\x04bonjour", "ce classeur est abîmé ou chiffré"),
        ("pieces.csv", b"PK\x03\x04bonjour", "c’est un classeur, non un fichier .csv"),
        ("pieces.csv", "code;motif\nlens;é\n".encode("latin-1"), "le fichier n’est pas en UTF-8"),
        ("pieces.csv", "code\n".encode("utf-16"), "le fichier est en UTF-16"),
        ("pieces.csv", b'territoire;piece;statut;date\n"douai;diagnostic',
         "guillemets mal fermés ou cellule démesurée"),
        ("divers.csv", b"a;b\n1;2\n", "tableau inconnu"),
        ("divers.csv", b"", "fichier vide"),
        ("territoires.csv", b"code;nom;departement\nlens;Lens;62;de trop\n",
         "valeur dans la 4e colonne, qui n’a pas d’en-tête"),
        ("territoires.csv", b"code;nom;departement;Nom\nlens;Lens;62;Lens\n", "colonne donnée deux fois"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused(
    bring: Import, sqlite_url: str, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert [why for _, why in refusals(path, sqlite_url)] == [problem]


def test_a_missing_file_and_an_empty_folder_are_told(bring: Import, sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    paths = [tmp_path / "absent.csv", tmp_path / "vide"]
    report = take_in(paths, campaign="2021", at=AT, author="Mme Roy", url=sqlite_url)
    assert told(report) == [
        "absent.csv : fichier introuvable ; vérifier le chemin.",
        "vide : le dossier ne contient aucun tableau ; y placer des fichiers .csv, .xlsx ou .ods.",
    ]


def test_a_fault_shows_a_hostile_value_on_one_short_line(bring: Import) -> None:
    [fault] = bring(decisions=f'territoire;decision;date\ndouai;"oui\n\x1b[31m{"x" * 200}";2021-03-26\n').faults
    assert fault.row == 2
    assert str(fault).replace("\u00a0", " ").isprintable()
    assert len(str(fault)) < 300


def test_ten_thousand_rows_come_in_by_bulk(bring: Import, sqlite_url: str) -> None:
    lines = [
        f"douai;diagnostic;social;recue;2021-01-01T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}"
        for n in range(10_000)
    ]
    pieces = "\n".join(["territoire;piece;parties;statut;date", *lines])
    assert bring(pieces=pieces).added == {"pieces": 10_000}
    assert bring(pieces=pieces).unchanged == {"pieces": 10_000}


def _everything(url: str) -> str:
    """Every row of every table, as one text."""
    models = (Territory, Obligation, Contact, Piece, FundingLine, Envelope, Decision, Extension, Withdrawal, Convention,
              FundOperation, Event)  # fmt: skip
    with transaction(url) as session:
        stored = {
            model.__tablename__: [
                [str(value) for value in row]
                for row in session.execute(select(*model.__table__.columns).order_by(model.id))  # type: ignore[attr-defined]
            ]
            for model in models
        }
    return json.dumps(stored)


def test_a_channel_that_apprise_does_not_know_is_a_fault_that_tells_no_secret(bring: Import, sqlite_url: str) -> None:
    header = "role;perimetre;nom;courriel;canal\n"
    line = "prefet;departement:59;Préfecture;prefet@nord.test;"
    assert told(bring(contacts=f"{header}{line}tchap://s3cret@salon\n")) == [
        "contacts.csv, ligne 2, colonne « canal », valeur « tchap://… » : ce canal « tchap » est inconnu ou "
        "incomplet ; écrire une adresse qu’Apprise connaît, par exemple mmosts://mattermost.exemple.fr/jeton ou "
        "matrixs://compte:secret@exemple.fr/#salon, ou vider la cellule."
    ]
    assert bring(contacts=f"{header}{line}mmosts://chat.test/jetonabc\n").faults == ()
    assert rows(sqlite_url, Contact.channel) == [("mmosts://chat.test/jetonabc",)]


def test_more_channels_than_a_letter_carries_are_a_fault_and_never_left_out_in_silence(bring: Import) -> None:
    def contacts(*lengths: int) -> str:
        lines = [
            f"{role};departement:59;;Partage@nord.test;mmosts://chat.test/{role[0] * (length - 19)}\n"
            for role, length in zip(("prefet", "dasen", "caf"), lengths, strict=False)
        ]
        return "role;perimetre;nom;courriel;canal\n" + "".join(lines)

    assert told(bring(contacts=contacts(200, 200, 200))) == [
        "contacts.csv, ligne 4, colonne « canal » : les canaux donnés à cette adresse font ensemble 602 signes, une "
        "lettre en porte 500 au plus ; garder un seul canal pour cette adresse, et vider les autres cellules."
    ]
    assert bring(contacts=contacts(249, 250)).faults == ()  # 500 with what stands between them
    assert [str(each).partition(",")[0] for each in bring(contacts=contacts(250, 250)).faults] == ["contacts.csv"]
