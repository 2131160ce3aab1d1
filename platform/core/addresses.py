"""One e-mail address: as typed, as shown, as SES wants it, and the key that makes it unique."""

import ipaddress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from core.address_lists import clean_address
from core.errors import Refusal
from core.i18n import N_

LONGEST = 254  # RFC 5321 §4.5.3.1.3: a path of 256 octets less its angle brackets

WELL_KNOWN_DOMAINS = (
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "icloud.com",
    "live.com",
    "protonmail.com",
    "elisanet.fi",
    "kolumbus.fi",
    "luukku.com",
    "edu.hel.fi",
)

INBOXES = {
    "gmail.com": ("Gmail", "https://mail.google.com/"),
    "googlemail.com": ("Gmail", "https://mail.google.com/"),
    "outlook.com": ("Outlook", "https://outlook.live.com/mail/"),
    "hotmail.com": ("Outlook", "https://outlook.live.com/mail/"),
    "live.com": ("Outlook", "https://outlook.live.com/mail/"),
    "yahoo.com": ("Yahoo Mail", "https://mail.yahoo.com/"),
    "icloud.com": ("iCloud Mail", "https://www.icloud.com/mail"),
    "protonmail.com": ("Proton Mail", "https://mail.proton.me/"),
    "proton.me": ("Proton Mail", "https://mail.proton.me/"),
}


@dataclass(frozen=True)
class Address:
    """An address that mail can be sent to.

    `shown` keeps the writing of the local part; `ascii` has the domain in punycode, for SES;
    `key` is what two writings of the same address share.
    """

    shown: str
    ascii: str
    key: str

    @property
    def domain(self) -> str:
        """The domain, in lower case and in its own alphabet."""
        return self.shown.rpartition("@")[2]


def parse_address(text: str) -> Address:
    """The address in `text`. Looks nothing up. Raises Refusal with the reason in words."""
    typed = clean_address(text)
    if not typed:
        raise Refusal(N_("Please write your e-mail address."), "email")
    if len(typed) > LONGEST:
        raise Refusal(N_("This e-mail address is too long: 254 characters at the most."), "email")
    if not typed.rpartition("@")[0].isascii():
        raise Refusal(
            N_("Letters such as ä before the @ cannot be delivered yet. Is there another address?"),
            "email",
        )
    try:
        valid = validate_email(typed, allow_smtputf8=False, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise Refusal(
            N_("This does not look like an e-mail address. It should be like anna@example.org."),
            "email",
        ) from None
    # `ascii_email` is missing only for addresses that need SMTPUTF8, which were refused above.
    plain = valid.ascii_email or ""
    if len(plain) > LONGEST:
        raise Refusal(N_("This e-mail address is too long: 254 characters at the most."), "email")
    # The key is made of the punycode: `casefold` makes one domain of `straße` and `strasse`.
    return Address(valid.normalized, plain, plain.casefold())


def typo_hint(address: Address) -> str | None:
    """The address that was perhaps meant (`gmial.com`), or None. A hint never blocks."""
    near = _well_known_near(address.domain)
    return f"{address.shown.rpartition('@')[0]}@{near}" if near else None


@lru_cache(maxsize=1000)
def _well_known_near(domain: str) -> str:
    """The well-known domain that was perhaps meant, or nothing."""
    if domain in WELL_KNOWN_DOMAINS:
        return ""
    near = get_close_matches(domain, WELL_KNOWN_DOMAINS, n=1, cutoff=0.84)
    return near[0] if near else ""


def inbox_of(address: Address) -> tuple[str, str] | None:
    """Name and URL of the web mail that reads this address, if it is a well-known one."""
    return INBOXES.get(address.domain)


def limit_key(address: Address) -> str:
    """One key for all the writings that reach one mailbox, for counting only, never identity."""
    local, _, domain = address.key.rpartition("@")
    plain = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        plain = plain.replace(".", "")
    return f"{plain}@{domain}"


def wider_networks(network: str) -> list[str]:
    """A network of `network_of`, and those around it: of IPv6 the /56 and the /48 too."""
    try:
        narrow = ipaddress.ip_network(network)
    except ValueError:
        return [network]
    if narrow.version == 4:
        return [network]
    return [network, *(str(narrow.supernet(new_prefix=size)) for size in (56, 48))]


def network_of(host: str | None) -> str:
    """The network of a visitor: /24 for IPv4, /64 for IPv6, `unknown` for anything else."""
    try:
        ip = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    size = 24 if ip.version == 4 else 64
    return str(ipaddress.ip_network((ip, size), strict=False))
