"""The settings that the privacy notice is made from: who is responsible, and who helps."""

from pydantic import Field
from pydantic_settings import BaseSettings


class PrivacySettings(BaseSettings):
    """What only those who run a community know about it."""

    controller: str = Field(
        "",
        max_length=400,
        description="Who is responsible for the data: name and postal address, in one line. The "
        "privacy notice names it; production wants it said.",
    )
    privacy_contact: str = Field(
        "",
        description="Mailbox for questions about data; empty: where answers to mails go.",
    )
    hosting: str = Field(
        "",
        max_length=400,
        description="Who runs the machine and where, as in `Example Oy, Helsinki, Finland`; the "
        "privacy notice names it.",
    )
    supervisor: str = Field(
        "Office of the Data Protection Ombudsman, Helsinki (tietosuoja.fi)",
        max_length=200,
        description="The authority to which people may complain.",
    )
