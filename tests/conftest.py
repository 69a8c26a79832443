"""The fixtures that all folders of tests share."""

from support.fixtures import (
    fresh_desk,
    label_studio,
    label_studio_on_postgres,
    postgres,
    postgres_url,
)

__all__ = ["fresh_desk", "label_studio", "label_studio_on_postgres", "postgres", "postgres_url"]
