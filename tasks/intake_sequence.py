"""May the facts of a territory follow one another as the tables say: a label, then a convention, then payments (E241)?

What the files bring is judged together with what is stored, and only a row of the files is ever refused. A payment
before the convention is a warning.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from models.words import Funder, Verdict
from tasks.faults import Fault
from tasks.intake_lines import Lines
from tasks.upsert import Changes, Fact, Wanted


def broken_sequences(lines: Lines, changed: Mapping[str, Changes]) -> Iterator[Fault]:
    """The conventions signed without a label, and the labels given after a withdrawal, by territory."""
    names = ("decisions", "desistements", "conventions")
    touched = {code for name in names for code in _brought(changed, name)}
    decided, withdrawn, conventions = (lines.standing(changed, name, touched) for name in names)
    for code in sorted(touched):
        decisions = sorted(decided[code], key=lambda fact: fact.values["day"])
        yield from _signed_without_label(decisions, conventions[code])
        yield from _labelled_after_withdrawal(decisions, withdrawn[code])


def payments_before_convention(lines: Lines, changed: Mapping[str, Changes]) -> Iterator[Fault]:
    """The State's payments by the end of whose year no convention is signed."""
    conventions = lines.standing(changed, "conventions", _brought(changed, "financements"))
    for fact in _facts(changed, "financements"):
        values = fact.values
        if fact.wanted is None or values["funder"] is not Funder.VILLE or not values["paid"]:
            continue
        signatures = [each.values["signed_on"] for each in conventions[fact.territory]]
        if not any(signed_on and signed_on.year <= values["year"] for signed_on in signatures):
            yield _fault(
                fact.wanted, "verse", _euros(values["paid"]),
                f"crédits de la ville versés en {values['year']} alors qu’aucune convention "
                "n’est signée à la fin de cette année (E241)",
                "vérifier le versement, ou inscrire la convention signée au tableau conventions",
            )  # fmt: skip


def _signed_without_label(decisions: list[Fact], conventions: list[Fact]) -> Iterator[Fault]:
    for convention in conventions:
        signed_on = convention.values["signed_on"]
        if signed_on is None or _verdict(decisions, signed_on) is Verdict.LABELLED:
            continue
        if convention.wanted is not None:
            label = next((each.values["day"] for each in decisions if each.values["verdict"] is Verdict.LABELLED), None)
            yield _fault(
                convention.wanted, "signee_le", _french(signed_on),
                f"convention signée avant le label du {_french(label)} (E241)" if label and label > signed_on
                else "convention signée sans label à cette date (E241)",
                "vérifier la date de signature, ou inscrire d’abord le label au tableau decisions",
            )  # fmt: skip
            continue
        for decision in decisions:
            if decision.wanted is not None and decision.values["day"] <= signed_on:
                yield _fault(
                    decision.wanted, "decision", decision.values["verdict"].value,
                    f"la convention signée le {_french(signed_on)} n’aurait plus de label à cette date (E241)",
                    "vérifier la date de la décision, ou corriger d’abord la convention",
                )  # fmt: skip


def _labelled_after_withdrawal(decisions: list[Fact], withdrawals: list[Fact]) -> Iterator[Fault]:
    for withdrawal in withdrawals:
        day = withdrawal.values["day"]
        if _verdict(decisions, day - timedelta(days=1)) is Verdict.LABELLED:
            continue
        for label in decisions:
            if label.values["verdict"] is not Verdict.LABELLED or label.values["day"] < day:
                continue
            if label.wanted is not None:
                yield _fault(
                    label.wanted, "date", _french(label.values["day"]),
                    f"ce territoire s’est désisté le {_french(day)} : il ne peut plus être labellisé (E241)",
                    "retirer cette ligne, ou corriger le désistement",
                )  # fmt: skip
            elif withdrawal.wanted is not None:
                yield _fault(
                    withdrawal.wanted, "date", _french(day),
                    f"un label a été donné le {_french(label.values['day'])}, après ce désistement (E241)",
                    "vérifier la date du désistement",
                )  # fmt: skip


def _brought(changed: Mapping[str, Changes], name: str) -> set[str]:
    """The territories of which the files say something in that table."""
    return {fact.territory for fact in _facts(changed, name) if fact.wanted is not None}


def _facts(changed: Mapping[str, Changes], name: str) -> Sequence[Fact]:
    return changed[name].standing if name in changed else ()


def _verdict(decisions: list[Fact], day: date) -> Verdict | None:
    """The last decision on `day`; `decisions` stand by day, equals in the order of the table."""
    last = None
    for each in decisions:
        if each.values["day"] <= day:
            last = each.values["verdict"]
    return last


def _fault(wanted: Wanted, column: str, value: str, problem: str, cure: str) -> Fault:
    return Fault(file=wanted.file, row=wanted.row, column=column, value=value, problem=problem, cure=cure)


def _french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"
