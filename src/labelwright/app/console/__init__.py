"""What the console shows, made ahead in the background; and who may see it."""
