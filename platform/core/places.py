"""Where the files lie that are not Python: the same in a checkout and in an installed wheel."""

from functools import cache
from pathlib import Path


@cache
def _root() -> Path:
    """The checkout, or in an installed wheel the folder that all packages lie in."""
    parents = Path(__file__).resolve().parents
    return next(p for p in parents[1:3] if (p / "templates" / "email").is_dir())


def _folder(name: str) -> Path:
    return _root() / name


def email_templates() -> Path:
    """The folder of the mail templates, one sub-folder per package."""
    return _folder("templates") / "email"


def web_templates() -> Path:
    """The folder of the page templates."""
    return _folder("templates") / "web"


def catalogues() -> Path:
    """The folder of the gettext catalogues, one sub-folder per language."""
    return _folder("locales")


def static_files() -> Path:
    """The folder of stylesheet, scripts and pictures."""
    return _folder("static")


def migrations() -> Path:
    """The folder of the Alembic environment."""
    return _folder("migrations")
