"""What may a line of a log say, and how is it written?

Readable by default, a JSON object a line with `CITES_LOG_FORMAT=json`. Whatever wrote it, a line loses its e-mail
addresses, the passwords of its URLs and their tokens before it reaches a file or the server. `logging.yaml` beside this
module is the only configuration: Prefect's processes read it, and nothing else configures logs.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

CONFIGURATION = Path(__file__).parent / "logging.yaml"
_PLAIN_SCHEMES = "https?|wss?|file|sqlite|mailfolder|postgresql"
_password = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://[^\s/@'\"]*@", re.IGNORECASE)
_channel = re.compile(rf"\b(?!(?:{_PLAIN_SCHEMES})\b)(?P<scheme>[a-z][a-z0-9.-]*)://[^\s'\"]+", re.IGNORECASE)
_question = re.compile(r"(?P<url>[a-z][a-z0-9+.-]*://[^\s?'\"]*)\?[^\s'\"]*", re.IGNORECASE)
_address = re.compile(r"[^\s<>()\[\]'\",;:*]+@[^\s<>()\[\]'\",;:]+")


def logging_environment(style: str) -> dict[str, str]:
    """What a Prefect process needs to write its logs as ours: `style` is "text" or "json"."""
    needed = {"PREFECT_LOGGING_SETTINGS_PATH": str(CONFIGURATION)}
    if style == "json":
        needed["PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER"] = "json"
    return needed


def masked(text: str) -> str:
    """The text without e-mail addresses, passwords or tokens of URLs; channels of messages keep their scheme alone."""
    if "://" in text:
        text = _password.sub(r"\g<scheme>://***@", text)
        text = _channel.sub(r"\g<scheme>://***", text)
        text = _question.sub(r"\g<url>?***", text)
    return _address.sub("(address)", text) if "@" in text else text


class Masking(logging.Filter):
    """Lets every record pass, masked: its words and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        if record.exc_info and record.exc_info[0]:
            record.exc_text = masked("".join(traceback.format_exception(*record.exc_info)).rstrip())
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, and the run and the error if there are any."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "flow_run": getattr(record, "flow_run_id", None),
            "task_run": getattr(record, "task_run_id", None),
            "error": record.exc_text,
        }
        return json.dumps({name: value for name, value in said.items() if value is not None}, ensure_ascii=False)
