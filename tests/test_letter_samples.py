"""Does every letter read as it was last agreed, word for word, and does the gallery show them all?"""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner

from deployments.cli import main
from deployments.posted_samples import PostedSample
from notifications.render import letters, render, said_once
from tests.letter_snapshots import COORDINATION, FOLDER, as_text, rendered_samples

NAMES = sorted(rendered_samples())


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_reads_as_it_was_last_agreed(name: str) -> None:
    sample, words = rendered_samples()[name]
    assert as_text(sample, words) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert words.html == (FOLDER / f"{name}.html").read_text(encoding="utf-8")


def test_nothing_is_written_twice_of_what_letters_say_alike() -> None:
    samples = [sample for sample, _ in rendered_samples().values()]
    for _ in "ab":
        before = said_once.cache_info().misses
        for each in samples:
            render(each.letter, at=each.at, answer_to=COORDINATION)
    assert said_once.cache_info().misses == before


def test_every_agreed_letter_is_still_a_sample() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        f"{name}{suffix}" for name in NAMES for suffix in (".txt", ".html")
    )


def test_every_letter_there_is_has_a_sample() -> None:
    shown = set()
    for sample, _ in rendered_samples().values():
        if isinstance(sample, PostedSample):
            shown.add(sample.letter.letter)
            continue
        for section in sample.letter.sections:
            verdict = section.occasion.get("verdict")
            shown |= {section.letter, f"decision_{verdict}"} if verdict else {section.letter}
    assert shown == set(letters())


def test_the_gallery_shows_every_letter_and_gives_it_as_a_mail(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["letters", "--out", str(tmp_path / "lettres")])
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'lettres' / 'index.html'}: {len(NAMES)} letters\n"
    page = (tmp_path / "lettres" / "index.html").read_text(encoding="utf-8")
    for name in NAMES:
        assert f'<article id="{name}"' in page
    mail = message_from_bytes((tmp_path / "lettres" / "label-accorde.eml").read_bytes(), policy=default)
    assert mail["Subject"] == "Douai / Waziers, Candidature\u00a0: label «\u00a0Cité éducative\u00a0» accordé"
    assert mail["To"] == '"chef de file (commune ou intercommunalité)" <mairie@douai-waziers.test>'
    assert sorted(path.suffix for path in (tmp_path / "lettres").glob("label-accorde.*")) == [".eml", ".html", ".txt"]


def test_a_gallery_that_cannot_be_written_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    result = CliRunner().invoke(main, ["letters", "--out", str(tmp_path / "fichier" / "lettres")])
    assert result.exit_code == 2
    assert "cannot be written (Not a directory): give another folder" in result.stderr
