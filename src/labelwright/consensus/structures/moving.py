"""One track out of several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.consensus.structures.planes import fuse_boxes
from labelwright.matching.track import Path, path_of
from labelwright.model.values import Box, KeyFrame, Track


def fuse_tracks(tracks: Sequence[Track], weights: Sequence[float]) -> Track:
    """Key frames wherever a member has one; the box is fused from the members that are seen there.

    The track is there where at least half of the weight sees it.
    """
    paths = [path_of(t) for t in tracks]
    times = {k.frame: k.time for t in reversed(tracks) for k in t.frames}
    half = sum(weights) / 2 - 1e-9
    found: list[KeyFrame] = []
    for frame in sorted(times):
        seen = [row for row, path in enumerate(paths) if _row(path, frame) is not None]
        goes_on = [row for row, path in enumerate(paths) if _goes_on(path, frame)]
        if sum(weights[row] for row in seen) >= half:
            boxes = [_box(paths[row], tracks[row], frame) for row in seen]
            box = fuse_boxes(boxes, [weights[row] for row in seen])
            enabled = sum(weights[row] for row in goes_on) >= half
            found.append(KeyFrame(frame, times.get(frame), box, enabled))
    count = max((t.frames_count for t in tracks if t.frames_count is not None), default=None)
    duration = max((t.duration for t in tracks if t.duration is not None), default=None)
    return Track(tuple(found), count, duration)


def _row(path: Path, frame: int) -> int | None:
    at = int(np.searchsorted(path.frames, frame))
    return at if at < len(path.frames) and path.frames[at] == frame else None


def _goes_on(path: Path, frame: int) -> bool:
    return _row(path, frame) is not None and _row(path, frame + 1) is not None


def _box(path: Path, track: Track, frame: int) -> Box:
    at = int(np.searchsorted(path.frames, frame))
    left, top, width, height, degrees = path.boxes[at].tolist()
    return Box(left, top, width, height, degrees, track.frames[0].box.size)
