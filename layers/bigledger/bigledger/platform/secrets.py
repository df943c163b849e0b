"""API keys as text: ``blg_live_…`` and ``blg_test_…`` for tenants, ``blg_operator_…`` for the operator.

The text after the prefix is lower-case base32 (RFC 4648) of 24 random bytes and, in a tenant's key, the 16 bytes of the
tenant's id: the authorizer can open the transaction of that tenant and look the key up under its row-level security.
Only the SHA-256 of the whole text is stored. 192 random bits cannot be guessed, so a fast hash is enough.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from bigledger.kernel.clock import Clock

Mode = Literal["live", "test"]
"""How a key is marked, for people and for scanners that look for leaked secrets; both kinds work alike."""

OPERATOR_PREFIX = "blg_operator_"

_SECRET_BYTES = 24
_PREFIXES = {"live": "blg_live_", "test": "blg_test_"}
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Secret:
    """A key's text, told once, what is stored of it, and the beginning that people know it by."""

    text: str
    digest: str
    prefix: str


def new_secret(clock: Clock, mode: Mode, tenant_id: UUID) -> Secret:
    """Make the secret of a tenant's key."""
    return _secret(_PREFIXES[mode], clock.new_secret(_SECRET_BYTES) + tenant_id.bytes)


def new_operator_secret(clock: Clock) -> Secret:
    """Make the secret of the installation's operator; its digest belongs in Secrets Manager."""
    return _secret(OPERATOR_PREFIX, clock.new_secret(_SECRET_BYTES))


def digest(text: str) -> str:
    """What is stored of a key: the SHA-256 of its text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def tenant_of(text: str) -> UUID | None:
    """The tenant whose key this claims to be, or None when the text is no tenant's key."""
    prefix = next((prefix for prefix in _PREFIXES.values() if text.startswith(prefix)), None)
    if prefix is None:
        return None
    written = text.removeprefix(prefix)
    try:
        content = base64.b32decode(written.upper())
    except (binascii.Error, ValueError):
        return None
    if len(content) != _SECRET_BYTES + 16 or written != written.lower():
        return None
    return UUID(bytes=content[_SECRET_BYTES:])


def _secret(prefix: str, content: bytes) -> Secret:
    written = base64.b32encode(content).decode().rstrip("=").lower()
    text = prefix + written
    return Secret(text, digest(text), prefix + written[:_SHOWN])
