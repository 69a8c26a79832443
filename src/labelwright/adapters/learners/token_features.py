"""What a tagger sees of each token: the word, its ends, its shape, and its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

_BEGIN, _END = "\x02", "\x03"
#: Words of which the features are remembered while texts are read; a pool of ten million knows more.
_REMEMBERED = 200_000


def word_features(word: str) -> list[str]:
    """What a word says by itself."""
    low = word.lower()
    ends = [f"<{k}{low[:k]}" for k in range(1, 5)] + [f">{k}{low[-k:]}" for k in range(1, 5)]
    return [f"w{low}", f"s{shape(word)}", f"l{min(len(word), 8)}", *ends]


def shape(word: str) -> str:
    """Capitals as A, small letters as a, digits as 0, what repeats once: ``Room12`` is ``Aa0``; one digit stays one."""
    kinds = "".join("A" if c.isupper() else "a" if c.isalpha() else "0" if c.isdigit() else c for c in word)
    if kinds.isdigit():
        return kinds[:5]
    return "".join(k for at, k in enumerate(kinds) if at == 0 or k != kinds[at - 1])


def _around(words: Sequence[str], at: int) -> list[str]:
    """What the neighbours say: one and two away, in pairs, and their shapes."""
    padded = [_BEGIN, _BEGIN, *(w.lower() for w in words), _END, _END]
    before2, before, own, after, after2 = padded[at : at + 5]
    found = [f"-1{before}", f"+1{after}", f"-2{before2}", f"+2{after2}", f"-{before}|{own}", f"+{own}|{after}"]
    return [*found, f"-+{before}|{after}", f"--{before2}|{before}", f"++{after}|{after2}"]


class Vocabulary:
    """Numbers of features, learned from the tokens of a training set.

    Args:
        names: in the order of their numbers.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._numbers: Mapping[str, int] = {name: k for k, name in enumerate(self.names)}
        self._words: dict[str, list[int]] = {}

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Vocabulary:
        """Every feature of these tokens, in the order in which they occur; of pairs of words those seen twice."""
        seen: Counter[str] = Counter()
        for words in texts:
            seen["bias"] += len(words)
            for at, word in enumerate(words):
                seen.update(word_features(word))
                seen.update(_around(words, at))
        return cls([name for name, n in seen.items() if n > 1 or "|" not in name])

    def matrix(self, texts: Sequence[Sequence[str]]) -> sparse.csr_array:
        """Features of every token of every text, shape (tokens, features); unknown ones are left out."""
        numbers: list[int] = []
        ends = [0]
        for words in texts:
            for at, word in enumerate(words):
                numbers += self._of_word(word)
                numbers += [k for name in _around(words, at) if (k := self._numbers.get(name)) is not None]
                ends.append(len(numbers))
        index = np.array(numbers, dtype=np.int32)
        shape_ = (len(ends) - 1, len(self.names))
        return sparse.csr_array((np.ones(len(index)), index, np.array(ends, dtype=np.int32)), shape=shape_)

    def _of_word(self, word: str) -> list[int]:
        found = self._words.get(word)
        if found is None:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            named = (self._numbers.get(name) for name in ("bias", *word_features(word)))
            found = self._words[word] = [k for k in named if k is not None]
        return found
