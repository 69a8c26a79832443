"""What every section of the settings stands on."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _not_blank(text: str) -> str:
    if not text.strip():
        message = "must not be blank"
        raise ValueError(message)
    return text


Share = Annotated[float, Field(ge=0, le=1)]
Filled = Annotated[str, AfterValidator(_not_blank)]


class Section(BaseModel):
    """Frozen; unknown fields are refused, and what was written is not repeated in an error (it may be a secret)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)
