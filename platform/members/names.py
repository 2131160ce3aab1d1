"""How people are called. Pure."""


def first_name(name: str) -> str:
    """`Aino` of `Aino Virtanen` and of `Virtanen, Aino`; nothing where it is none."""
    given = name.partition(",")[2].strip() if "," in name else name
    first = given.split(" ")[0]
    return "" if "@" in name or first.endswith(".") else first
