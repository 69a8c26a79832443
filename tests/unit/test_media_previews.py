"""Reports show what annotators saw: small pictures of images, films and recordings, and none of what cannot be decoded."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.media.previews import SIDE, preview
from labelwright.adapters.reports.labelstudio import read_export
from labelwright.app.report import build_report
from labelwright.app.report.previews import with_previews
from labelwright.app.tables import tables_of
from labelwright.entry.render.html import render_html
from support.media_files import cut, film, picture, sound

EXPORT = Path(__file__).parents[1] / "integration" / "report_data" / "label_studio_1_23_2.json"


@pytest.mark.parametrize(
    "make",
    [
        lambda p: picture(p / "a.png", (1200, 600)),
        lambda p: film(p / "a.avi"),
        lambda p: sound(p / "a.wav"),
    ],
)
def test_a_preview_is_a_small_picture(tmp_path, make):
    """It opens as a JPEG that is not larger than asked for."""
    address = preview(make(tmp_path))
    head, _, body = address.partition(",")
    assert head == "data:image/jpeg;base64"
    assert max(Image.open(io.BytesIO(base64.b64decode(body))).size) <= SIDE


def test_what_cannot_be_decoded_has_no_preview(tmp_path):
    """A broken picture, a drawing (it may hold a script) and a text."""
    cut(picture(tmp_path / "a.jpg", (200, 200)), 0.5)
    (tmp_path / "b.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "c.txt").write_text("text")
    assert [preview(tmp_path / name) for name in ("a.jpg", "b.svg", "c.txt", "none.png")] == [None] * 4


def test_boxes_stand_on_their_picture_in_the_report():
    """The expert sees what the boxes are about; without a picture they stand on a plain ground."""
    found = read_export(EXPORT, LabelStudioCodec(), read_config)
    report = build_report(tables_of(found.annotations), "an export")
    fields = frozenset(o.field for o in found.annotations.schema.objects if o.tag == "Image")
    assert fields
    shown = render_html(with_previews(report, fields, lambda _item, _field: "data:image/jpeg;base64,QUJD"))
    assert '<image href="data:image/jpeg;base64,QUJD"' in shown
    assert "<image" not in render_html(report)
