"""Signed links to an annotator's own page: who has no link sees nothing, and a link opens one person's page only."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import quote

ME_PATH = "/me"
_PURPOSE = b"labelwright personal page 1\0"


def sign_person(secret: str, annotator: str) -> str:
    """The signature of an annotator's id: HMAC-SHA-256 (RFC 2104) in base64url, 43 characters."""
    digest = hmac.new(secret.encode(), _PURPOSE + annotator.encode(), sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def is_signed(secret: str, annotator: str, signature: str) -> bool:
    """Whether both belong together. The comparison takes the same time for all."""
    given = signature.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(sign_person(secret, annotator).encode(), given)


def personal_link(server: str, secret: str, annotator: str) -> str:
    """The address of her page: ``{server}/me/{id}/{signature}``."""
    return f"{server.rstrip('/')}{ME_PATH}/{quote(annotator, safe='')}/{sign_person(secret, annotator)}"
