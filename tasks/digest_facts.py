"""What do a région and the coordination read of where things stand?

Plain JSON, days as ISO text. A campaign is read once, in a handful of queries, then cut by région in memory.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from models.balance_queries import lines_of, places_of
from models.queries import Directory, KnownDossier
from models.rules import balance as rules
from models.rules.amounts import euros
from models.rules.calendar import instant, local
from models.rules.completeness import Finding, findings
from models.rules.digests import Digest, Period
from models.rules.dossier import Dossier
from models.rules.due_days import Standing, due_days
from models.rules.lifecycle import FRENCH, State, state
from models.rules.programme import Programme
from models.tables import Campaign
from models.watch_queries import (
    Fate,
    failing_addresses,
    fates_of_notices,
    held_letters,
    known_gaps,
    letters_by_region,
    letters_sent_between,
)
from models.words import NoticeStatus, Role
from tasks.artifacts import without_addresses
from tasks.cofinancing import IN_WORDS, gap_in_words
from tasks.steps import obligation_words, step_words

NOT_SENT = {
    NoticeStatus.DECIDED: "en attente de départ",
    NoticeStatus.SUPERSEDED: "remplacé par une étape plus récente",
    NoticeStatus.MISSED: "trop tard pour partir",
    NoticeStatus.CANCELLED: "annulé avant son départ",
    NoticeStatus.DEAD: "refusé par le serveur de courriel",
}


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """An obligation that still stands at the instant of the digest: its day, how late it is, what it lacks."""

    dossier: Dossier
    obligation: str
    due: date
    late: int  # days; 0 or less when it is not
    lacking: tuple[Finding, ...]


class Country:
    """A campaign at an instant, read once for all its digests."""

    def __init__(
        self, session: Session, campaign: Campaign, programme: Programme, dossiers: list[KnownDossier], at: datetime
    ) -> None:
        assert campaign.id is not None
        self.session, self.campaign_id, self.programme, self.at = session, campaign.id, programme, at
        self.directory = Directory(session, campaign.id, programme)
        self.dossiers = [known.dossier for known in dossiers]
        self.day = local(at, programme.calendar.national_zone).date()
        self.states = {dossier.code: state(programme, dossier, at) for dossier in self.dossiers}
        self.awaited = [each for dossier in self.dossiers for each in _awaited(programme, dossier, at)]
        self._fates: dict[Period, list[Fate]] = {}
        self._balances: dict[str, Mapping[str, Any]] = {}

    def regional(self, region: str, digest: Digest, period: Period) -> dict[str, Any]:
        """What the readers of one région are told; nothing when nothing is awaited there and nothing happened."""
        places = {dossier.code for dossier in self.dossiers if dossier.region == region}
        awaited = [each for each in self.awaited if each.dossier.code in places]
        fates = [each for each in self._fates_of(period) if each.region == region]
        if not awaited and not fates:
            return {}
        since, until = self._instants(period)
        return {
            **self._heading(digest, period),
            "region": self.programme.calendar.region_name(region),
            "territories": len(places),
            "states": self._states(places),
            "late": self._late(awaited),
            "upcoming": self._upcoming(awaited, digest.ahead),
            "money": self._money(region),
            "letters": letters_by_region(self.session, self.campaign_id, since, until).get(region, 0),
            "notices": sum(each.notices for each in fates if each.status is NoticeStatus.SENT),
            "not_sent": self._not_sent(fates, addresses=False),
        }

    def national(self, digest: Digest, period: Period) -> dict[str, Any]:
        """What the coordination is told."""
        fates = self._fates_of(period)
        since, until = self._instants(period)
        new, old = self._gaps(since)
        return {
            **self._heading(digest, period),
            "territories": len(self.dossiers),
            "states": self._states({dossier.code for dossier in self.dossiers}),
            "letters": letters_sent_between(self.session, self.campaign_id, since, until),
            "sent": self._sent(fates),
            "not_sent": self._not_sent(fates, addresses=True),
            "new_gaps": new,
            "old_gaps": old,
            "failing": [
                {"address": each.address, "reason": each.reason, "permanent": each.permanent,
                 "since": local(each.first_at, self.programme.calendar.national_zone).date().isoformat()}
                for each in failing_addresses(self.session)
            ],
            "upcoming": self._upcoming(self.awaited, digest.ahead),
            "late_by_deadline": self._by_deadline(each for each in self.awaited if each.late > 0),
            "held": [
                {"reason": each.reason, "letters": each.letters,
                 "since": local(each.since, self.programme.calendar.national_zone).date().isoformat()}
                for each in held_letters(self.session, self.campaign_id)
            ],
        }  # fmt: skip

    def _heading(self, digest: Digest, period: Period) -> dict[str, Any]:
        return {
            "first": period.first.isoformat(),
            "last": (period.occasion - timedelta(days=1)).isoformat(),
            "day": self.day.isoformat(),
            "ahead_days": digest.ahead.days,
        }

    def _instants(self, period: Period) -> tuple[datetime, datetime]:
        zone = self.programme.calendar.national_zone
        return instant(period.first, 0, zone), instant(period.occasion, 0, zone)

    def _fates_of(self, period: Period) -> list[Fate]:
        if period not in self._fates:
            self._fates[period] = fates_of_notices(self.session, self.campaign_id, *self._instants(period))
        return self._fates[period]

    def _states(self, places: set[str]) -> list[dict[str, Any]]:
        counted = Counter(self.states[code] for code in places)
        return [{"state": FRENCH[each], "territories": counted[each]} for each in State if counted[each]]

    def _late(self, awaited: Iterable[Awaited]) -> list[dict[str, Any]]:
        late = [each for each in awaited if each.late > 0]
        return [
            {
                "territory": each.dossier.name,
                "deadline": obligation_words(self.programme, each.obligation),
                "due": each.due.isoformat(),
                "days": each.late,
                "owners": self._owners(each.lacking),
            }
            for each in sorted(late, key=lambda each: (-each.late, each.dossier.name, each.obligation))
        ]

    def _upcoming(self, awaited: Iterable[Awaited], ahead: timedelta) -> list[dict[str, Any]]:
        """What is due from today on."""
        return self._by_deadline(each for each in awaited if self.day <= each.due <= self.day + ahead)

    def _by_deadline(self, awaited: Iterable[Awaited]) -> list[dict[str, Any]]:
        """By day and deadline, the territories that something is still awaited from, and who owes it."""
        found: dict[tuple[date, str], list[Awaited]] = defaultdict(list)
        for each in awaited:
            found[each.due, each.obligation].append(each)
        return [
            {
                "due": due.isoformat(),
                "deadline": obligation_words(self.programme, obligation),
                "territories": sorted(each.dossier.name for each in alike),
                "owners": self._owners([finding for each in alike for finding in each.lacking]),
            }
            for (due, obligation), alike in sorted(found.items(), key=lambda item: item[0])
        ]

    def _owners(self, lacking: Iterable[Finding]) -> list[dict[str, Any]]:
        counted = Counter(each.owner for each in lacking)
        return [{"role": self.programme.roles[role], "pieces": counted[role]} for role in Role if counted[role]]

    def _money(self, region: str) -> dict[str, Any]:
        """The région's co-financing of the year, planned and paid; nothing where there is none."""
        stages = []
        for stage in ("planned", "paid"):
            if stage not in self._balances:
                lines = lines_of(self.session, self.campaign_id, self.day.year)
                places = places_of(self.session, self.campaign_id)
                self._balances[stage] = rules.balance(self.programme.funding, places, lines, {}, stage)
            row = next((each for each in self._balances[stage]["regions"] if each["region"] == region), None)
            if row is not None and (row["state"] or row["local"]):
                stages.append(
                    {"stage": IN_WORDS[stage], "state": euros(row["state"]), "local": euros(row["local"]),
                     "words": gap_in_words(row)}
                )  # fmt: skip
        return {"year": self.day.year, "stages": stages} if stages else {}

    def _sent(self, fates: Iterable[Fate]) -> list[dict[str, Any]]:
        counted: Counter[tuple[str, str]] = Counter()
        for each in fates:
            if each.status is NoticeStatus.SENT:
                counted[each.obligation, each.step] += each.notices
        return [
            {"deadline": obligation_words(self.programme, obligation), "step": step_words(step), "notices": number}
            for (obligation, step), number in counted.items()
        ]

    def _not_sent(self, fates: Iterable[Fate], *, addresses: bool) -> list[dict[str, Any]]:
        """Why notices did not leave, and how many; a reader of one région is not shown addresses of others."""
        counted: Counter[tuple[NoticeStatus, str]] = Counter()
        for each in fates:
            if each.status is not NoticeStatus.SENT:
                reason = each.reason if addresses else without_addresses(each.reason)
                counted[each.status, "" if each.status is NoticeStatus.SUPERSEDED else reason] += each.notices
        return [
            {"fate": NOT_SENT[status], "reason": reason, "notices": counted[status, reason]}
            for status, reason in sorted(counted, key=lambda key: (list(NOT_SENT).index(key[0]), key[1]))
        ]

    def _gaps(self, since: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The roles that nobody holds to this day, by territory: those first seen since `since`, then the others."""
        held = {
            dossier.code: {recipient.role for recipient in self.directory.recipients(dossier)}
            for dossier in self.dossiers
        }
        new: dict[str, list[str]] = defaultdict(list)
        old: dict[str, list[str]] = defaultdict(list)
        for gap in known_gaps(self.session, self.campaign_id, self.at):
            if gap.role not in held[gap.territory]:
                title = self.programme.roles[gap.role]
                (new if gap.first_at >= since else old)[gap.territory_name].append(title)
        return [
            [{"territory": territory, "roles": roles} for territory, roles in found.items()] for found in (new, old)
        ]  # type: ignore[return-value]


def _awaited(programme: Programme, dossier: Dossier, at: datetime) -> Iterable[Awaited]:
    today = local(at, programme.calendar.zone(dossier.departement)).date()
    for obligation in programme.obligation_names():
        for day in due_days(programme, dossier, obligation, at):
            if day.standing is Standing.AWAITED:
                lacking = tuple(each for each in findings(programme, dossier, obligation, at) if each.required)
                yield Awaited(
                    dossier=dossier, obligation=obligation, due=day.due, late=(today - day.due).days, lacking=lacking
                )
