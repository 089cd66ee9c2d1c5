"""What do people's tables add to a campaign, and what is wrong with them?

All or nothing: every fault of every file is listed, and one fault leaves the database untouched. The same tables twice
change nothing. What is only odd is a warning. No Prefect here: a plain function, in one transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from models.intake_queries import lock_campaign, territory_ids
from models.queries import campaign_by_code
from models.rules.exchange import is_school
from models.rules.fund_account import declares_an_opening
from models.rules.programme import Programme
from models.tables import (
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
from models.words import Direction, Funder, LeadAuthority, PieceStatus, Verdict
from tasks import intake_cell, intake_plan, intake_review
from tasks.database import reading, transaction
from tasks.intake_fund import chain_warnings
from tasks.intake_lines import Line, Lines, day_of
from tasks.intake_stale import stale_workbooks
from tasks.sheets import Fault, read_tables
from tasks.upsert import Changes, Correction, Fact, Shape, Wanted, compare, write

SHAPES: dict[str, Shape] = {
    shape.subject: shape
    for shape in (
        Shape(
            subject="territoires", model=Territory, identity=("code",), of_territory=False,
            correctable=("name", "communes", "departement", "region", "lead_authority", "asks_extra_means", "qpv",
                         "qpv_population", "lead_college"),
        ),
        Shape(
            subject="contacts", model=Contact, identity=("role", "perimeter", "email"), of_territory=False,
            correctable=("name", "channel", "active"), personal=("email", "name", "channel"),
        ),
        Shape(
            subject="pieces", model=Piece, identity=("requirement", "occurrence", "part", "status", "at"),
            correctable=("reason", "file"), ranked=True, same_time=("requirement", "occurrence", "part", "at"),
        ),
        Shape(
            subject="financements", model=FundingLine, identity=("year", "funder", "purpose", "kind", "mainstream"),
            correctable=("planned", "notified", "paid"), ranked=True,
        ),
        Shape(
            subject="enveloppes", model=Envelope, identity=("departement", "year"), correctable=("amount",),
            of_territory=False,
        ),
        Shape(
            subject="decisions", model=Decision, identity=("verdict", "day"), correctable=("authority", "grounds"),
            ranked=True, same_time=("day",),
        ),
        Shape(
            subject="prorogations", model=Extension, identity=("deadline", "new_due", "granted_on"),
            correctable=("authority", "grounds", "reference"), ranked=True, same_time=("deadline", "granted_on"),
        ),
        Shape(subject="desistements", model=Withdrawal, identity=("day",), correctable=("grounds",)),
        Shape(
            subject="conventions", model=Convention, identity=("first_day",),
            correctable=("last_day", "signed_on", "city_contract_end"),
        ),
        Shape(
            subject="operations_fonds", model=FundOperation,
            identity=("year", "day", "direction", "funder", "axis", "label", "amount"),
            correctable=("several_schools", "outside_partner"), ranked=True,
        ),
        *intake_review.SHAPES,
        *intake_plan.SHAPES,
        *intake_cell.SHAPES,
    )
}  # fmt: skip
READERS_OF_A_LIFE = intake_review.READERS | intake_plan.READERS | intake_cell.READERS


@dataclass(frozen=True, kw_only=True)
class IntakeReport:
    """What an intake found, and what it changed (or would change): figures by table."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    added: dict[str, int]
    corrected: dict[str, int]
    unchanged: dict[str, int]
    replaced: dict[str, int]


class IntakeRefused(Exception):
    """Tables with faults: nothing of them was written. `report` holds every fault."""

    def __init__(self, report: IntakeReport) -> None:
        count = len(report.faults)
        super().__init__(f"{count} fault{'s' if count > 1 else ''} in the tables, listed above: nothing was written")
        self.report = report


def take_in(
    paths: Sequence[Path], *, campaign: str, at: datetime, author: str, check: bool = False, url: str | None = None
) -> IntakeReport:
    """Read the tables of `paths` into a campaign, whole or not at all; `check` writes nothing whatever happens.

    `at` and `author` go to the record of changes. Raises `NoSuchCampaign`; what is wrong in files is in the report.
    """
    with reading(url) if check else transaction(url) as session:
        return take_into(session, paths, campaign=campaign, at=at, author=author, check=check)


def take_into(
    session: Session, paths: Sequence[Path], *, campaign: str, at: datetime, author: str, check: bool = False
) -> IntakeReport:
    """`take_in` within a transaction that does more than that."""
    sheets = read_tables(paths)
    row, programme = campaign_by_code(session, campaign)
    assert row.id is not None
    if not check:
        lock_campaign(session, row.id)
    intake = _Intake(session, row.id, programme, sheets, SHAPES)
    changes = intake.changes()
    if not intake.faults and not check:
        _write_all(session, changes, row.id, programme, at=at, author=author)
    return IntakeReport(
        faults=_sorted(intake.faults),
        warnings=_sorted(intake.warnings),
        added={each.shape.subject: each.added for each in changes},
        corrected={each.shape.subject: each.corrected for each in changes},
        unchanged={each.shape.subject: each.unchanged for each in changes},
        replaced={each.shape.subject: each.replaced for each in changes},
    )


def _write_all(
    session: Session, changes: list[Changes], campaign_id: int, programme: Programme, *, at: datetime, author: str
) -> None:
    ids = territory_ids(session, campaign_id)
    for each in changes:
        write(session, each, at=at, author=author, campaign=programme.code, campaign_id=campaign_id, territories=ids)
        if each.shape.subject == "territoires" and each.inserts:
            ids = territory_ids(session, campaign_id)
            session.execute(
                insert(Obligation.__table__),  # type: ignore[attr-defined]
                [
                    {"territory_id": ids[fact.values["code"]], "deadline": name}
                    for fact in each.inserts
                    for name in programme.obligation_names()
                ],
            )


def _sorted(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.row or 0)))


class _Intake(Lines):
    """One intake: what the files say, against what is known."""

    def changes(self) -> list[Changes]:
        """What each table that the files hold would change, in the order in which tables lean on one another."""
        readers: dict[str, Callable[[Line], Iterator[Wanted]]] = {
            "territoires": self._territory, "contacts": self._contact, "pieces": self._piece,
            "financements": self._funding, "enveloppes": self._envelope, "decisions": self._decision,
            "prorogations": self._extension, "desistements": self._withdrawal, "conventions": self._convention,
            "operations_fonds": self._operation,
            **{name: partial(read, self) for name, read in READERS_OF_A_LIFE.items()},
        }  # fmt: skip
        changed: dict[str, Changes] = {}
        for name, read in readers.items():
            lines = self.lines[name]
            if name == "territoires":
                self.learn_codes(lines)
            wanted = [each for line in lines for each in self.facts_of(read, line)]
            shape = SHAPES[name]
            if not shape.ranked:
                wanted = self._once(shape, wanted)
            if wanted:
                touched = {each.territory for each in wanted}
                changed[name] = compare(shape, wanted, self.stored(name, touched if shape.of_territory else None))
        if "operations_fonds" in changed:
            self.warnings += chain_warnings(self.programme.funding, changed["operations_fonds"])
        if "contacts" in changed:
            self._retire_contacts(changed["contacts"])
        self._check_sequence(changed)
        if intake_cell.COUNTS in changed:
            self.warnings += intake_cell.odd_lines(self.programme.edition, changed[intake_cell.COUNTS])
        self.warnings += intake_review.decided_too_soon(self, changed)
        self.warnings += stale_workbooks(
            self.session, self.programme.code, self.calendar.national_zone, self.sheets, changed.values()
        )
        return list(changed.values())

    # Territories

    def _territory(self, line: Line) -> Iterator[Wanted]:
        code = self.codes.get(line["code"].casefold(), line["code"])
        if not all(letter.isalnum() or letter in "-_." for letter in code) or code.casefold() == "national":
            self.refuse(
                line,
                "code",
                "ce code prêterait à confusion",
                "écrire un code de lettres, de chiffres et de tirets, par exemple douai-waziers",
            )
        stored = self.territories.get(code)
        headers = line.sheet.headers
        for column in ("nom", "departement"):
            absent = column not in headers
            if not line[column] and not (absent and stored) and not line.spoilt:
                self.refuse(
                    line,
                    column,
                    "valeur manquante",
                    f"indiquer {'le nom' if column == 'nom' else 'le département'} du territoire",
                )
        departement = (
            self.named(line, "departement", self.references.departement) if line["departement"]
            else stored.values["departement"] if stored else None
        )  # fmt: skip
        region = self.named(line, "region", self.references.region, departement) if departement else None
        lead = line["chef_de_file"] or (
            LeadAuthority.INTERCOMMUNALITE if len(line["communes"]) > 1 else LeadAuthority.COMMUNE
        )
        school = line["college_tete"].upper().replace(" ", "")
        if school and not is_school(school):
            self.warn(
                line,
                "college_tete",
                "ce numéro UAI est faux (sa lettre de contrôle ne convient pas)",
                "vérifier les sept chiffres et la lettre",
            )
        strangers = [each for each in line["communes"] if departement and not _commune_in(each, departement)]
        if strangers:
            self.warn(
                line,
                "communes",
                f"commune hors du département {departement} : {', '.join(strangers)}",
                "vérifier le code INSEE",
            )
        yield self.wanted(
            line, "",
            {
                "code": code, "name": line["nom"], "communes": " ".join(line["communes"]), "departement": departement,
                "region": region, "lead_authority": lead, "asks_extra_means": line["demande_moyens"],
                "qpv": " ".join(line["qpv"]), "qpv_population": line["population_qpv"], "lead_college": school,
            },
            {
                "name": "nom", "communes": "communes", "departement": "departement",
                "region": "departement" if "departement" in headers else "region",
                "lead_authority": "chef_de_file", "asks_extra_means": "demande_moyens", "qpv": "qpv",
                "qpv_population": "population_qpv", "lead_college": "college_tete",
            },
        )  # fmt: skip

    # Contacts

    def _contact(self, line: Line) -> Iterator[Wanted]:
        perimeter = self.named(line, "perimetre", self.references.perimeter, self.codes)
        if line["canal"]:
            self._check_channel(line)
        yield self.wanted(
            line, "",
            {"role": line["role"], "perimeter": perimeter, "email": line["courriel"], "name": line["nom"],
             "channel": line["canal"], "active": True},
            {"name": "nom", "channel": "canal", "active": ""},
        )  # fmt: skip

    def _check_channel(self, line: Line) -> None:
        from notifications.gateway import channel_fault  # here: Apprise loads a hundred channels, few tables name one

        fault = channel_fault(line["canal"])
        if fault:
            self.refuse(
                line, "canal", fault,
                "écrire une adresse qu’Apprise connaît, par exemple mmosts://mattermost.exemple.fr/jeton ou "
                "matrixs://compte:secret@exemple.fr/#salon, ou vider la cellule",
            )  # fmt: skip
            schema, separator, _ = line["canal"].partition("://")
            self.faults[-1] = replace(self.faults[-1], value=f"{schema}://…" if separator else "…")  # it may be secret

    def _retire_contacts(self, changes: Changes) -> None:
        """The file's list of contacts of a role and perimeter is the list: who is no longer in it is kept, inactive."""
        listed: dict[tuple[str, str], Wanted] = {}
        for fact in changes.standing:
            if fact.wanted is not None:
                listed.setdefault((fact.values["role"], fact.values["perimeter"]), fact.wanted)
        for each in self.stored("contacts", None):
            line = listed.get((each.values["role"], each.values["perimeter"]))
            if line is None or not each.values["active"] or each.id in changes.matched:
                continue
            changes.corrections.append(Correction(stored=each, after={"active": False}, action="replaced"))
            self.warnings.append(
                Fault(
                    file=line.file,
                    row=line.row,
                    column="courriel",
                    value=each.values["email"],
                    problem=f"ce contact ({each.values['role'].value}, {each.values['perimeter']}) est remplacé : "
                    "il n’est plus dans la liste",
                    cure="remettre sa ligne dans le tableau s’il doit encore recevoir les courriels",
                )
            )

    # What hangs on a territory

    def _piece(self, line: Line) -> Iterator[Wanted]:
        territory, zone = self.territory_of(line)
        found = self.named(line, "piece", self.references.requirement)
        if found is None:
            return
        requirement, occurrence = found
        parts = self.named(line, "parties", lambda text: self.references.parts(requirement, text))
        if line["statut"] == PieceStatus.REFUSED and not line["motif"]:
            self.warn(line, "motif", "pièce refusée sans motif", "écrire le motif : le courriel de relance le cite")
        if line.spoilt:
            return
        instant = line["date"].instant(zone)
        for part in parts:
            yield self.wanted(
                line, territory,
                {"requirement": requirement.code, "occurrence": occurrence, "part": part, "status": line["statut"],
                 "at": instant, "reason": line["motif"], "file": line["fichier"]},
                {"reason": "motif", "file": "fichier"},
            )  # fmt: skip

    def _funding(self, line: Line) -> Iterator[Wanted]:
        territory, _ = self.territory_of(line)
        yield self.wanted(
            line, territory,
            {"year": line["annee"], "funder": line["financeur"], "purpose": line["objet"], "kind": line["nature"],
             "mainstream": line["droit_commun"], "planned": line["prevu"], "notified": line["notifie"],
             "paid": line["verse"]},
            {"planned": "prevu", "notified": "notifie", "paid": "verse"},
        )  # fmt: skip

    def _envelope(self, line: Line) -> Iterator[Wanted]:
        departement = self.named(line, "departement", self.references.departement)
        yield self.wanted(
            line, "", {"departement": departement, "year": line["annee"], "amount": line["montant"]},
            {"amount": "montant"},
        )  # fmt: skip

    def _decision(self, line: Line) -> Iterator[Wanted]:
        territory, zone = self.territory_of(line)
        if line.spoilt:
            return
        yield self.wanted(
            line, territory,
            {"verdict": line["decision"], "day": line["date"].day(zone), "authority": line["autorite"],
             "grounds": line["motif"]},
            {"authority": "autorite", "grounds": "motif"},
        )  # fmt: skip

    def _extension(self, line: Line) -> Iterator[Wanted]:
        territory, zone = self.territory_of(line)
        deadline = self.named(line, "echeance", self.references.obligation)
        if line.spoilt:
            return
        new_due, granted_on = line["nouvelle_date"].day(zone), line["accordee_le"].day(zone)
        due = self._general_due(deadline, granted_on)
        if new_due <= due:
            self.warn(
                line,
                "nouvelle_date",
                f"cette date n’est pas postérieure à l’échéance de la campagne ({_french(due)})",
                "vérifier la nouvelle date",
            )
        yield self.wanted(
            line, territory,
            {"deadline": deadline, "new_due": new_due, "granted_on": granted_on, "authority": line["autorite"],
             "grounds": line["motif"], "reference": line["reference"]},
            {"authority": "autorite", "grounds": "motif", "reference": "reference"},
        )  # fmt: skip

    def _general_due(self, obligation: str, day: date) -> date:
        dates = self.programme.deadline_of(obligation).occurrences[obligation.partition(":")[2]]
        return [each.date for each in dates if each.since is None or each.since <= day][-1]

    def _withdrawal(self, line: Line) -> Iterator[Wanted]:
        territory, zone = self.territory_of(line)
        if line.spoilt:
            return
        yield self.wanted(
            line, territory, {"day": line["date"].day(zone), "grounds": line["motif"]}, {"grounds": "motif"}
        )

    def _convention(self, line: Line) -> Iterator[Wanted]:
        territory, zone = self.territory_of(line)
        if line.spoilt:
            return
        first_day, last_day = line["debut"].day(zone), line["fin"].day(zone)
        if last_day < first_day:
            self.refuse(
                line,
                "fin",
                f"la convention finirait avant son début ({_french(first_day)})",
                "remettre les deux dates dans l’ordre",
            )
        yield self.wanted(
            line, territory,
            {"first_day": first_day, "last_day": last_day, "signed_on": day_of(line["signee_le"], zone),
             "city_contract_end": day_of(line["fin_contrat_de_ville"], zone)},
            {"last_day": "fin", "signed_on": "signee_le", "city_contract_end": "fin_contrat_de_ville"},
        )  # fmt: skip

    def _operation(self, line: Line) -> Iterator[Wanted]:
        territory, zone = self.territory_of(line)
        axis = self.named(line, "axe", self.references.axis) if line["axe"] else ""
        if isinstance(line.row.cells.get("axe"), float) and axis:
            self.warn(
                line,
                "axe",
                f"axe lu comme {axis} : un nombre ne distingue pas 2.1 et 2.10",
                "écrire l’axe comme un texte",
            )
        if line.spoilt:
            return
        opening = declares_an_opening(line["libelle"])  # neither a receipt nor an expense: nobody pays it, for no axis
        if line["sens"] is Direction.RECEIPT and not line["financeur"] and not opening:
            self.warn(line, "financeur", "recette sans financeur", "indiquer qui verse")
        if line["sens"] is Direction.EXPENSE and not axis and not opening:
            self.warn(line, "axe", "dépense sans axe", "indiquer l’axe du programme, de 1.1 à 3.7")
        day = line["date"].day(zone)
        yield self.wanted(
            line, territory,
            {"year": line["annee"] or day.year, "day": day, "direction": line["sens"],
             "funder": line["financeur"].value if line["financeur"] else "", "axis": axis, "label": line["libelle"],
             "amount": line["montant"], "several_schools": line["plusieurs_etablissements"],
             "outside_partner": line["partenaire_exterieur"]},
            {"several_schools": "plusieurs_etablissements", "outside_partner": "partenaire_exterieur"},
        )  # fmt: skip

    # One row, one fact

    def _once(self, shape: Shape, wanted: list[Wanted]) -> list[Wanted]:
        """Rows that say twice the same are one; rows that contradict each other are a fault of the later one."""
        first: dict[tuple[Any, ...], Wanted] = {}
        for each in wanted:
            before = first.setdefault(shape.key(each.territory, each.values), each)
            differs = any(each.values[name] != before.values[name] for name in each.stated & before.stated)
            if differs:
                self.faults.append(
                    Fault(
                        file=each.file, row=each.row,
                        value=_shown_key(shape, each),
                        problem=f"ce que dit la ligne {before.row} est redit autrement"
                        + (f" ({before.file})" if before.file != each.file else ""),
                        cure="ne garder que la bonne ligne",
                    )
                )  # fmt: skip
        return list(first.values())

    # The order in which things may happen (E241)

    def _check_sequence(self, changed: dict[str, Changes]) -> None:
        names = ("decisions", "desistements", "conventions")
        touched = {
            fact.territory
            for name in (*names, "financements")
            if name in changed
            for fact in changed[name].standing
            if fact.wanted is not None
        }
        if not touched:
            return
        facts: dict[str, dict[str, list[Fact]]] = {}
        for name in names:
            known = {each.territory for each in changed[name].standing} if name in changed else set()
            standing = list(changed[name].standing) if name in changed else []
            standing += compare(
                SHAPES[name], [], [each for each in self.stored(name, touched - known) if each.territory not in known]
            ).standing
            facts[name] = defaultdict(list)
            for fact in standing:
                facts[name][fact.territory].append(fact)
        for territory in sorted(touched):
            decisions = sorted(facts["decisions"][territory], key=lambda fact: fact.values["day"])
            self._check_conventions(decisions, facts["conventions"][territory])
            self._check_withdrawals(decisions, facts["desistements"][territory])
        if "financements" in changed:
            self._check_payments(changed["financements"], facts["conventions"])

    def _check_conventions(self, decisions: list[Fact], conventions: list[Fact]) -> None:
        for convention in conventions:
            signed_on = convention.values["signed_on"]
            if signed_on is None or _verdict(decisions, signed_on) is Verdict.LABELLED:
                continue
            if convention.wanted is not None:
                label = next(
                    (each.values["day"] for each in decisions if each.values["verdict"] is Verdict.LABELLED), None
                )
                self._refuse_fact(
                    convention.wanted, "signee_le", _french(signed_on),
                    f"convention signée avant le label du {_french(label)} (E241)" if label and label > signed_on
                    else "convention signée sans label à cette date (E241)",
                    "vérifier la date de signature, ou inscrire d’abord le label au tableau decisions",
                )  # fmt: skip
                continue
            for decision in decisions:
                if decision.wanted is not None and decision.values["day"] <= signed_on:
                    self._refuse_fact(
                        decision.wanted, "decision", decision.values["verdict"].value,
                        f"la convention signée le {_french(signed_on)} n’aurait plus de label à cette date (E241)",
                        "vérifier la date de la décision, ou corriger d’abord la convention",
                    )  # fmt: skip

    def _check_withdrawals(self, decisions: list[Fact], withdrawals: list[Fact]) -> None:
        for withdrawal in withdrawals:
            day = withdrawal.values["day"]
            if _verdict(decisions, date.fromordinal(day.toordinal() - 1)) is Verdict.LABELLED:
                continue
            for label in decisions:
                if label.values["verdict"] is not Verdict.LABELLED or label.values["day"] < day:
                    continue
                if label.wanted is not None:
                    self._refuse_fact(
                        label.wanted, "date", _french(label.values["day"]),
                        f"ce territoire s’est désisté le {_french(day)} : il ne peut plus être labellisé (E241)",
                        "retirer cette ligne, ou corriger le désistement",
                    )  # fmt: skip
                elif withdrawal.wanted is not None:
                    self._refuse_fact(
                        withdrawal.wanted, "date", _french(day),
                        f"un label a été donné le {_french(label.values['day'])}, après ce désistement (E241)",
                        "vérifier la date du désistement",
                    )  # fmt: skip

    def _check_payments(self, funding: Changes, conventions: dict[str, list[Fact]]) -> None:
        for fact in funding.standing:
            values = fact.values
            if fact.wanted is None or values["funder"] is not Funder.VILLE or not values["paid"]:
                continue
            signatures = [each.values["signed_on"] for each in conventions[fact.territory]]
            if not any(signed_on and signed_on.year <= values["year"] for signed_on in signatures):
                self.warnings.append(
                    Fault(
                        file=fact.wanted.file,
                        row=fact.wanted.row,
                        column="verse",
                        value=_euros(values["paid"]),
                        problem=f"crédits de la ville versés en {values['year']} alors qu’aucune convention "
                        "n’est signée à la fin de cette année (E241)",
                        cure="vérifier le versement, ou inscrire la convention signée au tableau conventions",
                    )
                )

    def _refuse_fact(self, wanted: Wanted, column: str, value: str, problem: str, cure: str) -> None:
        self.faults.append(
            Fault(file=wanted.file, row=wanted.row, column=column, value=value, problem=problem, cure=cure)
        )


def _verdict(decisions: list[Fact], day: date) -> Verdict | None:
    """The last decision on `day`; `decisions` stand by day, equals in the order of the table."""
    last = None
    for each in decisions:
        if each.values["day"] <= day:
            last = each.values["verdict"]
    return last


def _commune_in(commune: str, departement: str) -> bool:
    """A commune's code begins with its département's; Saint-Martin's and Saint-Barthélemy's once began with 971."""
    return commune.startswith(departement) or (departement in ("977", "978") and commune.startswith("971"))


def _shown_key(shape: Shape, wanted: Wanted) -> str:
    parts = [wanted.territory, *(str(wanted.values[name]) for name in shape.identity)]
    return ", ".join(part for part in parts if part)


def _french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"
