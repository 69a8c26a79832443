"""Similarity of tracks: shared area over all area, summed over video frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.matching.arrays import Compare, Floats, Ints
from labelwright.matching.box import common_scale, frame_of, rotated_overlap, scale_of, upright_overlap
from labelwright.model.errors import DataError
from labelwright.model.values import KeyFrame, Track

#: A track longer than this is refused: five days at 25 frames a second.
_MOST_FRAMES = 10_800_000


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A track frame by frame: frame numbers (n,) ascending and boxes (n, 5): left, top, width, height, degrees."""

    frames: Ints
    boxes: Floats
    scale: tuple[float, float]


def _stretch(here: KeyFrame, after: KeyFrame | None, last: int) -> tuple[Ints, Floats]:
    """Frames and boxes from one key frame up to the next (exclusive), or to ``last`` (inclusive)."""
    box = np.array([*frame_of(here.box), here.box.rotation], dtype=np.float64)
    if not here.enabled:
        return np.array([here.frame]), box[None, :]
    if after is None:
        frames = np.arange(here.frame, max(here.frame, last) + 1)
        return frames, np.repeat(box[None, :], len(frames), axis=0)
    frames = np.arange(here.frame, after.frame)
    goal = np.array([*frame_of(after.box), after.box.rotation], dtype=np.float64)
    share = (frames - here.frame) / (after.frame - here.frame)
    return frames, box + share[:, None] * (goal - box)


def path_of(track: Track) -> Path:
    """The box at every frame where the track is seen.

    As Label Studio draws it: between key frames the box moves linearly; a key frame that is not enabled shows its box
    and ends the track until the next one; after the last enabled one the box stays to the end of the video, where
    that is known. Of several key frames at one frame the last counts.

    Raises:
        DataError: it spans more than 10.8 million frames.
    """
    keys = sorted({k.frame: k for k in track.frames}.values(), key=lambda k: k.frame)
    if not keys:
        return Path(np.zeros(0, dtype=np.int64), np.zeros((0, 5)), scale_of(None))
    last = max(keys[-1].frame, int(track.frames_count or 0))
    if last - keys[0].frame > _MOST_FRAMES:
        raise DataError(f"A track spans {last - keys[0].frame} frames", next_step="Check its key frames.")
    parts = [_stretch(here, after, last) for here, after in zip(keys, [*keys[1:], None], strict=True)]
    frames = np.concatenate([p[0] for p in parts])
    return Path(frames, np.concatenate([p[1] for p in parts]), scale_of(keys[0].box.size))


def _shared_volume(a: Path, b: Path) -> float:
    """Shared area summed over the frames that both are seen at, in squared percent."""
    _, at_a, at_b = np.intersect1d(a.frames, b.frames, assume_unique=True, return_indices=True)
    one, two = a.boxes[at_a], b.boxes[at_b]
    if not (one[:, 4].any() or two[:, 4].any()):
        return float(upright_overlap(one, two).sum())
    scale = common_scale(np.array([a.scale]), np.array([b.scale]))
    scales = np.repeat(scale, len(one), axis=0)
    return float(rotated_overlap(one[:, :4], two[:, :4], (one[:, 4], two[:, 4]), scales).sum())


def _volume(path: Path) -> float:
    return float((path.boxes[:, 2] * path.boxes[:, 3]).sum())


def track_iou(tracks: Sequence[Track]) -> Compare:
    """Spatio-temporal intersection over union: both sums run over all frames of either track."""
    paths = [path_of(t) for t in tracks]
    volumes = [_volume(p) for p in paths]

    def one(a: int, b: int) -> float:
        if tracks[a] == tracks[b]:
            return 1.0
        both = _shared_volume(paths[a], paths[b])
        either = volumes[a] + volumes[b] - both
        return min(1.0, max(0.0, both / either)) if either > 0 else 0.0

    def compare(left: Ints, right: Ints) -> Floats:
        return np.array([one(a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True)], dtype=np.float64)

    return compare
