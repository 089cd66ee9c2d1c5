"""Is an action plan read with its natures, its axes and its money, and is what is odd in it told?"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.action_plan import (
    ActionFact,
    CommitmentFact,
    PlannedMoney,
    cost_by_year,
    funders_of_plan,
    plan_grammar,
    read_grammar,
    years_of_plan,
)
from models.rules.plan_findings import CODES, PlanFinding, PlanOfTerritory, plan_findings
from models.rules.typed_values import Unreadable
from models.rules.yaml_files import PROGRAMME, Place, ProgrammeRefused, parse
from models.words import Funder, Kind
from tasks.action_plan import SUMMARY, action_plans, asks_for_plans, summary_rows
from tasks.artifacts import plans_report
from tasks.balance import balance
from tasks.intake import take_in
from tests.builders import QUICK_PROPERTY, a_programme
from tests.prefect_builders import OPENED, a_small_campaign
from tests.test_cli import cites

GRAMMAR = plan_grammar("vade-mecum-2020")
OBJECTIVES = a_programme().objectives
AT = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)
PARTS = {
    ("programme-action", "document"),
    ("engagements-partenaires", "moyens-humains"),
    ("engagements-partenaires", "moyens-materiels"),
    ("engagements-partenaires", "apport-financier"),
}
COMMITMENTS = (
    CommitmentFact(partner="Rectorat de Lille", nature="humain", quantity="0,5 poste"),
    CommitmentFact(partner="Collège Canivez", nature="materiel", label="Une salle"),
    CommitmentFact(partner="Ville de Douai", nature="financier", year=2021, amount=200_000_00),
    CommitmentFact(partner="CAF du Nord", nature="financier", year=2021, amount=40_000_00),
)
PLANNED = {(Funder.COMMUNE, Kind.CASH): {2021: 200_000_00}, (Funder.CAF, Kind.CASH): {2021: 40_000_00}}
MONEY = {2021: PlannedMoney(cash=240_000_00)}


def an_action(axis: str, **changes: object) -> ActionFact:
    given: dict[str, object] = {"title": "Tutorat", "carrier": "Collège", "first_year": 2021, "cost": 1_000_00}
    return ActionFact(axis=axis, **(given | changes))  # type: ignore[arg-type]


EVERY_AXIS = tuple(an_action(axis) for objective in OBJECTIVES for axis in objective.axes)


def found(
    *,
    commitments: tuple[CommitmentFact, ...] = COMMITMENTS,
    actions: tuple[ActionFact, ...] = EVERY_AXIS,
    received: set[tuple[str, str]] = PARTS,
    money: dict[int, PlannedMoney] = MONEY,
    planned: dict[tuple[Funder, Kind], dict[int, int]] = PLANNED,
) -> list[PlanFinding]:
    plan = PlanOfTerritory(
        commitments=commitments,
        actions=actions,
        received=received,
        years=(2021, 2022, 2023),
        by_year=years_of_plan(actions, money),
        by_funder=funders_of_plan(GRAMMAR, commitments, planned),
    )
    return list(plan_findings(GRAMMAR, OBJECTIVES, plan))


def told(**changes: object) -> list[tuple[str, str, int | None]]:
    return [(each.code, each.subject, each.amount) for each in found(**changes)]  # type: ignore[arg-type]


# The words of the plan


@pytest.mark.parametrize("typed", ["humain", "Moyens humains", "MOYENS HUMAINS", "humains"])
def test_a_nature_is_read_by_its_code_or_its_title(typed: str) -> None:
    assert GRAMMAR.nature(typed) == "humain"


def test_an_unknown_nature_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(Unreadable) as refusal:
        GRAMMAR.nature("moral")
    assert str(refusal.value) == (
        "nature d’engagement inconnue ; écrire humain (moyens humains), materiel (moyens matériels) "
        "ou financier (apport financier)"
    )


@pytest.mark.parametrize(
    ("name", "kind", "funder"),
    [
        ("Ville de Douai", "commune", Funder.COMMUNE),
        ("VILLE D’ARGENTEUIL", "commune", Funder.COMMUNE),
        ("Mairie", "commune", Funder.COMMUNE),
        ("Ministère chargé de la ville", "ville", Funder.VILLE),
        ("Préfecture du Nord", "ville", Funder.VILLE),
        ("DSDEN 59", "education", Funder.EDUCATION),
        ("CAF", "caf", Funder.CAF),
        ("C.A.F. du Nord", None, None),  # not guessed
        ("Ville", None, None),  # the ministry, or the commune?
        ("Régionale de santé", None, None),
        ("Collège Canivez", "etablissement", None),
        ("Conseil citoyen", "association", None),
    ],
)
def test_a_partner_stands_for_a_funder_only_where_the_table_says_so(
    name: str, kind: str | None, funder: Funder | None
) -> None:
    known = GRAMMAR.partner(name)
    assert (known.code, known.funder) == (kind, funder) if known else (kind, funder) == (None, None)


def test_a_grammar_that_compares_a_nature_it_does_not_have_or_cites_nothing_is_refused() -> None:
    document = (PROGRAMME / "vade-mecum-2020" / "action_plan.yaml").read_text(encoding="utf-8")

    def read(text: str) -> None:
        read_grammar(Place(parse(text, "plan.yaml"), "plan.yaml", text), {"vade-mecum-2020": "le vade-mecum"})

    read(document)
    with pytest.raises(ProgrammeRefused, match=r"plan\.yaml, line \d+, at compared › moral"):
        read(document.replace("  financier: numeraire\n", "  financier: numeraire\n  moral: numeraire\n"))
    with pytest.raises(ProgrammeRefused, match=r"at cost_by_year: has no source"):
        read(document.replace('  assumption: "actions : le tableau', '  note: "actions : le tableau'))
    with pytest.raises(ProgrammeRefused, match=r"at partners › kinds › caf › funder: «caisse» is not a known word"):
        read(document.replace("funder: caf", "funder: caisse"))


# The money of the plan


@QUICK_PROPERTY
@given(
    st.lists(
        st.tuples(st.integers(0, 10**9), st.sampled_from([0, 2021, 2022]), st.sampled_from([0, 2022, 2023, 2024])),
        max_size=8,
    )
)
def test_costs_are_spread_over_their_years_to_the_last_cent(rows: list[tuple[int, int, int]]) -> None:
    actions = [
        ActionFact(axis="1.1", title="x", cost=cost, first_year=first, last_year=last if last >= first else 0)
        for cost, first, last in rows
    ]
    assert sum(cost_by_year(actions).values()) == sum(each.cost for each in actions)
    for each in actions:
        shares = cost_by_year([each]).values()
        assert max(shares, default=0) - min(shares, default=0) <= 1


def test_a_cent_that_is_left_goes_to_the_first_years() -> None:
    assert cost_by_year([an_action("1.1", cost=100_00, last_year=2023)]) == {2021: 33_34, 2022: 33_33, 2023: 33_33}


def test_a_plan_where_everything_agrees_has_nothing_to_look_at() -> None:
    assert found() == []


def test_nothing_sent_and_nothing_written_is_not_told_twice() -> None:
    assert found(commitments=(), actions=(), received=set(), money=MONEY) == []


def test_pieces_and_tables_are_held_side_by_side() -> None:
    assert told(commitments=COMMITMENTS[1:]) == [("nature_without_rows", "humain", None)]
    assert told(received=PARTS - {("engagements-partenaires", "apport-financier")}) == [
        ("rows_without_piece", "financier", None)
    ]
    assert told(actions=(), money={}) == [("no_action", "", None)]


def test_a_partner_nobody_knows_is_named_with_what_it_brings() -> None:
    stranger = CommitmentFact(partner="Les amis du parc", nature="financier", year=2021, amount=1_500_00)
    [finding] = found(commitments=(*COMMITMENTS, stranger))
    assert (finding.code, finding.amount) == ("unknown_partner", 1_500_00)
    assert finding.text.startswith("« Les amis du parc » n’est rattaché à aucun financeur")


def test_objectives_and_axes_without_an_action_are_told() -> None:
    without_third = tuple(each for each in EVERY_AXIS if not each.axis.startswith("3.") and each.axis != "2.10")
    assert told(actions=without_third) == [
        ("axes_without_action", "2.10", None), ("objective_without_action", "3", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"carrier": ""}, ("no_carrier", "1.1", None)),
        ({"first_year": 0}, ("no_years", "1.1", 1_000_00)),
        ({"last_year": 2025, "cost": 0}, ("years_outside_convention", "1.1", None)),
        ({"first_year": 2020, "cost": 0}, ("years_outside_convention", "1.1", None)),
    ],
)
def test_an_action_without_carrier_or_years_is_told(
    changes: dict[str, object], expected: tuple[str, str, int | None]
) -> None:
    assert told(actions=(an_action("1.1", **changes), *EVERY_AXIS[1:])) == [expected]


def test_actions_dearer_than_their_money_and_money_without_action_are_told_to_the_cent() -> None:
    dear = (an_action("1.1", cost=218_000_01), *EVERY_AXIS[1:])  # the twenty-two others cost 22 000 €
    assert told(actions=dear) == [("cost_above_money", "2021", 1)]
    assert told(actions=dear, money={2021: PlannedMoney(cash=240_000_00, in_kind=1)}) == []
    two_years = {2021: PlannedMoney(cash=240_000_00), 2022: PlannedMoney(cash=7)}
    assert told(money=two_years) == [("year_without_action", "2022", 7)]


def test_commitments_and_lines_of_one_funder_are_compared_to_the_cent() -> None:
    caf = (Funder.CAF, Kind.CASH)
    assert told(planned=PLANNED | {caf: {2021: 40_000_01}}) == [("commitment_differs", "caf numeraire", -1)]
    assert told(planned=PLANNED | {caf: {}}) == [("commitment_without_line", "caf numeraire", 40_000_00)]
    region = (Funder.REGION, Kind.CASH)
    assert told(planned=PLANNED | {region: {2022: 5}}) == [("line_without_commitment", "region numeraire", -5)]
    valued = (Funder.COMMUNE, Kind.IN_KIND)  # no commitment in kind has an amount: nothing to compare
    assert told(planned=PLANNED | {valued: {2021: 30_000_00}}) == []


def test_equal_totals_in_other_years_differ_unless_the_commitment_is_for_the_whole_convention() -> None:
    moved = PLANNED | {(Funder.CAF, Kind.CASH): {2022: 40_000_00}}
    [finding] = found(planned=moved)
    assert (finding.code, finding.amount) == ("commitment_differs", 0)
    assert "2021, 2022 n’ont pas les mêmes montants" in finding.text
    whole = CommitmentFact(partner="CAF", nature="financier", amount=40_000_00)
    assert found(commitments=(*COMMITMENTS[:3], whole), planned=moved) == []


def test_every_finding_has_its_words_and_every_code_can_be_told() -> None:
    assert all(title == title.strip() and title for title in CODES.values())
    assert set(CODES) >= {code for code, _, _ in told(commitments=(), actions=(), money={})}


# The tables, and the command


def a_plan(folder: Path, url: str) -> str:
    code = a_small_campaign(folder, url)
    tables = folder / "plan"
    tables.mkdir()
    (tables / "engagements.csv").write_text(
        "territoire;partenaire;nature;annee;libelle;quantite;montant\n"
        "douai;Ville de Douai;Apport financier;2021;<b>Subvention</b>;;200 000,00\n"
        "douai;Rectorat de Lille;moyens humains;;Décharge;0,5 poste;\n",
        encoding="utf-8",
    )
    (tables / "actions.csv").write_text(
        "territoire;axe;intitule;porteur;premiere_annee;derniere_annee;cout;nouvelle;plusieurs_etablissements;"
        "partenaire_exterieur\n"
        "douai;2.10;=Prévention;a.nom@ville.test;2021;2022;30 000;oui;non;oui\n",
        encoding="utf-8",
    )
    (tables / "financements.csv").write_text(
        "territoire;annee;financeur;objet;nature;droit_commun;prevu\n"
        "douai;2021;commune;programme;numeraire;non;200000\n"
        "douai;2021;ville;programme;numeraire;non;300000\n"
        "douai;2021;ville;fonds;numeraire;non;15000\n"
        "douai;2022;region;programme;numeraire;oui;8000\n",
        encoding="utf-8",
    )
    (tables / "pieces.csv").write_text(
        "territoire;piece;parties;statut;date\ndouai;engagements-partenaires;apport-financier;recue;2021-05-10\n",
        encoding="utf-8",
    )
    report = take_in([tables], campaign=code, at=OPENED, author="essai", url=url)
    assert report.faults == ()
    return code


def test_a_plan_comes_in_and_is_told_with_its_money(database_url: str, tmp_path: Path) -> None:
    code = a_plan(tmp_path, database_url)
    [douai] = action_plans(code, datetime(2021, 5, 12, tzinfo=UTC), url=database_url)["territories"]
    assert [(each["nature"], each["count"], each["amount"], each["received"]) for each in douai["commitments"]] == [
        ("humain", 1, 0, False), ("materiel", 0, 0, False), ("financier", 1, 200_000_00, True),
    ]  # fmt: skip
    axes = [axis for objective in douai["objectives"] for axis in objective["axes"]]
    assert [axis["axis"] for axis in axes] == [each.axis for each in EVERY_AXIS]
    assert [axis["axis"] for axis in axes if axis["actions"]] == ["2.10"]
    assert douai["financing"] == [
        {"year": 2021, "cost": 15_000_00, "cash": 500_000_00, "in_kind": 0, "common_law": 0, "difference": 485_000_00},
        {"year": 2022, "cost": 15_000_00, "cash": 0, "in_kind": 0, "common_law": 8_000_00, "difference": -15_000_00},
    ]
    assert [(each["funder"], each["committed"], each["planned"], each["difference"]) for each in douai["funders"]] == [
        ("ville", {}, {"2021": 300_000_00}, -300_000_00),
        ("commune", {"2021": 200_000_00}, {"2021": 200_000_00}, 0),
    ]
    side = balance(code, 2021, url=database_url)["territories"][0]
    assert side["state"] + side["local"] + side["other"] == douai["financing"][0]["cash"]
    assert "rows_without_piece" in {finding["code"] for finding in douai["findings"]}
    [before] = action_plans(code, datetime(2021, 5, 9, tzinfo=UTC), url=database_url)["territories"]
    assert [each["received"] for each in before["commitments"]] == [False, False, False]


def test_what_is_wrong_in_a_plan_is_refused_with_its_cure(sqlite_url: str, tmp_path: Path) -> None:
    code = a_small_campaign(tmp_path, sqlite_url)
    (tmp_path / "engagements.csv").write_text(
        "territoire;partenaire;nature\ndouai;Ville de Douai;morale\n", encoding="utf-8"
    )
    (tmp_path / "actions.csv").write_text(
        "territoire;axe;intitule;premiere_annee;derniere_annee\ndouai;1.1;Tutorat;2022;2021\n", encoding="utf-8"
    )
    files = [tmp_path / "engagements.csv", tmp_path / "actions.csv"]
    report = take_in(files, campaign=code, at=OPENED, author="essai", url=sqlite_url)
    assert [(each.file, each.column, each.problem) for each in report.faults] == [
        ("actions.csv", "derniere_annee", "l’action finirait avant de commencer (2022)"),
        ("engagements.csv", "nature", "nature d’engagement inconnue"),
    ]


def test_the_command_tells_a_plan_as_a_table_as_json_and_as_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'cites.db'}"
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    code = a_plan(tmp_path, url)
    asked = ("action-plan", "--campaign", code, "--territory", "douai")
    found = json.loads(cites(*asked, "--format", "json").stdout)
    assert [each["territory"] for each in found["territories"]] == ["douai"]
    table = cites(*asked).stdout
    assert "  2.10          1  30000.00  Valeurs collectives et prévention des risques" in table
    page = cites(*asked, "--format", "html").stdout
    assert page.startswith('<!doctype html>\n<html lang="fr">')
    assert "&lt;b&gt;Subvention&lt;/b&gt;" in page
    assert "<img" not in page
    assert "ville.test" not in page
    assert "lille" in cites("action-plan", "--campaign", code, "--territory", "lille").stderr


def test_the_report_of_the_pass_has_a_line_a_territory_and_other_passes_have_none(
    sqlite_url: str, tmp_path: Path
) -> None:
    code = a_plan(tmp_path, sqlite_url)
    found = action_plans(code, AT, url=sqlite_url)
    assert [len(row) for row in summary_rows(found)] == [len(SUMMARY)]
    assert r"| Douai \| &lt;img src=x&gt; | 2 | 1 | 1 |" in plans_report(found)
    programme = a_programme()
    assert asks_for_plans(programme, programme.watched_by("action-plan"))
    assert not asks_for_plans(programme, programme.watched_by("candidature"))


def test_the_example_shows_everything_there_is_to_look_at(example_url: str) -> None:
    plans = action_plans("2021", AT, url=example_url)
    assert set(plans["counts"]) == set(CODES)
    lines = [row for year in (2021, 2022, 2023) for row in balance("2021", year, url=example_url)["territories"]]
    cash = sum(row["state"] + row["local"] + row["other"] for row in lines if row["territory"] == "bordeaux")
    [bordeaux] = [each for each in plans["territories"] if each["territory"] == "bordeaux"]
    assert sum(each["cash"] for each in bordeaux["financing"]) == cash
    assert bordeaux["findings"] == []
