"""The demo of a team: eight annotators, partly replayed and partly simulated, through a real Label Studio."""
