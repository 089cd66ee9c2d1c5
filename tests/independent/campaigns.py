"""What does a hard but lawful campaign look like?

A seed makes a campaign file and its tables, full of what goes wrong in a real one: pieces refused and received again,
hours on the edge of 09:00, roles with nobody, several extensions, corrected decisions, amounts typed by hand. The same
seed and options always write the same bytes. What it writes keeps to the life of a dossier: no convention nor payment
of the ville before the label and the signature, nothing decided after a withdrawal.
"""

import csv
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import yaml

# (département, région, académie); the first ones are the odd ones, and come first in every campaign
PLACES = [
    ("59", "32", "Lille"), ("974", "04", "La Réunion"), ("67", "44", "Strasbourg"), ("971", "01", "Guadeloupe"),
    ("976", "06", "Mayotte"), ("973", "03", "Guyane"), ("57", "44", "Nancy-Metz"), ("972", "02", "Martinique"),
    ("978", "978", "Guadeloupe"), ("02", "32", "Amiens"), ("68", "44", "Strasbourg"), ("93", "11", "Créteil"),
    ("62", "32", "Lille"), ("60", "32", "Amiens"), ("80", "32", "Amiens"), ("13", "93", "Aix-Marseille"),
    ("25", "27", "Besançon"), ("45", "24", "Orléans-Tours"), ("54", "44", "Nancy-Metz"), ("69", "84", "Lyon"),
    ("76", "28", "Normandie"), ("38", "84", "Grenoble"), ("95", "11", "Versailles"), ("51", "44", "Reims"),
    ("31", "76", "Toulouse"), ("34", "76", "Montpellier"), ("44", "52", "Nantes"), ("35", "53", "Rennes"),
    ("33", "75", "Bordeaux"), ("86", "75", "Poitiers"), ("87", "75", "Limoges"), ("63", "84", "Clermont-Ferrand"),
    ("21", "27", "Dijon"), ("06", "93", "Nice"), ("75", "11", "Paris"), ("2A", "94", "Corse"),
]  # fmt: skip
ZONES = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "976": "Indian/Mayotte", "978": "America/Marigot",
}  # fmt: skip
ROLES = [
    "chef_de_file", "prefet", "dasen", "prefet_region", "recteur", "principal", "chef_projet", "referent_prefecture",
    "referent_collectivite", "caf", "departement", "region", "coordination",
]  # fmt: skip
PARTS = {
    "diagnostic": ["scolaire", "social", "urbain", "insertion"],
    "etat-des-lieux": ["document"],
    "strategie": ["objectif-1", "objectif-2", "objectif-3"],
    "gouvernance": ["document", "association-habitants"],
    "indicateurs": ["moyens", "resultats"],
    "protocole-evaluation": ["document"],
    "engagements": ["document"],
    "moyens-complementaires": ["document"],
    "partenaires": ["document"],
    "referents": ["education", "prefecture", "collectivite", "chef-de-projet"],
    "demande-labellisation": ["visa-prefet", "visa-dasen"],
    "cellule-evitement": ["protocole", "charte"],
    "saisine-caf": ["document"],
    "saisine-departement-region": ["document"],
    "programme-action": ["document"],
    "engagements-partenaires": ["moyens-humains", "moyens-materiels", "apport-financier"],
    "plan-financement": ["document"],
    "bilan-fonds": ["compte", "actions"],
    "convention": ["signature-prefet", "signature-education", "signature-collectivite"],
    "annexe-contrat-de-ville": ["document"],
}
CANDIDATURE = list(PARTS)[:14]
ACTION_PLAN = ["programme-action", "engagements-partenaires", "plan-financement"]
CONVENTION = ["convention", "annexe-contrat-de-ville"]
PROFILES = ["complete", "complete", "complete", "late", "late", "visa", "partial", "partial", "nothing"]
NAMES = ["Cité de l'Île-Haute", "Les Œillets", "Grand-Parc, secteur n° 2", "Val d'Août", "Bellevue"]
FUNDERS = [
    "ville", "education", "etat_autre", "commune", "intercommunalite", "departement", "region", "caf", "autre_public",
    "prive",
]  # fmt: skip
MOTIFS = [
    "Document illisible ; merci de le transmettre à nouveau",
    "Il manque la signature de l'élu, à la page 3",
    "Périmètre différent de celui du contrat de ville",
    "Version « projet » : la version définitive est attendue",
]
ACCENTED = {
    "departement": "département", "region": "région", "perimetre": "périmètre", "annee": "année", "prevu": "prévu",
    "notifie": "notifié", "verse": "versé", "decision": "décision", "autorite": "autorité", "echeance": "échéance",
    "accordee_le": "accordée_le", "reference": "référence", "debut": "début", "signee_le": "signée_le",
    "college_tete": "collège_tête", "piece": "pièce", "role": "rôle",
}  # fmt: skip
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
}
Row = list[str]


@dataclass(kw_only=True)
class Draft:
    """The campaign being written: its dates, and the rows of its tables."""

    random: Random
    code: str
    year: int
    opens: date
    candidature: date
    action_plan: date
    convention: date
    occurrences: dict[int, date]
    moved: tuple[str, date, date] | None = None  # deadline, new date, since
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    def due(self, deadline: str) -> date:
        kind, _, year = deadline.partition(":")
        return self.occurrences[int(year)] if year else getattr(self, kind)


@dataclass(frozen=True, kw_only=True)
class Cite:
    code: str
    departement: str
    region: str
    academie: str
    extra_means: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(ZONES.get(self.departement, "Europe/Paris"))


def write_campaign(
    folder: Path, *, seed: int, territories: int = 83, opens: date | None = None, moves: bool | None = None
) -> Path:
    """Writes `campaign.yaml` and `tables/*.csv` under the folder; returns the path of the campaign file.

    `opens` is drawn from the seed unless given. `moves` says whether a date moves for everybody (one seed in three
    unless given).
    """
    random = Random(seed)
    draft = draft_dates(random, seed, opens)
    if moves if moves is not None else seed % 3 == 0:
        move_one_date(draft)
    cites = draw_territories(draft, territories)
    draw_contacts(draft, cites)
    for cite in cites:
        draw_dossier(draft, cite)
    draw_envelopes(draft, cites)
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(draft, folder / "tables")
    path = folder / "campaign.yaml"
    path.write_text(campaign_text(draft), encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------ dates


def draft_dates(random: Random, seed: int, opens: date | None) -> Draft:
    """Opening in autumn, candidature in winter, action plan around the holidays of May, convention in early summer."""
    if opens is None:
        year = random.choice([2019, 2020, 2022, 2023, 2024, 2025])
        opens = date(year - 1, 9, 15) + timedelta(days=random.randrange(90))
    candidature = opens + timedelta(days=random.randint(95, 160))
    year = candidature.year
    action_plan = date(year, 4, 26) + timedelta(days=random.randrange(45))
    if not timedelta(days=50) <= action_plan - candidature <= timedelta(days=150):
        action_plan = candidature + timedelta(days=random.randint(60, 110))
    return Draft(
        random=random,
        code=f"{year}-s{seed}",
        year=year,
        opens=opens,
        candidature=candidature,
        action_plan=action_plan,
        convention=action_plan + timedelta(days=random.randint(20, 70)),
        occurrences={y: date(y + 1, 3, 1) + timedelta(days=random.randrange(100)) for y in range(year, year + 3)},
    )


def move_one_date(draft: Draft) -> None:
    deadline = draft.random.choice(["candidature", "action_plan", "convention"])
    due = draft.due(deadline)
    since = due + timedelta(days=draft.random.randint(-45, 8))
    draft.moved = (deadline, due + timedelta(days=draft.random.randint(9, 40)), since)


def campaign_text(draft: Draft) -> str:
    def entry(deadline: str) -> object:
        first = {"date": draft.due(deadline), "assumption": "a date drawn at random"}
        if draft.moved is None or draft.moved[0] != deadline:
            return first
        _, moved, since = draft.moved
        return [first, {"date": moved, "since": since, "assumption": "moved for everybody"}]

    content = {
        "campaign": draft.code,
        "title": f"Campagne {draft.code}",
        "edition": "vade-mecum-2020",
        "opens": draft.opens,
        "assumption": "dates drawn at random",
        "deadlines": {
            "candidature": entry("candidature"),
            "action_plan": entry("action_plan"),
            "convention": entry("convention"),
            "fund_report": {"occurrences": draft.occurrences, "assumption": "dates drawn at random"},
        },
        "convention": {
            "start": date(draft.year, 1, 1),
            "end": date(draft.year + 2, 12, 31),
            "assumption": "three years from the first of January",
        },
        "tables": "tables/",
    }
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    return text


# ------------------------------------------------------------------------------------------------ who


def draw_territories(draft: Draft, count: int) -> list[Cite]:
    random = draft.random
    places = [PLACES[number] if number < len(PLACES) else random.choice(PLACES) for number in range(count)]
    cites = []
    for number, (departement, region, academie) in enumerate(places, start=1):
        cite = Cite(
            code=f"cite-{departement.lower()}-{number}",
            departement=departement,
            region=region,
            academie=academie,
            extra_means=random.random() < 0.3,
        )
        cites.append(cite)
        width = 5 - len(departement)
        communes = sorted(
            {
                f"{departement}{random.randint(1, 10**width - 1):0{width}d}"
                for _ in range(random.choice([1, 1, 1, 2, 4]))
            }
        )
        qpv = [f"QP{departement.zfill(3)}{n:03d}" for n in sorted(random.sample(range(1, 60), random.randint(1, 3)))]
        draft.tables["territoires"].append(
            [
                cite.code,
                random.choice(NAMES),
                " ".join(communes),
                departement,
                region,
                "commune" if len(communes) == 1 else "intercommunalite",
                "oui" if cite.extra_means else "non",
                " ".join(qpv),
                str(random.randint(1200, 45_000)) if random.random() < 0.7 else "",
                uai(departement, random.randint(1, 9999)),
            ]
        )
    return cites


def uai(departement: str, number: int) -> str:
    """A school number with its check letter; Corse-du-Sud is 620, Saint-Martin belongs to Guadeloupe's series."""
    digits = {"2A": "620", "978": "971"}.get(departement, departement.zfill(3)) + f"{number:04d}"
    return digits + "ABCDEFGHJKLMNPRSTUVWXYZ"[int(digits) % 23]


def draw_contacts(draft: Draft, cites: list[Cite]) -> None:
    """Every role has its natural perimeter, some have two readers, some none; a few have an unexpected perimeter."""
    random = draft.random
    perimeters: list[tuple[str, str]] = [("coordination", "national")]
    if random.random() < 0.5:
        perimeters.append(("coordination", "national"))
    for departement in sorted({cite.departement for cite in cites}):
        perimeters += [(role, f"departement:{departement}") for role in ("prefet", "dasen") if random.random() < 0.85]
        perimeters += [
            (role, f"departement:{departement}") for role in ("prefet", "caf", "departement") if random.random() < 0.2
        ]
    for academie in sorted({cite.academie for cite in cites}):
        perimeters += [("recteur", f"academie:{academie}")] * random.choice([0, 1, 1, 1, 2])
    for region in sorted({cite.region for cite in cites}):
        perimeters += [("prefet_region", f"region:{region}")] * random.choice([0, 1, 1, 1, 2])
        perimeters += [("region", f"region:{region}")] * random.choice([0, 1])
        if region not in ("01", "978"):  # one académie for two régions there: whose rector a région has is not said
            perimeters += [("recteur", f"region:{region}")] * random.choice([0, 0, 0, 0, 1])
    for cite in cites:
        for role in ("chef_de_file", "principal", "chef_projet"):
            perimeters += [(role, cite.code)] * random.choice([0, 1, 1, 1, 1, 1, 1, 2])
        for role in ("prefet", "dasen", "referent_prefecture", "referent_collectivite", "coordination"):
            perimeters += [(role, cite.code)] * random.choice([0, 0, 0, 0, 0, 0, 0, 1])
    for role in random.sample(ROLES, 5):
        cite = random.choice(cites)
        kinds = [f"departement:{cite.departement}", f"academie:{cite.academie}", "national"]
        if role != "recteur":
            kinds.append(f"region:{cite.region}")
        perimeters.append((role, random.choice(kinds)))
    random.shuffle(perimeters)
    for number, (role, perimeter) in enumerate(perimeters, start=1):
        name = f"{role.replace('_', ' ').capitalize()} — {perimeter}"
        local = f"{role}.{plain(perimeter)}.{number}".replace("_", "-")
        draft.tables["contacts"].append([role, perimeter, name, f"{local}@{draft.code}.test", ""])


def plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() else "-" for letter in bare)


# ------------------------------------------------------------------------------------------------ one dossier


def draw_dossier(draft: Draft, cite: Cite) -> None:
    random = draft.random
    profile = random.choice(PROFILES)
    requirements = [
        name
        for name in CANDIDATURE
        if not (name == "moyens-complementaires" and not cite.extra_means and random.random() < 0.9)
        and not (name == "cellule-evitement" and cite.region != "32")
    ]
    draw_candidature(draft, cite, requirements, profile)
    label = draw_decisions(draft, cite)
    if label is None:
        draw_lines(draft, cite, signed=[])
        return
    signed = draw_conventions(draft, cite, label)
    after = max(label, draft.action_plan - timedelta(days=70))
    draw_obligation(draft, cite, ACTION_PLAN, after, draft.action_plan + timedelta(days=25))
    draw_obligation(draft, cite, CONVENTION, label + timedelta(days=1), draft.convention + timedelta(days=30))
    for year, due in draft.occurrences.items():
        draw_obligation(draft, cite, ["bilan-fonds"], due - timedelta(days=80), due + timedelta(days=25), year=year)
    for deadline in ("action_plan", "convention", *(f"fund_report:{year}" for year in draft.occurrences)):
        draw_extensions(draft, cite, deadline, not_before=label - timedelta(days=5 if random.random() < 0.15 else 0))
    draw_lines(draft, cite, signed=signed)


def draw_candidature(draft: Draft, cite: Cite, requirements: list[str], profile: str) -> None:
    random = draft.random
    first, last = draft.opens - timedelta(days=3), draft.candidature - timedelta(days=1)
    if profile == "nothing":
        return
    if profile == "late":
        first, last = draft.candidature - timedelta(days=20), draft.candidature + timedelta(days=16)
    for name in requirements:
        if profile == "partial" and random.random() < 0.5:
            continue
        parts = list(PARTS[name])
        if profile == "visa" and name == "demande-labellisation":
            parts.remove(random.choice(parts))
        deliver(draft, cite, name, parts, first, last, trouble=0.25 if profile == "complete" else 1.0)


def draw_obligation(
    draft: Draft, cite: Cite, names: list[str], first: date, last: date, year: int | None = None
) -> None:
    random = draft.random
    share = random.choice([0.0, 0.5, 1.0, 1.0])
    for name in names:
        if random.random() < share:
            parts = list(PARTS[name])
            if len(parts) > 1 and random.random() < 0.2:
                parts.remove(random.choice(parts))
            deliver(draft, cite, f"{name}@{year}" if year else name, parts, first, max(first, last))


def deliver(
    draft: Draft, cite: Cite, piece: str, parts: list[str], first: date, last: date, *, trouble: float = 1.0
) -> None:
    """The whole requirement in one row, or part by part; each delivery has its own history.

    `trouble` scales how often something goes wrong with it.
    """
    random = draft.random
    whole = random.random() < 0.6
    for delivered in [parts] if whole else [[part] for part in parts]:
        day = first + timedelta(days=random.randint(0, (last - first).days))
        instant, text = draw_instant(random, day, cite.zone)
        history = [("recue", text)]
        chance = random.random() / trouble
        if chance < 0.06:
            history = [("recue", text), ("refusee", text)]
        elif chance < 0.1:
            history = [("refusee", text), ("recue", text)]
        elif chance < 0.3:
            later, again = draw_instant(random, instant.date() + timedelta(days=random.randint(1, 9)), cite.zone)
            history.append((random.choice(["refusee", "refusee", "refusee", "retiree"]), again))
            if random.random() < 1 - 0.3 * trouble:
                history.append(
                    ("recue", draw_instant(random, later.date() + timedelta(days=random.randint(1, 12)), cite.zone)[1])
                )
        if random.random() < 0.08 and instant.date() - timedelta(days=2) >= first:
            history.insert(0, ("recue", draw_instant(random, instant.date() - timedelta(days=2), cite.zone)[1]))
        for status, when in history:
            some = delivered
            if status != "recue" and len(delivered) > 1 and random.random() < 0.5:
                some = random.sample(delivered, random.randint(1, len(delivered) - 1))
            motif = random.choice(MOTIFS) if status == "refusee" else ""
            file = f"{piece.replace('@', '-')}.pdf" if random.random() < 0.5 else ""
            draft.tables["pieces"].append([cite.code, piece, " ".join(some), status, when, motif, file])


def draw_instant(random: Random, day: date, zone: ZoneInfo) -> tuple[datetime, str]:
    """An instant of that day, and one of the ways in which people and machines write it."""
    kind = random.random()
    if kind < 0.4:
        return datetime.combine(day, time(0), zone), typed_day(random, day)
    hour = time(9) if random.random() < 0.3 else time(random.randint(6, 21), random.choice([0, 0, 30, 59]))
    local = datetime.combine(day, hour, zone)
    if kind < 0.7:
        written = [
            f"{day.isoformat()}T{hour:%H:%M}",
            f"{day.isoformat()} {hour:%H:%M:%S}",
            f"{day:%d/%m/%Y} {hour:%H:%M}",
        ]
        return local, random.choice(written)
    if kind < 0.85:
        return local, local.isoformat()
    if kind < 0.93:  # the national desk's own clock
        paris = datetime.combine(day, hour, ZoneInfo("Europe/Paris"))
        return paris.astimezone(zone), paris.isoformat()
    return local, local.astimezone(UTC).isoformat()


def typed_day(random: Random, day: date) -> str:
    return day.isoformat() if random.random() < 0.6 else f"{day:%d/%m/%Y}"


def draw_decisions(draft: Draft, cite: Cite) -> date | None:
    """What the ministers decide, or that the territory gives up; the day of the first label if it ends labelled."""
    random = draft.random
    day = draft.candidature + timedelta(days=random.randint(8, 40))
    kind = random.random()
    if kind < 0.62:
        draw_extensions(draft, cite, "candidature", not_before=draft.opens, until=day - timedelta(days=1))
        decide(draft, cite, "labellise", day)
        if random.random() < 0.1:
            decide(draft, cite, "labellise", day + timedelta(days=random.choice([0, 3, 8])), correction=True)
        if random.random() < 0.06:
            decide(draft, cite, "refuse", day + timedelta(days=random.choice([0, 12, 30])), correction=True)
            return None
        return day
    if kind < 0.68:
        decide(draft, cite, "refuse", day)
        if random.random() < 0.5:
            return None
        later = day + timedelta(days=random.choice([0, 1, 9]))
        decide(draft, cite, "labellise", later, correction=True)
        return later
    if kind < 0.82:
        decide(draft, cite, random.choice(["ajourne", "ajourne", "refuse"]), day)
        granted = day + timedelta(days=random.choice([0, 0, 2, 11]))
        new_date = granted + timedelta(days=random.randint(12, 50))
        if random.random() < 0.75:
            extend(draft, cite, "candidature", new_date, granted)
        if random.random() < 0.15:
            withdraw(draft, cite, granted + timedelta(days=random.randint(1, 20)))
            return None
        if random.random() < 0.5:
            return None
        later = new_date + timedelta(days=random.randint(-6, 15))
        word = random.choice(["labellise", "labellise", "refuse"])
        decide(draft, cite, word, later)
        return later if word == "labellise" else None
    if kind < 0.9:
        draw_extensions(
            draft, cite, "candidature", not_before=draft.opens, until=draft.candidature - timedelta(days=30)
        )
        withdraw(draft, cite, draft.candidature + timedelta(days=random.randint(-25, 9)))
        return None
    draw_extensions(draft, cite, "candidature", not_before=draft.opens)
    return None


def decide(draft: Draft, cite: Cite, word: str, day: date, *, correction: bool = False) -> None:
    motif = "Correction de la décision précédente" if correction else "Avis du comité national"
    line = [cite.code, word, typed_day(draft.random, day), "Ministres chargés de la ville et de l'éducation", motif]
    draft.tables["decisions"].append(line)


def withdraw(draft: Draft, cite: Cite, day: date) -> None:
    draft.tables["desistements"].append([cite.code, typed_day(draft.random, day), "Délibération du conseil municipal"])


def draw_extensions(draft: Draft, cite: Cite, deadline: str, *, not_before: date, until: date | None = None) -> None:
    """None, one or several; each new date is after the deadline's own date and after the day it is granted."""
    random = draft.random
    due = draft.due(deadline)
    last = until or due + timedelta(days=12)
    for _ in range(random.choice([0, 0, 0, 0, 1, 1, 2, 3])):
        granted = due + timedelta(days=random.randint(-50, 12))
        if random.random() < 0.15:
            granted = due - timedelta(days=7)
        if not_before <= granted <= last:
            extend(draft, cite, deadline, max(due, granted) + timedelta(days=random.randint(3, 45)), granted)


def extend(draft: Draft, cite: Cite, deadline: str, new_date: date, granted: date) -> None:
    random = draft.random
    number = len(draft.tables["prorogations"]) + 1
    draft.tables["prorogations"].append(
        [
            cite.code,
            deadline,
            typed_day(random, new_date),
            typed_day(random, granted),
            "Coordination nationale",
            "Élections, puis congés d'été",
            f"PR-{number}",
        ]
    )


def draw_conventions(draft: Draft, cite: Cite, label: date) -> list[date]:
    """The signature days. Some end early, so that the watch begins early; some are followed, some not signed."""
    random = draft.random
    if random.random() < 0.2:
        return []
    starts = date(draft.year, 1, 1)
    ends = date(draft.year + random.choice([0, 1, 1, 2, 2]), 12, 31)
    if random.random() < 0.4:
        ends = max(label, draft.convention) + timedelta(days=random.randint(150, 700))
    if random.random() < 0.07:
        draft.tables["conventions"].append([cite.code, starts.isoformat(), typed_day(random, ends), "", ""])
        return []
    last_decision = label + timedelta(days=9)
    signed = [last_decision + timedelta(days=random.randint(1, 90))]
    contract = typed_day(random, date(draft.year + 1, 12, 31))
    draft.tables["conventions"].append(
        [cite.code, typed_day(random, starts), typed_day(random, ends), typed_day(random, signed[0]), contract]
    )
    if random.random() < 0.4:
        follows = ends + timedelta(days=random.choice([1, 1, 32]))
        signed.append(max(signed[0] + timedelta(days=1), ends - timedelta(days=random.randint(-3, 350))))
        draft.tables["conventions"].append(
            [
                cite.code,
                typed_day(random, follows),
                typed_day(random, follows + timedelta(days=1095)),
                typed_day(random, signed[1]),
                contract,
            ]
        )
    return signed


# ------------------------------------------------------------------------------------------------ money


def draw_lines(draft: Draft, cite: Cite, *, signed: list[date]) -> None:
    """Random lines, no two of one kind; the ville pays only where a convention is signed by the year's end."""
    random = draft.random
    for year in draft.occurrences:
        if random.random() < 0.15:
            continue
        keys = {("ville", "programme", "numeraire", "non")} if random.random() < 0.9 else set()
        for funder in ("ville", "education"):
            if random.random() < 0.7:
                keys.add((funder, "fonds", "numeraire", "non"))
        for _ in range(random.randint(0, 12)):
            funder = random.choice(FUNDERS)
            purpose = random.choice(["programme", "programme", "programme", "fonds"])
            kind = random.choice(["numeraire", "numeraire", "numeraire", "valorisation"])
            keys.add((funder, purpose, kind, random.choice(["non", "non", "non", "oui"])))
        lines = sorted(keys)
        random.shuffle(lines)
        payable = any(day <= date(year, 12, 31) for day in signed)
        for funder, purpose, kind, mainstream in lines:
            planned = draw_amount(random, funder, purpose)
            notified = planned if random.random() < 0.6 else draw_amount(random, funder, purpose)
            paid = random.choice([0, notified, notified, notified // 3, notified + 1, notified + 250_000])
            if funder == "ville" and not payable:
                paid = 0
            amounts = [typed_amount(random, amount) for amount in (planned, notified, paid)]
            draft.tables["financements"].append([cite.code, str(year), funder, purpose, kind, mainstream, *amounts])


def draw_amount(random: Random, funder: str, purpose: str) -> int:
    if purpose == "fonds" and random.random() < 0.75:
        return 1_500_000
    if purpose == "fonds":
        return random.choice([0, 1_499_999, 1_500_001, 750_000, 3_000_000, random.randint(1, 4_000_000)])
    if funder == "ville" and random.random() < 0.08:
        return random.choice([0, 1, 1_000_000])
    return random.choice([random.randint(1, 40_000_000), random.randint(1, 400) * 100_000, random.randint(1, 99)])


def typed_amount(random: Random, cents: int) -> str:
    euros, rest = divmod(cents, 100)
    grouped = f"{euros:,}".replace(",", " ")
    pointed, with_comma = f"{euros}.{rest:02d}", f"{grouped},{rest:02d}"
    ways = [pointed, with_comma, f"{pointed} €", f"{with_comma} €", f"{euros},{rest:02d}"]
    if rest == 0:
        ways += [str(euros), grouped, f"{euros} €"]
    return random.choice(ways)


def draw_envelopes(draft: Draft, cites: list[Cite]) -> None:
    random = draft.random
    for departement in sorted({cite.departement for cite in cites}):
        count = sum(cite.departement == departement for cite in cites)
        for year in draft.occurrences:
            if random.random() < 0.8:
                amount = typed_amount(random, random.randint(1, 20_000_000) * count)
                draft.tables["enveloppes"].append([departement, str(year), amount])


# ------------------------------------------------------------------------------------------------ writing


def write_tables(draft: Draft, folder: Path) -> None:
    """Separator, byte order mark, accents and order of the rows vary; rows of one territory keep their order."""
    random = draft.random
    folder.mkdir(parents=True, exist_ok=True)
    separator = random.choice([";", ","])
    encoding = random.choice(["utf-8", "utf-8-sig"])
    accents = random.random() < 0.5
    for name, columns in COLUMNS.items():
        header = [ACCENTED.get(column, column) if accents else column for column in columns.split()]
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, delimiter=separator, lineterminator=random.choice(["\n", "\r\n"]))
            writer.writerow(header)
            writer.writerows(interleaved(random, draft.tables[name]))


def interleaved(random: Random, rows: list[Row]) -> list[Row]:
    """The rows dealt in a random order of territories, each territory's own rows still in their order."""
    owners = [row[0] for row in rows]
    random.shuffle(owners)
    waiting: dict[str, list[Row]] = {}
    for row in rows:
        waiting.setdefault(row[0], []).append(row)
    return [waiting[owner].pop(0) for owner in owners]
