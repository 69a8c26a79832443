"""Marks spans: a linear-chain conditional random field over words, their ends and shapes, and their neighbours.

It is trained by L-BFGS on the penalised likelihood, each text weighed by the posterior of its consensus, and needs no
download. How sure it is comes from the model's own marginals: of each span, and of the whole text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array

from labelwright.adapters.learners.checks import counted_rows, not_learned, nothing_to_learn
from labelwright.adapters.learners.files import read_model, unusable, write_model
from labelwright.adapters.learners.token_features import Vocabulary
from labelwright.learning.spans import read_marks, runs, tags_of, tokens
from labelwright.ports import Reads, Tagged

Floats = NDArray[np.float64]
#: Passes of the optimiser at most; on real data more change no tag.
_PASSES = 80
#: What may not follow must never win.
_NEVER = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Texts as tokens: their places, words, and one past the last token of each text."""

    places: list[list[tuple[int, int]]]
    words: list[list[str]]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Read:
        places = [tokens(text) for text in texts]
        words = [[text[a:b] for a, b in found] for text, found in zip(texts, places, strict=True)]
        return cls(places, words, np.cumsum([len(w) for w in words], dtype=np.int64))


class SpanLearner:
    """Learns spans of texts; its labels are what `learning.spans.written` makes of all spans of a text.

    Args:
        inverse_regularisation: C of the penalty, as in a logistic regression.
    """

    name = "spans"
    reads = Reads.MARKED

    def __init__(self, inverse_regularisation: float = 5.0) -> None:
        self.classes: tuple[str, ...] = ()
        self._c = inverse_regularisation
        self._tags: tuple[str, ...] = ()
        self._vocabulary = Vocabulary(())
        self._weights: Floats = np.empty((0, 0))  # shape (features, tags)
        self._links: Floats = np.empty((0, 0))  # shape (tags, tags)
        self._first: Floats = np.empty(0)

    def fit(self, inputs: Sequence[Any], labels: Sequence[str], weights: Floats | None, seed: int) -> None:  # noqa: ARG002 - nothing here is left to chance
        """Learn from scratch; the same input gives the same model. Texts that are missing do not count.

        Args:
            inputs: texts.
            labels: all spans of each.
            weights: how much each text counts, finite and not negative, shape (texts,); None for all alike.
            seed: not used: the optimum is one.

        Raises:
            LabelwrightError: nothing to learn from: no texts, or none with a span.
        """
        if len(inputs) != len(labels) or (weights is not None and len(weights) != len(inputs)):
            raise nothing_to_learn(f"{len(inputs)} items do not go with {len(labels)} labels and their weights")
        rows, counted = counted_rows(len(inputs), weights)
        rows = np.array([r for r in rows if isinstance(inputs[r], str) and tokens(inputs[r])], dtype=np.int64)
        read = _Read.of([inputs[r] for r in rows])
        tags = [tags_of(places, read_marks(labels[r])) for places, r in zip(read.places, rows, strict=True)]
        names = sorted({tag[2:] for line in tags for tag in line if tag != "O"})
        if not names:
            raise nothing_to_learn(f"Among {len(inputs)} labeled items there is none with a span")
        self.classes = tuple(names)
        self._tags = ("O", *(f"{kind}-{name}" for name in names for kind in "BI"))
        self._vocabulary = Vocabulary.of(read.words)
        self._optimise(read, np.array([self._tags.index(t) for line in tags for t in line]), counted[rows])

    def tag(self, inputs: Sequence[Any]) -> list[Tagged | None]:
        """The likeliest spans of each text, and how sure they are; None where there is no text.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        self._check()
        known = [at for at, text in enumerate(inputs) if isinstance(text, str)]
        found: list[Tagged | None] = [None] * len(inputs)
        for at, tagged in zip(known, self._tagged([inputs[at] for at in known]), strict=True):
            found[at] = tagged
        return found

    def predict_proba(self, inputs: Sequence[Any]) -> Floats:
        """How sure it is of each text, shape (texts, 2): (1 ± sureness) / 2; NaN where there is no text."""
        sure = np.array([np.nan if t is None else t.sureness for t in self.tag(inputs)], dtype=np.float64)
        return np.stack([(1 + sure) / 2, (1 - sure) / 2], axis=1)

    def save(self, path: Path) -> None:
        """Write the model as a skops file: data only, no code. A file that exists is replaced in one step.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        self._check()
        arrays = {"weights": self._weights.astype(np.float32), "links": self._links, "first": self._first}
        names = {"classes": "\n".join(self.classes), "features": "\n".join(self._vocabulary.names), "c": self._c}
        write_model(path, self.name, {**arrays, **names})

    @classmethod
    def load(cls, path: Path, allowed: Collection[str] = ()) -> SpanLearner:
        """Read what `save` wrote, without running anything from the file.

        Raises:
            DataError: not such a file, or it holds types that are not trusted.
        """
        content = read_model(path, allowed)
        if content.get("learner") != cls.name:
            raise unusable(path, "The file is no model of spans of this release")
        made = cls(float(content["c"]))
        made.classes = tuple(str(content["classes"]).split("\n"))
        made._tags = ("O", *(f"{kind}-{name}" for name in made.classes for kind in "BI"))
        made._vocabulary = Vocabulary(str(content["features"]).split("\n"))
        made._weights = np.asarray(content["weights"], dtype=np.float64)
        made._links, made._first = np.asarray(content["links"]), np.asarray(content["first"])
        if made._weights.shape != (len(made._vocabulary.names), len(made._tags)):
            raise unusable(path, "The file is damaged: its weights do not go with its features")
        return made

    def _check(self) -> None:
        if not self.classes:
            raise not_learned()

    # ------------------------------------------------------------ learning

    def _optimise(self, read: _Read, gold: NDArray[np.int64], counted: Floats) -> None:
        """Find the weights; only transitions that tags allow have one."""
        x, tags = self._vocabulary.matrix(read.words), len(self._tags)
        objective = _Objective(x, read.ends, gold, counted, _allowed(self._tags), 1 / self._c)
        found = minimize(
            objective, np.zeros(objective.size), jac=True, method="L-BFGS-B", options={"maxiter": _PASSES, "ftol": 1e-5}
        )
        weights, links, first = objective.split(found.x)
        self._weights = weights.astype(np.float32).astype(np.float64)  # as they are kept in the file
        self._links = np.where(objective.allowed[1:], links, _NEVER)
        self._first = np.where(objective.allowed[0], first, _NEVER)
        assert self._links.shape == (tags, tags)  # noqa: S101

    # ------------------------------------------------------------ predicting

    def _tagged(self, texts: Sequence[str]) -> list[Tagged]:
        from labelwright.adapters.learners.compiled_chain import best_paths, expectations  # noqa: PLC0415

        read = _Read.of(texts)
        scores = self._vocabulary.matrix(read.words) @ self._weights
        path, totals = best_paths(scores, self._first, self._links, read.ends)
        marginals = np.zeros_like(scores)
        first, links = np.exp(self._first), np.exp(self._links)
        logs, _, _ = expectations(scores, first, links, read.ends, np.ones(len(texts)), marginals)
        of_tag = marginals[np.arange(len(path)), path]
        found, start = [], 0
        for k, end in enumerate(read.ends.tolist()):
            names = [self._tags[t] for t in path[start:end]]
            found.append(_tagged(read.places[k], names, of_tag[start:end], float(totals[k] - logs[k])))
            start = end
        return found


@dataclass(eq=False)
class _Objective:
    """Penalised negative log-likelihood and its gradient, of all weights in one row."""

    x: csr_array
    ends: NDArray[np.int64]
    gold: NDArray[np.int64]
    counted: Floats
    allowed: NDArray[np.bool_]  # shape (1 + tags, tags): first tags, then links
    penalty: float

    def __post_init__(self) -> None:
        tags = self.allowed.shape[1]
        self.size = (self.x.shape[1] + 1 + tags) * tags
        lengths = np.diff(self.ends, prepend=0)
        begins = self.ends - lengths
        self._of_token = np.repeat(self.counted, lengths)
        inner = np.ones(len(self.gold), dtype=bool)
        inner[begins] = False
        at = np.flatnonzero(inner)
        self._links, self._first = np.zeros((tags, tags)), np.zeros(tags)
        np.add.at(self._links, (self.gold[at - 1], self.gold[at]), self._of_token[at])
        np.add.at(self._first, self.gold[begins], self.counted)
        self._xt = self.x.T.tocsr()

    def split(self, row: Floats) -> tuple[Floats, Floats, Floats]:
        """Weights of features, of links and of first tags."""
        tags = self.allowed.shape[1]
        table = row.reshape(-1, tags)
        return table[: self.x.shape[1]], table[self.x.shape[1] + 1 :], table[self.x.shape[1]]

    def __call__(self, row: Floats) -> tuple[float, Floats]:
        from labelwright.adapters.learners.compiled_chain import expectations  # noqa: PLC0415

        weights, links, first = self.split(row)
        scores = self.x @ weights
        marginals = np.zeros_like(scores)
        begin, follow = np.exp(first) * self.allowed[0], np.exp(links) * self.allowed[1:]
        logs, of_links, of_first = expectations(scores, begin, follow, self.ends, self.counted, marginals)
        places = np.arange(len(self.gold))
        path = float(self._of_token @ scores[places, self.gold])
        path += float((self._links * links).sum() + (self._first * first).sum())
        loss = float(self.counted @ logs) - path + 0.5 * self.penalty * float(row @ row)
        marginals[places, self.gold] -= 1
        of_weights = self._xt @ (marginals * self._of_token[:, None])
        gradient = np.concatenate([of_weights, (of_first - self._first)[None], of_links - self._links]).ravel()
        return loss, gradient + self.penalty * row


def _allowed(tags: Sequence[str]) -> NDArray[np.bool_]:
    """Which tag may begin a text, and which may follow which: I- only its own B- or I-."""
    first = [not tag.startswith("I") for tag in tags]
    links = [[not b.startswith("I") or (a != "O" and a[2:] == b[2:]) for b in tags] for a in tags]
    return np.array([first, *links], dtype=bool)


def _tagged(places: Sequence[tuple[int, int]], names: Sequence[str], of_tag: Floats, log_probability: float) -> Tagged:
    spans = tuple((places[a][0], places[b][1], label, float(of_tag[a : b + 1].min())) for a, b, label in runs(names))
    log_probability = min(log_probability, 0.0)
    mean = log_probability / max(len(places), 1)
    return Tagged(spans, float(np.exp(log_probability)), float(np.exp(mean)))
