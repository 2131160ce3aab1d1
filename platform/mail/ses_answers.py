"""Everything that SES can answer, and every way in which it can fail to: what each of them means.

Pure: a table. Provenance: the statuses of SendBulkEmail and the errors of SendEmail in the service
model of sesv2; the exceptions of botocore. A test walks through every row.
"""

from collections.abc import Iterable, Mapping

from core.i18n import N_, Message
from mail.outcomes import Outcome, Verdict

STATUSES: Mapping[str, Verdict] = {
    "SUCCESS": Verdict.ACCEPTED,
    "ACCOUNT_THROTTLED": Verdict.THROTTLED,
    "TRANSIENT_FAILURE": Verdict.TRANSIENT,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Verdict.QUOTA_USED,
    "FAILED": Verdict.FAILED_ONCE,
    "INVALID_PARAMETER": Verdict.REFUSED,
    "MESSAGE_REJECTED": Verdict.REFUSED,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": Verdict.FAULT,
    "CONFIGURATION_SET_NOT_FOUND": Verdict.FAULT,
    "CONFIGURATION_SET_DOES_NOT_EXIST": Verdict.FAULT,  # so called in the prose of the docs
    "TEMPLATE_NOT_FOUND": Verdict.FAULT,
    "TEMPLATE_DOES_NOT_EXIST": Verdict.FAULT,
    "INVALID_SENDING_POOL_NAME": Verdict.FAULT,
    "ACCOUNT_SUSPENDED": Verdict.FAULT,
    "ACCOUNT_SENDING_PAUSED": Verdict.FAULT,
    "CONFIGURATION_SET_SENDING_PAUSED": Verdict.FAULT,
}
"""What SendBulkEmail says of one recipient. A word that is not here is unclear."""

ERRORS: Mapping[str, Verdict] = {
    "TooManyRequestsException": Verdict.THROTTLED,
    "Throttling": Verdict.THROTTLED,
    "ThrottlingException": Verdict.THROTTLED,
    "LimitExceededException": Verdict.THROTTLED,
    "ConcurrentModificationException": Verdict.TRANSIENT,
    "MessageRejected": Verdict.REFUSED,
    "BadRequestException": Verdict.REFUSED,
    "AccountSuspendedException": Verdict.FAULT,
    "SendingPausedException": Verdict.FAULT,
    "MailFromDomainNotVerifiedException": Verdict.FAULT,
    "NotFoundException": Verdict.FAULT,
    "ConflictException": Verdict.FAULT,
    "AccessDeniedException": Verdict.FAULT,
    "UnrecognizedClientException": Verdict.FAULT,
    "InvalidClientTokenId": Verdict.FAULT,
    "InvalidSignatureException": Verdict.FAULT,
    "SignatureDoesNotMatch": Verdict.FAULT,
    "ExpiredTokenException": Verdict.FAULT,
    "MissingAuthenticationTokenException": Verdict.FAULT,
    "OptInRequired": Verdict.FAULT,
}
"""What SES says of a whole call, by the code of the error. Other 4xx are faults of ours."""

EXCEPTIONS: Mapping[str, Verdict] = {
    # Raised before a single byte of the message could have been accepted.
    "EndpointConnectionError": Verdict.UNREACHABLE,
    "ConnectTimeoutError": Verdict.UNREACHABLE,
    "ProxyConnectionError": Verdict.UNREACHABLE,
    "SSLError": Verdict.UNREACHABLE,
    # Credentials that a service hands out may be there again in a minute.
    "CredentialRetrievalError": Verdict.UNREACHABLE,
    "MetadataRetrievalError": Verdict.UNREACHABLE,
    # It may have been taken before this happened.
    "ReadTimeoutError": Verdict.UNKNOWN,
    "ConnectionClosedError": Verdict.UNKNOWN,
    "IncompleteReadError": Verdict.UNKNOWN,
    "ResponseStreamingError": Verdict.UNKNOWN,
    "ResponseParserError": Verdict.UNKNOWN,
    "HTTPClientError": Verdict.UNKNOWN,
    # No credentials, no region, a request that cannot be built: nothing went out.
    "BotoCoreError": Verdict.FAULT,
}
"""How a call can fail without an answer, by the exception's class: the nearest ancestor counts."""

_IDENTITY = N_(
    "SES does not know our sender address: verify its domain in the SES console (or wait until "
    "AWS has seen the records), then go on."
).source
_CONFIGURATION_SET = N_(
    "SES does not know the configuration set: make one of that name, or correct "
    "STAFFROOM_SES_CONFIGURATION_SET; then go on."
).source
_CREDENTIALS = N_(
    "AWS does not accept our credentials, or they may not send: compare the policy in docs/ses.md, "
    "then go on."
).source
_SUSPENDED = N_(
    "AWS has stopped the account from sending: answer their case in the SES console (Account "
    "dashboard), then go on."
).source
_PAUSED = N_(
    "Sending is paused in SES, for the account or the configuration set: switch it on in the SES "
    "console, then go on."
).source

ADVICE: Mapping[str, str] = {
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": _IDENTITY,
    "MailFromDomainNotVerifiedException": _IDENTITY,
    "CONFIGURATION_SET_NOT_FOUND": _CONFIGURATION_SET,
    "CONFIGURATION_SET_DOES_NOT_EXIST": _CONFIGURATION_SET,
    "NotFoundException": _CONFIGURATION_SET,
    "ACCOUNT_SUSPENDED": _SUSPENDED,
    "AccountSuspendedException": _SUSPENDED,
    "SHUTDOWN": _SUSPENDED,
    "ACCOUNT_SENDING_PAUSED": _PAUSED,
    "CONFIGURATION_SET_SENDING_PAUSED": _PAUSED,
    "SendingPausedException": _PAUSED,
    "SENDING_DISABLED": _PAUSED,
    "AccessDeniedException": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "InvalidSignatureException": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredTokenException": _CREDENTIALS,
    "MissingAuthenticationTokenException": _CREDENTIALS,
    "NoCredentialsError": _CREDENTIALS,
    "PartialCredentialsError": _CREDENTIALS,
    "OptInRequired": _CREDENTIALS,
}
"""What an organiser does about a fault, by its code."""


def advice(code: str) -> Message | None:
    """What to do about a fault; None where only SES's own words can help."""
    return Message(ADVICE[code]) if code in ADVICE else None


def of_entry(status: str, words: str = "", message_id: str | None = None) -> Outcome:
    """What SendBulkEmail's result for one recipient means."""
    verdict = STATUSES.get(status, Verdict.UNKNOWN)
    if verdict is Verdict.ACCEPTED:
        return Outcome(verdict, message_id=message_id or "")
    return Outcome(verdict, words or status, code=status)


def of_error(code: str, words: str, http_status: int) -> Outcome:
    """What an error answer to a whole call means.

    SES tells "too fast" and "the day's quota" apart in its words only.
    """
    said = words or code
    if "daily message quota" in said.lower():
        return Outcome(Verdict.QUOTA_USED, said, code=code)
    if http_status >= 500:
        return Outcome(Verdict.UNKNOWN, f"SES answered {http_status}: {said}", code=code)
    if code in ERRORS:
        return Outcome(ERRORS[code], said, code=code)
    return Outcome(Verdict.THROTTLED if http_status == 429 else Verdict.FAULT, said, code=code)


def of_exception(ancestors: Iterable[str], words: str = "") -> Outcome:
    """What a call without an answer means, from the names of the exception's classes, own first."""
    names = list(ancestors)
    verdict = next((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), Verdict.UNKNOWN)
    said = {
        Verdict.UNREACHABLE: f"SES cannot be reached ({names[0]})",
        Verdict.UNKNOWN: f"SES did not answer ({names[0]})",
        Verdict.FAULT: f"SES is not set up: {words}",
    }
    return Outcome(verdict, said[verdict], code=names[0])
