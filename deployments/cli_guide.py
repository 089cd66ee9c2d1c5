"""How does somebody read, in a terminal, what the text leaves to people?"""

import click


@click.command()
def guide() -> None:
    """The landmarks of the text that the engine neither computes nor reminds of: a French page to read."""
    from deployments.landmarks_page import landmarks_page

    print(landmarks_page().partition("\n")[2], end="")


COMMANDS = (guide,)
