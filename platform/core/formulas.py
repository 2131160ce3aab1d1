"""Files for spreadsheets, which run what looks like a formula."""

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\0")


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet shows instead of running (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(_RISKY) else text
