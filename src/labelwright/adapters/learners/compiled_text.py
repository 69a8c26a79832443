"""The sums of a linear model over the n-grams of many texts, as compiled loops. Imported only for these."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Letters = NDArray[np.uint32]
Kinds = NDArray[np.uint8]
Keys = NDArray[np.uint64]
Places = NDArray[np.int64]
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

_OFFSET, _PRIME, _SPACE = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3), np.uint64(32)
_SHIFT, _FIRST = np.uint64(29), np.uint64(0)
#: Characters of the longest n-gram.
_LONGEST = 5


@njit(cache=True)
def slot_of(value: np.uint64, size: int) -> np.int64:
    """Where a hash is looked for first in a table of ``size`` slots, a power of two."""
    return np.int64((value ^ (value >> _SHIFT)) & np.uint64(size - 1))


@njit(cache=True)
def fill(hashes: Keys, keys: Keys, places: Places) -> None:
    """Put every hash into its slot of the table, or the next free one."""
    for at in range(len(hashes)):
        slot = slot_of(hashes[at], len(keys))
        while places[slot] >= 0:
            slot = (slot + 1) & (len(keys) - 1)
        keys[slot], places[slot] = hashes[at], at


@njit(cache=True)
def hash_terms(letters: Letters, ends: Places) -> Keys:
    """FNV-1a over the code points of each term."""
    out = np.empty(len(ends), np.uint64)
    start = 0
    for at in range(len(ends)):
        value = _OFFSET
        for k in range(start, ends[at]):
            value = (value ^ np.uint64(letters[k])) * _PRIME
        out[at] = value
        start = ends[at]
    return out


@njit(cache=True)
def _note(value: np.uint64, keys: Keys, places: Places, counts: Counts, touched: Counts, n: int) -> int:
    """Count a term if it is known; how many different ones have been met by now."""
    slot = slot_of(value, len(keys))
    while places[slot] >= 0 and keys[slot] != value:
        slot = (slot + 1) & (len(keys) - 1)
    at = places[slot]
    if at < 0:
        return n
    if counts[at] == 0:
        touched[n] = at
        n += 1
    counts[at] += 1
    return n


@njit(cache=True)
def _add_up(counts: Counts, touched: Counts, n: int, idf: Floats, weights: Floats, out: Floats) -> None:
    """The weighed terms of one text, divided by their length, into the sums; the counts are cleared."""
    total = 0.0
    for k in range(n):
        value = (1.0 + np.log(counts[touched[k]])) * idf[touched[k]]
        total += value * value
    length = np.sqrt(total)
    for k in range(n):
        at = touched[k]
        value = (1.0 + np.log(counts[at])) * idf[at] / length
        for j in range(weights.shape[1]):
            out[j] += value * weights[at, j]
        counts[at] = 0


@njit(cache=True)
def _words(text: Letters, kinds: Kinds, keys: Keys, places: Places, counts: Counts, touched: Counts) -> int:
    """Words of two letters and more, and pairs of neighbours."""
    n, k, before, some = 0, 0, _FIRST, False
    while k < len(text):
        start, own, pair = k, _OFFSET, (before ^ _SPACE) * _PRIME
        while k < len(text) and kinds[text[k]] & 2:
            own = (own ^ np.uint64(text[k])) * _PRIME
            pair = (pair ^ np.uint64(text[k])) * _PRIME
            k += 1
        if k - start >= 2:
            n = _note(own, keys, places, counts, touched, n)
            if some:
                n = _note(pair, keys, places, counts, touched, n)
            before, some = own, True
        k += 1
    return n


@njit(cache=True)
def _characters(text: Letters, kinds: Kinds, keys: Keys, places: Places, counts: Counts, touched: Counts) -> int:
    """Two to five characters in each word with a space before and after it."""
    n, k = 0, 0
    while k < len(text):
        start = k
        while k < len(text) and not kinds[text[k]] & 1:
            k += 1
        for first in range(start - 1, k if k > start else start - 1):
            value = _OFFSET
            for last in range(first, min(first + _LONGEST, k + 1)):
                letter = _SPACE if last < start or last >= k else np.uint64(text[last])
                value = (value ^ letter) * _PRIME
                if last > first:
                    n = _note(value, keys, places, counts, touched, n)
        k += 1
    return n


@njit(cache=True)
def scores(  # noqa: PLR0913, PLR0917 - arrays: a compiled loop takes no objects
    letters: Letters,
    ends: Places,
    kinds: Kinds,
    word_keys: Keys,
    word_places: Places,
    word_idf: Floats,
    word_weights: Floats,
    keys: Keys,
    places: Places,
    idf: Floats,
    weights: Floats,
) -> Floats:
    """Sums by text and class, without the intercept."""
    out = np.zeros((len(ends), weights.shape[1]))
    of_words, of_characters = np.zeros(len(word_idf), np.int64), np.zeros(len(idf), np.int64)
    touched = np.empty(max(len(word_idf), len(idf)) + 1, np.int64)
    start = 0
    for row in range(len(ends)):
        text = letters[start : ends[row]]
        start = ends[row]
        n = _words(text, kinds, word_keys, word_places, of_words, touched)
        _add_up(of_words, touched, n, word_idf, word_weights, out[row])
        n = _characters(text, kinds, keys, places, of_characters, touched)
        _add_up(of_characters, touched, n, idf, weights, out[row])
    return out
