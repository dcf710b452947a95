"""What the environment says about this process: hosts, proxies that are believed, who may read the metrics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from data.config import home_folder

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
UNIX = "unix"  # the peer of a request that came through a Unix socket: whoever may write to it
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Peers:
    """Addresses and networks, or `unix`."""

    networks: tuple[Network, ...] = ()
    unix: bool = False

    @classmethod
    def read(cls, name: str, text: str) -> Peers:
        """From `10.0.0.5, fd00::/8, unix`. Raises ValueError naming the setting."""
        words = [word.strip() for word in text.split(",") if word.strip()]
        try:
            networks = tuple(ip_network(word) for word in words if word != UNIX)
        except ValueError as error:
            raise ValueError(f"{name}: {error}; wanted addresses like 10.0.0.5, 10.0.0.0/24, {UNIX}") from error
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError(f"{name}: a network of all addresses would trust everybody")
        return cls(networks, UNIX in words)

    def __contains__(self, peer: str) -> bool:
        address = address_of(peer)
        return self.unix if peer == UNIX else address is not None and any(address in network for network in self.networks)

    def __bool__(self) -> bool:
        return self.unix or bool(self.networks)


@dataclass(frozen=True)
class Setup:
    """What the environment says about this process."""

    home: Path
    hosts: tuple[str, ...] = LOOPBACK
    proxies: Peers = field(default_factory=Peers)  # whose X-Forwarded-User is believed
    metrics_from: Peers = field(default_factory=Peers)  # besides this machine
    process: str = ""  # keeps the logs of several processes apart

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Setup:
        """From FIELDBOOK_HOME, _HOSTS, _PROXIES, _METRICS_FROM and _PROCESS. Raises ValueError naming the setting."""
        named = tuple(host.strip().lower() for host in env.get("FIELDBOOK_HOSTS", "").split(",") if host.strip())
        if wrong := [host for host in named if not re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)*|\[[0-9a-f:]+\]", host)]:
            raise ValueError(f"FIELDBOOK_HOSTS: {wrong[0]!r} is not a host name without port, like kpi.example.com or *.example.com")
        process = env.get("FIELDBOOK_PROCESS", "")
        if not re.fullmatch(r"[\w-]*", process):
            raise ValueError("FIELDBOOK_PROCESS: wanted letters, digits, - and _")
        return cls(
            home=home_folder(env.get("FIELDBOOK_HOME")),
            hosts=tuple(dict.fromkeys((*named, *LOOPBACK))),
            proxies=proxies(env),
            metrics_from=Peers.read("FIELDBOOK_METRICS_FROM", env.get("FIELDBOOK_METRICS_FROM", "")),
            process=process,
        )


def proxies(env: Mapping[str, str]) -> Peers:
    """Whose X-Forwarded-User is believed. Raises ValueError naming the setting."""
    return Peers.read("FIELDBOOK_PROXIES", env.get("FIELDBOOK_PROXIES", ""))


def is_loopback(peer: str) -> bool:
    """Whether an address is this machine's own."""
    address = address_of(peer)
    return address is not None and address.is_loopback


def address_of(peer: str) -> IPv4Address | IPv6Address | None:
    """The address a text stands for, an IPv4 one in IPv6 clothes as what it is."""
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
