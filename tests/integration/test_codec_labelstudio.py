"""Templates and codec against a real Label Studio: projects, items and answers go in and come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from labelwright.adapters.labelstudio.codec import LabelStudioCodec, check_answer
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.sample import sample_result, sample_task
from labelwright.adapters.labelstudio.templates import list_templates, render
from labelwright.model.values import Entry, Opaque
from support.servers import LiveServer

pytestmark = pytest.mark.server

EVERYTHING = """<View>
<Text name="text" value="$text"/><Image name="image" value="$image"/><Video name="video" value="$video"/>
<HyperText name="html" value="$html"/><Paragraphs name="talk" value="$talk"/><Audio name="audio" value="$audio"/>
<List name="list" value="$list"/><TimeSeries name="series" valueType="json" value="$series"><Channel column="v"/></TimeSeries>
<Choices name="one" toName="text"><Choice value="A"/><Choice value="B"/></Choices>
<Choices name="nested" toName="text" allowNested="true"><Choice value="C"><Choice value="D"/></Choice></Choices>
<Taxonomy name="tree" toName="text"><Choice value="E"><Choice value="F"/></Choice></Taxonomy>
<Rating name="rating" toName="text"/><Number name="number" toName="text"/><DateTime name="date" toName="text"/>
<TextArea name="free" toName="text"/><Ranker name="rank" toName="list"/>
<Labels name="spans" toName="text"><Label value="G"/></Labels><Labels name="sounds" toName="audio"><Label value="H"/></Labels>
<HyperTextLabels name="marks" toName="html"><Label value="I"/></HyperTextLabels>
<ParagraphLabels name="lines" toName="talk"><Label value="J"/></ParagraphLabels>
<TimeSeriesLabels name="times" toName="series"><Label value="K"/></TimeSeriesLabels>
<RectangleLabels name="boxes" toName="image"><Label value="L"/></RectangleLabels>
<PolygonLabels name="corners" toName="image"><Label value="M"/></PolygonLabels>
<EllipseLabels name="rounds" toName="image"><Label value="N"/></EllipseLabels>
<KeyPointLabels name="points" toName="image"><Label value="O"/></KeyPointLabels>
<BrushLabels name="masks" toName="image"><Label value="P"/></BrushLabels>
<Choices name="each" toName="image" perRegion="true"><Choice value="Q"/></Choices>
<VideoRectangle name="track" toName="video"/><Labels name="tracked" toName="video"><Label value="R"/></Labels>
<TimelineLabels name="frames" toName="video"><Label value="S"/></TimelineLabels>
<Relations><Relation value="is"/></Relations></View>"""

CONFIGS = {template.name: render(template.name) for template in list_templates()} | {
    "awkward class names": render("text-classification", ["A & B", 'say "x"', "<b>", "naïve 🙂", "שלום"]),
    "every control": EVERYTHING,
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_screen_is_taken_and_its_answer_comes_back(
    label_studio: LiveServer, fresh_desk: Callable[..., int], name: str
) -> None:
    """Protects every template: the server takes the config and a sample item, and gives the answer back unchanged."""
    schema = read_config(CONFIGS[name])
    client = label_studio.client()
    desk = fresh_desk(label_studio, config=schema.xml)
    imported = client.post(f"/api/projects/{desk}/import", [{"data": sample_task(schema)}], {"return_task_ids": "true"})
    (task,) = imported["task_ids"]
    result = sample_result(schema)
    client.post(f"/api/tasks/{task}/annotations/", {"result": result, "lead_time": 3.5})

    (stored,) = client.get(f"/api/tasks/{task}/annotations/")
    codec = LabelStudioCodec()
    answer = codec.decode(json.dumps(stored), schema)
    assert check_answer(answer, schema) == ()
    assert not any(isinstance(e, Entry) and isinstance(e.value, Opaque) for e in answer.entries)
    assert ordered(codec.encode(answer)) == ordered(stored["result"]) == ordered(result)


def ordered(value: Any) -> str:
    """As text with the fields in order, which tells 1 from 1.0."""
    return json.dumps(value, sort_keys=True)
