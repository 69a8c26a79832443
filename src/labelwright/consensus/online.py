"""One annotation more, without starting over; and a full fit from time to time that keeps it honest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.coding.coded import as_list
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.votes import TIE
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.consensus.gold import Gold

Floats = NDArray[np.float64]


class _Estimator(Protocol):
    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult: ...


@dataclass(frozen=True, slots=True)
class ItemPosterior:
    """What is believed of one item now.

    Attributes:
        item: its name.
        label: the most probable class; of tied classes the first.
        posterior: of that label, 0 to 1.
        contested: tied with another class.
        probabilities: of all classes, in the order of `ConsensusResult.classes`.
        n: answers that count.
    """

    item: Any
    label: Any
    posterior: float
    contested: bool
    probabilities: tuple[float, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What a full fit changed against the posteriors kept up one by one, over the items touched since the last.

    Attributes:
        n_items: items touched.
        n_labels: of these, whose label is another now.
        largest: largest change of a probability, 0 to 1.
        mean: mean over the touched items of the largest change.
        n_untouched_labels: items without a new answer whose label changed, because annotators are judged anew.
    """

    n_items: int
    n_labels: int
    largest: float
    mean: float
    n_untouched_labels: int


class Online:
    """Posteriors kept up to date answer by answer.

    What was learned about the annotators stays as it is until `refit`; an annotator who is new since then counts as
    the average of all others, weighted by their answers. An update looks at the answers to its item only, so its time
    does not grow with the table. Classes cannot be added: a new one needs a full fit.

    A process that cannot bear a pause of Python's garbage collector (some 20 ms a few times in a thousand updates,
    where numba is loaded) calls ``gc.freeze()`` after making this.

    Args:
        result: the last full fit, from any estimator of this package.
    """

    def __init__(self, result: ConsensusResult) -> None:
        self._result = result
        self._judge = _judge_of(result)
        self._items = _Index(result.coded.item_names)
        self._annotators = _Index(result.coded.annotator_names)
        self._classes = {value: code for code, value in enumerate(result.classes)}
        self._held = dict(zip(result.held.tolist(), result.label_codes[result.held].tolist(), strict=True))
        self._added: dict[int, dict[int, int]] = {}
        self._rows: list[tuple[int, int, int]] = []

    @property
    def n_added(self) -> int:
        """Answers taken in since the last full fit."""
        return len(self._rows)

    def add(self, item: Any, annotator: Any, label: Any) -> ItemPosterior:
        """Take in one answer; an earlier one of the same annotator to the same item no longer counts.

        Raises:
            DataError: the class has never been seen.
        """
        if label not in self._classes:
            raise DataError(f"The class {label!r} is new", where=f"item {item}", next_step="Make a full fit with it")
        row = (self._items.code(item), self._annotators.code(annotator), self._classes[label])
        self._added.setdefault(row[0], {})[row[1]] = row[2]
        self._rows.append(row)
        return self._believed(row[0])

    def posterior_of(self, item: Any) -> ItemPosterior:
        """What is believed of an item now.

        Raises:
            DataError: the item has no answer.
        """
        code = self._items.find(item)
        if code is None:
            raise DataError(f"The item {item!r} has no answer", next_step="Add one first")
        return self._believed(code)

    def refit(self, estimator: _Estimator) -> tuple[ConsensusResult, Difference]:
        """A full fit of everything so far, and what it changed; this object goes on from there.

        Labels to which the last fit was held stay held.

        Args:
            estimator: any estimator of this package.
        """
        kept = {code: self._probabilities(code) for code in self._added}
        before = self._result
        held = {self._items.name(item): self._result.classes[label] for item, label in self._held.items()}
        fresh = estimator.fit(self.coded(), held or None)
        difference = _compared(before, fresh, kept)
        self.__init__(fresh)  # type: ignore[misc]  # starts again from the new fit
        return fresh, difference

    def coded(self) -> Coded:
        """All answers so far, as codes."""
        old = self._result.coded
        new = np.array(self._rows, dtype=np.int32).reshape(-1, 3)
        return Coded.from_codes(
            np.concatenate((old.item, new[:, 0])),
            np.concatenate((old.annotator, new[:, 1])),
            np.concatenate((old.label, new[:, 2])),
            classes=old.classes,
            item_names=self._items.names(),
            annotator_names=self._annotators.names(),
        )

    def _answers(self, code: int) -> dict[int, int]:
        """Annotator to class of the item's answers, the last one of each."""
        coded = self._result.coded
        answers: dict[int, int] = {}
        if code < coded.n_items:
            rows = slice(int(coded.starts[code]), int(coded.starts[code + 1]))
            answers = dict(zip(coded.annotator[rows].tolist(), coded.label[rows].tolist(), strict=True))
        return answers | self._added.get(code, {})

    def _probabilities(self, code: int) -> Floats:
        if code in self._held:
            return np.eye(self._result.coded.n_classes)[self._held[code]]
        answers = self._answers(code)
        annotators = np.fromiter(answers.keys(), np.int64, len(answers))
        labels = np.fromiter(answers.values(), np.int64, len(answers))
        return self._judge(code, annotators, labels)

    def _believed(self, code: int) -> ItemPosterior:
        p = self._probabilities(code)
        best = int(p.argmax())
        return ItemPosterior(
            item=self._items.name(code),
            label=self._result.classes[best],
            posterior=float(p[best]),
            contested=int((p >= p[best] - TIE).sum()) > 1,
            probabilities=tuple(p.tolist()),
            n=len(self._answers(code)),
        )


class _Index:
    """Names to codes, and new names as they come.

    The names known at the start stay a tuple: Python's garbage collector leaves a tuple of strings alone, but would
    walk a list of millions again and again, in the middle of an update.
    """

    def __init__(self, names: Any) -> None:
        self._known = tuple(as_list(names))
        self._new: list[Any] = []
        self._codes = dict(zip(self._known, range(len(self._known)), strict=True))

    def find(self, name: Any) -> int | None:
        return self._codes.get(name)

    def code(self, name: Any) -> int:
        code: int = self._codes.setdefault(name, len(self._known) + len(self._new))
        if code == len(self._known) + len(self._new):
            self._new.append(name)
        return code

    def name(self, code: int) -> Any:
        known = len(self._known)
        return self._known[code] if code < known else self._new[code - known]

    def names(self) -> tuple[Any, ...]:
        return (*self._known, *self._new)


#: Code of an item, annotators and classes of its answers, to its posterior, shape (n_classes,).
_Judge: TypeAlias = Callable[[int, NDArray[np.int64], NDArray[np.int64]], Floats]


def _judge_of(result: ConsensusResult) -> _Judge:
    if result.error_rates is not None and result.class_prior is not None:
        return _by_channel(result, result.error_rates, result.class_prior)
    if result.weights is not None:
        return _by_votes(result, result.weights)
    if "ability" in result.parameters:
        return _by_ability(result)
    if result.coded.n_classes == 1:
        return lambda _item, _annotators, _labels: np.ones(1)
    raise DataError(f"A result of {result.method} cannot be kept up answer by answer", next_step="Make a full fit")


def _mean(result: ConsensusResult, values: Floats) -> Floats:
    """Mean over the annotators, weighted by their answers."""
    return np.asarray(np.average(values, axis=0, weights=result.answers))


def _by_channel(result: ConsensusResult, error_rates: Floats, prior: Floats) -> _Judge:
    evidence = np.log(error_rates)
    newcomer = np.log(_mean(result, error_rates))
    start = np.log(prior)
    known = evidence.shape[0]

    def judge(_: int, annotators: NDArray[np.int64], labels: NDArray[np.int64]) -> Floats:
        score = start.copy()
        for annotator, label in zip(annotators.tolist(), labels.tolist(), strict=True):
            score += (evidence[annotator] if annotator < known else newcomer)[:, label]
        return _softmax(score)

    return judge


def _by_votes(result: ConsensusResult, weights: Floats) -> _Judge:
    extended = np.append(weights, _mean(result, weights))
    K = result.coded.n_classes

    def judge(_: int, annotators: NDArray[np.int64], labels: NDArray[np.int64]) -> Floats:
        weight = extended[np.minimum(annotators, weights.size)]
        votes = np.bincount(labels, weights=weight, minlength=K)
        total = votes.sum()
        return np.asarray(votes / total) if total > 0 else np.full(K, 1 / K)

    return judge


def _by_ability(result: ConsensusResult) -> _Judge:
    ability = result.parameters["ability"]
    extended = np.append(ability, _mean(result, ability))
    ease = result.item_parameters["ease"]
    usual = float(np.exp(np.log(ease).mean()))
    K = result.coded.n_classes

    def judge(item: int, annotators: NDArray[np.int64], labels: NDArray[np.int64]) -> Floats:
        beta = ease[item] if item < ease.size else usual
        evidence = extended[np.minimum(annotators, ability.size)] * beta + np.log(K - 1)
        return _softmax(np.asarray(np.bincount(labels, weights=evidence, minlength=K), np.float64))

    return judge


def _softmax(score: Floats) -> Floats:
    p = np.exp(score - score.max())
    return np.asarray(p / p.sum())


def _compared(before: ConsensusResult, after: ConsensusResult, kept: dict[int, Floats]) -> Difference:
    touched = np.fromiter(kept.keys(), np.int64, len(kept))
    was = np.array(list(kept.values())).reshape(touched.size, before.coded.n_classes)
    now = after.posterior[touched]
    change = np.abs(now - was).max(axis=1) if touched.size else np.zeros(0)
    old = np.setdiff1d(before.seen, touched)
    return Difference(
        n_items=int(touched.size),
        n_labels=int((now.argmax(axis=1) != was.argmax(axis=1)).sum()),
        largest=float(change.max(initial=0.0)),
        mean=float(change.mean()) if touched.size else 0.0,
        n_untouched_labels=int((before.label_codes[old] != after.label_codes[old]).sum()),
    )
