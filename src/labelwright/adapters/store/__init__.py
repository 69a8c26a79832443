"""The relational store."""
