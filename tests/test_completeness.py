"""Is an obligation satisfied, and if not, why?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.completeness import Finding, findings, is_satisfied, owners, parts_asked, satisfied_since
from models.rules.dossier import Dossier
from models.words import Role
from tests.builders import QUICK_PROPERTY, a_dossier, a_piece, a_programme, an_instant

PROGRAMME = a_programme()
NOON = an_instant("2021-02-19 12:00")

# semantics §4, written out again: (requirement, parts and owners)
CANDIDATURE = """
diagnostic/scolaire chef_de_file
diagnostic/social chef_de_file
diagnostic/urbain chef_de_file
diagnostic/insertion chef_de_file
etat-des-lieux/document chef_de_file
strategie/objectif-1 chef_de_file
strategie/objectif-2 chef_de_file
strategie/objectif-3 chef_de_file
gouvernance/document chef_de_file
gouvernance/association-habitants chef_de_file
indicateurs/moyens chef_de_file
indicateurs/resultats chef_de_file
protocole-evaluation/document chef_de_file
engagements/document chef_de_file
partenaires/document chef_de_file
referents/education dasen
referents/prefecture prefet
referents/collectivite chef_de_file
referents/chef-de-projet chef_de_file
demande-labellisation/visa-prefet prefet
demande-labellisation/visa-dasen dasen
"""
ACTION_PLAN = """
programme-action/document chef_projet
engagements-partenaires/moyens-humains chef_projet
engagements-partenaires/moyens-materiels chef_projet
engagements-partenaires/apport-financier chef_projet
plan-financement/document chef_de_file
"""
CONVENTION = """
convention/signature-prefet prefet
convention/signature-education dasen
convention/signature-collectivite chef_de_file
annexe-contrat-de-ville/document prefet
"""


def asked(obligation: str, dossier: Dossier | None = None) -> list[str]:
    found = findings(PROGRAMME, dossier or a_dossier(), obligation, NOON)
    return [f"{each.name} {each.owner}" for each in found if each.required]


def missing(dossier: Dossier, obligation: str, at: str = "2021-02-19 12:00") -> list[tuple[str, str, str]]:
    found = findings(PROGRAMME, dossier, obligation, an_instant(at))
    return [(each.name, each.reason, each.motive) for each in found if each.required]


# E013, E038, E050 to E055, E083 to E095, E110 to E112, E114, E121, E131, E133
@pytest.mark.parametrize(
    ("obligation", "parts"),
    [
        ("candidature", CANDIDATURE),
        ("action_plan", ACTION_PLAN),
        ("fund_report:2021", "bilan-fonds/compte principal\nbilan-fonds/actions principal"),
        ("convention", CONVENTION),
        ("convention_end", ""),
    ],
)
def test_each_obligation_asks_for_these_parts_of_these_owners(obligation: str, parts: str) -> None:
    assert asked(obligation) == parts.strip().splitlines()


def test_a_territory_that_asks_for_more_means_says_so_in_a_piece() -> None:  # E091
    assert [each for each in asked("candidature", a_dossier(asks_extra_means=True)) if each not in CANDIDATURE] == [
        "moyens-complementaires/document chef_de_file"
    ]


# E035, E036, E186, E187
@pytest.mark.parametrize(
    ("departement", "asks"), [("59", True), ("02", True), ("80", True), ("76", False), ("978", False)]
)
def test_the_cell_against_school_avoidance_is_asked_of_hauts_de_france_only(departement: str, asks: bool) -> None:
    cell = [each for each in asked("candidature", a_dossier(departement=departement)) if "evitement" in each]
    assert cell == (["cellule-evitement/protocole prefet", "cellule-evitement/charte prefet"] if asks else [])


def test_recommended_pieces_are_listed_last_and_never_block() -> None:  # E064, E065
    found = findings(PROGRAMME, a_dossier(received=["candidature"]), "candidature", NOON)
    assert found == [
        Finding(requirement="saisine-caf", part="document", owner=Role.CHEF_DE_FILE, reason="absente", motive="",
                required=False),
        Finding(requirement="saisine-departement-region", part="document", owner=Role.CHEF_DE_FILE, reason="absente",
                motive="", required=False),
    ]  # fmt: skip
    assert is_satisfied(found)


def test_one_absent_part_is_enough_to_be_unsatisfied() -> None:  # E076, E096
    received = [line.split()[0] for line in ACTION_PLAN.split("\n") if line and "apport" not in line]
    dossier = a_dossier(received=received)
    assert missing(dossier, "action_plan") == [("engagements-partenaires/apport-financier", "absente", "")]


def test_a_refused_piece_is_missing_with_its_motive_until_it_comes_again() -> None:
    dossier = a_dossier(
        received=["action_plan"],
        pieces=[
            a_piece("plan-financement/document", "2021-02-10 15:00", "refusee", "montants non signés"),
            a_piece("plan-financement/document", "2021-02-17 08:30"),
        ],
    )
    assert missing(dossier, "action_plan", "2021-02-10 14:59") == []
    assert missing(dossier, "action_plan", "2021-02-10 15:00") == [
        ("plan-financement/document", "refusee", "montants non signés")
    ]
    assert missing(dossier, "action_plan", "2021-02-17 08:29") == [
        ("plan-financement/document", "refusee", "montants non signés")
    ]
    assert missing(dossier, "action_plan", "2021-02-17 08:30") == []


def test_a_piece_taken_back_is_missing() -> None:
    dossier = a_dossier(
        received=["action_plan"], pieces=[a_piece("programme-action/document", "2021-01-12 11:00", "retiree")]
    )
    assert missing(dossier, "action_plan") == [("programme-action/document", "retiree", "")]


def test_of_two_rows_of_one_instant_the_later_row_wins() -> None:
    refused = a_piece("plan-financement/document", "2021-02-10 15:00", "refusee", "illisible")
    received = a_piece("plan-financement/document", "2021-02-10 15:00")
    assert missing(a_dossier(received=["action_plan"], pieces=[refused, received]), "action_plan") == []
    assert missing(a_dossier(received=["action_plan"], pieces=[received, refused]), "action_plan") == [
        ("plan-financement/document", "refusee", "illisible")
    ]


def test_the_report_of_one_year_says_nothing_of_another() -> None:
    dossier = a_dossier(received=["fund_report:2021"])
    assert missing(dossier, "fund_report:2021") == []
    assert missing(dossier, "fund_report:2022") == [
        ("bilan-fonds/compte", "absente", ""),
        ("bilan-fonds/actions", "absente", ""),
    ]


def test_owners_are_named_once_in_the_order_of_the_programme() -> None:
    assert owners(PROGRAMME, a_dossier(), "candidature") == (Role.CHEF_DE_FILE, Role.DASEN, Role.PREFET)
    assert owners(PROGRAMME, a_dossier(), "fund_report:2022") == (Role.PRINCIPAL,)
    assert owners(PROGRAMME, a_dossier(), "convention_end") == ()


def test_an_obligation_has_been_satisfied_since_its_last_part_came() -> None:
    dossier = a_dossier(
        received=["programme-action", "engagements-partenaires"],
        pieces=[a_piece("plan-financement/document", "2021-02-10 15:00")],
    )
    assert satisfied_since(PROGRAMME, dossier, "action_plan", an_instant("2021-02-10 14:59")) is None
    for at in ("2021-02-10 15:00", "2021-02-19 12:00"):
        assert satisfied_since(PROGRAMME, dossier, "action_plan", an_instant(at)) == an_instant("2021-02-10 15:00")


def test_a_piece_received_twice_does_not_begin_satisfaction_again_and_a_refusal_does() -> None:
    again = a_piece("plan-financement/document", "2021-02-10 15:00")
    assert satisfied_since(PROGRAMME, a_dossier(received=["action_plan"], pieces=[again]), "action_plan", NOON) == (
        an_instant("2020-11-02 10:00")
    )
    refused = a_piece("plan-financement/document", "2021-02-09 15:00", "refusee", "illisible")
    broken = a_dossier(received=["action_plan"], pieces=[refused, again])
    assert satisfied_since(PROGRAMME, broken, "action_plan", NOON) == an_instant("2021-02-10 15:00")


def test_a_refusal_mended_at_the_same_instant_does_not_break_satisfaction() -> None:
    at = "2021-02-10 15:00"
    dossier = a_dossier(
        received=["action_plan"],
        pieces=[
            a_piece("plan-financement/document", at, "refusee", "illisible"), a_piece("plan-financement/document", at),
        ],
    )  # fmt: skip
    assert satisfied_since(PROGRAMME, dossier, "action_plan", NOON) == an_instant("2020-11-02 10:00")


def test_an_obligation_that_asks_for_nothing_has_no_day_of_satisfaction() -> None:
    assert satisfied_since(PROGRAMME, a_dossier(), "convention_end", NOON) is None


PIECES = st.lists(
    st.builds(
        a_piece,
        st.sampled_from([line.split()[0] for line in ACTION_PLAN.split("\n") if line]),
        st.integers(0, 5).map(lambda days: an_instant("2021-02-01 10:00") + timedelta(days=days)),
        st.sampled_from(["recue", "recue", "recue", "refusee", "retiree"]),
    ),
    max_size=14,
)


@QUICK_PROPERTY
@given(pieces=PIECES, days=st.integers(0, 6))
def test_satisfaction_has_lasted_exactly_since_the_instant_it_says(pieces: list, days: int) -> None:  # type: ignore[type-arg]
    at = an_instant("2021-02-01 10:00") + timedelta(days=days)
    dossier = a_dossier(pieces=pieces)
    since = satisfied_since(PROGRAMME, dossier, "action_plan", at)
    if not is_satisfied(findings(PROGRAMME, dossier, "action_plan", at)):
        assert since is None
        return
    assert since is not None
    looks = [an_instant("2021-02-01 10:00") + timedelta(hours=12 * n) for n in range(-2, 2 * days + 1)]
    for look in looks:
        held = is_satisfied(findings(PROGRAMME, dossier, "action_plan", look))
        assert held or look < since
    assert not is_satisfied(findings(PROGRAMME, dossier, "action_plan", since - timedelta(seconds=1)))


def test_parts_asked_are_the_same_whoever_asks_first() -> None:
    north, elsewhere = a_dossier(departement="59"), a_dossier(departement="61")
    assert (
        len(parts_asked(PROGRAMME, north, "candidature")) == len(parts_asked(PROGRAMME, elsewhere, "candidature")) + 2
    )
