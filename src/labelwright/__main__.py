"""`python -m labelwright` is the same as `labelwright`."""

from labelwright.entry.cli.main import main

if __name__ == "__main__":
    main()
