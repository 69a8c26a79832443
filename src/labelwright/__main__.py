"""`python -m labelwright` is the same as `labelwright`."""

import sys


def main() -> None:
    """The command line; where only the library is installed, what to install."""
    try:
        from labelwright.entry.cli.main import main as command_line  # noqa: PLC0415 - it needs the extra `server`
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("labelwright"):
            raise
        sys.stderr.write(
            f"labelwright: only the library is installed here ({missing.name} is missing)\n"
            "  next step: pip install 'labelwright[server]'\n"
        )
        raise SystemExit(2) from None
    command_line()


if __name__ == "__main__":
    main()
