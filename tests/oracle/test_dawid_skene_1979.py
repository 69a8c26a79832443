"""A. P. Dawid and A. M. Skene, Applied Statistics 28 (1979) 20-28: Table 1 (45 patients, five anaesthetists)."""

import itertools

import numpy as np
import pytest

from labelwright.coding import Coded
from labelwright.consensus import DawidSkene

# Table 1: for each patient the three answers of observer 1, then one each of observers 2 to 5.
PATIENTS = [
    "1111111",
    "3334334",
    "1122122",
    "2223121",
    "2223222",
    "2223322",
    "1222111",
    "3333433",
    "2222223",
    "2322223",
    "4444444",
    "2223343",
    "1111111",
    "2223212",
    "1211111",
    "1112111",
    "1111111",
    "1111111",
    "2222221",
    "2221322",
    "2222222",
    "2222221",
    "2223222",
    "2212222",
    "1111111",
    "1111111",
    "2322222",
    "1111111",
    "1111111",
    "1121121",
    "1111111",
    "3333233",
    "1111111",
    "2222222",
    "2223232",
    "4334343",
    "2212232",
    "2323233",
    "3333432",
    "1111111",
    "1111111",
    "1212111",
    "2322222",
    "1211111",
    "2222222",
]
OBSERVER = np.array([0, 0, 0, 1, 2, 3, 4])


def table():
    """Observer 1 answered three times with the same error-rates, so his repeats must all count here."""
    label = np.array([[int(c) - 1 for c in patient] for patient in PATIENTS], np.int32)
    item = np.repeat(np.arange(45, dtype=np.int32), 7)
    observer = np.tile(OBSERVER, 45).astype(np.int32)
    names = tuple(range(1, 46)), tuple(range(1, 6)), (1, 2, 3, 4)
    return Coded(item, observer, label.ravel(), *names)


@pytest.fixture(scope="module")
def result():
    return DawidSkene(credit=0, tol=1e-9).fit(table())


def test_marginals_as_published(result):
    """Protects the estimated shares of the four classes, .40 .42 .11 .07 in the paper."""
    assert np.round(result.class_prior, 2).tolist() == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.0101)


def em_by_the_paper(counts, rounds):
    """Equations 2.3 to 2.5, written out patient by patient; counts has shape (patient, observer, answer)."""
    n, observers, K = counts.shape
    T = counts.sum(axis=1) / counts.sum(axis=(1, 2))[:, None]
    for _ in range(rounds):
        p = T.mean(axis=0)
        pi = np.zeros((observers, K, K))
        for k, j in itertools.product(range(observers), range(K)):
            given = sum(T[i, j] * counts[i, k] for i in range(n))
            pi[k, j] = given / given.sum() if given.sum() > 0 else 1 / K
        likelihood = np.array([[p[j] * np.prod(pi[:, j] ** counts[i]) for j in range(K)] for i in range(n)])
        T = likelihood / likelihood.sum(axis=1, keepdims=True)
    return T, p, pi, np.log(likelihood.sum(axis=1)).sum()


def test_estimates_equal_the_papers_equations():
    """Protects every estimate: ours equal a direct transcription of equations 2.3 to 2.5."""
    coded = table()
    counts = np.zeros((45, 5, 4))
    np.add.at(counts, (coded.item, coded.annotator, coded.label), 1)
    T, p, pi, likelihood = em_by_the_paper(counts, 40)
    ours = DawidSkene(credit=0, iterations=40, tol=0).fit(coded)
    assert np.allclose(ours.posterior, T, atol=1e-8)
    assert np.allclose(ours.class_prior, p, atol=1e-8)
    assert ours.log_likelihood == pytest.approx(likelihood, abs=1e-6)
    met = pi.sum(axis=2) > 0
    assert np.allclose(ours.error_rates[met], pi[met], atol=1e-8)


def test_observer_one_never_mistakes_a_class_by_two(result):
    """Protects what the paper reads off: observer 1 confuses neighbouring classes only."""
    rates = result.error_rates[0]
    apart = np.abs(np.subtract.outer(range(4), range(4))) > 1
    assert rates[apart].max() < 0.01


def test_indifferent_patients_are_as_sure_as_published(result):
    """Protects the paper's remark that nearly all patients are settled with a probability close to one."""
    assert (result.posterior.max(axis=1) > 0.99).mean() > 0.8
