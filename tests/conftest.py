"""The fixtures that all folders of tests share, and what the inner loop leaves out."""

import os

import pytest
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
# For the inner loop: fewer examples of each property. The whole suite tries them all.
settings.register_profile("fast", deadline=None, max_examples=20)
settings.load_profile(os.environ.get("LABELWRIGHT_HYPOTHESIS", "labelwright"))

# Files that simulate, replay recorded crowds, train models or start programs: most of the time, few of the faults.
SLOW = frozenset(
    [
        "test_adapting",
        "test_certifying",
        "test_consensus_crowds",
        "test_console_fuzz",
        "test_convert_read_back",
        "test_feedback",
        "test_formats_read_back",
        "test_guideline_versions",
        "test_learners_media",
        "test_machine",
        "test_media_previews",
        "test_planning_forecast",
        "test_planning_job",
        "test_planning_simulate",
        "test_processes",
        "test_report_parts",
        "test_review_audit",
        "test_review_decisions",
        "test_reviewing",
        "test_selection",
        "test_shadow",
        "test_training",
        "test_watching",
    ]
)
SLOW_TESTS = frozenset(["test_importing_has_no_effect", "test_a_pure_package_brings_nothing_of_the_outside_along"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make test-fast` leaves out: the files above and all of integration."""
    for item in items:
        name = item.name.partition("[")[0]
        if item.path.stem in SLOW or name in SLOW_TESTS or item.path.parent.name == "integration":
            item.add_marker(pytest.mark.slow)
