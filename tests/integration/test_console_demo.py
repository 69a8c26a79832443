"""Tried as a new user would: from the demo, by clicking alone, in under two minutes, the screens answer the lead."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.entry.api.console_site import static_folder
from support.screen import CHROMIUM, SHOTS, browser_page

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no chromium"),
    pytest.mark.skipif(not (static_folder() / "index.html").is_file(), reason="the console is not built: make console"),
]
TWO_MINUTES = 120


def labelwright(*arguments: str) -> dict:
    """A command with its JSON."""
    command = [sys.executable, "-m", "labelwright", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1400, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[tuple[dict, str]]:
    """What `make demo` came to, and the link that `labelwright up` prints in its folder."""
    root = tmp_path_factory.mktemp("console-demo") / "ws"
    played = labelwright("demo", "--dir", str(root))
    up = labelwright("up", "--workspace", str(root))
    yield played, up["console"]["link"]
    labelwright("down", "--workspace", str(root))


def test_a_lead_gets_every_answer_and_the_dataset_by_clicking_alone(demo, tmp_path):
    """How good, who needs help, what is confused, what is contested and why, when, how much; and the data in hand."""
    played, link = demo
    alpha = played["agreement"]["krippendorff_alpha"]
    with browser_page(width=1360) as page:
        begun = time.monotonic()
        page.goto(link)
        # How good are the labels? The number of the report, in words with its interval.
        page.get_by_text("How good are the labels?").wait_for()
        card = page.locator(".card", has_text="How good are the labels?")
        # What was made before the demo's last answers is brought up to date while the page is open.
        card.locator(".big", has_text=f"{alpha['value']:.2f}").wait_for(timeout=60_000)
        assert "95 % interval" in card.inner_text()
        assert "Nothing is certified" in card.inner_text()
        # When will it be done, what will it cost?
        when = page.locator(".card", has_text="When will it be done?").inner_text()
        assert re.search(r"in [\d.]+ (min|h|days)|All answered", when), when
        cost = page.locator(".card", has_text="What will it cost?").inner_text()
        assert re.search(r"€\d+\.\d\d", cost), cost
        assert f"{played['annotations']} of 450" in cost
        page.screenshot(path=SHOTS / "console-demo-overview.png", full_page=True)
        # Which class is confused with which? The pair opens the items behind it.
        page.locator(".card", has_text="Which class is confused with which").get_by_role(
            "link", name="pairs of answers"
        ).first.click()
        page.locator(".vrow").first.wait_for()
        page.get_by_role("link", name="Agreement", exact=True).click()
        page.get_by_role("region", name="Confusion of classes").wait_for()
        # Who needs help?
        page.get_by_role("link", name="People", exact=True).click()
        page.get_by_role("columnheader", name="Needs help").wait_for()
        assert page.locator("table.data tbody tr").count() == played["annotators"]
        page.get_by_role("link", name="Slot 2").click()
        page.get_by_text("Skill (expected share right)").wait_for()
        # What is contested, and why?
        page.get_by_role("link", name="Review").click()
        page.get_by_text("Why it is contested:").wait_for()
        # The dataset.
        page.get_by_role("link", name="Datasets").click()
        page.get_by_role("button", name="Write a dataset").first.click()
        page.get_by_role("button", name="Write", exact=True).click()
        with page.expect_download() as got:
            page.get_by_label("Download v1").click()
        took = time.monotonic() - begun
        got.value.save_as(tmp_path / "v1.zip")
        page.screenshot(path=SHOTS / "console-demo-datasets.png", full_page=True)
    with zipfile.ZipFile(tmp_path / "v1.zip") as archive:
        names = archive.namelist()
        rows = sum(
            len(archive.read(n).splitlines()) for n in names if re.fullmatch(r"v1/(train|validation|test)\.jsonl", n)
        )
        manifest = json.loads(archive.read("v1/manifest.json"))
    assert rows == manifest["counts"]["rows"] > 200
    assert took < TWO_MINUTES
