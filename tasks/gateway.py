"""By which gateway do this installation's letters leave? No Prefect here: a command may ask before anything runs."""

from notifications.gateway import Gateway
from tasks.settings import settings


def open_gateway() -> Gateway:
    """The gateway of the settings. Raises `NoSuchChannel`."""
    configured = settings()
    return Gateway.open(
        configured.gateway(),
        sender=configured.mail_from,
        reply_to=configured.mail_reply_to,
        redirect_all_to=configured.redirect_all_to,
    )


def check_gateway() -> None:
    """Refuse settings by which no letter could leave, before anything is decided. Raises `NoSuchChannel`."""
    open_gateway()
