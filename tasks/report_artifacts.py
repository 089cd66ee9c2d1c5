"""What does the annual report of a campaign look like beside its run?

The main tables of the document, in French Markdown as in `tasks.artifacts`, and where its files were written.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from notifications.annual_report import RECOMMENDATIONS, report_paper
from notifications.documents import Block, Bullets, Grid, Heading, Paper, Paragraph, Picture
from notifications.pictures import as_markdown
from tasks.annual_report import write_annual_report
from tasks.artifacts import key, plain, table


@task(task_run_name="rapport annuel · {campaign} · {year}", cache_policy=NO_CACHE)
def report_year(campaign: str, year: int, at: datetime, out: str) -> list[str]:
    """Write the annual report to the folder `out` and keep its tables; gives the paths of its files."""
    written = write_annual_report(campaign, year, at=at, out=Path(out))
    files = [str(file) for file in written.files]
    create_markdown_artifact(
        annual_markdown(report_paper(written.found, at), files),
        key=key("rapport-annuel", campaign, str(year)),
        description=f"Rapport annuel {year} · campagne {campaign}",
    )
    return files


def annual_markdown(paper: Paper, files: Sequence[str]) -> str:
    """The document's blocks as Markdown; what is left to be written by people is only in the files."""
    shown = [_block(each) for each in paper.blocks]
    return "\n\n".join(
        (
            f"# {plain(paper.title)}",
            plain(paper.subtitle),
            "\n".join(f"* `{file}`" for file in files),
            f"« {RECOMMENDATIONS} » : cette partie se remplit dans le fichier .docx.",
            *(each for each in shown if each),
        )
    )


def _block(block: Block) -> str:
    match block:
        case Heading():
            return "" if RECOMMENDATIONS in block.text else f"{'#' * (block.level + 1)} {plain(block.text)}"
        case Paragraph():
            return plain(block.text)
        case Bullets():
            return "\n".join(f"* {plain(each)}" for each in block.items)
        case Grid():
            return table(block.headers, block.rows, none="")
        case Picture():
            return as_markdown(block.svg, block.words)
        case _:
            return ""
