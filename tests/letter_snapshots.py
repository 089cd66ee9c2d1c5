"""How does every letter read, word for word?

`python -m tests.letter_snapshots` writes them anew under tests/letters: read the difference before you keep it. They
come from the samples that `cites letters` shows.
"""

from functools import cache
from pathlib import Path

from deployments.letter_gallery import every_sample
from deployments.letter_samples import Sample
from deployments.posted_samples import PostedSample
from notifications.render import Rendered, render

FOLDER = Path(__file__).parent / "letters"
COORDINATION = "coordination@cites-educatives.test"
LINE = "-" * 72


@cache
def rendered_samples() -> dict[str, tuple[Sample | PostedSample, Rendered]]:
    """Each sample and its words, by name."""
    return {each.name: (each, render(each.letter, at=each.at, answer_to=COORDINATION)) for each in every_sample()}


def as_text(sample: Sample | PostedSample, words: Rendered) -> str:
    """The letter as a file that anybody can read: whom it is to, its subject, its short form, its text."""
    head = (
        f"Pour : {sample.letter.name}", f"Le : {sample.at:%d/%m/%Y à %H:%M}", f"Objet : {words.subject}", LINE,
        words.short, LINE,
    )  # fmt: skip
    return "\n".join((*head, words.text))


def renew() -> None:
    """Write every letter as it reads now, and nothing else."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, (sample, words) in rendered_samples().items():
        (FOLDER / f"{name}.txt").write_text(as_text(sample, words), encoding="utf-8")
        (FOLDER / f"{name}.html").write_text(words.html, encoding="utf-8")


if __name__ == "__main__":
    renew()
