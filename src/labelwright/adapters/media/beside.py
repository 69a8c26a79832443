"""Media that lie in a folder beside an export, found by the links of its tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class MediaFolder:
    """Looks a link up in a folder: by its path from the end backwards, else by its bare name.

    Label Studio puts eight characters and a hyphen before the names of uploaded files: a file without them is found,
    too. Nothing outside of the folder is ever opened, whatever a link says.
    """

    root: Path
    _names: dict[str, Path | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.root = self.root.resolve()
        for path in sorted(self.root.rglob("*")):
            if path.is_file() and path.resolve().is_relative_to(self.root):
                name = path.name
                self._names[name] = None if name in self._names else path  # two of a name: only the path tells

    def __call__(self, link: str) -> bytes | None:
        """The bytes behind a link; None where the folder does not have it."""
        path = self.path(link)
        return path.read_bytes() if path else None

    def path(self, link: str) -> Path | None:
        """The file behind a link."""
        parts = [p for p in _path_of(link).replace("\\", "/").split("/") if p not in {"", ".", ".."}]
        for start in range(len(parts)):
            found = self.root.joinpath(*parts[start:])
            if found.is_file() and found.resolve().is_relative_to(self.root):
                return found
        name = parts[-1] if parts else ""
        return self._names.get(name) or self._names.get(name[9:] if name[8:9] == "-" else name)


def _path_of(link: str) -> str:
    if "://" not in link and "?" not in link:
        return link
    address = urlsplit(link)
    local = parse_qs(address.query).get("d")
    return local[0] if local else unquote(address.path)
