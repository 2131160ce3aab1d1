"""The yardstick: a loop that only makes the same SendBulkEmail calls."""

import json
import sys
import time

import boto3
from botocore.config import Config

from mail.personal import complete
from mail.ses import _headers, open_client


def main(kind: str, recipients: int, html: str, text: str) -> None:
    """Make the calls for so many recipients, one after another.

    `plain` is boto3 as it comes (but without its repeats), `tuned` is with our own settings.
    """
    once = Config(retries={"total_max_attempts": 1})
    client = open_client() if kind == "tuned" else boto3.client("sesv2", config=once)
    template = {
        "TemplateContent": {"Subject": "A letter", "Html": html, "Text": text},
        "TemplateData": "{}",
        "Headers": _headers({"Precedence": "bulk", "List-Id": "x <y>"}),
    }
    began, cpu = time.perf_counter(), time.process_time()
    for first in range(0, recipients, 50):
        entries = [_entry(number) for number in range(first, first + 50)]
        client.send_bulk_email(
            FromEmailAddress="letters@staffroom.example",
            DefaultContent={"Template": template},  # type: ignore[typeddict-item]
            BulkEmailEntries=entries,  # type: ignore[arg-type]
        )
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"rate": recipients / seconds, "cpu": used / recipients * 1000}))


def _entry(number: int) -> dict[str, object]:
    url = f"http://127.0.0.1:8000/unsubscribe/{number}-newsletter.{'x' * 43}"
    values = {"address": f"m{number}@school.example", "greeting": "Hello,"}
    values |= {"unsubscribe_url": url, "preferences_url": url}
    tags = (("mailing", "1"), ("delivery", str(number)), ("attempt", "a" * 32))
    data = json.dumps(complete(values), ensure_ascii=False)
    return {
        "Destination": {"ToAddresses": [f"m{number}@school.example"]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        "ReplacementHeaders": _headers({"List-Unsubscribe": f"<{url}>"}),
        "ReplacementTags": [{"Name": name, "Value": value} for name, value in tags],
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *json.loads(sys.stdin.read()))
