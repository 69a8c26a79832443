"""Signed, expiring links to media: who has no link sees nothing, and a link opens one field of one item.

A link ends in ``{expires}/{signature}/{name}``. The name says which item and field, never a path, so that no link can
lead anywhere but to what the pool holds. Pure: the time is an argument.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as EncodingError
from hashlib import sha256

MEDIA_PATH = "/media"
#: Put behind a link, it leads to a small picture of what the link opens.
THUMBNAIL = "/thumbnail"
#: Longer names are refused unread; an item's id of 512 characters and a field fit.
LONGEST_NAME = 8_192
_LONGEST_TIME = 12
#: Parts this use of the secret from any other.
_PURPOSE = b"labelwright media link 1\0"


def name_of(item: str, field: str) -> str:
    """An item's id and a data field as one word of letters, digits, ``-`` and ``_``."""
    return _text(json.dumps([item, field], separators=(",", ":")).encode())


def read_name(name: str) -> tuple[str, str] | None:
    """Item and field of a name; None where it is none, or not written as `name_of` writes it."""
    if len(name) > LONGEST_NAME:
        return None
    try:
        found = json.loads(_bytes(name))
    except (ValueError, RecursionError):
        return None
    match found:
        case [str(item), str(field)] if name_of(item, field) == name:
            return item, field
    return None


def sign(secret: str, name: str, expires: int) -> str:
    """The signature of a name until a time: HMAC-SHA-256 (RFC 2104) in base64url, 43 characters.

    Args:
        secret: known to this workspace only.
        name: see `name_of`.
        expires: seconds since the epoch.
    """
    return _text(hmac.new(secret.encode(), _PURPOSE + f"{expires}/{name}".encode(), sha256).digest())


def verify(secret: str, name: str, expires: str, signature: str, now: float) -> bool:
    """Whether a link's parts belong together and its time is not over. The comparison takes the same time for all.

    Args:
        secret: the one it was signed with.
        name: as it stands in the link.
        expires: as it stands in the link, digits.
        signature: as it stands in the link.
        now: seconds since the epoch; the second that is named is the last.
    """
    if not (expires.isascii() and expires.isdigit() and len(expires) <= _LONGEST_TIME):
        return False
    until = int(expires)
    right = str(until) == expires and hmac.compare_digest(sign(secret, name, until).encode(), _coded(signature))
    return right and now <= until


def link(server: str, secret: str, item: str, field: str, expires: int) -> str:
    """The address of one field of one item: ``{server}/media/{expires}/{signature}/{name}``."""
    name = name_of(item, field)
    return f"{server.rstrip('/')}{MEDIA_PATH}/{expires}/{sign(secret, name, expires)}/{name}"


def _coded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """What `_text` wrote. Raises ValueError where it is something else."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except EncodingError as error:
        raise ValueError("not base64url") from error
