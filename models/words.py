"""Which closed vocabularies does the engine use?

The words stored in tables are the words of the exchanged tables (French where people type them).
"""

from enum import StrEnum


class Role(StrEnum):
    """Who can be written to (semantics §1)."""

    CHEF_DE_FILE = "chef_de_file"
    PREFET = "prefet"
    DASEN = "dasen"
    PREFET_REGION = "prefet_region"
    RECTEUR = "recteur"
    PRINCIPAL = "principal"
    CHEF_PROJET = "chef_projet"
    REFERENT_PREFECTURE = "referent_prefecture"
    REFERENT_COLLECTIVITE = "referent_collectivite"
    CAF = "caf"
    DEPARTEMENT = "departement"
    REGION = "region"
    COORDINATION = "coordination"


class LeadAuthority(StrEnum):
    """Which local authority leads the dossier (E033, E034)."""

    COMMUNE = "commune"
    INTERCOMMUNALITE = "intercommunalite"


class PieceStatus(StrEnum):
    """What became of one delivery of a piece."""

    RECEIVED = "recue"
    REFUSED = "refusee"
    TAKEN_BACK = "retiree"


class Verdict(StrEnum):
    """What the ministers decided of a candidature (E042)."""

    LABELLED = "labellise"
    REFUSED = "refuse"
    DEFERRED = "ajourne"


class Funder(StrEnum):
    """Who brings money (E119, E123, E127, E130)."""

    VILLE = "ville"
    EDUCATION = "education"
    ETAT_AUTRE = "etat_autre"
    COMMUNE = "commune"
    INTERCOMMUNALITE = "intercommunalite"
    DEPARTEMENT = "departement"
    REGION = "region"
    CAF = "caf"
    AUTRE_PUBLIC = "autre_public"
    PRIVE = "prive"


class Purpose(StrEnum):
    """What the money is for: the programme at large or the fund of the cité."""

    PROGRAMME = "programme"
    FUND = "fonds"


class Kind(StrEnum):
    """Cash, or a contribution in kind given a value."""

    CASH = "numeraire"
    IN_KIND = "valorisation"


class Direction(StrEnum):
    """Does an operation of the fund bring money in or take it out?"""

    RECEIPT = "recette"
    EXPENSE = "depense"


class NoticeStatus(StrEnum):
    """What became of a notice: one step of one obligation for one contact."""

    DECIDED = "decided"  # written down, its letter waits or is on its way
    SENT = "sent"
    SUPERSEDED = "superseded"  # overtaken by a later step before it could leave
    MISSED = "missed"  # too late: the days of grace were over
    CANCELLED = "cancelled"  # decided, then no longer true before it left
    DEAD = "dead"  # refused for good by the mail server


class MessageStatus(StrEnum):
    """Where a letter stands in the outbox."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


UNSETTLED = (MessageStatus.WAITING, MessageStatus.SENDING)  # nobody knows yet what becomes of the letter


class OpinionWord(StrEnum):
    """What a regional instance thinks of a candidature (E109)."""

    FAVOURABLE = "favorable"
    WITH_RESERVES = "favorable_avec_reserves"
    UNFAVOURABLE = "defavorable"


class IndicatorKind(StrEnum):
    """What an indicator follows: the means, or the results (E088, E145)."""

    MEANS = "moyens"
    RESULTS = "resultats"


class IncomingKind(StrEnum):
    """What a mail that comes back is."""

    REPORT = "report"  # of a delivery that failed
    AUTOMATIC = "automatic"  # out of office and the like
    ANSWER = "answer"
    PROPOSAL = "proposal"  # an answer that carries a table
