"""What does the text say that people must keep in mind, and that no engine can do for them?

`python -m deployments.landmarks_page` writes docs/reperes.md from the landmarks of the last edition; `cites guide`
prints the same page.
"""

from pathlib import Path

from models.rules.chapters import Chapter, editions_with, load_landmarks

PAGE = Path(__file__).parent.parent / "docs" / "reperes.md"
FILE = "landmarks.yaml"


def landmarks_page() -> str:
    """The page, in Markdown that reads well as plain text."""
    edition = editions_with(FILE)[-1]
    chapters = "\n\n".join(_chapter(each) for each in load_landmarks(edition))
    return f"""<!-- Fait par `python -m deployments.landmarks_page` : ne pas modifier à la main. -->
# Repères du vade-mecum

Ce que le texte rappelle à qui prépare, lit ou conduit une cité. Ces lignes sont à lire, non à remplir : le moteur
n’écrit à personne à leur sujet. Où chaque exigence est suivie : [exigences](requirements.md).

{chapters}
"""


def _chapter(chapter: Chapter) -> str:
    lines = "\n".join(f"* {line}" for line in chapter.lines)
    return f"## {chapter.title}\n\n{lines}\n\n{chapter.citation.words()}."


if __name__ == "__main__":
    PAGE.write_text(landmarks_page(), encoding="utf-8")
