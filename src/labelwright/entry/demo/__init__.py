"""The demo: the whole loop on real reviews, with annotators who replay recorded human ratings."""
