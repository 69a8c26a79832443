"""Settings of the console."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Console(BaseModel):
    """The web console. ``oidc_*`` lets people in by single sign-on.

    ``public_url`` is the address that browsers use behind a proxy. ``oidc_role`` is what newcomers become; without it
    only people whom a lead has invited get in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    public_url: str | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = Field(default=None, repr=False)
    oidc_role: Literal["lead", "reviewer", "annotator", "read-only"] | None = None
