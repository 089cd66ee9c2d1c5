"""Which territory is asked for, how is it named, and where does its dossier stand?"""

from dataclasses import dataclass

from sqlmodel import Session, select

from models.queries import known_dossiers
from models.rules.dossier import Dossier
from models.tables import Territory


class NoSuchTerritory(Exception):
    """The campaign has no territory with this code; says how to see those that it has."""

    def __init__(self, campaign: str, code: str) -> None:
        super().__init__(
            f"campaign {campaign} has no territory «{code}»: `cites status --campaign {campaign}` lists their codes"
        )


@dataclass(frozen=True, kw_only=True)
class Cite:
    """A territory as an account names it."""

    id: int
    code: str
    name: str
    departement: str
    lead_college: str


def cite_by_code(session: Session, campaign_id: int, campaign: str, code: str) -> Cite:
    """The territory with this code. Raises NoSuchTerritory."""
    columns = (Territory.id, Territory.code, Territory.name, Territory.departement, Territory.lead_college)
    query = select(*columns).where(Territory.campaign_id == campaign_id, Territory.code == code)  # type: ignore[call-overload]
    row = session.execute(query).first()
    if row is None:
        raise NoSuchTerritory(campaign, code)
    return Cite(id=row[0], code=row[1], name=row[2], departement=row[3], lead_college=row[4])


def names_of(session: Session, campaign_id: int) -> dict[str, str]:
    """The name of each territory of a campaign, by code."""
    query = select(Territory.code, Territory.name).where(Territory.campaign_id == campaign_id).order_by(Territory.code)
    return {code: name for code, name in session.execute(query)}  # noqa: C416 - rows, not pairs


def dossiers_asked(session: Session, campaign_id: int, campaign: str, code: str | None = None) -> list[Dossier]:
    """The dossier of the territory with this code, or those of the whole campaign. Raises NoSuchTerritory."""
    only = [cite_by_code(session, campaign_id, campaign, code).id] if code else None
    return [known.dossier for known in known_dossiers(session, campaign_id, territories=only)]
