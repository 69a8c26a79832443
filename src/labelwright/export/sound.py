"""Recordings: a manifest for speech recognition (NVIDIA NeMo's form), and RTTM for who or what is heard when."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from typing import Any

from labelwright.export.encoding import EncodedFile, json_bytes
from labelwright.export.labelled import Labelled, Labellings, Names, Region
from labelwright.model.values import Segment

ASR_RULE = (
    "One line for each stretch with a text (offset and duration in seconds), or for the whole recording. A duration "
    "that is neither among the data nor in a WAV file at hand is null."
)
RTTM_RULE = "Blanks in the names of classes and files are underscores. Times in seconds; channels count from 1."


def encode_asr(labellings: Labellings) -> Iterator[EncodedFile]:
    """``asr_manifest.jsonl``, and ``audio/`` where the recordings are at hand."""
    audio: dict[str, str] = {}
    yield EncodedFile("asr_manifest.jsonl", _manifest(labellings, audio))
    for path, link in audio.items():
        found = labellings.media(link)
        if found is not None:
            yield EncodedFile(f"audio/{path}", (found,))


def _manifest(labellings: Labellings, audio: dict[str, str]) -> Iterator[bytes]:
    names = Names()
    for labelled in labellings.read():
        link = labellings.shown(labelled)
        path = str(link) if link is not None else ""
        if labellings.options.get("media") and isinstance(link, str):
            name = "".join(names.of(link, labelled.id))
            audio[name] = link
            path = f"audio/{name}"
        by = {} if labelled.annotator is None else {"annotator": labelled.annotator}
        found = {"audio_filepath": path, "split": labelled.split} if labelled.split else {"audio_filepath": path}
        lines = list(_stretches(labellings, labelled)) or list(_whole(labellings, labelled, link))
        yield b"".join(json_bytes({**found, **line, **by}) + b"\n" for line in lines)


def _stretches(labellings: Labellings, labelled: Labelled) -> Iterator[dict[str, Any]]:
    labellings.unlinked(labelled)
    for region in labellings.own(labelled, (Segment,)):
        place, text = region.place, _text(region)
        if not isinstance(place, Segment) or text is None:
            labellings.lost.of(labelled, region, "nothing was written about this stretch")
            continue
        more = {"label": region.labels[0]} if region.labels else {}
        channel = {} if place.channel is None else {"channel": place.channel}
        length = round(place.end - place.start, 9)
        yield {"offset": place.start, "duration": length, "text": text, **more, **channel}


def _text(region: Region) -> str | None:
    for value in region.attributes.values():
        if isinstance(value, str):
            return value
        if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
            return " ".join(value)
    return None


def _whole(labellings: Labellings, labelled: Labelled, link: Any) -> Iterator[dict[str, Any]]:
    classes = labellings.options.get("classes", {})
    texts = {c: v for c, v in labelled.values.items() if isinstance(v, str) and c not in classes}
    labellings.unanswered(labelled, kept=list(texts)[:1])
    for text in list(texts.values())[:1]:
        duration = _duration(labellings, labelled, link)
        if duration is None:
            labellings.lost.add(labelled.id, "the duration is not known", audio=link)
        yield {"duration": duration, "text": text}


def _duration(labellings: Labellings, labelled: Labelled, link: Any) -> float | None:
    known = labelled.data.get("duration")
    if isinstance(known, int | float):
        return float(known)
    found = labellings.media(link) if isinstance(link, str) else None
    if found is None:
        return None
    try:
        with wave.open(io.BytesIO(found)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


def encode_rttm(labellings: Labellings) -> Iterator[EncodedFile]:
    """``labels.rttm``: one line for each stretch and class."""
    yield EncodedFile("labels.rttm", _rttm(labellings))


def _rttm(labellings: Labellings) -> Iterator[bytes]:
    names = Names()
    for labelled in labellings.read():
        item = f"{labelled.id}" + (f"-{labelled.annotator}" if labelled.annotator else "")
        name = _joined(names.of(labellings.shown(labelled), item)[0])
        labellings.unlinked(labelled)
        labellings.unanswered(labelled)
        lines = []
        for region in labellings.own(labelled, (Segment,)):
            place = region.place
            if not isinstance(place, Segment) or not region.labels:
                labellings.lost.of(labelled, region, "it has no class")
                continue
            if region.attributes:
                labellings.lost.of(labelled, region, "RTTM has no answers", lost=dict(region.attributes))
            channel = 1 if place.channel is None else place.channel + 1
            times = f"{_seconds(place.start)} {_seconds(place.end - place.start)}"
            lines += [f"SPEAKER {name} {channel} {times} <NA> <NA> {_joined(c)} <NA> <NA>\n" for c in region.labels]
        yield "".join(lines).encode()


def _seconds(value: float) -> str:
    """Three decimals as usual, up to six where they are needed."""
    text = f"{value:.6f}"
    return text.removesuffix("000")


def _joined(name: str) -> str:
    return "_".join(name.split()) or "_"
