"""A model's class probabilities as one more, calibrated, annotator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from labelwright.coding.coded import as_list
from labelwright.coding.table import columns_of
from labelwright.consensus.names import class_columns
from labelwright.consensus.passes import FLOOR
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.skill import expected_right
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
# Strength of the priors: slope ~ N(1, 1), each class's offset ~ N(0, 1).
_PRECISION = 1.0
_LEAST = 20


def with_model(result: ConsensusResult, probabilities: IntoDataFrame) -> ConsensusResult:
    r"""Add a model to a consensus of people.

    The model's probabilities m_ik are calibrated as c_ik ∝ exp(t log m_ik + o_k), with slope t and offsets o at the
    highest posterior density given what the people said: Σ_i log Σ_k c_ik q_ik / p_k, with q the people's posteriors
    and p their class prior (1 / K where the consensus has none). So the people's own noise is not held against the
    model. The calibrated probabilities then take the place of the class prior: posterior ∝ (q_ik / p_k) c_ik. An
    over-confident model gets a small t and so little say.

    The probabilities must be out of sample: from a model that has not seen these items' labels. Honest, independent
    models are worth most; one that repeats people's mistakes looks better than it is.

    Source: the idea of H. W. Goh, U. Tkachenko and J. Mueller, CROWDLAB, NeurIPS HITLL workshop (2022),
    doi:10.48550/arXiv.2210.06812; calibration as in C. Guo et al., ICML (2017).

    Args:
        result: the people's consensus.
        probabilities: DataFrame with column item and one column for each class, named as in `result.posteriors`;
            0 to 1. Items without people's answers are ignored; items missing here keep their posterior.

    Returns:
        The result with the model's say; `settings` gets ``model_slope``, ``model_skill`` (expected share of right top
        classes, 0 to 1) and ``model_items``.

    Raises:
        DataError: a column is missing, an item occurs twice, a probability is negative or not finite, or fewer than
            20 items have both.
    """
    at, raw = _aligned(result, probabilities)
    if at.size < _LEAST:
        raise DataError(
            f"{at.size} items have both answers and probabilities, too few to calibrate a model", next_step="Give 20"
        )
    people = result.posterior[at]
    logs = np.log(np.maximum(raw, FLOOR))
    prior = np.full(people.shape[1], 1 / people.shape[1]) if result.class_prior is None else result.class_prior
    evidence = people / prior
    slope, offset = _calibrated(logs, evidence)
    joint = evidence * softmax(slope * logs + offset, axis=1)
    posterior = result.posterior.copy()
    posterior[at] = joint / joint.sum(axis=1, keepdims=True)
    top = logs.argmax(axis=1)
    return replace(
        result,
        method=f"{result.method} with model",
        posterior=posterior,
        right=expected_right(result.coded, posterior),
        settings={
            **result.settings,
            "model_slope": slope,
            "model_skill": float(posterior[at, top].mean()),
            "model_items": float(at.size),
        },
        log_likelihood=None,
    )


def _aligned(result: ConsensusResult, probabilities: Any) -> tuple[NDArray[np.int64], Floats]:
    """Codes of the items that have both, and the model's probabilities for them."""
    columns = columns_of(probabilities, ("item", *class_columns(result.classes)))
    names = columns[0].to_list()
    if len(set(names)) < len(names):
        raise DataError("An item has probabilities twice", where="column item", next_step="Give each item once")
    table = np.column_stack([np.asarray(column.to_numpy(), np.float64) for column in columns[1:]])
    if not bool(np.isfinite(table).all() and (table >= 0).all() and (table.sum(axis=1) > 0).all()):
        raise DataError("A probability is negative, missing or not finite", where=f"columns {result.classes}")
    row = {name: code for code, name in enumerate(names)}
    items = as_list(result.coded.item_names)
    seen = [code for code in result.seen.tolist() if items[code] in row]
    at = np.array(seen, dtype=np.int64)
    found = table[[row[items[code]] for code in seen]] if seen else table[:0]
    return at, found / found.sum(axis=1, keepdims=True)


def _calibrated(logs: Floats, evidence: Floats) -> tuple[float, Floats]:
    """Slope (0 or more) and offsets with the highest posterior density; ``evidence`` is that of the people."""
    from scipy.optimize import minimize  # noqa: PLC0415 - takes a fifth of a second to load

    K = logs.shape[1]

    def loss(w: Floats) -> tuple[float, Floats]:
        model = softmax(w[0] * logs + w[1:], axis=1)
        joint = evidence * model
        total = joint.sum(axis=1, keepdims=True)
        pull = _PRECISION * np.concatenate(([w[0] - 1], w[1:]))
        value = -np.log(total).sum() + 0.5 * (pull**2).sum() / _PRECISION
        gap = model - joint / total
        return float(value), np.concatenate(([float((gap * logs).sum())], gap.sum(axis=0))) + pull

    start = np.concatenate(([1.0], np.zeros(K)))
    bounds = [(0.0, None)] + [(None, None)] * K
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), np.asarray(found.x[1:])
