"""What does a document look like beside its run: the annual report, the preview of a campaign?

The main tables of the document, in French Markdown as in `tasks.artifacts`, and where its files were written.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.rules.campaign_file import read_campaign_file
from notifications.annual_report import RECOMMENDATIONS, report_paper
from notifications.campaign_preview import preview_paper
from notifications.documents import Block, Bullets, Grid, Heading, Paper, Paragraph, Picture
from notifications.pictures import as_markdown
from tasks.annual_report import write_annual_report
from tasks.artifacts import key, plain, table
from tasks.campaign_preview import preview_text


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


@task(task_run_name="aperçu de campagne", cache_policy=NO_CACHE)
def report_preview(file: str, tables: list[str], at: datetime) -> None:
    """Keep what a prepared campaign file would do, and its text; nothing is opened."""
    document = read_campaign_file(Path(file))
    found = preview_text(document, at=at, tables=[Path(each) for each in tables])
    create_markdown_artifact(
        preview_markdown(preview_paper(found, at), file, document),
        key=key("preparation", found["campaign"]),
        description=f"Campagne {found['campaign']} préparée, non ouverte",
    )


def preview_markdown(paper: Paper, file: str, document: str) -> str:
    """The preview's blocks as Markdown, after the text of the file."""
    fenced = "```yaml\n" + document.replace("```", "") + "```"
    return "\n\n".join(
        (
            f"# {plain(paper.title)}",
            plain(paper.subtitle),
            f"Le fichier à relire, puis à ouvrir par « Ouvrir une campagne » : `{file}`",
            fenced,
            *(each for each in map(_block, paper.blocks) if each),
            plain(paper.footer),
        )
    )


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
