"""How is an amount of money written in a French sentence?"""


def euros(cents: int) -> str:
    """An amount as French letters write it: 1 234,50 €."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{'−' if cents < 0 else ''}{grouped}{f',{rest:02d}' if rest else ''}\N{NO-BREAK SPACE}€"
