"""How soon the console shows something, and how much it loads: fresh visits of three views in a real Chromium.

A workspace of 100,000 seeded items (a simulation) behind uvicorn, the browser beside it on the same machine. Every
visit begins with an empty cache.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

ITEMS = 100_000
VISITS = 9
VIEWS = {"overview": "/", "items": "/items", "people": "/people"}
PAINT_SECONDS, LOAD_BYTES = 0.6, 350_000
_LOOK = """() => {
  const paint = (name) => performance.getEntriesByName(name)[0]?.startTime ?? null;
  const parts = performance.getEntriesByType('resource').filter((r) => /\\.(js|css)$/.test(r.name));
  const page = performance.getEntriesByType('navigation')[0];
  const bytes = parts.reduce((sum, r) => sum + r.encodedBodySize, page.encodedBodySize);
  return { first: paint('first-paint'), content: paint('first-contentful-paint'), bytes };
}"""


def main() -> dict[str, Any]:
    """Visit each view."""
    from playwright.sync_api import sync_playwright

    from labelwright.entry.cli.servers import console_link
    from support.console import served
    from support.screen import CHROMIUM, FLAGS

    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "place", ITEMS) as (seeded, address):
        link = f"{address}/link/{console_link(seeded.place).rsplit('/', 1)[1]}"
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            state = _sign_in(browser, link)
            views = {name: _visits(browser, state, address + path) for name, path in VIEWS.items()}
            browser.close()
    return {
        "what": "seconds to the first paint and to that with content, median of the visits; compressed bytes",
        "simulated": "The items are seeded; only times are measured on them.",
        "items": ITEMS,
        "visits": VISITS,
        "bar": {"seconds": PAINT_SECONDS, "bytes": LOAD_BYTES},
        "views": views,
        "met": all(v["content"] <= PAINT_SECONDS and v["bytes"] <= LOAD_BYTES for v in views.values()),
    }


def _sign_in(browser: Any, link: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("navigation", name="Views").wait_for()
    state = context.storage_state()
    context.close()
    return state


def _visits(browser: Any, state: Any, url: str) -> dict[str, Any]:
    seen = []
    for _ in range(VISITS):
        context = browser.new_context(storage_state=state)
        page = context.new_page()
        page.goto(url)
        page.wait_for_timeout(1500)
        seen.append(page.evaluate(_LOOK))
        context.close()
    return {
        "first": round(median(v["first"] for v in seen) / 1000, 3),
        "content": round(median(v["content"] for v in seen) / 1000, 3),
        "slowest_content": round(max(v["content"] for v in seen) / 1000, 3),
        "bytes": max(v["bytes"] for v in seen),
    }


if __name__ == "__main__":
    import json

    json.dump(main(), sys.stdout, indent=2)
