"""How far annotators agree, corrected for chance, with intervals."""
