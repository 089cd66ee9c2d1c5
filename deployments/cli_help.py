"""Which command does what somebody wants to do?

`cites --help` sorts the commands by what they are for, and says each of them whole.
"""

import click

HEADINGS = {
    "The engine": ("up", "server", "worker", "prepare", "doctor", "metrics", "backup", "restore"),
    "Campaigns and their tables": ("campaign", "import", "export", "portal"),
    "Acts": ("decide", "extend", "withdraw"),
    "Where things stand": (
        "status", "dashboard", "blockers", "review", "governance", "conventions", "history", "guide",
    ),
    "Letters": (
        "plan", "rehearse", "run", "deliver", "letters", "calendar", "mailbox", "held", "release", "pause", "resume",
        "answers", "watch",
    ),
    "Money and reports": (
        "balance", "cofinancing", "fund", "fund-report", "action-plan", "indicators", "annual-report", "cell",
    ),
    "Proof and privacy": ("verify", "forget"),
}  # fmt: skip
WHOLE = 400  # characters: no first sentence is longer


class Whole(click.Group):
    """A group whose help says each of its commands whole."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with the first sentence of its help."""
        with formatter.section("Commands"):
            formatter.write_dl([self._said(name) for name in sorted(self.commands)])

    def _said(self, name: str) -> tuple[str, str]:
        return name, self.commands[name].get_short_help_str(WHOLE)


class Sorted(Whole):
    """The engine's commands, sorted under headings."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each heading with its commands."""
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl([self._said(name) for name in names])
