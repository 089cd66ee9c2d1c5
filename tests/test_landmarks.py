"""Are the landmarks of the text under people's eyes, on a terminal and on their page?"""

from models.rules.chapters import load_landmarks
from tests.test_cli import cites


def test_every_landmark_is_shown_with_its_source() -> None:
    """E002 to E012, E014, E023, E025, E027 to E031, E037, E043 to E046, E048, E049, E057, E058, E066 to E071, E073,
    E074, E077 to E082, E093, E097, E108, E115 to E118, E134 to E139, E141, E142, E149, E150, E152, E159, E160, E171,
    E179, E229, E230, E232 to E234, E237 to E239, E243 to E246, E249 to E251, E259, E261.
    """
    shown = cites("guide").stdout
    chapters = load_landmarks("vade-mecum-2020")
    expected = [each for chapter in chapters for each in (chapter.title, *chapter.lines, chapter.citation.words())]
    assert [each for each in expected if each not in shown] == []
    assert len(chapters) == 9
    assert all(chapter.citation.cite for chapter in chapters)
