"""The label inferred from several annotations, with its posterior."""
