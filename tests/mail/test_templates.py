"""Every mail there is, rendered in both languages: complete, small, and with its links in text."""

import html
import re

import pytest

from core.i18n import LANGUAGES
from core.places import email_templates
from mail.outbox import links_in
from mail.rendering import render, template_names
from tests.support.mail_samples import COMMON, PERSONAL, SAMPLES

CLIPPED_AT = 90 * 1024
every_mail = pytest.mark.parametrize("name", template_names())
every_language = pytest.mark.parametrize("language", LANGUAGES)


BLOCKS = {"blocks.html", "blocks.txt"}
"""What a letter is made of besides: see `mail.rendering.fragment`."""


def test_every_mail_has_a_sample_and_three_parts() -> None:
    assert set(template_names()) == set(SAMPLES)
    for name in template_names():
        parts = {path.name for path in (email_templates() / name).iterdir()}
        assert parts - BLOCKS == {"subject.txt", "body.txt", "body.mjml"}


@every_mail
@every_language
def test_a_mail_is_complete_in_each_language(name: str, language: str) -> None:
    mail = render(name, language, {**COMMON, **SAMPLES[name]}, PERSONAL)
    assert "\n" not in mail.subject
    assert f'<html lang="{language}"' in mail.html
    assert "Because." in mail.html
    assert "Because." in mail.text
    assert "Ääni &amp; &lt;Co&gt;" in mail.html
    assert len(mail.html.encode()) < CLIPPED_AT
    assert "{%" not in mail.html + mail.text
    assert "color-scheme" in mail.html


@every_mail
def test_the_text_part_has_every_link_of_the_html_part(name: str) -> None:
    mail = render(name, "en", {**COMMON, **SAMPLES[name]}, PERSONAL)
    for link in links_in(mail.html, ""):
        assert html.unescape(link) in mail.text, link


@every_mail
def test_nothing_is_fetched_from_anybody_else(name: str) -> None:
    mail = render(name, "en", {**COMMON, **SAMPLES[name]}, PERSONAL)
    assert not re.search(r'(?:src|background)="(?!http://x/)|@import|url\(', mail.html)
    assert "fonts.googleapis" not in mail.html


@every_mail
def test_all_languages_differ(name: str) -> None:
    context = {**COMMON, **SAMPLES[name]}
    texts = {render(name, code, context, PERSONAL).text for code in LANGUAGES}
    assert len(texts) == len(LANGUAGES)
