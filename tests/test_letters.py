"""Do the letters say what is owed, to whom, until when and why, in good French?"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.rules.digests import load_digests
from models.words import Verdict
from notifications import french
from notifications.facts import Ahead, Letter, Received, Section, Term
from notifications.reading import merged
from notifications.render import TEMPLATES, LetterRefused, letters, render
from tasks.sections import section
from tests.builders import a_dossier, a_programme, a_recipient, notices_at
from tests.letter_builders import NINE, PLACE, PREFET_VISA, a_letter, a_section, an_item

COORDINATION = "coordination@cites-educatives.test"


def text_of(letter: Letter, at: datetime = NINE) -> str:
    """The text version on one line, with ordinary spaces."""
    return " ".join(render(letter, at=at, answer_to=COORDINATION).text.split())


def subject_of(letter: Letter, at: datetime = NINE) -> str:
    return render(letter, at=at, answer_to=COORDINATION).subject.replace("\u00a0", " ")


def test_a_whole_reminder_reads_like_this() -> None:
    letter = a_letter(a_section(owes=(an_item(), an_item("social")), others=(PREFET_VISA,)))
    expected = """\
Madame, Monsieur,

Douai / Waziers – Candidature

Nous attendons de vous 2 pièces : il reste 9 jours, jusqu’au dimanche
28 février 2021 inclus.

À cette date, le dossier de candidature de ce territoire au label « Cité
éducative » doit être complet, visas compris.

Transmettez dès à présent ce qui est prêt, sans attendre le reste.

Les pièces attendues de vous, qui ne nous sont pas parvenues :

• Diagnostic partagé : volet scolaire et volet social.

D’autres que vous doivent encore une pièce à ce dossier.

Préfet de département, 1 pièce non reçue :
• Demande de labellisation : visa du préfet.

Pourquoi ce courriel ?
Vous le recevez parce que les pièces ci-dessus relèvent de vous et que
leur échéance approche. L’échéance « Candidature » et les pièces
demandées viennent de ce texte : Vade-mecum d’octobre 2020, partie 1,
« Une candidature portée collectivement ».

Que faire maintenant ?
Transmettez les 2 pièces attendues en répondant à ce courriel
(coordination@cites-educatives.test). Si elles sont déjà parties, ou si
une difficulté vous retient, écrivez-nous à la même adresse.

Nous vous remercions de votre engagement et vous prions d’agréer,
Madame, Monsieur, l’expression de notre considération distinguée.

La coordination des Cités éducatives
Campagne « Extension 2021 »

Courriel automatique, d’après l’état des dossiers au vendredi 19 février
2021.
"""
    rendered = render(letter, at=NINE, answer_to=COORDINATION)
    assert rendered.text.replace("\u00a0", " ") == expected
    assert rendered.subject == "Douai / Waziers, Candidature\u00a0: 2\u00a0pièces attendues au 28\u00a0février 2021"


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (19, "Nous attendons de vous une pièce : il reste 9 jours, jusqu’au dimanche 28 février 2021 inclus."),
        (26, "Nous attendons de vous une pièce : il reste 2 jours, jusqu’au dimanche 28 février 2021 inclus."),
        (27, "Nous attendons de vous une pièce : l’échéance est demain, dimanche 28 février 2021 inclus."),
        (28, "Nous attendons de vous une pièce : l’échéance est aujourd’hui, dimanche 28 février 2021 inclus."),
        (29, "Nous attendons de vous une pièce : échéance dépassée d’un jour, depuis hier, dimanche 28 février 2021."),
        (31, "Nous attendons de vous une pièce : échéance dépassée de 3 jours, depuis le dimanche 28 février 2021."),
    ],
)
def test_the_delay_is_the_true_one_on_the_day_the_letter_leaves(today: int, words: str) -> None:
    day = datetime.fromordinal(date(2021, 2, 1).toordinal() + today - 1).replace(hour=8, tzinfo=UTC)
    assert words in text_of(a_letter(), day)


def test_the_day_is_the_recipients_own_and_the_letter_says_whose_clock_it_follows() -> None:
    evening_in_paris = datetime(2021, 2, 25, 21, tzinfo=UTC)
    reunion = a_letter(zone="Indian/Reunion")
    there = text_of(reunion, evening_in_paris)
    assert "il reste 2 jours, jusqu’au dimanche 28 février 2021 à minuit, heure de La Réunion (21 h à Paris)." in there
    assert "il reste 3 jours, jusqu’au dimanche 28 février 2021 inclus." in text_of(a_letter(), evening_in_paris)


def test_each_reason_is_said_in_words() -> None:
    owes = (
        an_item("scolaire"),
        an_item("social", reason="refusee", motive="diagnostic non daté."),
        an_item("urbain", reason="refusee"),
        an_item("insertion", reason="retiree"),
    )
    text = text_of(a_letter(a_section(owes=owes)))
    assert "volet scolaire. Cette pièce n’a pas été reçue." in text
    assert "volet social. Cette pièce a été refusée : diagnostic non daté." in text
    assert "volet urbain. Cette pièce a été refusée, sans motif enregistré." in text
    assert "volet insertion. Cette pièce a été retirée." in text


def test_what_the_reader_owes_comes_before_what_others_owe() -> None:
    text = text_of(a_letter(a_section(owes=(PREFET_VISA,), others=(an_item(),))))
    assert 0 < text.index("Nous attendons de vous une pièce") < text.index("visa du préfet")
    assert text.index("visa du préfet") < text.index("D’autres que vous") < text.index("Chef de file, 1 pièce")


def test_a_copy_is_for_information_and_says_who_owes_what() -> None:
    copy = a_letter(a_section(copy=True, owes=(), others=(an_item(), PREFET_VISA)))
    text = text_of(copy)
    assert "Rien n’est attendu de vous. Il reste 9 jours, jusqu’au dimanche 28 février 2021 inclus." in text
    assert "Pour information, voici qui doit encore 2 pièces à ce dossier." in text
    assert "Chef de file, 1 pièce non reçue : • Diagnostic partagé : volet scolaire." in text
    assert "Aucune pièce n’est attendue de vous aujourd’hui. Qui doit agir : chef de file et préfet de" in text
    assert "Nous attendons de vous" not in text
    assert subject_of(copy) == (
        "Copie – Douai / Waziers, Candidature : 2 pièces manquantes, échéance le 28 février 2021"
    )


def test_each_demand_names_the_place_of_the_text_that_makes_it() -> None:
    elsewhere = an_item("urbain", requirement="strategie", requirement_title="Stratégie éducative", cite="partie 2")
    text = text_of(a_letter(a_section(owes=(an_item(), elsewhere))))
    assert f"viennent de ce texte : Vade-mecum d’octobre 2020, {PLACE}, à l’exception de :" in text
    assert "• Stratégie éducative : partie 2." in text
    other = text_of(a_letter(a_section(cite="note du 10 février")))
    assert "L’échéance « Candidature » vient de ce texte : note du 10 février." in other
    assert f"• Diagnostic partagé : {PLACE}." in other


def test_an_assumption_is_called_one() -> None:
    text = text_of(a_letter(a_section(cite="hypothèse : le texte ne donne pas de date")))
    assert "L’échéance « Candidature » repose sur une hypothèse : le texte ne donne pas de date." in text


def test_what_is_recommended_never_blocks() -> None:
    text = text_of(a_letter(a_section(recommended=(an_item("document", part_title="document"),))))
    assert "Recommandé, sans que cela bloque le dossier : • Diagnostic partagé." in text
    others = a_section(roles=("prefet",), recommended=(an_item("document", part_title="document"),))
    assert "Recommandé" not in text_of(a_letter(others))


THREE = tuple(a_section(territory=name.lower(), territory_name=name) for name in ("Lens", "Denain", "Roubaix"))


@pytest.mark.parametrize(
    ("sections", "at", "subject"),
    [
        (THREE, NINE, "3 cités éducatives : 3 pièces attendues au 28 février 2021"),
        (
            THREE,
            datetime(2021, 3, 1, 8, tzinfo=UTC),
            "En retard – 3 cités éducatives : échéance du 28 février 2021 dépassée",
        ),
        (
            (
                a_section(),
                a_section(
                    letter="receipt",
                    territory="lens",
                    territory_name="Lens",
                    owes=(),
                    occasion={"day": date(2021, 2, 18)},
                ),
            ),
            NINE,
            "2 cités éducatives : 1 pièce attendue au 28 février 2021",
        ),
        (
            tuple(
                a_section(letter=name, owes=(), occasion={"day": date(2021, 2, 18), "previous_due": date(2021, 2, 28)})
                for name in ("receipt", "extension")
            ),
            NINE,
            "Douai / Waziers : 2 points pour information (Candidature)",
        ),
        (
            (a_section(), a_section(territory="lens", territory_name="Lens", due=date(2021, 3, 15))),
            NINE,
            "2 cités éducatives : 2 pièces attendues",
        ),
        (
            (a_section(), a_section(deadline="convention", deadline_title="Convention", due=date(2021, 6, 30))),
            NINE,
            "Douai / Waziers : 2 pièces attendues",
        ),
        (
            (a_section(copy=True, owes=()), a_section(territory="lens", territory_name="Lens", copy=True, owes=())),
            NINE,
            "Copie – 2 cités éducatives : pièces attendues au 28 février 2021",
        ),
    ],
)
def test_several_sections_share_one_subject(sections: tuple[Section, ...], at: datetime, subject: str) -> None:
    assert subject_of(a_letter(*sections), at) == subject


def test_several_sections_begin_with_a_summary_what_is_owed_first() -> None:
    copy = a_section(territory="arras", territory_name="Arras", copy=True, owes=(), others=(an_item(),))
    text = text_of(a_letter(copy, *THREE))
    assert (
        "En bref : • Denain, Candidature : 1 pièce attendue de vous, échéance dans 9 jours. "
        "• Lens, Candidature : 1 pièce attendue de vous, échéance dans 9 jours. "
        "• Roubaix, Candidature : 1 pièce attendue de vous, échéance dans 9 jours. "
        "• Arras, Candidature : pour information, 1 pièce manquante, échéance dans 9 jours. "
    ) in text
    assert "Transmettez les 3 pièces attendues" in text


def test_a_letter_of_several_points_tells_each_act_in_brief_and_says_why_once() -> None:
    label = {"day": date(2021, 3, 26), "verdict": "labellise", "authority": "Les ministres"}
    arras = a_section(letter="decision", territory="arras", territory_name="Arras", owes=(), occasion=label)
    bethune = a_section(letter="receipt", territory="bethune", territory_name="Béthune", copy=True, owes=(),
                        occasion={"day": date(2021, 2, 18)})  # fmt: skip
    elsewhere = a_section(owes=(an_item(requirement_title="Cellule", cite="annexe"),))
    text = text_of(a_letter(arras, bethune, elsewhere))
    assert (
        "En bref : • Arras, Candidature : label « Cité éducative » accordé. "
        "• Douai / Waziers, Candidature : 1 pièce attendue de vous, échéance dans 9 jours. "
        "• Béthune, Candidature : pour information, dossier complet. "
    ) in text
    assert text.count("Pourquoi ce courriel ?") == 1
    assert (
        "Vous le recevez parce que la pièce attendue relève de vous, et que vous suivez le reste. Ce qui est demandé "
        f"vient de : • Candidature : Vade-mecum d’octobre 2020, {PLACE}. • Cellule : annexe. Que faire maintenant ?"
    ) in text


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2021, 2, 15), date(2021, 2, 21), "du 15 au 21 février 2021"),
        (date(2021, 3, 1), date(2021, 3, 7), "du 1er au 7 mars 2021"),
        (date(2021, 2, 22), date(2021, 3, 1), "du 22 février au 1er mars 2021"),
        (date(2020, 12, 28), date(2021, 1, 3), "du 28 décembre 2020 au 3 janvier 2021"),
    ],
)
def test_a_span_of_days_says_once_what_its_ends_share(first: date, last: date, words: str) -> None:
    assert french.span(first, last) == words


@pytest.mark.parametrize("number", [1, 2])
def test_who_is_late_is_asked_for_a_date_for_the_piece_or_for_each(number: int) -> None:
    owes = (an_item(), an_item("social"))[:number]
    words = {1: "la date à laquelle nous recevrons cette pièce.", 2: "pour chaque pièce, la date à laquelle nous la"}
    text = text_of(a_letter(a_section(letter="overdue", owes=owes)), AFTER)
    assert f"ou répondez-nous en donnant{',' if number == 2 else ''} {words[number]}" in text


def test_a_city_contract_that_is_over_is_told_in_the_past() -> None:
    term = Term(first_day=date(2021, 1, 1), last_day=date(2023, 12, 31), city_contract_end=date(2022, 12, 31))
    ending = a_letter(
        a_section(letter="convention_end", deadline="convention_end", due=date(2023, 12, 31), owes=(), term=term)
    )
    assert "s’achève avant elle, le 31 décembre 2022." in text_of(ending, datetime(2022, 12, 30, 9, tzinfo=UTC))
    assert "s’est achevé avant elle, le 31 décembre 2022." in text_of(ending, datetime(2023, 12, 1, 9, tzinfo=UTC))


OCCASIONS: dict[str, dict[str, Any]] = {
    "opening": {"day": date(2020, 10, 15)},
    "receipt": {"day": date(2021, 2, 18)},
    "decision": {"day": date(2021, 3, 26), "verdict": "labellise", "authority": "Les ministres"},
    "extension": {"day": date(2021, 2, 10), "previous_due": date(2021, 2, 28), "grounds": "une crue."},
}
SAID = {
    "opening": "La campagne « Extension 2021 » est ouverte depuis le jeudi 15 octobre 2020.",
    "reminder": "Nous attendons de vous une pièce : il reste 9 jours, jusqu’au dimanche 28 février 2021 inclus.",
    "reminder_early": "Nous vous écrivons dès maintenant pour vous laisser le temps de réunir vos partenaires",
    "reminder_near": "Transmettez la pièce ci-dessous dès qu’elle est prête.",
    "reminder_last_days": "Ce rappel est le dernier avant l’échéance.",
    "overdue": "Vous le recevez parce que la pièce ci-dessus relève de vous et que son échéance est passée.",
    "escalation": "ou répondez-nous en donnant la date à laquelle nous recevrons cette pièce.",
    "receipt": "a été reçu : le dossier est complet depuis le jeudi 18 février 2021.",
    "decision": "a reçu le label « Cité éducative », par décision du vendredi 26 mars 2021. Autorité : Les ministres.",
    "extension": "L’échéance passe du dimanche 28 février 2021 au dimanche 28 février 2021. Motif : une crue.",
    "convention_end": "Aucune pièce n’est à fournir.",
}


AFTER = datetime(2021, 3, 8, 8, tzinfo=UTC)
AT = {"overdue": AFTER, "escalation": AFTER}


@pytest.mark.parametrize("name", sorted(SAID))
def test_every_letter_tells_its_event_in_both_versions(name: str) -> None:
    letter = a_letter(a_section(letter=name, occasion=OCCASIONS.get(name, {})))
    rendered = render(letter, at=AT.get(name, NINE), answer_to=COORDINATION)
    assert SAID[name] in " ".join(rendered.text.split())
    assert "Douai / Waziers, Candidature" in rendered.subject
    assert '<html lang="fr">' in rendered.html
    assert "Pourquoi ce courriel\u00a0?" in rendered.html


def test_every_folder_of_templates_has_its_three_files_and_its_test() -> None:
    posted = load_digests("vade-mecum-2020").letters()  # they have tests of their own
    by_verdict = [f"decision_{verdict.value}" for verdict in Verdict]
    assert letters() == tuple(sorted([*SAID, *posted, *by_verdict]))
    for name in letters():
        files = sorted(file.name for file in (TEMPLATES / name).iterdir())
        assert files == ["body.html.j2", "body.txt.j2", "subject.txt.j2"]


def test_nothing_is_expected_of_whoever_learns_of_a_refusal() -> None:
    section = a_section(letter="decision", occasion={"day": date(2021, 3, 26), "verdict": "refuse"})
    assert "n’a pas été retenu, par décision du vendredi 26 mars 2021." in text_of(a_letter(section))
    assert "Aucune pièce n’est attendue de vous aujourd’hui." in text_of(a_letter(section))


@pytest.mark.parametrize("name", sorted(SAID))
def test_hostile_words_are_shown_as_words_in_html_and_draw_no_paragraph_in_text(name: str) -> None:
    hostile = "<script>alert('x')</script>\r\n\r\nMadame, virez 10 000 €"
    occasion = {
        key: value if isinstance(value, date) or key == "verdict" else hostile
        for key, value in OCCASIONS.get(name, {}).items()
    }
    item = an_item(
        reason="refusee", motive=hostile, requirement_title=hostile, part_title=hostile, owner_title=hostile,
        cite=hostile,
    )  # fmt: skip
    section = a_section(
        letter=name, territory_name=hostile, deadline_title=hostile, cite=hostile, owes=(item,), others=(item,),
        recommended=(item,), occasion={**occasion, "grounds": hostile, "reference": hostile, "authority": hostile},
    )  # fmt: skip
    another = a_section(territory="lens", territory_name="Lens")
    for letter in (a_letter(section), a_letter(section, another)):
        rendered = render(replace(letter, campaign=hostile), at=NINE, answer_to="<script>@x.test")
        assert "<script" not in rendered.html
        assert "&lt;script&gt;alert(" in rendered.html
        assert "\n\nMadame, virez" not in rendered.text
        assert "\r" not in rendered.text
        assert "\n" not in rendered.subject
        assert "\r" not in rendered.subject


def test_the_text_version_stays_within_72_columns_and_never_cuts_a_date() -> None:
    many = tuple(an_item(f"numéro {number}") for number in range(30))
    text = render(a_letter(a_section(owes=many)), at=NINE, answer_to=COORDINATION).text
    assert max(len(line) for line in text.splitlines()) <= 72
    assert "dimanche\n28\u00a0février 2021" in text


def test_a_reader_with_two_roles_reads_each_obligation_once() -> None:
    as_prefet = a_section(roles=("prefet",), owes=(PREFET_VISA,), others=(an_item(),), notices=(1,))
    as_copy = a_section(roles=("dasen",), copy=True, owes=(), others=(an_item(), PREFET_VISA), notices=(2,))
    assert merged([as_prefet, as_copy]) == (
        a_section(roles=("prefet", "dasen"), owes=(PREFET_VISA,), others=(an_item(),), notices=(1, 2)),
    )


def test_facts_survive_their_json() -> None:
    section = a_section(
        letter="extension", others=(PREFET_VISA,), notices=(4,), recommended=(an_item(),),
        occasion={"day": date(2021, 2, 10), "previous_due": date(2021, 2, 28), "authority": "Préfet"},
    )  # fmt: skip
    letter = a_letter(section)
    assert Letter.from_json(letter.to_json()) == letter


def test_a_letter_decided_before_a_fact_was_kept_is_written_without_it() -> None:
    kept = a_section().to_json()
    old = {
        name: kept[name]
        for name in kept
        if name not in ("zone", "subject_matter", "received", "ahead", "fund_share", "term")
    }
    assert Section.from_json(old) == a_section()


def test_facts_kept_for_a_letter_are_read_back_whole() -> None:
    section = a_section(
        zone="Europe/Paris", subject_matter="la candidature", fund_share=1_500_000,
        received=(Received(title="Stratégie", parts=("objectif 1",), whole=False),),
        ahead=(Ahead(title="Convention", due=date(2021, 6, 30), owners=("préfet",)),),
        term=Term(first_day=date(2021, 1, 1), last_day=date(2023, 12, 31), city_contract_end=date(2022, 12, 31)),
    )  # fmt: skip
    assert Section.from_json(json.loads(json.dumps(section.to_json()))) == section


@pytest.mark.parametrize(
    ("zone", "due", "words"),
    [
        ("Indian/Reunion", date(2021, 2, 28), "heure de La Réunion (21 h à Paris)"),
        ("Indian/Reunion", date(2021, 6, 30), "heure de La Réunion (22 h à Paris)"),
        ("America/Martinique", date(2021, 2, 28), "heure de la Martinique (le 1er mars à 5 h à Paris)"),
        ("Indian/Mayotte", date(2021, 2, 28), "heure de Mayotte (22 h à Paris)"),
        ("Pacific/Noumea", date(2021, 2, 28), "heure de la Nouvelle-Calédonie (14 h à Paris)"),
    ],
)
def test_midnight_elsewhere_is_told_on_the_clock_of_paris_too(zone: str, due: date, words: str) -> None:
    text = text_of(a_letter(a_section(zone=zone, due=due)))
    assert f"jusqu’au {french.long_date(due)} à minuit, {words}." in text


def test_a_due_day_is_over_when_it_is_over_in_the_territory() -> None:
    evening_in_paris = datetime(2021, 2, 28, 21, 30, tzinfo=UTC)  # 1 March, half past one, in La Réunion
    assert "échéance dépassée d’un jour" in text_of(a_letter(a_section(zone="Indian/Reunion")), evening_in_paris)
    assert "l’échéance est aujourd’hui" in text_of(a_letter(a_section(zone="Europe/Paris")), evening_in_paris)


def test_a_reader_along_who_owes_something_reads_what_they_owe() -> None:
    opening = a_section(
        letter="opening", roles=("prefet",), copy=True, owes=(PREFET_VISA,), others=(an_item(),),
        occasion={"day": date(2020, 10, 15)},
    )  # fmt: skip
    text = text_of(a_letter(opening))
    assert "La pièce attendue de vous : • Demande de labellisation : visa du préfet." in text
    assert "rien n’est attendu de vous" not in text


def test_a_label_tells_the_deadlines_that_ask_something_of_this_territory() -> None:
    programme = a_programme(
        deadlines={"cell_report": {"occurrences": {"2021": date(2022, 1, 31)}, "assumption": "un exemple"}}
    )

    def told_in(departement: str) -> list[tuple[str, str]]:
        dossier = a_dossier(departement=departement, decisions=[("2021-03-26", "labellise")])
        [notice] = notices_at(
            programme, dossier, "candidature", "2021-03-26 09:00", recipients=[a_recipient("chef_de_file")]
        )
        return [(each["title"], each["due"]) for each in section(programme, dossier, notice)["ahead"]]

    after = [
        ("Programme d’action", "2021-05-15"), ("Convention", "2021-06-30"),
        ("Bilan annuel du fonds 2021", "2022-03-31"), ("Bilan annuel du fonds 2022", "2023-03-31"),
        ("Bilan annuel du fonds 2023", "2024-03-31"),
    ]  # fmt: skip
    assert told_in("61") == after
    assert told_in("59") == [*after[:2], ("Indicateurs de la cellule 2021", "2022-01-31"), *after[2:]]


def templates_of_one_letter(folder: Path, **files: str) -> Path:
    """The real layout, and one letter whose files are as given."""
    (folder / "layout").symlink_to(TEMPLATES / "layout")
    (folder / "reminder").mkdir()
    known = {"subject.txt.j2": "objet", "body.txt.j2": "texte", "body.html.j2": "<p>texte</p>"}
    for name, words in {**known, **{name.replace("_", ".") + ".j2": words for name, words in files.items()}}.items():
        (folder / "reminder" / name).write_text(words, encoding="utf-8")
    return folder


def test_an_unknown_fact_refuses_the_letter_by_name_file_and_cure(tmp_path: Path) -> None:
    folder = templates_of_one_letter(tmp_path, body_txt="bonjour\n{{ section.dueday }}")
    with pytest.raises(LetterRefused) as refusal:
        render(a_letter(), at=NINE, answer_to=COORDINATION, templates=folder)
    assert str(refusal.value).startswith(
        "La lettre « reminder » ne peut pas être écrite : reminder/body.txt.j2, ligne 2 : "
        "le fait « dueday » n’existe pas (connus : letter, deadline,"
    )
    assert str(refusal.value).endswith("corrigez ce nom ou retirez-le du gabarit.")


def test_what_is_written_once_for_all_territories_cannot_name_one(tmp_path: Path) -> None:
    folder = templates_of_one_letter(
        tmp_path,
        told_txt="{% macro told(section) %}{{ section.territory_name }}{% endmacro %}",
        body_txt='{% from "reminder/told.txt.j2" import told %}{{ once(told, section.anywhere) }}',
    )
    with pytest.raises(
        LetterRefused, match=r"reminder/told\.txt\.j2, ligne 1 : le fait « territory_name » n’existe pas"
    ):
        render(a_letter(), at=NINE, answer_to=COORDINATION, templates=folder)


def test_territories_that_are_told_the_same_differ_by_their_name_alone() -> None:
    one, other = (
        render(a_letter(a_section(territory=name.lower(), territory_name=name)), at=NINE, answer_to=COORDINATION)
        for name in ("Lens", "Liévin")
    )
    assert one.text.replace("Lens", "Liévin") == other.text
    assert one.html.replace("Lens", "Liévin") == other.html
    assert "Liévin" in one.text.replace("Lens", "Liévin")
    late = render(a_letter(a_section(territory_name="Lens")), at=NINE + timedelta(days=1), answer_to=COORDINATION)
    assert late.text != one.text


def test_a_template_that_is_no_template_refuses_the_letter(tmp_path: Path) -> None:
    folder = templates_of_one_letter(tmp_path, body_html="{% if %}")
    with pytest.raises(LetterRefused, match=r"reminder/body.html\.j2, ligne 1, n’est pas un gabarit correct"):
        render(a_letter(), at=NINE, answer_to=COORDINATION, templates=folder)


def test_a_letter_without_a_folder_is_refused_with_where_to_add_it() -> None:
    with pytest.raises(LetterRefused, match=r"le fichier inconnue/body\.txt\.j2 manque"):
        render(a_letter(a_section(letter="inconnue")), at=NINE, answer_to=COORDINATION)


def test_a_letter_that_a_programme_adds_needs_only_its_folder(tmp_path: Path) -> None:
    folder = templates_of_one_letter(tmp_path, subject_txt="{{ section.territory_name }} : objet nouveau")
    rendered = render(a_letter(), at=NINE, answer_to=COORDINATION, templates=folder)
    assert rendered.subject == "Douai / Waziers\u00a0: objet nouveau"
    assert "\ntexte\n" in rendered.text
    assert "<p>texte</p>" in rendered.html


def test_french_is_typeset() -> None:
    assert french.long_date(date(2021, 3, 1)) == "lundi 1er mars 2021"
    assert french.typeset("Quoi ? « oui » : 1er mars 2021, 3 pièces") == (
        "Quoi\u00a0? «\u00a0oui\u00a0»\u00a0: 1er\u00a0mars 2021, 3\u00a0pièces"
    )
    assert [french.listing(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a et b", "a, b et c",
    ]  # fmt: skip
    assert [french.count(number, "pièce") for number in (0, 1, 2)] == ["0 pièce", "1 pièce", "2 pièces"]
    assert french.clock("America/Cayenne") == "de la Guyane"
    assert french.clock("America/St_Johns") == "de St Johns"
