"""Does what is deposited on Démarche numérique enter a campaign once, whole, and with nothing invented?"""

import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from deployments.example_campaigns import EXAMPLE
from models.event_tables import Event
from models.portal_tables import PortalDossier, PortalForm
from models.queries import known_dossiers
from models.rules.portal import Part, load_form, load_portal_policy
from models.rules.portal_changes import Standing, called_for
from models.rules.portal_reading import Delivered, Gone, Reading, Refusal
from models.rules.portal_submission import AnswerRefused, submission_of
from models.rules.yaml_files import ProgrammeRefused
from models.tables import Campaign, Piece, Territory
from models.words import PieceStatus
from tasks.database import engine, prepare, reading, transaction
from tasks.intake import take_in
from tasks.portal import SyncReport, check_form, synchronise
from tasks.portal_artifacts import portal_report
from tasks.portal_client import Portal, PortalRefused
from tasks.settings import settings
from tests.builders import PROPERTY, a_programme
from tests.portal_server import (
    DEMARCHE,
    TOKEN,
    APortal,
    a_champ,
    a_descriptor,
    a_dossier,
    a_file,
    a_message,
    a_portal,
    an_instant,
    files,
    text,
    yes_no,
)
from tests.prefect_builders import a_small_campaign
from tests.test_cli import cites, refused

AT = datetime(2021, 2, 19, 10, 0, tzinfo=UTC)
NEXT_DAY = datetime(2021, 2, 20, 10, 0, tzinfo=UTC)
FORM = """demarche: 108223
campaign: "2021"
territory: {field: Code de la cité, by: code}
pieces:
  - {field: Diagnostic social, piece: diagnostic, parts: social}
  - {field: Gouvernance, piece: gouvernance, parts: document}
  - {annotation: Visa du préfet, piece: demande-labellisation, parts: visa-prefet}
asks_extra_means: Moyens complémentaires ?
ignore: [Commentaire]
"""


@pytest.fixture
def portal() -> Iterator[APortal]:
    with a_portal() as opened:
        opened.fields = [
            a_descriptor("HeaderSection", "La cité"), a_descriptor("Text", "Code de la cité"),
            a_descriptor("PieceJustificative", "Diagnostic social"), a_descriptor("PieceJustificative", "Gouvernance"),
            a_descriptor("YesNo", "Moyens complémentaires ?"), a_descriptor("Text", "Commentaire"),
        ]  # fmt: skip
        opened.annotations = [a_descriptor("YesNo", "Visa du préfet")]
        yield opened


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with the small campaign, for each test to copy."""
    folder = tmp_path_factory.mktemp("portal")
    url = f"sqlite:///{folder / 'cites.db'}"
    prepare(url)
    a_small_campaign(folder, url)
    engine(url).dispose()
    return folder / "cites.db"


@pytest.fixture
def campaign(opened_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    shutil.copy(opened_once, tmp_path / "cites.db")
    url = f"sqlite:///{tmp_path / 'cites.db'}"
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()
    yield url
    engine(url).dispose()


def an_open_campaign(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()
    a_small_campaign(folder)
    return url


def douai(number: int = 1, *champs: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A dossier of the form above, of the cité of Douai."""
    given = [text("Code de la cité", "Douai"), *champs]
    names = {each["label"] for each in given}
    given += [files(name) for name in ("Diagnostic social", "Gouvernance") if name not in names]
    if "Moyens complémentaires ?" not in names:
        given.append(yes_no("Moyens complémentaires ?", value=False))
    said.setdefault("annotations", [yes_no("Visa du préfet", value=False)])
    return a_dossier(number, *given, **said)


def read(portal: APortal, at: datetime = AT, form: str = FORM, **how: Any) -> SyncReport:
    waits: list[float] = how.pop("waits", [])
    policy = how.pop("policy", load_portal_policy())
    with Portal(portal.url, TOKEN, policy, sleep=waits.append) as opened:
        return synchronise(form, name="portail.yaml", at=at, portal=opened, **how)


def pieces(territory: str = "douai") -> list[tuple[str, str, str, str, str]]:
    """Every row of a territory's pieces: what, status, instant (UTC), reason, the file's name."""
    with reading() as session:
        query = select(Piece).join(Territory).where(Territory.code == territory).order_by(Piece.at, Piece.id)  # type: ignore[arg-type]
        return [
            (f"{row.requirement}/{row.part}", row.status.value, f"{row.at:%d/%m %H:%M}", row.reason,
             row.file.rsplit("/", 1)[-1].split("-", 2)[-1])
            for row in session.exec(query)
        ]  # fmt: skip


def said(report: SyncReport) -> list[tuple[int | None, str]]:
    return [(each.dossier, each.code) for each in report.findings]


def kept() -> list[Path]:
    folder = settings().home / "pieces"
    return sorted(path for path in folder.rglob("*") if path.is_file())


# What comes in


def test_what_is_deposited_is_received_at_the_portal_s_own_instants_and_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portal: APortal
) -> None:
    an_open_campaign(database_url, tmp_path, monkeypatch)
    portal.put(
        douai(
            1,
            files("Diagnostic social", a_file("diagnostic.pdf", b"le diagnostic", at="2021-02-12 18:30")),
            files("Gouvernance", a_file("gouvernance.odt", b"la gouvernance", at="2021-02-01 08:00")),
            yes_no("Moyens complémentaires ?", value=True),
            modified="2021-02-12 18:31",
            annotations=[yes_no("Visa du préfet", value=True, at="2021-02-15 11:00")],
        )
    )
    first = read(portal)
    received = [
        # the file of a draft is delivered with the dossier, on 10/02 at 10:00 in Paris
        ("gouvernance/document", "recue", "10/02 09:00", "", "gouvernance.odt"),
        ("diagnostic/social", "recue", "12/02 17:30", "", "diagnostic.pdf"),
        ("demande-labellisation/visa-prefet", "recue", "15/02 10:00", "", ""),
    ]
    assert pieces() == received
    assert (first.read, first.new, first.changed, first.files, first.extra_means) == (1, 1, 1, 2, 1)
    assert first.pieces == {PieceStatus.RECEIVED: 3}
    assert first.findings == []
    with reading() as session:
        events = len(session.exec(select(Event)).all())
        assert session.exec(select(Territory.asks_extra_means).where(Territory.code == "douai")).one()
    again = read(portal, NEXT_DAY)
    assert (again.read, again.new, again.changed, again.files, again.extra_means) == (1, 0, 0, 0, 0)
    assert pieces() == received
    with reading() as session:
        assert len(session.exec(select(Event)).all()) == events
    assert sorted(portal.fetched) == ["diagnostic.pdf", "gouvernance.odt"]


def test_a_file_is_kept_under_the_engine_s_home_for_its_owner_alone(campaign: str, portal: APortal) -> None:
    portal.put(douai(7, files("Diagnostic social", a_file("Diagnostic de Douai (v2).pdf", b"le diagnostic"))))
    read(portal)
    [path] = kept()
    assert path.read_bytes() == b"le diagnostic"
    assert path.parent == settings().home / "pieces" / "2021" / "douai"
    assert path.name == "7-23d0b2b01172-Diagnostic-de-Douai-v2.pdf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with reading() as session:
        assert session.exec(select(Piece.file)).one() == f"pieces/2021/douai/{path.name}"


def test_a_preview_says_what_would_change_and_takes_nothing(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file())))
    report = read(portal, check=True)
    assert (report.check, report.changed, report.files, report.pieces) == (True, 1, 1, {PieceStatus.RECEIVED: 1})
    assert (pieces(), kept(), portal.fetched) == ([], [], [])
    with reading() as session:
        assert session.exec(select(PortalForm)).all() == []


def test_several_files_of_one_part_delivered_together_are_several_rows_that_never_change_places(
    campaign: str, portal: APortal
) -> None:
    two = [a_file("un.pdf", b"un"), a_file("deux.pdf", b"deux")]
    portal.put(douai(1, files("Diagnostic social", *two)))
    read(portal)
    both = [("diagnostic/social", "recue", "10/02 09:00", "", name) for name in ("un.pdf", "deux.pdf")]
    assert pieces() == both
    portal.put(douai(1, files("Diagnostic social", two[1], at="2021-02-16 09:00"), modified="2021-02-16 09:00"))
    assert read(portal, NEXT_DAY).changed == 0  # one file is left: the part stands
    assert pieces() == both


def test_the_files_of_a_repeated_block_are_all_of_one_part(campaign: str, portal: APortal) -> None:
    letters = [files("Lettre", a_file(f"lettre-{n}.pdf", bytes([n]), at=f"2021-02-1{n} 09:00")) for n in (1, 2)]
    block = a_champ(
        "RepetitionChamp", "Lettres", rows=[{"id": str(n), "champs": [each]} for n, each in enumerate(letters)]
    )
    portal.fields.append(
        a_descriptor("Repetition", "Lettres", champDescriptors=[a_descriptor("PieceJustificative", "Lettre")])
    )
    portal.put(douai(1, block))
    assert [each.code for each in read(portal).findings] == ["non-repris"]  # the block, once
    form = FORM.replace("asks_extra", "  - {field: Lettre, block: Lettres, piece: engagements}\nasks_extra")
    assert read(portal, form=form).findings == []
    assert [(each[0], each[4]) for each in pieces()] == [
        ("engagements/document", "lettre-1.pdf"), ("engagements/document", "lettre-2.pdf"),
    ]  # fmt: skip


# What is refused, taken back, given up


def refused_on_the_15th(**said: Any) -> dict[str, Any]:
    pending = {"dateDerniereCorrectionEnAttente": an_instant("2021-02-15 09:00")}
    return douai(
        1, files("Diagnostic social", a_file("diagnostic.pdf")), files("Gouvernance", a_file("gouvernance.pdf", b"g")),
        state="en_construction", modified="2021-02-15 09:00",
        messages=[a_message("Bonjour", "2021-02-11 09:00", correction=False),
                  a_message("<p>La page 3 manque.</p>", "2021-02-15 09:00")],
        **{**pending, **said},
    )  # fmt: skip


def test_a_correction_asked_for_refuses_the_pieces_with_the_instructor_s_words(campaign: str, portal: APortal) -> None:
    portal.put(refused_on_the_15th())
    report = read(portal)
    assert pieces() == [
        ("diagnostic/social", "recue", "10/02 09:00", "", "diagnostic.pdf"),
        ("gouvernance/document", "recue", "10/02 09:00", "", "gouvernance.pdf"),
        ("diagnostic/social", "refusee", "15/02 08:00", "La page 3 manque.", ""),
        ("gouvernance/document", "refusee", "15/02 08:00", "La page 3 manque.", ""),
    ]
    assert report.pieces == {PieceStatus.RECEIVED: 2, PieceStatus.REFUSED: 2}
    assert read(portal, NEXT_DAY).changed == 0


def test_only_the_pieces_that_the_annotation_names_are_refused(campaign: str, portal: APortal) -> None:
    form = FORM + "corrections: {named_by: Pièces à reprendre}\n"
    named = a_champ("MultipleDropDownListChamp", "Pièces à reprendre", "Gouvernance", values=["Gouvernance"])
    portal.annotations.append(a_descriptor("MultipleDropDownList", "Pièces à reprendre"))
    portal.put(refused_on_the_15th(annotations=[yes_no("Visa du préfet", value=False), named]))
    assert read(portal, form=form).findings == []
    assert [each[:2] for each in pieces()][2:] == [("gouvernance/document", "refusee")]
    nobody = a_champ("MultipleDropDownListChamp", "Pièces à reprendre", "", values=[])
    nameless = refused_on_the_15th(annotations=[yes_no("Visa du préfet", value=False), nobody])
    portal.put({**nameless, "number": 2})
    assert said(read(portal, NEXT_DAY, form=form)) == [(2, "correction")]


def test_a_deposit_after_a_correction_is_received_again(campaign: str, portal: APortal) -> None:
    portal.put(refused_on_the_15th())
    read(portal)
    answered = [a_message("La page 3 manque.", "2021-02-15 09:00", resolved="2021-02-17 14:00")]
    portal.put(
        douai(1, files("Diagnostic social", a_file("diagnostic-complet.pdf", b"complet", at="2021-02-17 13:50")),
              files("Gouvernance", a_file("gouvernance.pdf", b"g")), modified="2021-02-17 14:00", messages=answered)
    )  # fmt: skip
    read(portal, NEXT_DAY)
    assert pieces()[4:] == [
        ("diagnostic/social", "recue", "17/02 12:50", "", "diagnostic-complet.pdf"),
        ("gouvernance/document", "recue", "17/02 13:00", "", "gouvernance.pdf"),  # the same file, sent again as it is
    ]
    assert read(portal, NEXT_DAY).changed == 0


def test_an_instructor_refuses_one_piece_by_an_annotation_and_lifts_it(campaign: str, portal: APortal) -> None:
    form = FORM.replace(
        "parts: social}", "parts: social, refused: Diagnostic à reprendre, reason: Pourquoi}"
    )  # fmt: skip
    portal.annotations += [a_descriptor("YesNo", "Diagnostic à reprendre"), a_descriptor("Text", "Pourquoi")]

    def with_mark(mark: bool, at: str) -> dict[str, Any]:
        return douai(
            1, files("Diagnostic social", a_file("diagnostic.pdf")), modified=at,
            annotations=[yes_no("Visa du préfet", value=False), yes_no("Diagnostic à reprendre", mark, at=at),
                         text("Pourquoi", "Illisible", at=at)],
        )  # fmt: skip

    portal.put(with_mark(True, "2021-02-16 10:00"))
    assert read(portal, form=form).findings == []
    portal.put(with_mark(False, "2021-02-18 10:00"))
    read(portal, NEXT_DAY, form=form)
    assert pieces() == [
        ("diagnostic/social", "recue", "10/02 09:00", "", "diagnostic.pdf"),
        ("diagnostic/social", "refusee", "16/02 09:00", "Illisible", ""),
        ("diagnostic/social", "recue", "18/02 09:00", "", "diagnostic.pdf"),
    ]


def test_a_dossier_refused_or_closed_on_the_portal_is_never_a_decision_of_ours(campaign: str, portal: APortal) -> None:
    given = files("Diagnostic social", a_file("diagnostic.pdf"))
    closed = {
        "dateTraitement": an_instant("2021-02-17 10:00"),
        "motivation": "Hors du champ",
        "modified": "2021-02-17 10:00",
    }
    portal.put(douai(1, given, state="refuse", **closed))
    lens = douai(2, given, text("Code de la cité", "lens"), state="sans_suite", **closed)
    lens["champs"] = [each for each in lens["champs"] if each["stringValue"] != "Douai"]
    portal.put(lens)
    read(portal)
    assert pieces()[1:] == [("diagnostic/social", "refusee", "17/02 09:00", "Hors du champ", "")]
    # what was closed before we first read it delivers nothing
    assert pieces("lens") == []
    with reading() as session:
        campaign_id = session.exec(select(Campaign.id)).one()
        assert campaign_id is not None
        assert all(not each.dossier.decisions and not each.dossier.withdrawals
                   for each in known_dossiers(session, campaign_id))  # fmt: skip


def test_a_file_deleted_there_is_taken_back_when_its_field_changed(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("diagnostic.pdf"))))
    read(portal)
    portal.put(douai(1, files("Diagnostic social", at="2021-02-16 15:00"), modified="2021-02-16 16:00"))
    report = read(portal, NEXT_DAY)
    assert pieces()[1:] == [("diagnostic/social", "retiree", "16/02 14:00", "Fichier retiré sur le portail.", "")]
    assert report.pieces == {PieceStatus.TAKEN_BACK: 1}
    portal.put(
        douai(
            1, files("Diagnostic social", a_file("diagnostic.pdf"), at="2021-02-18 09:00"), modified="2021-02-18 09:00"
        )
    )
    read(portal, NEXT_DAY)
    assert pieces()[2:] == [("diagnostic/social", "recue", "18/02 08:00", "", "diagnostic.pdf")]


def test_what_came_by_another_way_is_not_taken_back_with_the_portal_s_file(
    campaign: str, portal: APortal, tmp_path: Path
) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("diagnostic.pdf"))))
    read(portal)
    table = tmp_path / "pieces.csv"
    table.write_text(
        "territoire;piece;parties;statut;date;fichier\ndouai;diagnostic;social;recue;2021-02-14;mail.pdf\n"
    )
    assert take_in([table], campaign="2021", at=AT, author="essai").faults == ()
    portal.put(douai(1, modified="2021-02-16 16:00"))
    assert read(portal, NEXT_DAY).changed == 0
    assert pieces()[-1][4] == "mail.pdf"


def test_a_dossier_given_up_takes_its_pieces_back_and_proposes_a_withdrawal(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file()), state="en_construction"))
    read(portal)
    portal.delete(1, "2021-02-17 12:00", pending=True)
    report = read(portal, NEXT_DAY)
    assert pieces()[1:] == [
        ("diagnostic/social", "retiree", "17/02 11:00", "Dossier supprimé par l’usager sur le portail.", "")
    ]
    assert report.withdrawn == [("douai", 1)]
    again = read(portal, NEXT_DAY)
    assert (again.withdrawn, again.changed) == ([], 0)


def test_a_dossier_that_only_expired_or_was_decided_keeps_its_pieces(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file())))
    portal.put(douai(2, files("Gouvernance", a_file()), state="accepte"))
    read(portal)
    portal.delete(1, "2021-02-17 12:00", "expired")
    portal.delete(2, "2021-02-17 12:00", "user_request")
    report = read(portal, NEXT_DAY)
    assert (report.changed, report.withdrawn) == (0, [])
    assert [each[1] for each in pieces()] == ["recue", "recue"]
    with reading() as session:
        assert [each.gone_at is None for each in session.exec(select(PortalDossier))] == [False, False]


def test_a_territory_whose_two_dossiers_are_given_up_together_is_proposed_once(campaign: str, portal: APortal) -> None:
    portal.put(*(douai(number, state="en_construction") for number in (1, 2)))
    read(portal)
    portal.delete(1, "2021-02-17 12:00")
    portal.delete(2, "2021-02-17 13:00", pending=True)
    preview = read(portal, NEXT_DAY, check=True)
    assert preview.withdrawn == read(portal, NEXT_DAY).withdrawn == [("douai", 2)]


def test_a_box_that_is_ticked_gives_its_piece_and_takes_it_back(campaign: str, portal: APortal) -> None:
    def with_visa(kind: str, value: bool, at: str) -> dict[str, Any]:
        return douai(1, modified=at, annotations=[a_champ(kind, "Visa du préfet", at=at) | {"value": value}])

    for day, kind, value in ((11, "CheckboxChamp", True), (12, "CheckboxChamp", False), (13, "YesNoChamp", True)):
        portal.put(with_visa(kind, value, f"2021-02-{day} 10:00"))
        read(portal)
    assert [each[:3] for each in pieces()] == [
        ("demande-labellisation/visa-prefet", "recue", "11/02 09:00"),
        ("demande-labellisation/visa-prefet", "retiree", "12/02 09:00"),
        ("demande-labellisation/visa-prefet", "recue", "13/02 09:00"),
    ]


def test_a_second_dossier_of_the_territory_keeps_the_part_that_the_first_gives_up(
    campaign: str, portal: APortal
) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("un.pdf", b"1")), state="en_construction"))
    portal.put(douai(2, files("Diagnostic social", a_file("deux.pdf", b"2")), state="en_construction"))
    read(portal)
    portal.delete(1, "2021-02-17 12:00")
    report = read(portal, NEXT_DAY)
    assert (report.changed, report.withdrawn) == (0, [])
    assert [each[1] for each in pieces()] == ["recue", "recue"]


@PROPERTY
@given(st.lists(st.tuples(st.frozensets(st.sampled_from("abc")), st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_whatever_happens_there_a_second_reading_adds_nothing_and_what_stands_is_what_is_there(
    steps: list[tuple[frozenset[str], bool, bool]],
) -> None:
    part, rows, known = Part("diagnostic", "", "social"), [], []
    created: dict[str, datetime] = {}
    refused_since, redelivered, before = None, False, frozenset[str]()
    for hour, (names, is_refused, gone) in enumerate(steps, start=1):
        at = AT.replace(hour=hour)
        there = frozenset() if gone else names
        redelivered = (redelivered and is_refused) or (hour > 1 and bool(there - before))
        before = there
        created = {name: created.get(name, at) for name in sorted(names)}
        refused_since = (refused_since or at.replace(minute=30)) if is_refused else None
        what = Reading(
            number=1, state="en_instruction", modified_at=at.replace(minute=40), changed_at={"champ": at},
            delivered=[Delivered(part=part, champ="champ", checksum=each, at=since) for each, since in created.items()],
            refusals=[Refusal(parts=frozenset({part}), at=refused_since, reason="Non")] if refused_since else [],
            gone=Gone(at=at.replace(minute=35), reason="Parti") if gone else None,
        )  # fmt: skip
        for reading_again in (False, True):
            last = max(rows, key=lambda row: row.at, default=None)
            standing = {part: Standing(status=last.status, at=last.at)} if last else {}
            called = called_for(what, {}, known, (), standing, NEXT_DAY)
            fresh = [row for row in called.rows if row not in rows]
            assert not (reading_again and fresh)
            rows, known = rows + fresh, called.known
        stands = max(rows, key=lambda row: row.at).status if rows else None
        if gone or not names:
            assert stands is not PieceStatus.RECEIVED
        elif refused_since is None:
            assert stands is PieceStatus.RECEIVED
        elif not redelivered:
            assert stands is PieceStatus.REFUSED


# Which territory


@pytest.mark.parametrize(
    ("by", "answer"),
    [
        ("code", text("Code de la cité", " DOUAI ")),
        ("name", text("Code de la cité", "douai  img src=x")),
        ("commune", a_champ("CommuneChamp", "Code de la cité", "Douai", commune={"code": "59178", "name": "Douai"})),
        ("commune", text("Code de la cité", "Douai, 59178")),
    ],
    ids=["code", "name", "commune", "typed"],
)  # fmt: skip
def test_a_dossier_names_its_territory_by_code_name_or_commune(
    campaign: str, portal: APortal, by: str, answer: dict[str, Any]
) -> None:
    dossier = douai(1, files("Diagnostic social", a_file()))
    portal.put({**dossier, "champs": [answer, *dossier["champs"][1:]]})
    report = read(portal, form=FORM.replace("by: code", f"by: {by}"))
    assert report.findings == []
    assert len(pieces()) == 1


def test_a_dossier_without_a_territory_waits_and_keeps_none_of_the_others_out(campaign: str, portal: APortal) -> None:
    portal.put(
        a_dossier(5, text("Code de la cité", "Jean Dupont, 3 rue X"), files("Diagnostic social", a_file("a.pdf")))
    )
    portal.put(douai(6, files("Diagnostic social", a_file("b.pdf"))))
    report = read(portal)
    assert (5, "territoire") in said(report)
    assert [each[4] for each in pieces()] == ["b.pdf"]
    assert "Dupont" not in portal_report(report) + json.dumps([str(each) for each in report.findings])
    assert "b.pdf" not in portal_report(report)
    portal.asked.clear()
    later = read(portal, NEXT_DAY, form=FORM)  # nothing changed there, and yet it is asked for again
    assert (5, "territoire") in said(later)
    assert portal.questions("Depot") == [] or portal.questions("Depot") == [{"number": 5}]
    with_it = FORM + "dossiers: {5: lens}\n"
    read(portal, NEXT_DAY, form=with_it)
    assert [each[4] for each in pieces("lens")] == ["a.pdf"]


def test_a_dossier_that_names_another_territory_moves_only_when_the_file_says_so(
    campaign: str, portal: APortal
) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("a.pdf"))))
    read(portal)
    moved = douai(1, files("Diagnostic social", a_file("a.pdf")), modified="2021-02-16 09:00")
    moved["champs"][0]["stringValue"] = "lens"
    portal.put(moved)
    assert said(read(portal, NEXT_DAY)) == [(1, "territoire")]
    assert (len(pieces()), pieces("lens")) == (1, [])
    read(portal, NEXT_DAY, form=FORM + "dossiers: {1: lens}\n")
    assert [each[1] for each in pieces()] == ["recue", "retiree"]
    assert [(each[1], each[4]) for each in pieces("lens")] == [("recue", "a.pdf")]
    assert read(portal, NEXT_DAY, form=FORM + "dossiers: {1: lens}\n").changed == 0


def test_an_answer_that_the_intake_refuses_keeps_only_its_own_dossier_out(campaign: str, portal: APortal) -> None:
    portal.put(
        douai(1, files("Diagnostic social", a_file("a.pdf"), at="1200-01-01 00:00"), deposited="1200-01-01 00:00")
    )
    portal.dossiers[1]["champs"][1]["files"][0]["createdAt"] = "1200-01-01T00:00:00+01:00"
    portal.put(douai(2, files("Diagnostic social", a_file("b.pdf"))))
    report = read(portal)
    assert said(report) == [(1, "import")]
    assert [each[4] for each in pieces()] == ["b.pdf"]
    with reading() as session:
        waiting = session.exec(select(PortalDossier.number).where(PortalDossier.waiting)).all()
    assert waiting == [1]


# The correspondence


def test_what_the_form_and_the_file_do_not_share_is_told_and_never_silent(campaign: str, portal: APortal) -> None:
    portal.fields = [each for each in portal.fields if each["label"] != "Gouvernance"]
    portal.fields.append(a_descriptor("Text", "Nouveau champ"))
    portal.put(douai(1, text("Champ disparu", "x")))
    report = read(portal)
    assert [str(each) for each in report.findings] == [
        "le champ « Gouvernance » n’est pas dans le formulaire publié ; corriger son libellé dans le fichier de "
        "correspondance, ou y écrire son identifiant.",
        "le champ « Nouveau champ » n’est repris nulle part ; lui donner une pièce, ou écrire sous ignore: son "
        "libellé ou Q2hhbXAtTm91dmVhdSBjaGFtcA==.",
        "le champ « Champ disparu » d’une version antérieure du formulaire n’est repris nulle part ; lui donner une "
        "pièce, ou écrire sous ignore: son libellé ou Q2hhbXAtQ2hhbXAgZGlzcGFydQ==.",
    ]


def test_the_form_is_described_field_by_field(campaign: str, portal: APortal) -> None:
    with Portal(portal.url, TOKEN, load_portal_policy()) as opened:
        described = check_form(FORM, name="portail.yaml", portal=opened)
    assert [(each.label, each.gives) for each in described.fields] == [
        ("Code de la cité", "le territoire, par son code"),
        ("Diagnostic social", "pièce diagnostic/social"),
        ("Gouvernance", "pièce gouvernance/document"),
        ("Moyens complémentaires ?", "demande de moyens complémentaires"),
        ("Commentaire", "laissé de côté"),
        ("Visa du préfet", "pièce demande-labellisation/visa-prefet"),
    ]
    assert described.findings == ()


@pytest.mark.parametrize(
    ("before", "after", "refusal"),
    [
        ("piece: gouvernance,", "piece: governance,", "line 6, at pieces › entry 2 › piece: pièce inconnue"),
        ("parts: social", "parts: sociale", "at pieces › entry 1 › parts: « sociale » n’est pas une partie"),
        ("by: code", "by: siren", "at territory › by: «siren» is not a known word here: use one of code"),
        ("demarche: 108223", "demarche: non", "at demarche: 'non' is not a whole number"),
        ("ignore:", "ignored:", "at ignored: «ignored» is not a known key here"),
        ("field: Gouvernance", "label: Gouvernance", "«label» is not a known key here"),
        ("annotation: Visa du préfet,", "annotation: Visa, reason: Motif,", "add refused: with the annotation"),
    ],
)  # fmt: skip
def test_a_wrong_correspondence_is_refused_with_its_place_and_the_cure(before: str, after: str, refusal: str) -> None:
    with pytest.raises(ProgrammeRefused) as refused_file:
        load_form(FORM.replace(before, after), name="portail.yaml", programme=a_programme())
    assert refusal in str(refused_file.value)


def test_a_new_correspondence_reads_everything_again(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("a.pdf")), files("Gouvernance", a_file("g.pdf", b"g"))))
    without = FORM.replace("  - {field: Gouvernance, piece: gouvernance, parts: document}\n", "")
    read(portal, form=without)
    assert len(pieces()) == 1
    read(portal, NEXT_DAY)
    assert [each[4] for each in pieces()] == ["a.pdf", "g.pdf"]


# Pages


def test_pages_follow_one_another_and_a_pass_cut_short_goes_on_from_its_cursor(campaign: str, portal: APortal) -> None:
    policy = replace(load_portal_policy(), page=2, attempts=1)
    for number in range(1, 6):
        portal.put(douai(number, files("Diagnostic social", a_file(f"{number}.pdf", bytes([number]))),
                         modified=f"2021-02-1{number} 12:00"))  # fmt: skip

    def fail_on_the_third(question: dict[str, Any]) -> None:
        if question["variables"].get("after") == "c4":
            portal.next_answers = [(500, {}, "")]

    portal.before = fail_on_the_third  # with an instant, the portal gives its dossiers in the order of their changes
    with pytest.raises(PortalRefused):
        read(portal, policy=policy)
    assert len(pieces()) == 4
    assert portal.questions("Depots")[0]["since"] == "1970-01-01T00:00:00+00:00"
    portal.before = lambda _: None
    portal.asked.clear()
    report = read(portal, NEXT_DAY, policy=policy)
    assert [each["after"] for each in portal.questions("Depots")] == ["c4"]
    assert (report.read, len(pieces())) == (1, 5)
    portal.asked.clear()
    assert read(portal, NEXT_DAY, policy=policy).read == 1  # the last one again: ten minutes are read twice
    assert [each["since"] for each in portal.questions("Depots")] == ["2021-02-15T10:50:00+00:00"]


def test_a_cursor_that_the_portal_has_forgotten_starts_the_pass_again(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("a.pdf"))))
    read(portal)
    with transaction() as session:
        session.exec(select(PortalForm)).one().cursor = "c99"
    assert read(portal, NEXT_DAY).read == 1


def test_a_portal_that_runs_out_of_time_is_asked_for_fewer_dossiers(campaign: str, portal: APortal) -> None:
    portal.put(*(douai(number) for number in (1, 2, 3)))
    policy = replace(load_portal_policy(), page=4, attempts=1)
    portal.before = lambda question: portal.next_answers.extend(
        [(200, {}, {"errors": [{"message": "Timeout on Dossier.champs"}]})] if question["variables"].get("first", 0) > 1
        and "query Depots" in question["query"] else []
    )  # fmt: skip
    assert read(portal, policy=policy).read == 3
    assert [each["first"] for each in portal.questions("Depots")] == [4, 2, 1, 1, 1]


# From a terminal, and beside a run


def test_the_portal_is_read_from_a_terminal(
    campaign: str, portal: APortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = tmp_path / "portail.yaml"
    form.write_text(FORM, encoding="utf-8")
    assert refused(cites("portal", "sync", str(form))).startswith("no token is set: put in CITES_PORTAL_TOKEN")
    monkeypatch.setenv("CITES_PORTAL_URL", portal.url)
    monkeypatch.setenv("CITES_PORTAL_TOKEN", TOKEN)
    settings.cache_clear()
    portal.put(douai(1, files("Diagnostic social", a_file())))
    assert "pièce diagnostic/social" in cites("portal", "check", str(form)).stdout
    found = json.loads(cites("portal", "sync", str(form), "--format", "json").stdout)
    assert {name: found[name] for name in ("demarche", "read", "new", "pieces", "findings")} == {
        "demarche": DEMARCHE, "read": 1, "new": 1, "pieces": {"recue": 1}, "findings": [],
    }  # fmt: skip
    assert TOKEN not in repr(settings())
    assert "rien n’est" not in cites("portal", "sync", str(form)).stdout


def test_the_report_names_numbers_and_no_person(campaign: str, portal: APortal) -> None:
    portal.put(refused_on_the_15th(), a_dossier(9, text("Code de la cité", "madame@mairie.test")))
    report = portal_report(read(portal))
    assert "parties refusées par un instructeur | 2" in report
    assert "| douai | gouvernance/document | 1 | correction demandée |" in report
    assert "| 9 | ce qu’il nomme n’est pas un territoire de la campagne |" in report
    for secret in ("madame", "usager", "agent", "La page 3", "diagnostic.pdf", TOKEN):
        assert secret not in report


def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(AnswerRefused, match="its API may have changed"):
        submission_of({"number": 1})


def test_the_example_s_correspondence_gives_every_part_of_a_candidature() -> None:
    programme = a_programme()
    form = load_form((EXAMPLE / "portail-2021.yaml").read_text(encoding="utf-8"), name="x", programme=programme)
    given = {(part.requirement, part.part) for piece in form.pieces for part in piece.parts}
    asked = {
        (requirement.code, part.code)
        for requirement in programme.requirements
        if requirement.deadline == "candidature"
        for part in requirement.parts
    }
    assert asked == given


@pytest.mark.parametrize(
    "words",
    [
        "=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "a;b;c\n\"d\"", "\x00\x07\x1b[31m", "<script>alert(1)</script>",
        "| [x](javascript:1) |", "{{ 7*7 }}", "'; DROP TABLE piece; --", "\u202e\ufeff\u200b",
        "é" * 5000, "\ud83d\ude00" * 900,
    ],
    ids=range(12),
)  # fmt: skip
def test_hostile_words_are_only_words(campaign: str, portal: APortal, words: str) -> None:
    given = files("Diagnostic social", a_file(words[:200] + ".pdf", words.encode("utf-8", "replace")))
    messages = [a_message(words, "2021-02-15 09:00")]
    portal.put(douai(1, given, text("Commentaire", words), modified="2021-02-15 09:00", messages=messages,
                     dateDerniereCorrectionEnAttente=an_instant("2021-02-15 09:00")))  # fmt: skip
    portal.put(a_dossier(2, text("Code de la cité", words)))
    report = read(portal)
    assert [each for each in said(report) if each[1] != "absent"] == [(2, "territoire")]
    [received, refusal] = pieces()
    assert received[:2] == ("diagnostic/social", "recue")
    assert refusal[:2] == ("diagnostic/social", "refusee")
    assert len(refusal[3]) <= 2000
    assert "\n" not in refusal[3]
    assert read(portal, NEXT_DAY).changed == 0
    assert len(kept()) == 1


def test_no_log_tells_the_token_nor_the_link_of_a_file(
    campaign: str, portal: APortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    portal.put(douai(1, files("Diagnostic social", a_file())))
    read(portal)
    assert "hour=" not in caplog.text
    assert TOKEN not in caplog.text


def test_a_file_that_cannot_be_had_waits_and_the_rest_of_its_dossier_is_taken(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("a.pdf"), a_file("b.pdf", b"b", virusScanResult="infected")),
                     files("Gouvernance", a_file("g.pdf", b"g"))))  # fmt: skip
    portal.spoilt = {"a.pdf": ["other"]}
    report = read(portal)
    assert said(report) == [(1, "antivirus"), (1, "fichier")]
    assert [each[4] for each in pieces()] == ["g.pdf"]
    with transaction() as session:  # as if it had been read long ago
        session.exec(select(PortalForm)).one().since = NEXT_DAY
    portal.asked.clear()
    assert said(read(portal, NEXT_DAY)) == [(1, "antivirus")]
    assert portal.questions("Depot") == [{"number": 1}]
    assert sorted(each[4] for each in pieces()) == ["a.pdf", "g.pdf"]


def test_a_file_too_large_to_be_kept_counts_as_received_and_stays_there(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("a.pdf", b"trop long"))))
    report = read(portal, policy=replace(load_portal_policy(), most_bytes=3))
    assert said(report) == [(1, "volume")]
    assert pieces() == [("diagnostic/social", "recue", "10/02 09:00", "", "")]
    assert kept() == []


def test_a_link_that_died_during_the_pass_is_renewed_by_asking_for_its_dossier(campaign: str, portal: APortal) -> None:
    portal.put(douai(1, files("Diagnostic social", a_file("a.pdf"))))
    portal.spoilt = {"a.pdf": ["expired"]}
    assert read(portal).findings == []
    assert portal.questions("Depot") == [{"number": 1}]
    assert [each[4] for each in pieces()] == ["a.pdf"]
