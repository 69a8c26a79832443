"""The library is light: importing it loads nothing that it does not need."""

import json
import subprocess
import sys

ALLOWED = {"numpy", "scipy", "polars", "labelwright"}

PROGRAM = """
import json, sys
before = set(sys.modules)
import labelwright.agreement as ag
loaded = {name.split(".")[0] for name in set(sys.modules) - before}
import numpy as np
from labelwright.coding import Coded
coded = Coded.from_codes([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 0])
value = ag.krippendorff_alpha(coded, interval="bootstrap").value
after = {name.split(".")[0] for name in sys.modules}
print(json.dumps({"loaded": sorted(loaded - set(sys.stdlib_module_names)), "after": sorted(after), "value": value}))
"""


def test_import_loads_numpy_scipy_and_polars_at_most():
    """Neither narwhals nor numba nor pandas is there after the import, nor after a measure of codes."""
    done = subprocess.run([sys.executable, "-I", "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(done.stdout)
    extra = {name for name in found["loaded"] if not name.startswith(("_", "cython_runtime"))} - ALLOWED
    assert not extra
    assert not {"narwhals", "numba", "pandas", "pyarrow", "sklearn"} & set(found["after"])
    assert found["value"] is not None
