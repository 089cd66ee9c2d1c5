"""How is it said, to whoever follows a campaign, what became of its notices and of its letters?"""

from collections.abc import Mapping

from models.words import MessageStatus, NoticeStatus

NOTICES: Mapping[NoticeStatus, str] = {
    NoticeStatus.DECIDED: "à envoyer",
    NoticeStatus.SENT: "envoyés",
    NoticeStatus.SUPERSEDED: "dépassés par une étape suivante",
    NoticeStatus.MISSED: "trop tard pour partir",
    NoticeStatus.CANCELLED: "annulés",
    NoticeStatus.DEAD: "refusés par le serveur de courriel, ou à la relecture",
}
LETTERS: Mapping[MessageStatus, str] = {
    MessageStatus.WAITING: "en attente",
    MessageStatus.SENDING: "en cours d’envoi",
    MessageStatus.SENT: "envoyées",
    MessageStatus.DEAD: "refusées définitivement",
    MessageStatus.CANCELLED: "annulées",
}
