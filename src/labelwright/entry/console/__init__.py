"""The web app, built from `console/` into the folder `static`."""
