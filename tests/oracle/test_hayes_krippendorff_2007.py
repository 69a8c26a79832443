"""Hayes and Krippendorff (2007), Answering the call for a standard reliability measure for coding data.

Communication Methods and Measures 1(1):77-89. Data of p. 84: 40 news stories, five coders, tone from 0 to 3.
"""

import pytest

from labelwright.agreement import krippendorff_alpha
from support.agreement_tables import by_item

# One string for each story, one character for each coder; a dot is no answer.
PAGE_84 = (
    "112.2 1101. 2333. .00.0 000.0 000.0 102.1 1.20. 222.2 2111. .100. 0000. 1222. 33223 111.1 111.1 212.2 1233. 1101. "
    "000.0 0011. 00.00 2333. 0000. 12.22 0111. 00010 1212. 1122. 112.2 110.0 2121. 22.22 3222. 222.2 223.2 222.2 22.12 "
    "2222. 111.1"
)


def test_page_84_ordinal():
    """Ordinal alpha of the 40 stories: .7598 (p. 85)."""
    table = by_item([[None if c == "." else int(c) for c in story] for story in PAGE_84.split()])
    found = krippendorff_alpha(table, "ordinal", "bootstrap", replicates=4000)
    assert found.value == pytest.approx(0.7598, abs=5e-5)
    assert found.low < 0.7598 < found.high
