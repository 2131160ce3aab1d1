"""Which addresses belong to the open internet: our own list, not that of a Python version. Pure.

From IANA's registries of special-purpose addresses for IPv4 and IPv6, and of the IPv6 address
space, as they were in November 2026. What only some networks reach, what leads into other networks
(6to4, NAT64, Teredo) and what may never be a server's address is left out, and so are addresses
that clouds use for their own machines although the registries call them public.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_CLOSED_IPV4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of one provider; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own machines
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""Everything outside of it is local, mapped, reserved or not assigned: `fc00::/7`, `5f00::/16`."""
_CLOSED_IPV6 = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet. Raises ValueError if it is none at all."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in net for net in _CLOSED_IPV4)
    return found in _GLOBAL_UNICAST and not any(found in net for net in _CLOSED_IPV6)
