"""How does the record speak of a person's address or name, for good, without telling it?

By a fingerprint: two events that speak of the same address show it, somebody who holds an address can check that it is
the one, and nothing can be read back once the row that knew it has forgotten it (ADR 0015).
"""

from hashlib import sha256

LENGTH = 24  # hexadecimal digits: enough that two addresses never share one


def fingerprint_of(text: str) -> str:
    """The fingerprint of a name or an address, the same whatever its case; empty for an empty text."""
    return f"empreinte-{sha256(text.strip().casefold().encode()).hexdigest()[:LENGTH]}" if text.strip() else ""
