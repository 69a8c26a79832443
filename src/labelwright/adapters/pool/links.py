"""Links to media: their form, and on a sample whether they can be reached."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

#: What Label Studio itself serves from its own disk.
SERVED_LOCALLY = "/data/"
SECONDS = 10.0
#: A page that is none of the link's own: whether it may read tells whether Label Studio's pages may.
_FOREIGN = "https://label-studio.example.org"
REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """One link that was tried.

    Attributes:
        reason: why it cannot be reached or is no image, recording or film; None where it is well.
        type: the content type that its server names.
        readable: whether scripts of other pages may read it (CORS), as Label Studio's wave forms and pictures need.
    """

    link: str
    reason: str | None
    type: str | None = None
    readable: bool | None = None


def problem_with(link: str, folder: Path) -> str | None:
    """What is wrong with a link's form; None for http(s), s3, Label Studio's own media and files beside the data.

    Args:
        link: as it stands in the data.
        folder: where the data file lies; local links must not lead out of it.
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        return "link cannot be read"
    if "://" in link or parts.scheme in _NO_FILES:
        return _FORMS.get(parts.scheme, _no_known_form)(link)
    if link.startswith(SERVED_LOCALLY):
        return "link leads out of its folder" if ".." in Path(parts.path).parts else None
    return _file_problem(link, folder)


def is_web(link: str) -> bool:
    """Whether a link leads over the network, or to Label Studio's own media: there is no file to look into."""
    return link.startswith(("http://", "https://", "s3://", SERVED_LOCALLY))


def check_links(links: Iterable[str], opener: httpx.Client, *, allow_private: bool = False) -> list[LinkCheck]:
    """Try links over the network, one after the other; links to files are passed over.

    A link that leads, itself or by redirection, to a private, loopback or link-local address is refused unless
    ``allow_private``: data from outside must not make this machine call its own network. The address is looked up
    before the call; a name that changes its address in between is not caught.

    Args:
        links: a sample of them.
        opener: the client to call with (its time limit counts).
        allow_private: links into the own network are wanted.
    """
    web = [link for link in links if link.startswith(("http://", "https://"))]
    return [_tried(link, opener, allow_private=allow_private) for link in web]


def new_opener() -> httpx.Client:
    """A client for `check_links`: short time limit, redirects followed only by us, no settings from the environment."""
    return httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False)


def _web_problem(link: str) -> str | None:
    parts = urlsplit(link)
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "link has a wrong port"
    if not host:
        return "link has no host"
    if parts.username or parts.password:
        return "link holds a password"
    return "link holds blanks" if any(character.isspace() for character in link) else None


def _object_problem(link: str) -> str | None:
    parts = urlsplit(link)
    return None if parts.netloc and parts.path.strip("/") else "link names no bucket or no object"


def _no_known_form(_link: str) -> str:
    return "link is neither http, https nor s3"


#: Schemes that stand before no slashes, and would pass for a file's name.
_NO_FILES = ("data", "javascript", "file", "blob", "mailto", "about")
_FORMS = {"http": _web_problem, "https": _web_problem, "s3": _object_problem}


def _file_problem(link: str, folder: Path) -> str | None:
    try:
        target = (folder / link).resolve()
        if not target.is_relative_to(folder.resolve()):
            return "link leads out of its folder"
        return None if target.is_file() else "linked file does not exist"
    except (OSError, ValueError):
        return "link cannot be read"


def _tried(link: str, opener: httpx.Client, *, allow_private: bool) -> LinkCheck:
    """HEAD, then GET where a server does not know HEAD; redirections are followed one by one."""
    url = httpx.URL(link)
    try:
        for _ in range(REDIRECTS + 1):
            if not allow_private and not _is_public(url.host):
                return LinkCheck(link, "leads to a private address")
            answer = _asked(url, opener)
            target = _target(url, answer)
            if target is None:
                return _judged(link, answer)
            url = target
    except httpx.TimeoutException:
        return LinkCheck(link, "did not answer in time")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return LinkCheck(link, f"could not be reached ({type(error).__name__})")
    return LinkCheck(link, "redirects too often")


def _judged(link: str, answer: httpx.Response) -> LinkCheck:
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    readable = answer.headers.get("access-control-allow-origin") in ("*", _FOREIGN)
    if answer.status_code >= 400:
        return LinkCheck(link, f"answered with status {answer.status_code}")
    if kind.startswith("text/html"):
        return LinkCheck(link, "is a web page, not a file", kind, readable)
    return LinkCheck(link, None, kind or None, readable)


def _asked(url: httpx.URL, opener: httpx.Client) -> httpx.Response:
    response = opener.head(url, headers={"Origin": _FOREIGN})
    if response.status_code in (403, 405, 501):
        with opener.stream("GET", url, headers={"Origin": _FOREIGN}) as response:  # the body is not read
            return response
    return response


def _target(url: httpx.URL, response: httpx.Response) -> httpx.URL | None:
    if not response.is_redirect:
        return None
    target = url.join(response.headers["location"])
    if target.scheme not in ("http", "https"):
        raise httpx.InvalidURL("redirected to another scheme")
    return target


def _is_public(host: str) -> bool:
    """Every address of the host is on the open internet."""
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return True  # the call itself says that the name is not known
    return all(ipaddress.ip_address(str(address).split("%", maxsplit=1)[0]).is_global for address in addresses)
