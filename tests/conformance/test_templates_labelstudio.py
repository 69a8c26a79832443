"""All configs that ship with Label Studio, read by us and by Label Studio's own SDK."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.sample import goes_through, sample_result, sample_task
from labelwright.adapters.labelstudio.templates import list_templates, render
from labelwright.agreement.defaults import measure_of
from labelwright.model.schema import Control, Kind
from labelwright.model.values import Entry, Opaque

#: Two templates of Label Studio 1.23.2 have a flaw that is pointed out: one lacks a toName, one offers a class twice.
FLAWED = {
    ("generative-ai/chatbot-assessment/config.yml", "likert_scale"): "toName",
    ("ranking-and-scoring/document-retrieval/config.yml", "selection"): "offered twice",
}
#: Their tag is a control for us only: it asks for nothing by name.
NAMELESS = Kind.RELATIONS


@cache
def shipped() -> dict[str, str]:
    """Every config in the installed Label Studio by its path: XML files, and ``config`` of the YAML files."""
    from support.servers import installed

    folder = installed().package / "annotation_templates"
    return {str(path.relative_to(folder)): _config(path) for path in sorted(folder.rglob("config.*"))}


def _config(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"] if path.suffix == ".yml" else text


@cache
def interface(xml: str) -> Any:
    """The SDK's reading of a config."""
    from label_studio_sdk.label_interface import LabelInterface

    return LabelInterface(xml)


def asking(xml: str) -> list[Control]:
    return [c for c in read_config(xml).controls if c.kind is not NAMELESS and c.to]


@pytest.mark.server
def test_all_configs_of_label_studio_are_read() -> None:
    """Protects the promise that any config works: 102 of them, without a problem, each control understood."""
    configs = shipped()
    assert len(configs) == 102
    for path, xml in configs.items():
        schema = read_config(xml)
        assert schema.problems == (), path
        for control in schema.controls:
            if (path, control.name) in FLAWED:
                assert FLAWED[path, control.name] in (control.reason or "")
                continue
            assert control.reason is None, (path, control)
            assert control.understood, (path, control)
            assert goes_through(control, schema), (path, control)
            choice = measure_of(control)
            assert choice.default or choice.reason, (path, control)


@pytest.mark.server
def test_names_tags_and_classes_are_those_of_the_sdk() -> None:
    """Protects the reading itself: Label Studio's own parser finds the same controls with the same classes."""
    for path, xml in shipped().items():
        theirs = {c.name: c for c in interface(xml).controls}
        ours = {c.name: c for c in asking(xml)}
        assert sorted(theirs) == sorted(ours), path
        for name, control in ours.items():
            same = {"Chat", "ChatMessage"} if control.tag == "Chat" else {control.tag}
            assert theirs[name].tag in same, (path, name)
            assert tuple(theirs[name].to_name) == control.to, (path, name)
            if theirs[name].labels and not theirs[name].dynamic_value:
                assert tuple(theirs[name].labels) == control.classes, (path, name)


@pytest.mark.server
def test_data_fields_hold_what_the_sdk_would_show() -> None:
    """Protects the check of the data: no field that an object shows is missed."""
    for path, xml in shipped().items():
        wanted = {o.value_name.split("[")[0].split(".")[0] for o in interface(xml).objects if o.value_is_variable}
        assert wanted <= set(read_config(xml).data_fields), path


@pytest.mark.server
def test_annotations_that_the_sdk_makes_go_through() -> None:
    """Protects from testing the codec only with samples of our own: the SDK's are read and given back, too."""
    codec, made = LabelStudioCodec(), 0
    for path, xml in shipped().items():
        try:
            sample = interface(xml).generate_sample_annotation()
        except Exception:  # noqa: BLE001, S112 - the SDK cannot make one for every config; counted below
            continue
        result = json.loads(json.dumps(sample["result"])) if sample else []
        schema = read_config(xml)
        answer = codec.decode(json.dumps(result), schema)
        assert codec.encode(answer) == result, path
        made += len(result)
    assert made > 100


@pytest.mark.server
def test_our_samples_fit_the_config_in_the_eyes_of_the_sdk() -> None:
    """Protects the samples that `schema check` tries: Label Studio's own validation takes them."""
    checked = 0
    for path, xml in shipped().items():
        schema, theirs = read_config(xml), interface(xml)
        result = sample_result(schema)
        for region in result:
            control = theirs._controls.get(region.get("from_name"))
            nested = control is not None and control.attr.get("allownested") == "true"
            if control is None or not control.objects or nested:
                continue  # a link between regions, or nested choices, which the SDK's validation does not know
            context = () if control.tag == "Ranker" else ({"result": result, "region": region},)
            assert control.validate_value(region["value"], *context), (path, region)
            checked += 1
    assert checked > 150


@pytest.mark.parametrize("name", [t.name for t in list_templates()])
def test_our_templates_are_valid_for_the_sdk(name: str) -> None:
    """Protects our own screens: Label Studio's validation takes config, sample item and sample answer."""
    xml = render(name, None)
    theirs, schema = interface(xml), read_config(xml)
    theirs.validate()
    assert {c.name for c in theirs.controls} == {c.name for c in asking(xml)}
    data = sample_task(schema)
    assert all(data.get(o.value_name) for o in theirs.objects)
    answer = LabelStudioCodec().decode(json.dumps(sample_result(schema)), schema)
    assert not any(isinstance(e, Entry) and isinstance(e.value, Opaque) for e in answer.entries)
