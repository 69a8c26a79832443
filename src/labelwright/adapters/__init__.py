"""The edges: database, Label Studio, files, learners."""
