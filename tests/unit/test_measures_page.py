"""The page that says which measure each control of Label Studio gets is the table that the code follows."""

from __future__ import annotations

from pathlib import Path

from labelwright.adapters.labelstudio.config_tags import CONTROLS, LABELS_ON
from labelwright.agreement.defaults import MEASURES
from labelwright.model.schema import Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "measures.md"


def rows() -> dict[str, list[str]]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    return {name.lower(): rest for name, *rest in cells}


def expected(kind: Kind, reason: str | None = None) -> list[str]:
    choice = MEASURES[kind]
    if choice.default is None:
        return [f"not measured: {reason or choice.reason}", ""]
    return [choice.default.name, " · ".join(a.name for a in choice.alternatives) or "–"]


def test_every_control_is_on_the_page_with_its_measure_or_the_reason():
    """Protects the promised table: complete, and never another than the one that measures."""
    found = rows()
    assert found.pop('choices, `choice="multiple"`') == expected(Kind.CHOICES)
    for about, kinds in (
        ("text", ("text", "hypertext", "paragraphs")),
        ("audio, time series", ("audio", "timeseries")),
    ):
        assert {LABELS_ON[k] for k in kinds} == {LABELS_ON[kinds[0]]}
        assert found.pop(f"labels on {about}") == expected(LABELS_ON[kinds[0]])
    assert set(found) == set(CONTROLS) - {"labels"}
    for tag, cells in found.items():
        kind = CONTROLS[tag].kind
        assert kind is not None
        assert cells == expected(kind, CONTROLS[tag].reason), tag
