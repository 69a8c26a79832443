"""Pool scores and an rng to ranked rows; when to stop."""
