"""Are cells read as people mean them, and refused when they can be read in two ways?"""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.exchange import names_a_child
from models.rules.exchanged_tables import TABLES, table_named, table_with
from models.rules.references import References
from models.rules.typed_values import (
    Unreadable,
    address,
    amount,
    codes_up_to,
    communes,
    count,
    is_school,
    moment,
    text_of,
    text_up_to,
    word_of,
    year,
    yes_or_no,
)
from models.words import PieceStatus, Verdict
from tests.builders import TWO_FUND_REPORTS, a_programme


@pytest.fixture(scope="module")
def references() -> References:
    return References(a_programme(deadlines=TWO_FUND_REPORTS))


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("15000", 1_500_000), ("15 000,00", 1_500_000), ("15000.00 €", 1_500_000), ("15\u00a0000,00\u00a0€", 1_500_000),
        ("1\u202f234,5", 123_450), ("0", 0), ("0,01", 1), ("999 999 999 999,99", 99_999_999_999_999), ("€ 12", 1_200),
        ("12 euros", 1_200), (16000, 1_600_000), (15000.0, 1_500_000), (1234.56, 123_456), (0.1 + 0.2, 30),
    ],
)  # fmt: skip
def test_an_amount_is_read_to_the_cent(typed: str | float, cents: int) -> None:
    assert amount(typed) == cents


@pytest.mark.parametrize(
    ("typed", "problem", "cure"),
    [
        ("15.000", "montant ambigu : 15 000 euros, ou 15 euros et des millièmes ?", "écrire 15000 ou 15,00"),
        ("15,000 €", "montant ambigu : 15 000 euros, ou 15 euros et des millièmes ?", "écrire 15000 ou 15,00"),
        ("-15", "montant négatif", "écrire un montant positif ou nul"),
        (-15.0, "montant négatif", "écrire un montant positif ou nul"),
        ("1234,567", "plus de deux décimales", "arrondir au centime, par exemple 1234,57"),
        (12.345, "plus de deux décimales", "arrondir au centime, par exemple 1234,57"),
        ("quinze mille", "ce n’est pas un montant", "écrire des euros, par exemple 15000 ou 15 000,00"),
        ("15 00", "ce n’est pas un montant", "écrire des euros, par exemple 15000 ou 15 000,00"),
        ("1.234,50", "ce n’est pas un montant", "écrire des euros, par exemple 15000 ou 15 000,00"),
        (True, "ce n’est pas un montant", "écrire des euros, par exemple 15 000,00"),
        (float("nan"), "ce n’est pas un montant", "écrire des euros, par exemple 15 000,00"),
        ("1000000000000", "montant invraisemblable", "vérifier le nombre de chiffres"),
    ],
)
def test_an_amount_with_two_meanings_or_none_is_refused_with_its_cure(typed: str, problem: str, cure: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        amount(typed)
    assert (refusal.value.problem, refusal.value.cure) == (problem, cure)


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_every_amount_is_read_back_whichever_way_it_is_typed(cents: int) -> None:
    euros, rest = divmod(cents, 100)
    grouped = f"{euros:,}".replace(",", "\u202f")
    ways = [f"{euros}.{rest:02d}", f"{grouped},{rest:02d} €", float(f"{euros}.{rest:02d}")]
    assert [amount(way) for way in ways] == [cents] * 3


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2021-02-28", datetime(2021, 2, 27, 23, 0, tzinfo=UTC)),
        ("28/02/2021", datetime(2021, 2, 27, 23, 0, tzinfo=UTC)),
        ("1/3/2021", datetime(2021, 2, 28, 23, 0, tzinfo=UTC)),
        ("2021-02-28T09:00", datetime(2021, 2, 28, 8, 0, tzinfo=UTC)),
        ("28/02/2021 09:00", datetime(2021, 2, 28, 8, 0, tzinfo=UTC)),
        ("28/02/2021 à 9h30", datetime(2021, 2, 28, 8, 30, tzinfo=UTC)),
        ("2021-07-01 09:00:30", datetime(2021, 7, 1, 7, 0, 30, tzinfo=UTC)),
        ("2021-02-28T09:00:00-04:00", datetime(2021, 2, 28, 13, 0, tzinfo=UTC)),
        ("2021-02-28T09:00+0100", datetime(2021, 2, 28, 8, 0, tzinfo=UTC)),
        ("2021-02-28T09:00:00.25Z", datetime(2021, 2, 28, 9, 0, 0, 250_000, tzinfo=UTC)),
        (date(2021, 2, 28), datetime(2021, 2, 27, 23, 0, tzinfo=UTC)),
        (datetime(2021, 2, 28, 9, 0), datetime(2021, 2, 28, 8, 0, tzinfo=UTC)),  # noqa: DTZ001 - a spreadsheet's
    ],
)
def test_a_date_without_an_offset_is_read_by_the_clock_of_its_territory(typed: object, instant: datetime) -> None:
    assert moment(typed).instant("Europe/Paris") == instant  # type: ignore[arg-type]


def test_midnight_is_the_beginning_of_the_territorys_own_day() -> None:
    assert moment("2021-02-28").instant("America/Cayenne") == datetime(2021, 2, 28, 3, 0, tzinfo=UTC)


def test_the_day_of_an_instant_with_an_offset_is_read_on_the_territorys_calendar() -> None:
    evening = moment("2021-02-28T22:30:00+00:00")
    assert (evening.day("Europe/Paris"), evening.day("Indian/Mayotte")) == (date(2021, 2, 28), date(2021, 3, 1))


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("02/28/2021", "cette date n’existe pas"),
        ("2021-02-29", "cette date n’existe pas"),
        ("28/02/2021 25:00", "cette date n’existe pas"),
        ("28/02/21", "ce n’est pas une date"),
        ("fin février", "ce n’est pas une date"),
        (44255, "ce n’est pas une date"),
        (44255.0, "ce n’est pas une date"),
        ("0202-02-28", "l’année 202 est invraisemblable"),
    ],
)
def test_what_is_no_date_is_refused(typed: object, problem: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        moment(typed)  # type: ignore[arg-type]
    assert refusal.value.problem == problem


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2090, 1, 1)),  # noqa: DTZ001 - an offset is added
    st.integers(min_value=-12, max_value=14),
)
def test_every_instant_with_an_offset_is_read_back(naive: datetime, hours: int) -> None:
    aware = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert moment(aware.isoformat()).instant("Europe/Paris") == aware


@pytest.mark.parametrize("typed", ["reçue", "RECUE", " Recue ", "reçu", "Reçu"])
def test_a_word_is_known_whatever_its_accents_and_case(typed: str) -> None:
    [statut] = [column for column in TABLES["pieces"].columns if column.name == "statut"]
    assert statut.read(typed) is PieceStatus.RECEIVED


def test_an_unknown_word_is_refused_with_the_words_to_choose_from() -> None:
    with pytest.raises(Unreadable, match="mot inconnu ; écrire labellise, refuse ou ajourne"):
        word_of(Verdict)("accordé")


@pytest.mark.parametrize(
    ("typed", "value"),
    [("oui", True), ("Oui", True), ("X", True), (True, True), (1, True), ("vrai", True), ("non", False), ("N", False),
     (False, False), (0, False), ("FAUX", False)],
    ids=repr,
)  # fmt: skip
def test_yes_and_no_are_read(typed: object, value: bool) -> None:
    assert yes_or_no(typed) is value  # type: ignore[arg-type]


def test_maybe_is_neither_yes_nor_no() -> None:
    with pytest.raises(Unreadable, match="ni oui ni non"):
        yes_or_no("peut-être")


def test_codes_are_separated_by_spaces_commas_or_bars() -> None:
    assert codes_up_to(400)(" qp095002, QP095003|QP095004\nQP095002 ") == ("QP095002", "QP095003", "QP095004")


def test_the_zero_that_a_spreadsheet_drops_is_put_back() -> None:
    assert communes(1004) == ("01004",)
    assert communes("2A004 1004") == ("2A004", "01004")


def test_a_commune_called_by_its_name_is_refused() -> None:
    with pytest.raises(Unreadable, match="« DOUAI » n’est pas un code de commune"):
        communes("Douai")


@pytest.mark.parametrize(("typed", "people"), [("12500", 12500), ("12\u202f500", 12500), (12500.0, 12500)])
def test_a_number_of_people_is_whole(typed: object, people: int) -> None:
    assert count(typed) == people  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["12,5", -3, "beaucoup", 12.5])
def test_half_a_person_is_refused(typed: object) -> None:
    with pytest.raises(Unreadable, match="ce n’est pas un nombre entier"):
        count(typed)  # type: ignore[arg-type]


def test_a_year_is_four_digits() -> None:
    assert (year("2021"), year(2021.0)) == (2021, 2021)
    for typed in ("21", "2021-2022", 20210, date(2021, 1, 1)):
        with pytest.raises(Unreadable, match="ce n’est pas une année"):
            year(typed)


@pytest.mark.parametrize(
    "typed", ["prefet@nord.test", "Marie.O'Neil+relances@ville-de-lyon.test", "mailto:a@b.test", "  a@b.test\u00a0"]
)
def test_an_address_is_kept_bare(typed: str) -> None:
    assert address(typed) == typed.strip("\u00a0 ").removeprefix("mailto:")


@pytest.mark.parametrize(
    "typed",
    [
        "a@b.test\r\nBcc: x@y.test", "a b@c.test", "a@b", "@b.test", "a@.test", "a..b@c.test", "a@b.test;c@d.test",
        "a@b.test c@d.test", "Marie <a@b.test>", "été@b.test", "a@b.test\nX",
        f"{'a' * 65}@b.test", "a@-b.test", "néant",
    ],
)  # fmt: skip
def test_a_malformed_address_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        address(typed)


def test_control_characters_are_refused_but_for_line_ends_and_tabs() -> None:
    assert text_of(" a\tb\r\nc ") == "a\tb\nc"
    for hostile in ("a\x00b", "a\x1bb", "a\x85b", "a\x7fb", "a\rb"):
        with pytest.raises(Unreadable, match="caractère de contrôle interdit"):
            text_of(hostile)


def test_hostile_text_is_only_text() -> None:
    for hostile in (
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE event;--",
        "{{ 7*7 }}",
        "<script>alert(1)</script>",
        "\u202eabc",
    ):
        assert text_up_to(200)(hostile) == hostile


def test_a_text_too_long_is_refused_with_both_lengths() -> None:
    with pytest.raises(Unreadable, match=r"texte trop long \(201 caractères\) ; le ramener à 200 caractères au plus"):
        text_up_to(200)("a" * 201)


def test_a_school_number_has_the_letter_that_its_digits_give() -> None:
    assert (is_school("0951230W"), is_school("0951230A"), is_school("951230W")) == (True, False, False)


@pytest.mark.parametrize(
    "header",
    ["nom_enfant", "prenom_eleve", "Prénom de l’élève", "date_naissance", "Date de naissance", "né(e) le", "Née le",
     "né le", "DDN", "INE", "child_name", "birth date", "nom du mineur"],
)  # fmt: skip
def test_a_header_that_announces_a_child_is_recognised(header: str) -> None:
    assert names_a_child(header)


def test_no_column_of_ours_and_no_count_announces_a_child() -> None:
    ours = [column.name for table in TABLES.values() for column in table.columns]
    assert [
        header for header in (*ours, "nombre_eleves", "nb d’enfants", "annee", "Nature") if names_a_child(header)
    ] == []


@pytest.mark.parametrize(
    ("name", "table"),
    [("Pièces", "pieces"), ("01-territoires", "territoires"), ("OPÉRATIONS FONDS 2021", "operations_fonds"),
     ("export_2021-décisions_v2", "decisions")],
)  # fmt: skip
def test_a_file_name_says_its_table(name: str, table: str) -> None:
    found = table_named(name)
    assert found is not None
    assert found.name == table


@pytest.mark.parametrize("name", ["Feuil1", "donnees", "pieces et contacts", ""])
def test_a_name_that_says_nothing_or_two_things_names_no_table(name: str) -> None:
    assert table_named(name) is None


def test_headers_alone_say_which_table_it_is() -> None:
    headers = {
        name: [column.name for column in table.columns if column.needed or column.name == "motif"]
        for name, table in TABLES.items()
    }
    assert {name: found.name for name, each in headers.items() if (found := table_with(each))} == {
        name: name for name in TABLES
    }


def test_a_header_is_known_whatever_its_accents_case_and_unit() -> None:
    conventions = TABLES["conventions"]
    for header in ("Signée le", "SIGNEE_LE", " signée_le ", "Signée le (jj/mm/aaaa)"):
        column = conventions.column(header)
        assert column is not None
        assert column.name == "signee_le"


@pytest.mark.parametrize(
    ("typed", "obligation"),
    [("fund_report:2021", "fund_report:2021"), ("fund-report:2022", "fund_report:2022"), ("action-plan", "action_plan"),
     ("Programme d’action", "action_plan"), ("programme d'action", "action_plan"), ("CANDIDATURE", "candidature"),
     ("Bilan annuel du fonds 2021", "fund_report:2021")],
)  # fmt: skip
def test_a_deadline_is_known_by_its_code_or_its_title(references: References, typed: str, obligation: str) -> None:
    assert references.obligation(typed) == obligation


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("fund_report", "cette échéance est annuelle ; écrire fund_report:2021 ou fund_report:2022"),
        (
            "fund_report:2025",
            "cette échéance n’a pas lieu cette année-là ; écrire fund_report:2021 ou fund_report:2022",
        ),
        ("candidature:2021", "cette échéance n’est pas annuelle ; écrire candidature"),
        (
            "vacances",
            "échéance inconnue ; écrire candidature, action_plan, fund_report:2021, fund_report:2022 ou convention",
        ),
    ],
)  # fmt: skip
def test_a_deadline_that_does_not_exist_is_refused_with_those_that_do(
    references: References, typed: str, message: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        references.obligation(typed)
    assert str(refusal.value) == message


def test_a_yearly_piece_names_its_year(references: References) -> None:
    requirement, occurrence = references.requirement("bilan-fonds@2021")
    assert (requirement.code, occurrence) == ("bilan-fonds", "2021")
    with pytest.raises(Unreadable, match="cette pièce est annuelle ; écrire bilan-fonds@2021 ou bilan-fonds@2022"):
        references.requirement("bilan-fonds")
    with pytest.raises(Unreadable, match="cette pièce n’est pas annuelle ; écrire diagnostic"):
        references.requirement("diagnostic@2021")


def test_parts_are_those_of_the_piece_and_all_of_them_when_none_is_named(references: References) -> None:
    diagnostic, _ = references.requirement("Diagnostic")
    assert references.parts(diagnostic, "social, scolaire|social") == ("social", "scolaire")
    assert references.parts(diagnostic, "") == ("scolaire", "social", "urbain", "insertion")
    with pytest.raises(Unreadable, match="« compte » n’est pas une partie de la pièce diagnostic"):
        references.parts(diagnostic, "scolaire compte")


@pytest.mark.parametrize(
    ("typed", "perimeter"),
    [("douai", "douai"), ("Douai", "douai"), ("departement:6", "departement:06"),
     ("Département : 2a", "departement:2A"),
     ("académie:reims", "academie:Reims"), ("région:Hauts-de-France", "region:32"), ("region:1", "region:01"),
     ("National", "national")],
)  # fmt: skip
def test_a_perimeter_has_one_spelling(references: References, typed: str, perimeter: str) -> None:
    assert references.perimeter(typed, {"douai": "douai"}) == perimeter


@pytest.mark.parametrize("typed", ["lens", "departement:99", "academie:Atlantide", "region:99", "commune:59178"])
def test_a_perimeter_that_is_nowhere_is_refused(references: References, typed: str) -> None:
    with pytest.raises(Unreadable):
        references.perimeter(typed, {"douai": "douai"})


@pytest.mark.parametrize(("typed", "code"), [("6", "06"), ("059", "59"), ("2a", "2A"), ("974", "974"), ("nord", "59")])
def test_a_departement_is_known_by_its_code_or_its_name(references: References, typed: str, code: str) -> None:
    assert references.departement(typed) == code


def test_the_region_is_the_departements_own(references: References) -> None:
    assert [references.region(typed, "59") for typed in ("32", "Hauts de France", "")] == ["32", "32", "32"]
    assert [references.region(typed, "978") for typed in ("", "978", "01", "sans objet")] == ["978"] * 4
    assert references.region("1", "971") == "01"
    with pytest.raises(Unreadable, match=r"écrire 32 \(Hauts-de-France\), ou laisser vide"):
        references.region("11", "59")
