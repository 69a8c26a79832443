"""A report for people: at the terminal and as one HTML file."""
