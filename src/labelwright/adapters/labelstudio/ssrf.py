"""Label Studio's protection against requests to private addresses, opened for the webhook's host and nothing else."""

from __future__ import annotations

import ast
import ipaddress
import socket
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Two threads that parse at once can fail in CPython 3.11 ("AST constructor recursion depth mismatch").
_ONE_PARSER = threading.Lock()

#: What Label Studio 1.23.2 bans by default; a test compares it with the installed package.
DEFAULT_BANNED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "233.252.0.0/24",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:0000::/32",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)


def banned_subnets(opened: Iterable[str], default: Sequence[str] = DEFAULT_BANNED) -> tuple[str, ...]:
    """The default list with single addresses cut out of its networks.

    Args:
        opened: addresses (IPv4 or IPv6) that the webhook needs.
        default: networks that are banned by default.

    Returns:
        Networks in CIDR notation: together exactly the default list less those addresses.
    """
    networks: list[_Network] = [ipaddress.ip_network(n) for n in default]
    for text in opened:
        address = ipaddress.ip_address(text)
        networks = [part for network in networks for part in _without(network, address)]
    return tuple(str(n) for n in networks)


def addresses_of(host: str) -> tuple[str, ...]:
    """Every address that a host name stands for: the protection refuses a host of which one is banned."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def installed_default(package: Path) -> tuple[str, ...]:
    """The default list of an installed Label Studio, read from its source without running it; empty if not found.

    Args:
        package: the folder ``label_studio``.
    """
    try:
        source = (package / "core" / "utils" / "io.py").read_text(encoding="utf-8")
        with _ONE_PARSER:
            tree = ast.parse(source)
    except (OSError, SyntaxError):
        return ()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(_is_named(t, "default_banned_subnets") for t in node.targets):
            return tuple(ast.literal_eval(node.value))
    return ()


def environment(opened: Iterable[str], package: Path | None = None) -> dict[str, str]:
    """The variables that open the protection for these addresses alone; none where nothing has to be opened."""
    opened = tuple(opened)
    default = tuple(dict.fromkeys((*DEFAULT_BANNED, *(installed_default(package) if package else ()))))
    banned = banned_subnets(opened, default)
    if set(banned) == set(banned_subnets((), default)):
        return {}
    return {
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "False",
        "LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS": ",".join(banned),
    }


def _without(network: _Network, address: _Address) -> Iterable[_Network]:
    if isinstance(network, ipaddress.IPv4Network) and isinstance(address, ipaddress.IPv4Address):
        return network.address_exclude(ipaddress.IPv4Network(address)) if address in network else (network,)
    if isinstance(network, ipaddress.IPv6Network) and isinstance(address, ipaddress.IPv6Address):
        return network.address_exclude(ipaddress.IPv6Network(address)) if address in network else (network,)
    return (network,)


def _is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
