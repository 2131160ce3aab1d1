"""Which browser somebody signs in with, in words by which its owner knows it again."""

from ua_parser import parse

LONGEST_READ = 512
"""Of a header that anybody may fill."""
LONGEST_NAME = 80


def name_device(user_agent: str) -> str:
    """For example "Firefox, Linux"; empty of a browser that does not say what it is."""
    told = parse(user_agent[:LONGEST_READ])
    names = [part.family for part in (told.user_agent, told.os) if part is not None]
    return ", ".join(names)[:LONGEST_NAME]
