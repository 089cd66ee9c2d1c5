"""Which letters does the programme send, seen on examples?

Each sample is a dossier, an instant and a reader; the real rules decide the letter, so that a sample can say nothing
that the engine would not. The places are real, what happens to them is invented.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from models.rules.calendar import instant
from models.rules.campaign_file import load_campaign, read_campaign_file
from models.rules.completeness import parts_asked
from models.rules.dossier import ConventionFact, DecisionFact, Dossier, ExtensionFact, PieceFact
from models.rules.notices import Recipient
from models.rules.programme import Programme
from models.rules.reminders import due
from models.words import PieceStatus, Role, Verdict
from notifications.facts import Letter, Section
from tasks.sections import section

CAMPAIGN = Path(__file__).parent / "example" / "campaign-2021.yaml"
MINISTERS = "ministre chargée de la ville et ministre de l’éducation nationale, de la jeunesse et des sports"
ADDRESSES = {
    Role.CHEF_DE_FILE: "mairie", Role.PREFET: "prefecture", Role.DASEN: "dsden", Role.PREFET_REGION: "sgar",
    Role.RECTEUR: "rectorat", Role.PRINCIPAL: "college", Role.CHEF_PROJET: "chef-de-projet",
    Role.COORDINATION: "coordination",
}  # fmt: skip
A_DEADLINE_OF_ITS_OWN = """
campaign: "2021"
title: Extension 2021
edition: vade-mecum-2020
opens: 2020-10-15
assumption: "exemple d’une campagne qui ajoute une échéance"
deadlines:
  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}
  revue:
    title: "Revue à mi-parcours"
    object: "la note de revue à mi-parcours de la cité"
    armed_by: label
    date: 2022-06-30
    assumption: "exemple d’une échéance que le texte ne connaît pas"
reminders:
  assumption: "exemple de cadence"
  steps:
    revue:
      - {offset: -30, copies: [], letter: reminder}
      - {offset: 5, copies: [prefet], letter: overdue}
requirements:
  revue:
    note-de-revue:
      title: "Note de revue"
      assumption: "exemple de pièce"
      parts:
        document: {title: "document", owner: chef_projet}
"""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One letter as somebody receives it: its file name, what it is for (in French), its facts, when it leaves."""

    name: str
    purpose: str
    rules: Programme
    letter: Letter
    at: datetime

    @property
    def folders(self) -> tuple[str, ...]:
        """The templates that its sections are written with."""
        return tuple(dict.fromkeys(each.letter for each in self.letter.sections))


@dataclass(frozen=True, kw_only=True)
class _Point:
    """One obligation of one dossier, and the step of it that the sample shows."""

    dossier: Dossier
    step: str
    obligation: str = "candidature"


def programme_of_samples() -> Programme:
    """The example campaign's rules."""
    return load_campaign(read_campaign_file(CAMPAIGN), name=CAMPAIGN.name)


def samples() -> Iterator[Sample]:
    """Every letter, tone and reader worth a look, in the order of a dossier's life."""
    rules = programme_of_samples()
    yield from _of_the_candidature(rules)
    yield from _of_the_decision(rules)
    yield from _after_the_label(rules)
    yield from _elsewhere(rules)
    yield from _of_several(rules)


def _of_the_candidature(rules: Programme) -> Iterator[Sample]:
    bare = _dossier(rules)
    half = _dossier(rules, received=("diagnostic", "etat-des-lieux", "strategie", "gouvernance"))
    visas = _dossier(rules, lacking=("demande-labellisation/visa-prefet", "referents/collectivite"))
    spoilt = replace(
        visas,
        pieces=(
            *visas.pieces,
            _piece("diagnostic", "social", 2021, 2, 15, PieceStatus.REFUSED, "le diagnostic ne porte pas de date"),
            _piece("strategie", "objectif-2", 2021, 2, 16, PieceStatus.TAKEN_BACK),
            _piece("engagements", "document", 2021, 2, 17, PieceStatus.REFUSED),
        ),
    )
    whole = _dossier(rules, lacking=())
    for name, purpose, dossier, role, day, step in (
        ("ouverture", "Inviter un territoire à préparer son dossier", bare, Role.CHEF_DE_FILE, (2020, 10, 15),
         "opening"),
        ("ouverture-prefecture", "Dire à la préfecture ce qu’elle devra", bare, Role.PREFET, (2020, 10, 15),
         "opening"),
        ("candidature-tot", "Rappeler tôt ce qui est à réunir", half, Role.CHEF_DE_FILE, (2021, 1, 29), "-30"),
        ("candidature-proche", "Rappeler ce qui manque à une semaine", half, Role.CHEF_DE_FILE, (2021, 2, 19), "-7"),
        ("candidature-proche-copie", "Tenir informé qui suit le dossier", visas, Role.DASEN, (2021, 2, 19), "-7"),
        ("candidature-pieces-refusees", "Dire pourquoi une pièce reçue manque pourtant", spoilt, Role.CHEF_DE_FILE,
         (2021, 2, 19), "-7"),
        ("candidature-visa-du-prefet", "Demander à un autre que le chef de file ce qu’il doit", visas, Role.PREFET,
         (2021, 2, 19), "-7"),
        ("candidature-derniers-jours", "Dernier rappel avant l’échéance", half, Role.CHEF_DE_FILE, (2021, 2, 26),
         "-2"),
        ("candidature-derniers-jours-copie", "Dernier rappel, lu en copie", visas, Role.DASEN, (2021, 2, 26), "-2"),
        ("candidature-retard", "Dire que l’échéance est passée", half, Role.CHEF_DE_FILE, (2021, 3, 1), "1"),
        ("candidature-retard-copie", "Dire un retard à la région", visas, Role.PREFET_REGION, (2021, 3, 1), "1"),
        ("candidature-retard-signale", "Dire qu’un retard est signalé plus haut", half, Role.CHEF_DE_FILE,
         (2021, 3, 8), "7"),
        ("candidature-retard-signale-copie", "Signaler un retard à la coordination nationale", visas,
         Role.COORDINATION, (2021, 3, 8), "7"),
        ("candidature-complete", "Accuser réception d’un dossier complet", whole, Role.CHEF_DE_FILE, (2021, 1, 11),
         "receipt"),
        ("prorogation", "Dire qu’un délai est accordé", _with_more_time(half), Role.CHEF_DE_FILE, (2021, 2, 22),
         "extension"),
        ("prorogation-copie", "Dire un délai à qui suit le dossier",
         _with_more_time(_dossier(rules, lacking=("indicateurs", "engagements"))), Role.PREFET, (2021, 2, 22),
         "extension"),
    ):  # fmt: skip
        yield _sample(rules, name, purpose, role, date(*day), _Point(dossier=dossier, step=step))


def _of_the_decision(rules: Programme) -> Iterator[Sample]:
    whole = _dossier(rules, lacking=())
    for name, purpose, verdict, role, grounds in (
        ("label-accorde", "Annoncer le label et ce qui le suit", Verdict.LABELLED, Role.CHEF_DE_FILE,
         "dossier complet ; stratégie conforme aux trois objectifs du programme"),
        ("label-accorde-copie", "Annoncer le label au principal, qui tiendra le fonds", Verdict.LABELLED,
         Role.PRINCIPAL, "dossier complet ; stratégie conforme aux trois objectifs du programme"),
        ("label-refuse", "Dire que le dossier n’est pas retenu", Verdict.REFUSED, Role.CHEF_DE_FILE,
         "le périmètre proposé ne comprend pas de quartier prioritaire"),
        ("label-ajourne", "Dire que la décision est remise", Verdict.DEFERRED, Role.CHEF_DE_FILE,
         "périmètre à préciser avec les services de l’État"),
        ("label-ajourne-copie", "Dire un ajournement au recteur", Verdict.DEFERRED, Role.RECTEUR, ""),
    ):  # fmt: skip
        decided = DecisionFact(verdict=verdict, day=date(2021, 3, 26), authority=MINISTERS, grounds=grounds)
        point = _Point(dossier=replace(whole, decisions=(decided,)), step="decision")
        yield _sample(rules, name, purpose, role, date(2021, 3, 26), point)


def _after_the_label(rules: Programme) -> Iterator[Sample]:
    cite = _labelled(rules)
    plan = replace(cite, pieces=(*cite.pieces, _piece("programme-action", "document", 2021, 4, 20)))
    signing = replace(cite, pieces=(*cite.pieces, _piece("convention", "signature-prefet", 2021, 6, 4)))
    running = replace(
        cite,
        conventions=(
            ConventionFact(first_day=date(2021, 1, 1), last_day=date(2023, 12, 31), signed_on=date(2021, 6, 11),
                           city_contract_end=date(2022, 12, 31)),
        ),
    )  # fmt: skip
    followed = replace(
        running,
        conventions=(
            *running.conventions,
            ConventionFact(first_day=date(2024, 1, 1), last_day=date(2026, 12, 31), signed_on=date(2023, 11, 15)),
        ),
    )
    for name, purpose, dossier, role, day, step, obligation in (
        ("programme-action-tot", "Laisser aux partenaires le temps de s’engager", cite, Role.CHEF_PROJET,
         (2021, 4, 15), "-30", "action_plan"),
        ("programme-action-proche", "Rappeler ce qui manque au programme d’action", plan, Role.CHEF_PROJET,
         (2021, 5, 7), "-7", "action_plan"),
        ("programme-action-retard", "Dire que le programme d’action est en retard", plan, Role.CHEF_DE_FILE,
         (2021, 5, 17), "1", "action_plan"),
        ("convention-tot", "Mettre la convention à la signature", cite, Role.PREFET, (2021, 5, 31), "-30",
         "convention"),
        ("convention-proche", "Dire qui a signé et qui doit encore signer", signing, Role.CHEF_DE_FILE,
         (2021, 6, 23), "-7", "convention"),
        ("convention-retard", "Dire qu’une signature manque après l’échéance", signing, Role.DASEN,
         (2021, 7, 1), "1", "convention"),
        ("bilan-fonds-tot", "Demander le bilan annuel du fonds", cite, Role.PRINCIPAL, (2022, 1, 28), "-60",
         "fund_report:2021"),
        ("bilan-fonds-proche", "Rappeler le bilan du fonds", cite, Role.PRINCIPAL, (2022, 3, 24), "-7",
         "fund_report:2021"),
        ("bilan-fonds-retard-signale-copie", "Signaler un bilan qui manque", cite, Role.RECTEUR, (2022, 4, 15), "15",
         "fund_report:2021"),
        ("fin-de-convention-un-an", "Préparer la suite un an avant", running, Role.PREFET, (2022, 12, 30), "-365",
         "convention_end"),
        ("fin-de-convention-un-mois", "Rappeler que la convention s’achève", running, Role.CHEF_DE_FILE,
         (2023, 12, 1), "-30", "convention_end"),
        ("fin-de-convention-suite-signee", "Dire que la suite est signée", followed, Role.PREFET, (2023, 11, 15),
         "receipt", "convention_end"),
    ):  # fmt: skip
        yield _sample(rules, name, purpose, role, date(*day), _Point(dossier=dossier, step=step, obligation=obligation))
    added = load_campaign(A_DEADLINE_OF_ITS_OWN, name="exemple.yaml")
    for name, purpose, role, day, step in (
        ("echeance-ajoutee", "Rappeler une échéance que seule une campagne connaît", Role.CHEF_PROJET, (2022, 5, 31),
         "-30"),
        ("echeance-ajoutee-retard-copie", "La même, dépassée, lue en copie", Role.PREFET, (2022, 7, 5), "5"),
    ):  # fmt: skip
        point = _Point(dossier=_labelled(added), step=step, obligation="revue")
        yield _sample(added, name, purpose, role, date(*day), point)


def _elsewhere(rules: Programme) -> Iterator[Sample]:
    reunion = _dossier(rules, code="saint-denis-974", name="Saint-Denis", departement="974", received=("strategie",))
    martinique = _dossier(rules, code="fort-de-france", name="Fort-de-France", departement="972")
    yield _sample(rules, "la-reunion", "Dire l’heure de La Réunion, et celle de Paris", Role.CHEF_DE_FILE,
                  date(2021, 2, 26), _Point(dossier=reunion, step="-2"))  # fmt: skip
    yield _sample(rules, "martinique", "Dire l’heure de la Martinique, et celle de Paris", Role.CHEF_DE_FILE,
                  date(2021, 2, 26), _Point(dossier=martinique, step="-2"))  # fmt: skip


def _of_several(rules: Programme) -> Iterator[Sample]:
    names = (("denain", "Denain"), ("maubeuge", "Maubeuge"), ("roubaix", "Roubaix"))
    visas = [
        _Point(dossier=_dossier(rules, code=code, name=name, lacking=("demande-labellisation",)), step="-7")
        for code, name in names
    ]
    yield _sample(rules, "prefecture-trois-cites", "Réunir en une lettre ce qu’une préfecture doit à trois cités",
                  Role.PREFET, date(2021, 2, 19), *visas)  # fmt: skip
    watched = [
        _Point(dossier=_dossier(rules, code=code, name=name, lacking=("indicateurs",)), step="7")
        for code, name in names
    ]
    yield _sample(rules, "coordination-trois-retards", "Réunir en une lettre les retards signalés",
                  Role.COORDINATION, date(2021, 3, 8), *watched)  # fmt: skip
    mixed = (visas[0], replace(visas[1], dossier=_dossier(rules, code="lens", name="Lens", lacking=("indicateurs",))))
    yield _sample(rules, "prefecture-attendu-et-copie", "Dire ce qui est attendu, puis ce qui est pour information",
                  Role.PREFET, date(2021, 2, 19), *mixed)  # fmt: skip


# How a sample is made


def _sample(rules: Programme, name: str, purpose: str, role: Role, day: date, *points: _Point) -> Sample:
    calendar = rules.calendar
    departement = points[0].dossier.departement
    zone = calendar.national_zone if role is Role.COORDINATION else calendar.zone(departement)
    at = instant(day, rules.hour, zone) + timedelta(minutes=5)
    place = points[0].dossier.code if len({each.dossier.code for each in points}) == 1 else f"departement-{departement}"
    return Sample(
        name=name,
        purpose=purpose,
        rules=rules,
        at=at,
        letter=Letter(
            address=f"{ADDRESSES[role]}@{place}.test",
            name=rules.roles[role],
            roles=(role.value,),
            zone=zone,
            campaign=rules.title,
            decided_at=at,
            sections=tuple(_section(rules, role, zone, at, each) for each in points),
        ),
    )


def _section(rules: Programme, role: Role, zone: str, at: datetime, point: _Point) -> Section:
    reader = Recipient(contact=1, role=role, zone=zone)
    found = due(rules, point.dossier, point.obligation, [reader], (), at)
    [notice] = [each for each in found.due if each.key.step == point.step]
    return Section.from_json(section(rules, point.dossier, notice))


def _dossier(
    rules: Programme, *, code: str = "douai-waziers", name: str = "Douai / Waziers", departement: str = "59",
    received: Iterable[str] = (), lacking: Collection[str] | None = None,
) -> Dossier:  # fmt: skip
    """A territory that has delivered these requirements of its candidature, or everything but `lacking`."""
    bare = Dossier(code=code, name=name, departement=departement, region=rules.calendar.region(departement))
    if lacking is not None:
        return replace(bare, pieces=_pieces(rules, bare, "candidature", lacking=lacking))
    wanted = set(received)
    return replace(
        bare, pieces=tuple(each for each in _pieces(rules, bare, "candidature") if each.requirement in wanted)
    )


def _with_more_time(dossier: Dossier) -> Dossier:
    granted = ExtensionFact(
        deadline="candidature", new_due=date(2021, 3, 15), granted_on=date(2021, 2, 22), authority="Préfet du Nord",
        grounds="conseil municipal reporté après la crue", reference="lettre du 22 février 2021",
    )  # fmt: skip
    return replace(dossier, extensions=(granted,))


def _labelled(rules: Programme) -> Dossier:
    decided = DecisionFact(verdict=Verdict.LABELLED, day=date(2021, 3, 26), authority=MINISTERS)
    return replace(_dossier(rules), decisions=(decided,))


def _pieces(
    rules: Programme, dossier: Dossier, deadline: str, *, lacking: Collection[str] = ()
) -> tuple[PieceFact, ...]:
    """Every required part delivered, but the requirements and the parts (`requirement/part`) named by `lacking`."""
    return tuple(
        _piece(each.requirement, each.part, 2021, 1, 11)
        for each in parts_asked(rules, dossier, deadline)
        if each.required and each.requirement not in lacking and f"{each.requirement}/{each.part}" not in lacking
    )


def _piece(
    requirement: str, part: str, year: int, month: int, day: int, status: PieceStatus = PieceStatus.RECEIVED,
    reason: str = "",
) -> PieceFact:  # fmt: skip
    at = instant(date(year, month, day), 0, "Europe/Paris")
    return PieceFact(requirement=requirement, occurrence="", part=part, status=status, at=at, reason=reason)
