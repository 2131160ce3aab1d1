"""Every mail as SpamAssassin sees it, with its local rules alone: below one point each.

`make spam` needs the program `spamassassin` (Debian: `apt-get install spamassassin`). What a
provider adds on the way, such as signatures, is not in it.
"""

import mailbox
import re
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import format_datetime, make_msgid
from pathlib import Path

from mail.personal import complete, fill
from tests.pictures import every_mail, values_of

MOST = 1.0
_SCORE = re.compile(r"score=(-?[\d.]+)")
_TESTS = re.compile(r"tests=([A-Z0-9_,\s]+)")


def write_box(path: Path) -> None:
    """All of them in one mailbox, each with the headers that it goes out with."""
    box = mailbox.mbox(path)
    for name, language, mail in every_mail():
        values = complete(values_of(mail.html + mail.text))
        box.add(_message(name, language, fill(mail.subject, values), fill(mail.text, values),
                         fill(mail.html, values)))  # fmt: skip
    box.close()


def _message(name: str, language: str, subject: str, text: str, html: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Learning Conversations <letters@staffroom.example>"
    message["To"] = "Aino Virtanen <aino@school.example>"
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain="eu-north-1.amazonses.com")
    message["X-Mail"] = f"{name} ({language})"
    message["Received"] = (  # as from Amazon SES
        "from a8-1.smtp-out.eu-north-1.amazonses.com (a8-1.smtp-out.eu-north-1.amazonses.com "
        f"[54.240.8.1]) by mx.school.example with ESMTPS; {format_datetime(datetime.now(UTC))}"
    )
    if "Leave the list" in text or "unsubscribe" in html:
        message["List-Unsubscribe"] = "<https://staffroom.example/leave/x>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def judged(path: Path) -> list[tuple[float, str, str]]:
    """The score of each, what it is, and which rules found something; the worst first."""
    done = subprocess.run(
        ["spamassassin", "-L", "--mbox"],  # noqa: S607
        stdin=path.open("rb"), capture_output=True, check=True,
    )  # fmt: skip
    out = path.with_suffix(".judged")
    out.write_bytes(done.stdout)
    return sorted(map(_of, mailbox.mbox(out)), reverse=True)


def _of(message: Message) -> tuple[float, str, str]:
    status = str(message["X-Spam-Status"])
    score, tests = _SCORE.search(status), _TESTS.search(status)
    assert score is not None, status
    return float(score[1]), str(message["X-Mail"]), " ".join(tests[1].split()) if tests else ""


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.parent.mkdir(parents=True, exist_ok=True)
    where.unlink(missing_ok=True)
    write_box(where)
    found = judged(where)
    for score, name, tests in found[:5]:
        sys.stdout.write(f"{score:5.1f} {name}: {tests}\n")
    sys.stdout.write(f"{len(found)} mails, the worst has {found[0][0]} points.\n")
    sys.exit(found[0][0] >= MOST)
