"""Other packages on seeded tables, to 1e-9: constants printed by generate/agreement_peers.py (versions in the file)."""

import json
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import t as student

from labelwright.agreement import (
    alpha_sets,
    brennan_prediger,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    icc,
    krippendorff_alpha,
)
from oracle.test_krippendorff_2011 import SECTION_C
from support.agreement_tables import by_item

PEERS = json.loads(Path(__file__).with_name("agreement_peers.json").read_text(encoding="utf-8"))
TABLES = {name: by_item(PEERS[name]) for name in ("full", "sparse")}


@pytest.mark.parametrize("table", ["full", "sparse"])
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_that_of_krippendorff(table, level):
    """Alpha at each level, with and without missing answers, is that of the krippendorff package."""
    assert krippendorff_alpha(TABLES[table], level).value == pytest.approx(PEERS["alpha"][table][level], abs=1e-9)


@pytest.mark.parametrize("table", ["full", "sparse"])
@pytest.mark.parametrize(("place", "weights"), [(0, None), (1, "linear"), (2, "quadratic")])
def test_cohen_is_that_of_scikit_learn_and_its_error_that_of_statsmodels(table, place, weights):
    """Each pair's kappa is scikit-learn's on the shared items; its standard error is statsmodels'."""
    found = cohen_kappa(TABLES[table], weights, "analytic")
    assert len(found.pairs) == len(PEERS["cohen"][table])
    for pair, peer in zip(found.pairs, PEERS["cohen"][table], strict=True):
        assert (pair.a, pair.b, pair.n_items) == (f"r{peer['a']}", f"r{peer['b']}", peer["n_items"])
        assert pair.value == pytest.approx(peer["kappas"][place], abs=1e-9)
        if peer["standard_errors"][place] is not None:
            assert pair.standard_error == pytest.approx(peer["standard_errors"][place], abs=1e-9)


def test_fleiss_is_that_of_statsmodels():
    """Fleiss' kappa is statsmodels' where the number of annotators is the same for all."""
    assert fleiss_kappa(TABLES["full"]).value == pytest.approx(PEERS["fleiss"], abs=1e-9)


@pytest.mark.parametrize("table", ["full", "sparse"])
@pytest.mark.parametrize(
    ("name", "measure", "options"),
    [
        ("gwet identity", gwet_ac1, {}),
        ("gwet linear", gwet_ac2, {"weights": "linear"}),
        ("gwet quadratic", gwet_ac2, {"weights": "quadratic"}),
        ("bp identity", brennan_prediger, {}),
        ("bp linear", brennan_prediger, {"weights": "linear"}),
        ("bp quadratic", brennan_prediger, {"weights": "quadratic"}),
    ],
)
def test_gwet_and_brennan_prediger_are_those_of_irrcac(table, name, measure, options):
    """Value and closed-form standard error are irrCAC's (Gwet's own formulas; printed to 12 digits)."""
    peer = PEERS["gwet"][table][name]
    found = measure(TABLES[table], interval="analytic", **options)
    assert found.value == pytest.approx(peer["value"], abs=1e-9)
    assert found.standard_error * student.ppf(0.975, found.n_items - 1) == pytest.approx(peer["half"], abs=1e-9)


def test_error_of_fleiss_is_that_of_irrcac():
    """The closed-form standard error of Fleiss' kappa is Gwet's."""
    found = fleiss_kappa(TABLES["full"], interval="analytic")
    half = found.standard_error * student.ppf(0.975, found.n_items - 1)
    assert half == pytest.approx(PEERS["gwet"]["full"]["fleiss identity"]["half"], abs=1e-9)


def test_irrcac_counts_a_single_annotation_as_disagreement_in_its_variance():
    """IrrCAC 0.4.4 prints .14295 for AC1 where an item has one annotation; the bootstrap sides with ours.

    Its variance gives that item an agreement of 0 (over all 12 items), though the coefficient itself leaves the item
    out. The delta method on the ratio of sums gives .125, and so does resampling.
    """
    ours = gwet_ac1(SECTION_C, interval="analytic").standard_error
    resampled = gwet_ac1(SECTION_C, interval="bootstrap", replicates=20_000).standard_error
    assert ours == pytest.approx(0.12474, abs=5e-6)
    assert abs(resampled - ours) < abs(resampled - 0.14295)


@pytest.mark.parametrize(
    ("form", "peer"),
    [
        ("ICC(1,1)", "ICC(1,1)"),
        ("ICC(2,1)", "ICC(A,1)"),
        ("ICC(3,1)", "ICC(C,1)"),
        ("ICC(1,k)", "ICC(1,k)"),
        ("ICC(2,k)", "ICC(A,k)"),
        ("ICC(3,k)", "ICC(C,k)"),
    ],
)
def test_icc_is_that_of_pingouin(form, peer):
    """The six forms are pingouin's."""
    assert icc(TABLES["full"], form).value == pytest.approx(PEERS["icc"][peer], abs=1e-9)


@pytest.mark.parametrize("distance", ["jaccard", "masi"])
def test_alpha_over_sets_is_that_of_nltk(distance):
    """Alpha with the Jaccard distance is nltk's; with MASI too, up to nltk's rounded monotonicity."""
    table = pl.DataFrame(PEERS["sets"]["rows"], schema=["annotator", "item", "label"], orient="row")
    tolerance = 1e-9 if distance == "jaccard" else 5e-3  # nltk writes .67 and .33 for 2/3 and 1/3
    assert alpha_sets(table, distance).value == pytest.approx(PEERS["sets"][distance], abs=tolerance)
