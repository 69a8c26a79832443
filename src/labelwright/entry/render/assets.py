"""The template engine, our own style and script, and the policy that names them by their hash."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_TEMPLATES = "templates"
_BREAKING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@cache
def environment() -> Environment:
    """Every value is escaped; what is not given is an error."""
    found = Environment(
        loader=PackageLoader("labelwright.entry.render", _TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["clean"] = lambda text: _BREAKING.sub("�", str(text))
    return found


@cache
def asset(name: str) -> str:
    """One of our own files."""
    return files("labelwright.entry.render").joinpath(_TEMPLATES, name).read_text(encoding="utf-8")


def hashed(text: str) -> str:
    """A style or script as a content security policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def policy(style: str) -> str:
    """For a page without scripts: its own style, its own forms, nothing else."""
    return f"default-src 'none'; style-src {hashed(style)}; img-src data:; base-uri 'none'; form-action 'self'"
