"""The labeling screen in a real Chromium, used as a person uses it: sign in, press keys, draw with the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labelwright.entry.api.console_site import static_folder

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOTS = Path(__file__).parents[2] / "test-artifacts"
WAIT = 90_000

#: The picture stands still and fills its canvas: twice the same sizes, one look after the other.
_SETTLED = """() => {
  const picture = document.querySelector('img[alt=image]'), canvas = document.querySelector('.konvajs-content canvas');
  if (!picture || !canvas || !picture.naturalWidth) return false;
  const a = picture.getBoundingClientRect(), b = canvas.getBoundingClientRect();
  const now = [a.width, a.height, b.x, b.y, b.width, b.height].join(), same = window.lastSizes === now;
  window.lastSizes = now;
  return same && a.width >= 0.98 * b.width;
}"""
_PLACE = """word => {
  const walker = document.createTreeWalker(document.querySelector('.lw-item'), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const at = node.textContent.indexOf(word);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + word.length);
    const box = range.getBoundingClientRect();
    return [box.left, box.right, (box.top + box.bottom) / 2];
  }
}"""

#: What every test of the console in a browser needs.
CONSOLE = [
    pytest.mark.server,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no chromium"),
    pytest.mark.skipif(not (static_folder() / "index.html").is_file(), reason="the console is not built: make console"),
]

Point = tuple[float, float]
Place = Callable[[float, float], Point]


@contextmanager
def browser_page(width: int = 1280, height: int = 900) -> Iterator[Any]:
    """A page of a new browser."""
    from playwright.sync_api import sync_playwright

    SHOTS.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(WAIT)
        yield page
        browser.close()


def go_to_work(page: Any, url: str, account: dict[str, str]) -> None:
    """Sign in at the desk's link and put the guidelines away."""
    page.goto(url, timeout=WAIT)
    page.fill("input[name=email]", account["email"])
    page.fill("input[name=password]", account["password"])
    page.click("button[type=submit]")
    guidelines = page.get_by_text("Labeling Instructions")
    guidelines.wait_for()
    page.keyboard.press("Escape")
    guidelines.wait_for(state="hidden")


def drag(page: Any, start: Point, end: Point, steps: int = 10) -> None:
    """Press, move, let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


def _within(box: dict[str, float]) -> Place:
    return lambda x, y: (box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)


def picture(page: Any) -> Place:
    """Where percent of the picture are on the screen, once it stands still."""
    page.locator(".konvajs-content canvas").first.wait_for()
    page.wait_for_function(_SETTLED, polling=300)
    return _within(page.locator(".konvajs-content canvas").first.bounding_box())


def playable(page: Any) -> None:
    """Wait until a film's frames are counted and its first one is there."""
    page.wait_for_function("/of\\s+[1-9]\\d*/.test(document.body.innerText)")
    page.wait_for_function("(document.querySelector('video') || {}).readyState >= 2")


def film(page: Any) -> Place:
    """Where percent of a film's canvas are, once boxes can be drawn on it."""
    playable(page)
    page.locator(".konvajs-content canvas").first.wait_for()
    return _within(page.locator(".konvajs-content canvas").first.bounding_box())


def recording(page: Any) -> Place:
    """Where percent of a recording's wave form are, once its length is known."""
    page.locator("canvas").first.wait_for()
    page.wait_for_function(
        "[...document.querySelectorAll('input')].some(i => /^\\d\\d:\\d\\d:\\d\\d:\\d{3}$/.test(i.value) && /[1-9]/.test(i.value))"
    )
    return _within(page.locator("canvas").first.bounding_box())


def mark(page: Any, key: str, words: str) -> None:
    """Choose a class and draw the mouse over the words."""
    page.keyboard.press(key)
    left, right, middle = page.evaluate(_PLACE, words)
    drag(page, (left + 1, middle), (right - 1, middle), 15)


def regions(page: Any, n: int) -> None:
    """Wait until so many regions are listed."""
    page.wait_for_function("n => document.querySelectorAll('.lsf-outliner-item').length === n", arg=n)
