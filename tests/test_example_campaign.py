"""Does the example campaign show every case that it promises, about real places and unreal people?"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.builders import a_programme

TABLES = Path(__file__).parent.parent / "deployments" / "example" / "tables"
COLUMNS = {
    "territoires": "code nom communes departement region chef_de_file demande_moyens qpv population_qpv college_tete",
    "contacts": "role perimetre nom courriel canal",
    "pieces": "territoire piece parties statut date motif fichier",
    "financements": "territoire annee financeur objet nature droit_commun prevu notifie verse",
    "enveloppes": "departement annee montant",
    "decisions": "territoire decision date autorite motif",
    "prorogations": "territoire echeance nouvelle_date accordee_le autorite motif reference",
    "desistements": "territoire date motif",
    "conventions": "territoire debut fin signee_le fin_contrat_de_ville",
    "operations_fonds": "territoire annee date sens financeur axe libelle montant plusieurs_etablissements "
    "partenaire_exterieur",
    "engagements": "territoire partenaire nature annee libelle quantite montant",
    "actions": "territoire axe intitule porteur premiere_annee derniere_annee cout nouvelle plusieurs_etablissements "
    "partenaire_exterieur",
    "indicateurs": "territoire indicateur intitule nature domaine unite source reference annee_reference cible "
    "annee_cible",
    "mesures": "territoire indicateur annee valeur",
    "examens": "territoire critere appreciation observations date autorite",
    "avis": "territoire instance avis date autorite motif",
    "mandats": "territoire mandat titulaire courriel debut fin mandants reference",
}  # fmt: skip
EVERYWHERE = {
    "diagnostic": "scolaire social urbain insertion",
    "etat-des-lieux": "document",
    "strategie": "objectif-1 objectif-2 objectif-3",
    "gouvernance": "document association-habitants",
    "indicateurs": "moyens resultats",
    "protocole-evaluation": "document",
    "engagements": "document",
    "partenaires": "document",
    "referents": "education prefecture collectivite chef-de-projet",
    "demande-labellisation": "visa-prefet visa-dasen",
}
SOMEWHERE = {
    "moyens-complementaires": "document",
    "cellule-evitement": "protocole charte",
    "saisine-caf": "document",
    "saisine-departement-region": "document",
}
LATER = {
    "programme-action": "document",
    "engagements-partenaires": "moyens-humains moyens-materiels apport-financier",
    "plan-financement": "document",
    "convention": "signature-prefet signature-education signature-collectivite",
    "annexe-contrat-de-ville": "document",
    "bilan-fonds@2021": "compte actions",
    "bilan-fonds@2022": "compte actions",
    "bilan-fonds@2023": "compte actions",
}
AXES = {f"{goal}.{n}" for goal, last in ((1, 6), (2, 10), (3, 7)) for n in range(1, last + 1)}
OVERSEAS = {"971", "973", "974", "976"}
SEVEN_DAYS_BEFORE = "2021-02-19"
LABEL_DAY = "2021-03-26"


def rows(table: str) -> list[dict[str, str]]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def territories() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows("territoires")}


def cents(typed: str) -> int:
    """Euros as the tables type them, with spaces, a comma or a point, a sign: whole cents."""
    return int(Decimal(typed.replace("€", "").replace(" ", "").replace(",", ".")) * 100)


def standing(day: str) -> dict[str, dict[str, str]]:
    """Of each territory, the status of each requirement/part at the end of a day."""
    result: dict[str, dict[str, str]] = defaultdict(dict)
    for row in sorted(rows("pieces"), key=lambda row: row["date"][:10]):
        if row["date"][:10] <= day:
            for part in row["parties"].split():
                result[row["territoire"]][f"{row['piece']}/{part}"] = row["statut"]
    return result


def missing(day: str) -> dict[str, list[str]]:
    """Of each territory, the required parts of its candidature that do not stand at `recue` at the end of a day."""
    known = standing(day)
    return {
        code: [part for part in required(territory) if known[code].get(part) != "recue"]
        for code, territory in territories().items()
    }


def required(territory: dict[str, str]) -> list[str]:
    wanted = dict(EVERYWHERE)
    if territory["demande_moyens"] == "oui":
        wanted["moyens-complementaires"] = SOMEWHERE["moyens-complementaires"]
    if territory["region"] == "32":
        wanted["cellule-evitement"] = SOMEWHERE["cellule-evitement"]
    return [f"{requirement}/{part}" for requirement, parts in wanted.items() for part in parts.split()]


def labels() -> dict[str, str]:
    """The day of each label."""
    return {row["territoire"]: row["date"] for row in rows("decisions") if row["decision"] == "labellise"}


def those(territory_codes: Iterable[str], **wanted: str) -> set[str]:
    known = territories()
    return {code for code in territory_codes if all(known[code][key] == value for key, value in wanted.items())}


@pytest.mark.parametrize("table", COLUMNS)
def test_every_table_has_its_columns_in_order_and_rows_under_them(table: str) -> None:
    found = rows(table)
    assert list(found[0]) == COLUMNS[table].split()
    assert all(None not in row and None not in row.values() for row in found), "a row is longer or shorter"


def test_there_are_forty_six_territories_each_with_a_code_of_its_own() -> None:
    assert len(rows("territoires")) == 46
    assert len(territories()) == 46
    assert {row["chef_de_file"] for row in rows("territoires")} == {"commune", "intercommunalite"}
    for row in rows("territoires"):
        several = len(row["communes"].split()) > 1
        assert row["chef_de_file"] == ("intercommunalite" if several else "commune"), row["code"]


@pytest.mark.parametrize("table", sorted(table for table, columns in COLUMNS.items() if "territoire " in columns))
def test_every_row_speaks_of_a_territory_of_the_campaign(table: str) -> None:
    assert {row["territoire"] for row in rows(table)} <= set(territories())


def test_every_perimeter_covers_a_territory() -> None:
    known = territories().values()
    exist = {"national"} | set(territories())
    exist |= {f"departement:{row['departement']}" for row in known} | {f"region:{row['region']}" for row in known}
    perimeters = {row["perimetre"] for row in rows("contacts")}
    assert {perimeter for perimeter in perimeters if not perimeter.startswith("academie:")} <= exist
    assert {row["departement"] for row in rows("enveloppes")} <= {row["departement"] for row in known}
    assert {f"region:{row['region']}" for row in known} <= perimeters
    assert len({p for p in perimeters if p.startswith("academie:")}) == 24


def test_every_piece_and_part_is_one_that_the_programme_asks_for() -> None:
    asked = {
        requirement: set(parts.split())
        for requirement, parts in {**EVERYWHERE, **SOMEWHERE, **LATER}.items()
    }  # fmt: skip
    for row in rows("pieces"):
        parts = row["parties"].split()
        assert parts, row
        assert set(parts) <= asked[row["piece"]], row
        assert row["statut"] in {"recue", "refusee", "retiree"}
        assert bool(row["motif"]) == (row["statut"] != "recue"), row


def test_every_axis_is_one_of_the_programme_and_only_expenses_have_one() -> None:
    for row in rows("operations_fonds"):
        spent = row["sens"] == "depense"
        assert (row["axe"] in AXES) == spent, row
        assert (row["plusieurs_etablissements"] in {"oui", "non"}) == spent, row
        assert (row["partenaire_exterieur"] in {"oui", "non"}) == spent, row
        assert bool(row["financeur"]) != spent, row


def test_every_deadline_extended_is_one_of_the_campaign() -> None:
    allowed = {"candidature", "action_plan", "convention", "fund_report:2021", "fund_report:2022", "fund_report:2023"}
    assert {row["echeance"] for row in rows("prorogations")} <= allowed


def test_every_reading_opinion_and_mandate_is_one_that_the_programme_knows() -> None:
    programme = a_programme()
    grid, governance = programme.grid, programme.governance
    assert {row["critere"] for row in rows("examens")} == set(grid.criteria)
    assert {row["appreciation"] for row in rows("examens")} == set(grid.appreciations)
    assert {row["instance"] for row in rows("avis")} == set(grid.instances)
    assert {row["mandat"] for row in rows("mandats")} == set(governance.kinds)
    assert {word for row in rows("mandats") for word in row["mandants"].split()} <= set(governance.institutions)
    assert {row["territoire"] for row in rows("mandats")} == set(labels())


def test_two_opinions_come_before_each_decision_except_where_the_example_shows_their_lack() -> None:
    given: dict[str, set[str]] = defaultdict(set)
    for row in rows("avis"):
        if row["date"] <= LABEL_DAY:
            given[row["territoire"]].add(row["instance"])
    decided = {row["territoire"] for row in rows("decisions")}
    assert {code for code in decided if len(given[code]) < 2} == {"bastia", "belfort"}


def test_mandates_show_each_finding_once() -> None:
    held = defaultdict(list)
    for row in rows("mandats"):
        held[row["territoire"], row["mandat"]].append(row)
    absent = {(code, kind) for code in labels() for kind in a_programme().governance.kinds} - set(held)
    assert absent == {("vitrolles", "chef_projet")}
    assert {key for key, found in held.items() if all(row["fin"] for row in found)} == {("trelaze", "chef_projet")}
    assert {key for key, found in held.items() if len([row for row in found if not row["fin"]]) > 1} == {
        ("nanterre", "referent_collectivite")
    }
    assert [key for key, found in held.items() if key[1] == "chef_projet" and found[0]["mandants"] == "commune"] == [
        ("saint-denis", "chef_projet")
    ]
    succeeded = {key for key, found in held.items() if len(found) == 2 and found[0]["fin"] < found[1]["debut"]}
    assert succeeded - {("nanterre", "referent_collectivite")} == {
        ("douai-waziers", "referent_education"), ("toulouse-les-izards", "referent_education"),
    }  # fmt: skip


def test_no_letter_can_reach_anybody() -> None:
    assert [row["courriel"] for row in rows("mandats") if row["courriel"] and row["courriel"][-5:] != ".test"] == []
    assert [row["courriel"] for row in rows("contacts") if not row["courriel"].endswith(".test")] == []
    assert [row["canal"] for row in rows("contacts") if row["canal"]] == []
    addresses = [row["courriel"] for row in rows("contacts")]
    assert len(set(addresses)) == len(addresses)


def test_every_lead_college_has_a_true_check_letter() -> None:
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    for row in rows("territoires"):
        uai = row["college_tete"]
        assert uai == uai[:7] + letters[int(uai[:7]) % 23], row["code"]


def test_dates_are_iso_and_a_territory_gives_no_part_twice_in_a_day() -> None:
    seen = set()
    for row in rows("pieces"):
        moment = datetime.fromisoformat(row["date"])
        assert len(row["date"]) == 10 or moment.tzinfo is not None, row
        assert date(2020, 11, 2) <= moment.date() <= date(2024, 4, 30), row
        for part in row["parties"].split():
            key = (row["territoire"], row["piece"], part, row["date"][:10])
            assert key not in seen, key
            seen.add(key)
    assert not [row for row in rows("pieces") if row["date"].startswith(SEVEN_DAYS_BEFORE)], (
        "the morning is unambiguous"
    )


def test_seven_days_before_some_dossiers_are_complete_and_some_lack_one_visa() -> None:
    left = missing(SEVEN_DAYS_BEFORE)
    assert len([code for code, parts in left.items() if not parts]) >= 12
    assert {code for code, parts in left.items() if parts == ["demande-labellisation/visa-prefet"]} == {
        "argenteuil", "meaux", "dunkerque-grande-synthe", "goussainville",
    }  # fmt: skip
    assert {code for code, parts in left.items() if parts == ["demande-labellisation/visa-dasen"]} == {
        "metz", "beziers", "sete", "chateauroux",
    }  # fmt: skip
    assert {"epinay-sur-seine", "strasbourg-hautepierre"} <= {c for c, parts in left.items() if 1 < len(parts) < 5}


def test_seven_days_before_pieces_are_refused_taken_back_and_received_again() -> None:
    known = standing(SEVEN_DAYS_BEFORE)
    at_status = {
        status: {code for code, parts in known.items() if status in parts.values()}
        for status in ("refusee", "retiree")
    }  # fmt: skip
    assert at_status == {
        "refusee": {"clermont-ferrand", "pantin", "saint-benoit", "soissons", "toulon-est"},
        "retiree": {"vitrolles"},
    }
    assert known["nanterre"]["strategie/objectif-3"] == "recue"
    assert known["dunkerque-grande-synthe"]["etat-des-lieux/document"] == "recue"
    refused = {(row["territoire"], row["piece"]) for row in rows("pieces") if row["statut"] == "refusee"}
    assert {("nanterre", "strategie"), ("dunkerque-grande-synthe", "etat-des-lieux")} <= refused
    assert missing(SEVEN_DAYS_BEFORE)["joue-les-tours"] == []
    assert missing("2021-02-22")["joue-les-tours"] == ["engagements/document"]


def test_seven_days_before_some_have_sent_nothing() -> None:
    silent = set(territories()) - set(standing(SEVEN_DAYS_BEFORE))
    assert silent == {"bandraboua", "chatellerault"}
    assert "chatellerault" not in standing("2024-12-31")
    assert missing("2021-03-05")["bandraboua"] == []


def test_extra_means_asked_for_without_the_piece() -> None:
    left = missing(SEVEN_DAYS_BEFORE)
    without = {code for code, parts in left.items() if parts == ["moyens-complementaires/document"]}
    assert without == {"avion", "trelaze"}
    assert those(left, demande_moyens="oui") > without


def test_in_hauts_de_france_the_cellule_is_there_for_some_only() -> None:
    left = missing(SEVEN_DAYS_BEFORE)
    without = {code for code, parts in left.items() if any(part.startswith("cellule-evitement/") for part in parts)}
    assert without == {"hautmont-louvroil-neuf-mesnil", "lievin", "montataire", "soissons"}
    assert those(left, region="32") - without == {"avion", "beauvais", "douai-waziers", "dunkerque-grande-synthe"}


def test_the_four_overseas_departements_are_there_and_hours_matter_in_them() -> None:
    known = territories().values()
    assert OVERSEAS <= {row["departement"] for row in known}
    late = {row["territoire"]: row["date"] for row in rows("pieces") if row["date"][10:] in {
        "T23:50:00+04:00", "T22:30:00-03:00"}}  # fmt: skip
    assert late == {
        "saint-benoit": "2021-02-28T23:50:00+04:00",
        "saint-laurent-du-maroni": "2021-03-15T22:30:00-03:00",
    }


def test_two_prefectures_follow_several_territories() -> None:
    known = territories()
    assert len(those(known, departement="59")) == 3
    assert len(those(known, departement="93")) == 4


def test_one_territory_has_no_lead_contact_and_one_departement_no_dasen() -> None:
    covered = defaultdict(set)
    for row in rows("contacts"):
        covered[row["role"]].add(row["perimetre"])
    known = territories()
    assert set(known) - covered["chef_de_file"] == {"la-chapelle-saint-luc-les-noes"}
    assert {
        row["departement"] for row in known.values() if f"departement:{row['departement']}" not in covered["dasen"]
    } == {"36"}
    assert {f"departement:{row['departement']}" for row in known.values()} == covered["prefet"]
    assert covered["principal"] == covered["chef_projet"] == set(known)
    assert covered["coordination"] == {"national"}
    left = missing(SEVEN_DAYS_BEFORE)
    assert "protocole-evaluation/document" in left["la-chapelle-saint-luc-les-noes"]
    assert left["chateauroux"] == ["demande-labellisation/visa-dasen"]


def test_an_extension_is_granted_in_february_and_kept() -> None:
    first = rows("prorogations")[0]
    assert (first["territoire"], first["echeance"]) == ("saint-laurent-du-maroni", "candidature")
    assert (first["accordee_le"], first["nouvelle_date"]) == ("2021-02-10", "2021-03-15")
    assert missing("2021-03-14")["saint-laurent-du-maroni"] == ["demande-labellisation/visa-prefet"]
    assert missing("2021-03-15")["saint-laurent-du-maroni"] == []


def test_one_territory_withdraws_and_is_never_decided() -> None:
    assert [(row["territoire"], row["date"]) for row in rows("desistements")] == [("carpentras", "2021-02-12")]
    assert "carpentras" not in {row["territoire"] for row in rows("decisions")}


def test_decisions_label_refuse_and_defer() -> None:
    found = defaultdict(list)
    for row in rows("decisions"):
        assert row["autorite"], row
        assert row["motif"], row
        found[row["decision"]].append((row["territoire"], row["date"]))
    assert len([1 for _, day in found["labellise"] if day == LABEL_DAY]) == 36
    assert [item for item in found["labellise"] if item[1] != LABEL_DAY] == [("soyaux", "2021-05-21")]
    assert found["refuse"] == [("belfort", LABEL_DAY), ("poissy", LABEL_DAY)]
    assert found["ajourne"] == [("bastia", "2021-02-16"), ("soyaux", LABEL_DAY)]


def test_nobody_is_labelled_after_a_refusal_or_before_being_complete() -> None:
    refused = {row["territoire"] for row in rows("decisions") if row["decision"] == "refuse"}
    assert refused.isdisjoint(labels())
    assert [code for code, day in labels().items() if missing(day)[code]] == []


def test_some_never_complete_and_stay_undecided() -> None:
    decided = {row["territoire"] for row in rows("decisions")} | {row["territoire"] for row in rows("desistements")}
    undecided = set(territories()) - decided
    assert undecided == {"chatellerault", "goussainville", "le-havre-sud", "montataire", "pantin"}
    assert all(missing("2024-12-31")[code] for code in undecided)


def test_a_rehearsal_of_the_campaign_shows_receipts_in_every_month() -> None:
    complete = {
        day: {code for code, parts in missing(day).items() if not parts}
        for day in ("2020-12-14", "2020-12-31", "2021-01-31", "2021-02-28", "2021-03-15")
    }
    counts = [len(codes) for codes in complete.values()]
    assert counts[0] == 0
    assert all(later > earlier for earlier, later in pairwise(counts))


def test_action_plans_come_only_after_a_label_and_before_autumn() -> None:
    plan = {"programme-action", "engagements-partenaires", "plan-financement"}
    known = labels()
    sent = [row for row in rows("pieces") if row["piece"] in plan]
    assert {row["territoire"] for row in sent} == set(known) - {"la-chapelle-saint-luc-les-noes"}
    assert all(known[row["territoire"]] < row["date"][:10] < "2021-09-01" for row in sent)


def test_conventions_follow_a_label_and_run_three_years() -> None:  # E018 to E020
    known = labels()
    first = [row for row in rows("conventions") if row["debut"] == "2021-01-01"]
    assert all(row["signee_le"] > known[row["territoire"]] for row in rows("conventions"))
    assert {(row["debut"], row["fin"], row["fin_contrat_de_ville"]) for row in first} == {
        ("2021-01-01", "2023-12-31", "2022-12-31")
    }
    assert len(first) == len({row["territoire"] for row in first}) == 31
    assert len([row for row in first if row["signee_le"].startswith("2021-06-")]) == 29
    following = {row["territoire"] for row in rows("conventions") if row["debut"] == "2024-01-01"}
    assert following == {"bordeaux", "douai-waziers"}


def test_the_signatures_of_a_convention_are_pieces_too_and_some_lack_the_annex() -> None:
    signed = {row["territoire"]: row["signee_le"] for row in rows("conventions") if row["debut"] == "2021-01-01"}
    given = {row["territoire"]: row["date"] for row in rows("pieces") if row["parties"] == "signature-prefet"}
    assert given == signed
    annexed = {row["territoire"] for row in rows("pieces") if row["piece"] == "annexe-contrat-de-ville"}
    assert set(signed) - annexed == {"oyonnax-bellignat", "vitrolles"}
    assert annexed <= set(signed)


def test_nobody_pays_without_a_signed_convention() -> None:
    signed = {row["territoire"] for row in rows("conventions")}
    paid = {row["territoire"] for row in rows("financements") if cents(row["verse"]) > 0}
    assert paid <= signed


def fund(territory: str, year: str, stage: str, funder: str, purpose: str = "fonds") -> int:
    return sum(
        cents(row[stage]) for row in rows("financements")
        if (row["territoire"], row["annee"], row["financeur"], row["objet"]) == (territory, year, funder, purpose)
        and (row["nature"], row["droit_commun"]) == ("numeraire", "non")
    )  # fmt: skip


def test_money_shows_each_finding() -> None:
    assert fund("clermont-ferrand", "2022", "notifie", "ville") != fund(
        "clermont-ferrand", "2022", "notifie", "education"
    )
    assert fund("trelaze", "2021", "verse", "ville") == fund("trelaze", "2021", "verse", "education") == 10_000_00
    assert fund("bandraboua", "2021", "verse", "ville") > fund("bandraboua", "2021", "verse", "ville", "programme") > 0
    above = {(row["territoire"], row["annee"]) for row in rows("financements")
             if cents(row["verse"]) > cents(row["notifie"])}  # fmt: skip
    assert above == {("strasbourg-hautepierre", "2021"), ("le-mans", "2022")}
    assert {row["annee"] for row in rows("financements")} == {"2021", "2022", "2023"}


def test_one_envelope_is_exceeded() -> None:
    known = territories()
    granted: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows("financements"):
        if (row["financeur"], row["objet"]) == ("ville", "programme"):
            granted[known[row["territoire"]]["departement"], row["annee"]] += cents(row["prevu"])
    envelopes = {(row["departement"], row["annee"]): cents(row["montant"]) for row in rows("enveloppes")}
    assert set(granted) == set(envelopes)
    assert [key for key in granted if granted[key] > envelopes[key]] == [("93", "2022")]


def test_each_fund_opens_a_year_on_what_the_last_one_left_and_never_overdraws() -> None:
    balance: dict[str, int] = defaultdict(int)
    years = defaultdict(set)
    for row in sorted(rows("operations_fonds"), key=lambda row: (row["territoire"], row["date"])):
        assert row["date"].startswith(row["annee"]), row
        years[row["territoire"]].add(row["annee"])
        balance[row["territoire"]] += cents(row["montant"]) * (1 if row["sens"] == "recette" else -1)
        assert balance[row["territoire"]] >= 0, row
    assert len(years) == 5
    assert all(found == {"2021", "2022", "2023"} for found in years.values())


def test_what_the_funds_received_is_what_was_paid_to_them() -> None:
    received: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows("operations_fonds"):
        if row["sens"] == "recette":
            received[row["territoire"], row["annee"], row["financeur"]] += cents(row["montant"])
    assert {key: fund(key[0], key[1], "verse", key[2]) for key in received} == received


def test_plans_are_written_by_labelled_territories_and_name_no_child_and_no_address() -> None:
    known = set(labels())
    for table in ("engagements", "actions", "indicateurs", "mesures"):
        assert {row["territoire"] for row in rows(table)} <= known, table
        assert not [row for row in rows(table) if "@" in "".join(row.values())], table
    assert {row["axe"] for row in rows("actions")} == AXES


def test_every_measure_is_of_an_indicator_of_its_territory_within_the_convention() -> None:
    declared = {(row["territoire"], row["indicateur"]) for row in rows("indicateurs")}
    assert {(row["territoire"], row["indicateur"]) for row in rows("mesures")} == declared
    assert {row["annee"] for row in rows("mesures")} == {"2021", "2022", "2023"}


def test_the_commitments_of_a_model_plan_are_its_financing_lines() -> None:
    promised: dict[str, int] = defaultdict(int)
    for row in rows("engagements"):
        if row["territoire"] == "bordeaux" and row["nature"] in ("financier", "Apport financier"):
            promised[row["annee"]] += cents(row["montant"])
    planned: dict[str, int] = defaultdict(int)
    for row in rows("financements"):
        counted = (row["nature"], row["droit_commun"]) == ("numeraire", "non")
        if row["territoire"] == "bordeaux" and counted and (row["financeur"], row["objet"]) != ("ville", "fonds"):
            planned[row["annee"]] += cents(row["prevu"])
    assert promised == planned
