"""Boxes that move through a video, and ranges of its frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwright.adapters.labelstudio.codec_answers import number
from labelwright.adapters.labelstudio.codec_regions import image_size
from labelwright.model.values import Box, FrameRanges, ImageSize, KeyFrame, Track

_Fields = Mapping[str, Any]


def read_track(value: _Fields, line: _Fields) -> Track:
    """A box at its key frames."""
    size = image_size(line)
    frames = tuple(_key_frame(frame, size) for frame in value["sequence"])
    return Track(frames, _optional(value, "framesCount"), _optional(value, "duration"))


def _optional(value: _Fields, key: str) -> Any:
    return number(value[key]) if value.get(key) is not None else None


def _key_frame(frame: _Fields, size: ImageSize | None) -> KeyFrame:
    x, y, width, height = (number(frame[key]) for key in ("x", "y", "width", "height"))
    rotation = number(frame["rotation"]) if "rotation" in frame else 0.0
    enabled = frame.get("enabled", True)
    if type(frame["frame"]) is not int or type(enabled) is not bool:
        raise TypeError("a key frame")
    return KeyFrame(frame["frame"], _optional(frame, "time"), Box(x, y, width, height, rotation, size), enabled)


def write_track(track: Track) -> dict[str, Any]:
    """A box at its key frames."""
    counts = {"framesCount": track.frames_count, "duration": track.duration}
    return {
        "sequence": [_written(frame) for frame in track.frames],
        **{key: count for key, count in counts.items() if count is not None},
    }


def _written(frame: KeyFrame) -> dict[str, Any]:
    box = frame.box
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rotation": box.rotation}
    time = {} if frame.time is None else {"time": frame.time}
    return {"frame": frame.frame, "enabled": frame.enabled, **place, **time}


def read_ranges(value: _Fields, line: _Fields) -> FrameRanges:  # noqa: ARG001 - every reader takes both
    """Ranges of frames, both ends inclusive."""
    return FrameRanges(tuple((number(one["start"]), number(one["end"])) for one in value["ranges"]))


def write_ranges(found: FrameRanges) -> dict[str, Any]:
    """Ranges of frames."""
    return {"ranges": [{"start": start, "end": end} for start, end in found.ranges]}
