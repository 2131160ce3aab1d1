"""How a message is written for the wire: fields that every reader takes as they were meant."""

from email.policy import EmailPolicy
from typing import Any

from core.mailboxes import encoded

LINE = 78


class WirePolicy(EmailPolicy):
    """Python's policy for SMTP, but a field that is in ASCII already is left as it was written.

    Python would take it apart and write it anew: a long name becomes two addresses, and an address
    of the web an encoded word that no mail program can follow. Ours is folded only where it has a
    space. (Addresses come from `core.mailboxes`, in ASCII.)
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Keep a field: as text if it is plain, else as encoded words, and else as Python does.

        (Python's own folding loses the space between an encoded word and a plain one.)
        """
        if not isinstance(value, str) or "\r" in value or "\n" in value:
            return super().header_store_parse(name, value)
        return name, value if value.isascii() and value.isprintable() else encoded(value)

    def fold(self, name: str, value: Any) -> str:
        """A whole field, with its line ends."""
        if hasattr(value, "name"):
            return str(super().fold(name, value))
        lines = [f"{name}:"]
        for word in str(value).split(" "):
            if len(lines[-1]) + 1 + len(word) > LINE and not lines[-1].endswith(":"):
                lines.append(word)
            else:
                lines[-1] = f"{lines[-1]} {word}"
        return f"{self.linesep} ".join(lines) + self.linesep

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same in bytes."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


WIRE = WirePolicy(linesep="\r\n")
WIRE_ASCII = WIRE.clone(cte_type="7bit")
"""SES takes a message that is handed over whole only in seven bits."""
