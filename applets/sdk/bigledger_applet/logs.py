"""The applet's log: lines with fields, as JSON.

In Lambda the runtime writes them (``LogFormat: JSON`` in the template); where nobody has set up logging, this does.
"""

import json
import logging
import sys
import time

logger = logging.getLogger("bigledger_applet")
"""Give the facts as fields: ``logger.info("payment received", extra={"amount": "12.50"})``."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLine(logging.Formatter):
    """One JSON object per record: time (UTC), level, message and the fields of ``extra``."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up() -> None:
    """See to it that lines from level INFO on are written somewhere."""
    logger.setLevel(logging.INFO)
    if not logging.getLogger().handlers and not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonLine())
        logger.addHandler(handler)
