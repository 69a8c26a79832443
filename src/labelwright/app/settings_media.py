"""Settings about media: where an object store is, and how browsers reach files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.app.settings_base import Section


class Media(Section):
    """Images, recordings and films behind the items.

    ``endpoint``, ``key``, ``secret`` and ``region`` are those of an S3-compatible store (default: what the environment
    says, as for every S3 client). ``links`` to ``s3://`` objects are presigned where the store lets pages of Label
    Studio read (auto), always presigned, or always proxied through Labelwright's server. ``public_url`` is the address
    of Labelwright's server as annotators' browsers reach it, where a reverse proxy stands before it.
    """

    endpoint: str | None = None
    key: str | None = None
    secret: Annotated[str | None, Field(repr=False)] = None
    region: str | None = None
    links: Literal["auto", "presigned", "proxied"] = "auto"
    public_url: str | None = None
