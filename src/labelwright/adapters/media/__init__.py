"""Media of the user's own disk, shown on labeling screens through signed links."""
