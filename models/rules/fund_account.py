"""What came into a cité's fund in a year, what went out, and what is left?

Opening balance + receipts by funder − expenses by axis = closing balance, and each year opens on the last one's closing
(semantics §6). An opening that people declare is an operation whose label begins with « report à nouveau »: it is
neither a receipt nor an expense. Several of one year add up, so that a wrong one is corrected by one more row; openings
that contradict the year before refuse the account.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.rules.amounts import euros
from models.rules.funding import Funding
from models.rules.typed_values import fold
from models.words import Direction, Funder

CARRIED_FORWARD = "report_a_nouveau"  # as `fold` reads it
NO_AXIS = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One line of the fund's journal, its amount in cents; `year` is the account that it belongs to."""

    year: int
    day: date
    direction: Direction
    amount: int
    funder: str = ""
    axis: str = NO_AXIS
    label: str = ""
    several_schools: bool = False
    outside_partner: bool = False

    def is_opening(self) -> bool:
        return declares_an_opening(self.label)

    def signed(self) -> int:
        """What it adds to the balance."""
        return self.amount if self.direction is Direction.RECEIPT else -self.amount

    def meets_both(self) -> bool:
        """Several schools and an outside partner: what the fund is meant for first (E132, E260)."""
        return self.several_schools and self.outside_partner


@dataclass(frozen=True, kw_only=True, slots=True)
class FundFinding:
    """What calls for attention in a year's account; the amount is in cents."""

    code: str
    amount: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One year of a fund, in cents. `operations` are its receipts and expenses by day, without any opening."""

    year: int
    opening: int
    declared: bool  # the opening was typed, not only carried forward
    receipts: Mapping[str, int]  # by funder, the empty one for a receipt that names nobody
    expenses: Mapping[str, int]  # by axis, the empty one for an expense that names none
    closing: int
    meets_both: int  # of the expenses
    share_meeting_both: float | None  # rounded to three decimals
    lowest: int
    lowest_on: date | None  # None: the opening itself
    operations: tuple[Operation, ...]
    findings: tuple[FundFinding, ...]

    @property
    def received(self) -> int:
        return sum(self.receipts.values())

    @property
    def spent(self) -> int:
        return sum(self.expenses.values())


def declares_an_opening(label: str) -> bool:
    """Does an operation with this label say what its year opens on? « Report à nouveau 2020 » does."""
    return fold(label).startswith(CARRIED_FORWARD)


class AccountRefused(Exception):
    """A year does not open on the last one's closing: says both, the difference and the cure. Amounts in cents."""

    def __init__(self, of: str, year: int, closing: int, declared: int) -> None:
        self.year, self.closing, self.declared = year, closing, declared
        way = "depense" if declared > closing else "recette"
        super().__init__(
            f"the fund of {of} does not chain: {year - 1} closes on {euros(closing)} and {year} declares an opening of "
            f"{euros(declared)}, a difference of {euros(declared - closing)}: complete the operations of the years "
            f"before, or correct the opening by one more row of {year}, «report à nouveau», {way}, "
            f"{euros(abs(declared - closing))}"
        )

    @property
    def difference(self) -> int:
        return self.declared - self.closing


def accounts(funding: Funding, operations: Iterable[Operation], *, of: str) -> tuple[Account, ...]:
    """Every year from the first to the last that the operations name, a year without any included.

    `of` is how a refusal calls the fund. Raises `AccountRefused`.
    """
    by_year: dict[int, list[Operation]] = defaultdict(list)
    for operation in operations:
        by_year[operation.year].append(operation)
    found: list[Account] = []
    for year in range(min(by_year), max(by_year) + 1) if by_year else ():
        carried = found[-1].closing if found else None
        declared = _declared(by_year[year])
        if carried is not None and declared is not None and carried != declared:
            raise AccountRefused(of, year, carried, declared)
        opening = carried if carried is not None else declared or 0
        moved = [each for each in by_year[year] if not each.is_opening()]
        found.append(_account(funding, year, opening, declared is not None, moved))
    return tuple(found)


def _declared(operations: list[Operation]) -> int | None:
    openings = [each.signed() for each in operations if each.is_opening()]
    return sum(openings) if openings else None


def _account(funding: Funding, year: int, opening: int, declared: bool, operations: list[Operation]) -> Account:
    receipts: dict[str, int] = defaultdict(int)
    expenses: dict[str, int] = defaultdict(int)
    # Of one day, money in comes first: a balance is looked at in the evening.
    in_order = sorted(operations, key=lambda each: (each.day, each.direction is Direction.EXPENSE))
    balance = lowest = opening
    lowest_on = None
    for each in in_order:
        if each.direction is Direction.RECEIPT:
            receipts[each.funder] += each.amount
        else:
            expenses[each.axis] += each.amount
        balance += each.signed()
        if balance < lowest:
            lowest, lowest_on = balance, each.day
    spent = sum(expenses.values())
    both = sum(each.amount for each in in_order if each.direction is Direction.EXPENSE and each.meets_both())
    return Account(
        year=year,
        opening=opening,
        declared=declared,
        receipts={name: receipts[name] for name in sorted(receipts, key=_funder_order)},
        expenses={axis: expenses[axis] for axis in sorted(expenses, key=axis_order)},
        closing=balance,
        meets_both=both,
        share_meeting_both=round(both / spent, 3) if spent else None,
        lowest=lowest,
        lowest_on=lowest_on,
        operations=tuple(in_order),
        findings=tuple(_findings(funding, year, receipts, expenses, lowest, lowest_on, in_order)),
    )


def axis_order(axis: str) -> tuple[int, ...]:
    """1.1, 1.2 … 2.9, 2.10 …, and what names none at the end."""
    return tuple(int(number) for number in axis.split(".")) if axis else (99,)


def _funder_order(funder: str) -> int:
    return list(Funder).index(Funder(funder)) if funder else len(Funder)


def _findings(
    funding: Funding,
    year: int,
    receipts: Mapping[str, int],
    expenses: Mapping[str, int],
    lowest: int,
    lowest_on: date | None,
    operations: list[Operation],
) -> Iterable[FundFinding]:
    city, education = receipts.get(Funder.VILLE, 0), receipts.get(Funder.EDUCATION, 0)
    for name, share in (("du ministère chargé de la ville", city), ("de l’éducation nationale", education)):
        if share != funding.fund_share:
            yield FundFinding(
                code="fund_amount",
                amount=share,
                text=f"La recette {name} est de {euros(share)} au lieu de {euros(funding.fund_share)}.",
            )
    if city != education:
        yield FundFinding(
            code="fund_parity",
            amount=city - education,
            text=f"Les deux ministères ne sont pas à parité : ville {euros(city)}, éducation nationale "
            f"{euros(education)}.",
        )
    if receipts.get(""):
        yield FundFinding(
            code="receipt_without_funder",
            amount=receipts[""],
            text=f"Des recettes ne disent pas qui les verse : {euros(receipts[''])}.",
        )
    if expenses.get(NO_AXIS):
        yield FundFinding(
            code="expense_without_axis",
            amount=expenses[NO_AXIS],
            text=f"Des dépenses ne sont rattachées à aucun axe : {euros(expenses[NO_AXIS])}.",
        )
    strangers = [each for each in operations if each.day.year != year]
    if strangers:
        yield FundFinding(
            code="dated_outside_year",
            amount=sum(each.amount for each in strangers),
            text=f"Des opérations du compte {year} sont datées d’une autre année, la première du "
            f"{strangers[0].day:%d/%m/%Y}.",
        )
    if lowest < 0:
        since = f"le {lowest_on:%d/%m/%Y}" if lowest_on else "à l’ouverture"
        yield FundFinding(
            code="negative_balance", amount=lowest, text=f"Le solde du fonds descend à {euros(lowest)} {since}."
        )
