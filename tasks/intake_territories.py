"""What do the tables of territories and of their contacts say?

A file's list of the contacts of a role and perimeter is the list: who is no longer in it is kept, inactive.
"""

from collections.abc import Iterator
from dataclasses import replace

from models.rules.typed_values import is_school
from models.tables import Contact, Territory
from models.words import LeadAuthority
from tasks.faults import Fault
from tasks.intake_lines import Line, Lines, Reader
from tasks.upsert import Changes, Correction, Shape, Wanted

SHAPES = (
    Shape(
        subject="territoires", model=Territory, identity=("code",), of_territory=False,
        correctable=("name", "communes", "departement", "region", "lead_authority", "asks_extra_means", "qpv",
                     "qpv_population", "lead_college"),
    ),
    Shape(
        subject="contacts", model=Contact, identity=("role", "perimeter", "email"), of_territory=False,
        correctable=("name", "channel", "active"), personal=("email", "name", "channel"),
    ),
)  # fmt: skip


def territory(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One territory; what the file leaves out is read off what is stored."""
    code = lines.codes.get(line["code"].casefold(), line["code"])
    if not all(letter.isalnum() or letter in "-_." for letter in code) or code.casefold() == "national":
        lines.refuse(
            line,
            "code",
            "ce code prêterait à confusion",
            "écrire un code de lettres, de chiffres et de tirets, par exemple douai-waziers",
        )
    stored = lines.territories.get(code)
    headers = line.sheet.headers
    for column in ("nom", "departement"):
        absent = column not in headers
        if not line[column] and not (absent and stored) and not line.spoilt:
            lines.refuse(
                line,
                column,
                "valeur manquante",
                f"indiquer {'le nom' if column == 'nom' else 'le département'} du territoire",
            )
    departement = (
        lines.named(line, "departement", lines.references.departement) if line["departement"]
        else stored.values["departement"] if stored else None
    )  # fmt: skip
    region = lines.named(line, "region", lines.references.region, departement) if departement else None
    lead = line["chef_de_file"] or (
        LeadAuthority.INTERCOMMUNALITE if len(line["communes"]) > 1 else LeadAuthority.COMMUNE
    )
    school = line["college_tete"].upper().replace(" ", "")
    if school and not is_school(school):
        lines.warn(
            line,
            "college_tete",
            "ce numéro UAI est faux (sa lettre de contrôle ne convient pas)",
            "vérifier les sept chiffres et la lettre",
        )
    strangers = [each for each in line["communes"] if departement and not _commune_in(each, departement)]
    if strangers:
        lines.warn(
            line,
            "communes",
            f"commune hors du département {departement} : {', '.join(strangers)}",
            "vérifier le code INSEE",
        )
    yield lines.wanted(
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


def _commune_in(commune: str, departement: str) -> bool:
    """A commune's code begins with its département's; Saint-Martin's and Saint-Barthélemy's once began with 971."""
    return commune.startswith(departement) or (departement in ("977", "978") and commune.startswith("971"))


def contact(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One person who holds a role over a perimeter."""
    perimeter = lines.named(line, "perimetre", lines.references.perimeter, lines.codes)
    if line["canal"]:
        _check_channel(lines, line)
    yield lines.wanted(
        line, "",
        {"role": line["role"], "perimeter": perimeter, "email": line["courriel"], "name": line["nom"],
         "channel": line["canal"], "active": True},
        {"name": "nom", "channel": "canal", "active": ""},
    )  # fmt: skip


def _check_channel(lines: Lines, line: Line) -> None:
    from notifications.gateway import channel_fault  # here: Apprise loads a hundred channels, few tables name one

    fault = channel_fault(line["canal"])
    if fault:
        lines.refuse(
            line, "canal", fault,
            "écrire une adresse qu’Apprise connaît, par exemple mmosts://mattermost.exemple.fr/jeton ou "
            "matrixs://compte:secret@exemple.fr/#salon, ou vider la cellule",
        )  # fmt: skip
        schema, separator, _ = line["canal"].partition("://")
        lines.faults[-1] = replace(lines.faults[-1], value=f"{schema}://…" if separator else "…")  # it may be secret


def retire_contacts(lines: Lines, changes: Changes) -> None:
    """Make inactive whom the file no longer lists, with a warning for each."""
    listed: dict[tuple[str, str], Wanted] = {}
    for fact in changes.standing:
        if fact.wanted is not None:
            listed.setdefault((fact.values["role"], fact.values["perimeter"]), fact.wanted)
    for each in lines.stored("contacts", None):
        line = listed.get((each.values["role"], each.values["perimeter"]))
        if line is None or not each.values["active"] or each.id in changes.matched:
            continue
        changes.corrections.append(Correction(stored=each, after={"active": False}, action="replaced"))
        lines.warnings.append(
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


READERS: dict[str, Reader] = {"territoires": territory, "contacts": contact}
