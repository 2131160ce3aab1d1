"""The settings of how organisers work together: what they show, and who looks twice."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class TeamSettings(BaseSettings):
    """What the organisers of a community ask of themselves."""

    second_factor: Literal["owners", "editors", "all"] = Field(
        "owners",
        description="Who must sign in with a second factor, a week after they got their role: "
        "`owners`, `editors` too, or `all`. Everybody else may.",
    )
    second_pair_of_eyes: bool = Field(
        False,
        description="`true`: an issue is sent by somebody else than who changed it last.",
    )
    written_consent: bool = Field(
        False,
        description="`true`: whoever has agreed on paper may be written down without being asked "
        "by mail once more; where they agreed is kept.",
    )
