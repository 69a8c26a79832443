"""Label Studio's brush code: bit-packed run lengths of RGBA bytes.

The format is that of the rle-pack library (thi.ng/umbrella), big-endian bits: 32 bits number of values, 5 bits word
size − 1, four times 4 bits run-size − 1; then blocks of 1 bit (repeat or not), 2 bits (which run size), that many bits
length − 1, and one word (repeated) or as many words as the length says. Values are R, G, B, A of each pixel, row by
row; a pixel is painted where A is above 0. Runs are kept as runs: a hostile code that claims a giant picture costs
nothing until somebody asks for its pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.matching.arrays import Ints
from labelwright.matching.runs import Runs, merged
from labelwright.model.errors import DataError
from labelwright.model.values import ImageSize, Mask

#: Bits of the four run sizes that we write; 16 is the greatest that the format can name.
_RUN_BITS = (3, 4, 8, 16)
_WORD_BITS = 8
#: More pixels than this are refused when a mask is unpacked.
_MOST_PIXELS = 400_000_000

_Block = tuple[int, int, int]


class _Bits:
    """A reader of big-endian bits."""

    def __init__(self, code: Sequence[int]) -> None:
        try:
            packed = bytes(code)
        except ValueError as error:
            raise _broken("holds numbers that are not bytes") from error
        self.text = format(int.from_bytes(b"\x01" + packed, "big"), "b")[1:]
        self.at = 0

    def take(self, width: int) -> int:
        self.at += width
        if self.at > len(self.text):
            raise _broken("ends too early")
        return int(self.text[self.at - width : self.at], 2)


def _broken(why: str) -> DataError:
    return DataError(f"The code of a brush mask {why}", where="rle", next_step="Have the region drawn anew.")


def _blocks(code: Sequence[int]) -> Iterator[_Block]:
    """First the count of values as (count, 0, 0), then stretches (from, to, value)."""
    bits = _Bits(code)
    total = bits.take(32)
    yield total, 0, 0
    word = bits.take(5) + 1
    sizes = [bits.take(4) + 1 for _ in range(4)]
    at = 0
    while at < total:
        repeat = bits.take(1)
        end = min(total, at + 1 + bits.take(sizes[bits.take(2)]))
        if repeat:
            yield at, end, bits.take(word)
        else:
            yield from ((place, place + 1, bits.take(word)) for place in range(at, end))
        at = end


def _stretches(code: Sequence[int]) -> tuple[int, NDArray[np.int64]]:
    """Number of values and stretches (n, 3) of from, to, value; an empty code has neither."""
    if not code:
        return 0, np.zeros((0, 3), dtype=np.int64)
    blocks = _blocks(code)
    total = next(blocks)[0]
    return total, np.array(list(blocks), dtype=np.int64).reshape(-1, 3)


def decode_rle(code: Sequence[int]) -> NDArray[np.uint8]:
    """All values, four a pixel.

    Args:
        code: bytes as numbers from 0 to 255.

    Returns:
        Shape (4 × height × width,).

    Raises:
        DataError: the code is broken, or claims more than 400 million pixels.
    """
    total, stretches = _stretches(code)
    if total > 4 * _MOST_PIXELS:
        raise _broken(f"claims {total // 4} pixels, more than {_MOST_PIXELS}")
    return np.repeat(stretches[:, 2], stretches[:, 1] - stretches[:, 0]).astype(np.uint8)


def pixel_count(mask: Mask) -> int:
    """Pixels of the picture that a mask was drawn on.

    Raises:
        DataError: the code is broken.
    """
    return _stretches(mask.rle)[0] // 4


def painted(mask: Mask) -> Runs:
    """The painted pixels of a mask as runs of pixel numbers, row by row.

    Raises:
        DataError: the code is broken or does not fit the recorded picture size.
    """
    total, stretches = _stretches(mask.rle)
    if mask.size is not None and mask.rle and total != 4 * mask.size.width * mask.size.height:
        raise _broken(f"holds {total} values, not four for each of {mask.size.width} × {mask.size.height} pixels")
    seen = stretches[stretches[:, 2] > 0]
    # Alpha is every fourth value: those with from <= 4 p + 3 < to are the pixels from // 4 <= p < to // 4.
    return merged(seen[:, 0] // 4, seen[:, 1] // 4)


def _run_code(length: int, value: int) -> str:
    which = next(i for i, bits in enumerate(_RUN_BITS) if length <= 1 << bits)
    return f"1{which:02b}{length - 1:0{_RUN_BITS[which]}b}{value:0{_WORD_BITS}b}"


def _pieces(runs: Runs, pixels: int) -> Iterator[tuple[int, int]]:
    """Lengths in values and values, painted and unpainted in turn, none longer than the format can name."""
    longest = 1 << _RUN_BITS[-1]
    bounds = np.stack([runs.starts, runs.ends], axis=1).ravel() * 4
    at = 0
    for turn, stop in enumerate([*bounds.tolist(), pixels * 4]):
        value = 255 if turn % 2 else 0
        yield from ((min(longest, stop - start), value) for start in range(at, stop, longest))
        at = stop


def encode(runs: Runs, size: ImageSize) -> Mask:
    """A mask with these pixels painted, in Label Studio's code (all four values 255, else 0)."""
    pixels = size.width * size.height
    head = f"{pixels * 4:032b}{_WORD_BITS - 1:05b}" + "".join(f"{bits - 1:04b}" for bits in _RUN_BITS)
    body = "".join(_run_code(length, value) for length, value in _pieces(runs, pixels))
    text = head + body
    text += "0" * (-len(text) % 8)
    return Mask(rle=tuple(int(text[at : at + 8], 2) for at in range(0, len(text), 8)), size=size)


def pixel_runs(picture: NDArray[np.bool_]) -> Runs:
    """Runs of the true pixels of a picture of shape (height, width)."""
    flat = np.concatenate([[False], picture.ravel(), [False]])
    edges: Ints = np.flatnonzero(flat[1:] != flat[:-1])
    return Runs(edges[::2], edges[1::2])
