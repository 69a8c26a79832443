"""The fixtures that all folders of tests share."""

from hypothesis import settings

from support.fixtures import (
    fresh_desk,
    label_studio,
    label_studio_on_postgres,
    postgres,
    postgres_url,
)

__all__ = ["fresh_desk", "label_studio", "label_studio_on_postgres", "postgres", "postgres_url"]

# A busy machine is no reason to fail: what must be quick is measured in benchmarks/.
settings.register_profile("labelwright", deadline=None)
settings.load_profile("labelwright")
