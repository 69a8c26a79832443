"""Consensus to rows or bytes, one format a file."""
