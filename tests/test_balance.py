"""Is each euro counted once, on the right side?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.amounts import euros
from models.rules.balance import STAGES, Line, Place, balance
from models.words import Funder, Kind, Purpose
from tests.builders import QUICK_PROPERTY, a_programme
from tests.independent import balance_by_hand as by_hand

FUNDING = a_programme().funding
DOUAI = Place(territory="douai", departement="59", region="32")
EURO = 100
BALANCED_FUND = ["ville fonds 15000", "education fonds 15000"]


def a_line(words: str, territory: str = "douai", **changes: Any) -> Line:
    """`commune programme 200000 [notified [paid]]`, in euros; one amount stands for all three stages."""
    funder, purpose, *amounts = words.split()
    planned, notified, paid = [int(amount) * EURO for amount in (amounts * 3 if len(amounts) == 1 else amounts)]
    line = Line(
        territory=territory, funder=Funder(funder), purpose=Purpose(purpose), kind=Kind.CASH, mainstream=False,
        planned=planned, notified=notified, paid=paid,
    )  # fmt: skip
    return line._replace(**changes)


def of(
    *lines: str | Line,
    envelopes: Mapping[str, int] | None = None,
    stage: str = "planned",
    tolerance: float | None = None,
    places: Sequence[Place] = (DOUAI,),
) -> dict[str, Any]:
    read = [line if isinstance(line, Line) else a_line(line) for line in lines]
    return balance(replace(FUNDING, imbalance_tolerance=tolerance), places, read, envelopes or {}, stage)


def findings(found: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["code"], each["amount"]) for each in found["findings"]]


WORKED_EXAMPLE = [
    a_line("ville programme 350000"),
    a_line("ville fonds 15000"),
    a_line("education fonds 15000"),
    a_line("commune programme 200000"),
    a_line("departement programme 60000"),
    a_line("caf programme 40000"),
    a_line("commune programme 30000", kind=Kind.IN_KIND),
    a_line("region programme 80000", mainstream=True),
]


def test_the_worked_example() -> None:  # E121, E124, E129
    side = {
        "state": 365_000 * EURO,
        "local": 260_000 * EURO,
        "other": 40_000 * EURO,
        "gap": 105_000 * EURO,
        "local_share": 0.416,
        "leverage": 0.822,
        "fund_city": 15_000 * EURO,
        "fund_education": 15_000 * EURO,
        "fund_parity": True,
        "in_kind": 30_000 * EURO,
        "common_law": 80_000 * EURO,
    }
    assert of(*WORKED_EXAMPLE) == {
        "territories": [{"territory": "douai", **side, "findings": []}],
        "departements": [{"departement": "59", **side, "envelope": None, "envelope_left": None, "findings": []}],
        "regions": [{"region": "32", **side, "findings": []}],
        "nation": {**side, "findings": []},
    }


def test_the_fifteen_thousand_euros_of_ville_are_taken_from_its_grant_and_not_counted_again() -> None:  # E126
    [with_fund] = of("ville programme 350000", *BALANCED_FUND)["territories"]
    [without] = of("ville programme 350000")["territories"]
    assert (with_fund["state"], without["state"]) == (365_000 * EURO, 350_000 * EURO)  # education's share alone


def test_local_money_for_the_fund_is_local() -> None:  # E130
    [douai] = of("commune fonds 5000", "intercommunalite programme 7000")["territories"]
    assert (douai["local"], douai["state"]) == (12_000 * EURO, 0)


@pytest.mark.parametrize(
    ("funder", "side"),
    [
        ("ville", "state"), ("education", "state"), ("etat_autre", "state"), ("commune", "local"),
        ("intercommunalite", "local"), ("departement", "local"), ("region", "local"), ("caf", "other"),
        ("autre_public", "other"), ("prive", "other"),
    ],
)  # fmt: skip
def test_each_funder_stands_on_one_side(funder: str, side: str) -> None:  # E123
    [douai] = of(f"{funder} programme 1000")["territories"]
    assert {name: douai[name] for name in ("state", "local", "other")} == {
        "state": 0, "local": 0, "other": 0, side: 1_000 * EURO,
    }  # fmt: skip


def test_a_valued_mainstream_line_is_in_kind_only() -> None:  # E134, E240
    [douai] = of(a_line("education programme 9000", kind=Kind.IN_KIND, mainstream=True))["territories"]
    assert (douai["in_kind"], douai["common_law"], douai["state"]) == (9_000 * EURO, 0, 0)


def test_without_money_there_is_no_share_and_no_leverage() -> None:
    [douai] = of()["territories"]
    assert (douai["gap"], douai["local_share"], douai["leverage"], douai["fund_parity"]) == (0, None, None, True)
    [local_only] = of("commune programme 10")["territories"]
    assert (local_only["gap"], local_only["local_share"], local_only["leverage"]) == (-10 * EURO, 1.0, None)


def test_each_stage_counts_its_own_amounts() -> None:  # E144
    lines = ["ville programme 300 200 100", "commune programme 30 20 10"]
    read = {stage: of(*lines, stage=stage)["territories"][0] for stage in STAGES}
    assert {stage: (each["state"], each["local"]) for stage, each in read.items()} == {
        "planned": (300_00, 30_00), "notified": (200_00, 20_00), "paid": (100_00, 10_00),
    }  # fmt: skip


def test_a_fund_out_of_parity_is_found_share_by_share() -> None:  # E024, E125, E127, E128
    [douai] = of("ville programme 350000", "ville fonds 15000", "education fonds 12000")["territories"]
    assert douai["fund_parity"] is False
    assert douai["findings"] == [
        {"code": "fund_amount", "amount": 12_000 * EURO,
         "text": "Fonds : part éducation nationale de 12\u202f000\u00a0€ au lieu de 15\u202f000\u00a0€"},
        {"code": "fund_parity", "amount": 3_000 * EURO,
         "text": "Fonds : parts inégales, ville 15\u202f000\u00a0€, éducation nationale 12\u202f000\u00a0€"},
    ]  # fmt: skip


def test_two_equal_shares_of_another_amount_are_at_parity_and_of_the_wrong_amount() -> None:
    [douai] = of("ville programme 350000", "ville fonds 10000", "education fonds 10000")["territories"]
    assert douai["fund_parity"] is True
    assert findings(douai) == [("fund_amount", 10_000 * EURO), ("fund_amount", 10_000 * EURO)]


def test_valued_or_mainstream_lines_do_not_fill_the_fund() -> None:
    [douai] = of(
        "ville programme 350000", "ville fonds 15000",
        a_line("education fonds 15000", mainstream=True), a_line("education fonds 15000", kind=Kind.IN_KIND),
    )["territories"]  # fmt: skip
    assert findings(douai) == [("fund_amount", 0), ("fund_parity", 15_000 * EURO)]


def test_a_fund_line_above_the_grant_it_is_taken_from_is_found() -> None:
    [douai] = of("ville programme 14000", *BALANCED_FUND)["territories"]
    assert findings(douai) == [("fund_exceeds_grant", 1_000 * EURO)]


def test_a_fund_line_that_takes_the_whole_grant_does_not_exceed_it() -> None:
    [douai] = of("ville programme 15000", *BALANCED_FUND)["territories"]
    assert findings(douai) == []


def test_a_line_paid_above_what_was_notified_is_found_at_every_stage() -> None:
    lines = ["ville programme 350000", *BALANCED_FUND, "commune programme 500 400 450"]
    assert [findings(of(*lines, stage=stage)["territories"][0]) for stage in STAGES] == [
        [("paid_above_notified", 50 * EURO)]
    ] * 3


def test_there_is_no_alert_on_imbalance_unless_a_tolerance_is_set() -> None:  # E122
    lines = ["ville programme 350000", *BALANCED_FUND, "commune programme 1000"]
    assert findings(of(*lines)["territories"][0]) == []
    assert findings(of(*lines, tolerance=0.1)["territories"][0]) == [("imbalance", 364_000 * EURO)]
    assert findings(of(*lines, tolerance=0.1)["nation"]) == [("imbalance", 364_000 * EURO)]


def test_a_share_at_the_tolerance_is_within_it() -> None:
    lines = ["ville programme 60", "commune programme 40"]
    assert findings(of(*lines, tolerance=0.1)["nation"]) == []
    assert findings(of(*lines, tolerance=0.09)["nation"]) == [("imbalance", 20 * EURO)]


def test_an_envelope_below_its_grants_is_exceeded() -> None:  # E119, E120
    lens = Place(territory="lens", departement="62", region="32")
    roubaix = Place(territory="roubaix", departement="59", region="32")
    found = of(
        "ville programme 350000", a_line("ville programme 200000", "roubaix"), a_line("ville programme 90000", "lens"),
        envelopes={"59": 500_000 * EURO, "62": 90_000 * EURO, "80": 10 * EURO}, places=[lens, roubaix, DOUAI],
    )  # fmt: skip
    assert [
        (each["departement"], each["envelope"], each["envelope_left"], findings(each)) for each in found["departements"]
    ] == [
        ("59", 500_000 * EURO, -50_000 * EURO, [("envelope_exceeded", -50_000 * EURO)]),
        ("62", 90_000 * EURO, 0, []),
        ("80", 10 * EURO, 10 * EURO, []),
    ]
    assert [each["territory"] for each in found["territories"]] == ["douai", "lens", "roubaix"]


def test_amounts_are_written_as_french_letters_write_them() -> None:
    assert [euros(cents) for cents in (0, 50, 123_450, 1_500_000, -105_000_00)] == [
        "0\u00a0€", "0,50\u00a0€", "1\u202f234,50\u00a0€", "15\u202f000\u00a0€", "−105\u202f000\u00a0€",
    ]  # fmt: skip


PLACES = [
    Place(territory=f"t{number}", departement=departement, region=region)
    for number, (departement, region) in enumerate(
        [("59", "32"), ("59", "32"), ("62", "32"), ("61", "28"), ("974", "04")]
    )
]
LINES = st.lists(
    st.builds(
        Line,
        territory=st.sampled_from([place.territory for place in PLACES]),
        funder=st.sampled_from(Funder),
        purpose=st.sampled_from(Purpose),
        kind=st.sampled_from(Kind),
        mainstream=st.booleans(),
        planned=st.integers(0, 10**9),
        notified=st.integers(0, 10**9),
        paid=st.integers(0, 10**9),
    ),
    max_size=30,
)


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES))
def test_the_parts_always_make_the_whole(lines: list[Line], stage: str) -> None:
    found = balance(FUNDING, PLACES, lines, {}, stage)
    for amount in ("state", "local", "other", "gap", "in_kind", "common_law", "fund_city", "fund_education"):
        sums = [sum(each[amount] for each in found[level]) for level in ("territories", "departements", "regions")]
        assert sums == [found["nation"][amount]] * 3


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES))
def test_each_line_is_counted_once_but_those_of_ville_for_the_fund(lines: list[Line], stage: str) -> None:
    nation = balance(FUNDING, PLACES, lines, {}, stage)["nation"]
    counted = sum(nation[side] for side in ("state", "local", "other", "in_kind", "common_law"))
    assert counted + nation["fund_city"] == sum(line.at(stage) for line in lines)


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES))
def test_the_fund_s_share_of_ville_is_in_no_side(lines: list[Line], stage: str) -> None:
    without = [line for line in lines if (line.funder, line.purpose) != (Funder.VILLE, Purpose.FUND)]
    sides = [
        {side: balance(FUNDING, PLACES, each, {}, stage)["nation"][side] for side in ("state", "local", "other", "gap")}
        for each in (lines, without)
    ]
    assert sides[0] == sides[1]


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES))
def test_a_broken_parity_is_found_at_whatever_stage_and_no_other_is(lines: list[Line], stage: str) -> None:
    for territory in balance(FUNDING, PLACES, lines, {}, stage)["territories"]:
        gap = territory["fund_city"] - territory["fund_education"]
        assert [amount for code, amount in findings(territory) if code == "fund_parity"] == ([gap] if gap else [])
        assert territory["fund_parity"] is (gap == 0)


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES))
def test_a_valued_line_is_in_kind_and_nowhere_else_be_it_mainstream(lines: list[Line], stage: str) -> None:
    found = balance(FUNDING, PLACES, lines, {}, stage)["nation"]
    assert found["in_kind"] == sum(line.at(stage) for line in lines if line.kind is Kind.IN_KIND)
    assert found["common_law"] == sum(line.at(stage) for line in lines if line.kind is Kind.CASH and line.mainstream)


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES))
def test_random_lines_are_counted_as_they_are_by_hand(lines: list[Line], stage: str) -> None:
    found = balance(FUNDING, PLACES, lines, {}, stage)
    column = by_hand.STAGE_COLUMN[stage]
    typed = [as_typed(line) for line in lines]
    for territory in found["territories"]:
        own = [row for row in typed if row["territoire"] == territory["territory"]]
        assert {name: territory[name] for name in territory if name not in ("territory", "findings")} == (
            by_hand.counted(own, column)
        )
        assert findings(territory) == [(each["code"], each["amount"]) for each in by_hand.findings(own, column)]
    assert {name: each for name, each in found["nation"].items() if name != "findings"} == by_hand.counted(
        typed, column
    )


def as_typed(line: Line) -> dict[str, str]:
    """The row of the table of financings that this line comes from."""
    euros_of = {"prevu": line.planned, "notifie": line.notified, "verse": line.paid}
    return {
        "territoire": line.territory, "financeur": line.funder.value, "objet": line.purpose.value,
        "nature": line.kind.value, "droit_commun": "oui" if line.mainstream else "non",
        **{name: f"{cents // 100},{cents % 100:02d}" for name, cents in euros_of.items()},
    }  # fmt: skip


@QUICK_PROPERTY
@given(lines=LINES, stage=st.sampled_from(STAGES), seed=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_amount(lines: list[Line], stage: str, seed: Any) -> None:
    shuffled = seed.sample(lines, len(lines))
    assert (
        balance(FUNDING, PLACES, shuffled, {}, stage)["nation"] == balance(FUNDING, PLACES, lines, {}, stage)["nation"]
    )
