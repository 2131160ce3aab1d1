"""Every answer of SES and every exception of botocore has its row, and means what it should."""

import botocore.exceptions
import botocore.parsers
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

from mail.outcomes import Verdict, next_state
from mail.ses import outcome_of
from mail.ses_answers import ADVICE, ERRORS, EXCEPTIONS, STATUSES, advice, of_entry, of_error
from mail.states import DeliveryState

D, V = DeliveryState, Verdict
AFTER_ONE_TRY = {
    "SUCCESS": D.SENT,
    "ACCOUNT_THROTTLED": D.QUEUED,
    "TRANSIENT_FAILURE": D.QUEUED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": D.QUEUED,
    "FAILED": D.QUEUED,
    "INVALID_PARAMETER": D.FAILED,
    "MESSAGE_REJECTED": D.FAILED,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": D.QUEUED,
    "CONFIGURATION_SET_NOT_FOUND": D.QUEUED,
    "CONFIGURATION_SET_DOES_NOT_EXIST": D.QUEUED,
    "TEMPLATE_NOT_FOUND": D.QUEUED,
    "TEMPLATE_DOES_NOT_EXIST": D.QUEUED,
    "INVALID_SENDING_POOL_NAME": D.QUEUED,
    "ACCOUNT_SUSPENDED": D.QUEUED,
    "ACCOUNT_SENDING_PAUSED": D.QUEUED,
    "CONFIGURATION_SET_SENDING_PAUSED": D.QUEUED,
}


def _model() -> dict[str, object]:
    model: dict[str, object] = Loader().load_service_model("sesv2", "service-2")["shapes"]
    return model


def test_every_status_of_the_service_model_has_a_row() -> None:
    enum = _model()["BulkEmailStatus"]["enum"]  # type: ignore[index]
    assert set(enum) <= set(STATUSES)
    assert set(AFTER_ONE_TRY) == set(STATUSES)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_leads_to_its_state(status: str) -> None:
    assert next_state(of_entry(status), 1) is AFTER_ONE_TRY[status]


def test_what_failed_without_a_reason_is_tried_once_more_and_then_fails() -> None:
    assert next_state(of_entry("FAILED"), 2) is D.FAILED


def test_a_status_that_nobody_knows_is_unclear_and_never_sent_again_by_itself() -> None:
    assert of_entry("SOMETHING_NEW").verdict is V.UNKNOWN


def _answer(code: str, status: int = 400, words: str = "said") -> ClientError:
    response = {
        "Error": {"Code": code, "Message": words},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "SendBulkEmail")  # type: ignore[arg-type]


ERRORS_OF_SENDING = ("SendEmail", "SendBulkEmail")


def test_every_error_of_both_calls_in_the_service_model_has_a_row() -> None:
    operations = Loader().load_service_model("sesv2", "service-2")["operations"]
    named = {one["shape"] for call in ERRORS_OF_SENDING for one in operations[call]["errors"]}
    assert named <= set(ERRORS)


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_means_that_nothing_was_sent(code: str) -> None:
    outcome = outcome_of(_answer(code))
    assert outcome.verdict is ERRORS[code]
    assert next_state(outcome, 1) in (D.QUEUED, D.FAILED)


@pytest.mark.parametrize(
    ("code", "status", "words", "verdict"),
    [
        ("TooManyRequestsException", 429, "Maximum sending rate exceeded.", V.THROTTLED),
        ("TooManyRequestsException", 429, "Daily message quota exceeded.", V.QUOTA_USED),
        ("LimitExceededException", 400, "Daily message quota exceeded.", V.QUOTA_USED),
        ("WhoKnows", 429, "slow down", V.THROTTLED),
        ("WhoKnows", 403, "no", V.FAULT),
        ("InternalServiceErrorException", 500, "oops", V.UNKNOWN),
        ("", 502, "", V.UNKNOWN),
        ("ServiceUnavailable", 503, "Daily", V.UNKNOWN),
    ],
)
def test_words_and_numbers_decide_where_the_code_does_not(
    code: str, status: int, words: str, verdict: Verdict
) -> None:
    assert of_error(code, words, status).verdict is verdict


def _all_exceptions() -> list[type[Exception]]:
    found: list[type[Exception]] = [botocore.parsers.ResponseParserError]
    for name in dir(botocore.exceptions):
        kind = getattr(botocore.exceptions, name)
        if isinstance(kind, type) and issubclass(kind, BotoCoreError):
            found.append(kind)
    return found


# Read in botocore's tree of exceptions: after the request was written, whatever breaks is unclear.
UNCLEAR = {
    "HTTPClientError",
    "ReadTimeoutError",
    "ConnectionClosedError",
    "IncompleteReadError",
    "ResponseStreamingError",
    "ResponseParserError",
}
UNREACHABLE = {
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ProxyConnectionError",
    "SSLError",
    "CredentialRetrievalError",
    "MetadataRetrievalError",
}


@pytest.mark.parametrize("kind", _all_exceptions(), ids=lambda kind: kind.__name__)
def test_an_exception_means_what_is_known_of_the_mail(kind: type[BotoCoreError]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "it broke")
    verdict = outcome_of(error).verdict
    ancestors = {parent.__name__ for parent in kind.__mro__}
    if kind.__name__ in UNREACHABLE or ancestors & UNREACHABLE:
        assert verdict is V.UNREACHABLE
    elif ancestors & UNCLEAR:
        assert verdict is V.UNKNOWN
    else:
        assert verdict is V.FAULT


def test_every_row_of_exceptions_names_one_that_there_is() -> None:
    assert {kind.__name__ for kind in _all_exceptions()} >= set(EXCEPTIONS)


@pytest.mark.parametrize("code", ADVICE)
def test_a_fault_comes_with_what_to_do_about_it_in_both_languages(code: str) -> None:
    said = advice(code)
    assert said is not None
    assert said.text("fi") != said.text("en")
