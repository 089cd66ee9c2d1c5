"""Do the operations that a table brings to a fund still chain from year to year?

What does not is a warning: the account is refused where it is asked for, and the table that completes or corrects it
may be the next one.
"""

from collections import defaultdict
from collections.abc import Iterator

from models.rules.amounts import euros
from models.rules.fund_account import AccountRefused, Operation, accounts
from models.rules.funding import Funding
from tasks.faults import Fault
from tasks.upsert import Changes, Fact


def chain_warnings(funding: Funding, changes: Changes) -> Iterator[Fault]:
    """One warning for each fund that would not chain, at the last row of the table that speaks of it."""
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in changes.standing:
        facts[fact.territory].append(fact)
    for territory, own in sorted(facts.items()):
        rows = [fact.wanted for fact in own if fact.wanted is not None]
        try:
            accounts(funding, [_operation(fact) for fact in own], of=territory)
        except AccountRefused as refused:
            yield Fault(
                file=rows[-1].file,
                row=rows[-1].row,
                column="libelle",
                value=f"{territory}, {refused.year}",
                problem=f"le fonds ne s’enchaîne pas : {refused.year - 1} se clôt sur {euros(refused.closing)}, "
                f"{refused.year} déclare {euros(refused.declared)}, soit {euros(refused.difference)} d’écart",
                cure="compléter les années d’avant, ou corriger par une ligne « report à nouveau » de plus",
            )


def _operation(fact: Fact) -> Operation:
    values = fact.values
    return Operation(
        year=values["year"], day=values["day"], direction=values["direction"], amount=values["amount"],
        funder=values["funder"], axis=values["axis"], label=values["label"],
        several_schools=values["several_schools"], outside_partner=values["outside_partner"],
    )  # fmt: skip
