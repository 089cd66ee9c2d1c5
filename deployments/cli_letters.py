"""How does somebody read every letter of the programme without waiting for its day?"""

from pathlib import Path

import click


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
def letters(out: Path) -> None:
    """Every letter on invented dossiers: index.html shows them all; each is there as .txt, .html and .eml."""
    from deployments.letter_gallery import write_gallery

    try:
        written = write_gallery(out)
    except OSError as fault:
        raise click.UsageError(f"«{out}» cannot be written ({fault.strerror or fault}): give another folder") from None
    click.echo(f"{written[0]}: {len(written) // 3} letters")


COMMANDS = (letters,)
