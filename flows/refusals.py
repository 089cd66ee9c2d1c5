"""What does somebody at a form read when what they ask cannot be done?

One French sentence with the cure: Prefect shows it as the state of the run.
"""

from models.queries import campaign_codes
from tasks.database import reading


class FormRefused(Exception):
    """What was asked is not done; says every reason, in French, for the person at the form."""


def require_campaign(code: str) -> None:
    """Raise FormRefused unless a campaign has this code."""
    with reading() as session:
        known = campaign_codes(session)
    if code not in known:
        opened = f"les campagnes ouvertes sont : {', '.join(known)}" if known else "aucune n’est ouverte"
        raise FormRefused(f"« {code} » : campagne inconnue ; écrire le code d’une campagne ouverte ({opened}).")
