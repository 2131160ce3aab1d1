"""Sending something in, through the front door: visitors, members, editors, co-authors."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import func, select

from contributions import attachments
from contributions.kinds import FORMS as ASKED
from contributions.kinds import Kind
from contributions.models import Contribution
from core.audit import AuditEntry
from core.installation import Installation
from core.stored_files import Checked, StoredFile
from members.models import Member, Subscription
from members.roles import Role
from tests.conftest import both_databases
from tests.support.authors import FORMS, do, form, member, send_in, sign_in_as, state_of, submitted
from tests.support.people import Browser, Page, ShiftedClock, link_of
from worker import jobs

Run = Callable[[], None]
every_kind = pytest.mark.parametrize("kind", list(FORMS))


def _desk(path: str) -> str:
    return path.replace("/me/contributions/", "/organise/contributions/")


def _as_guest(visitor: Browser, kind: str, email: str, **changes: str) -> Page:
    key = visitor.get(f"/contribute/{kind}").hidden("form_key")
    return visitor.post(f"/contribute/{kind}", {**form(kind, **changes), "email": email,
                                               "form_key": key, "act": "submit"})  # fmt: skip


@both_databases
def test_a_topic_goes_from_a_visitor_to_the_library_with_the_authors_agreement(
    visitor: Browser, editor: Browser, run_jobs: Run
) -> None:
    """The whole journey of the issue, leg by leg."""
    _is_handed_over(visitor, run_jobs)
    path = _is_asked_about_and_answered(visitor, editor, run_jobs)
    _is_accepted_by_a_letter(visitor, editor, run_jobs, path)
    _is_edited_and_agreed_to(visitor, editor, run_jobs, path)
    _is_published_and_taken_back(visitor, editor, run_jobs, path)


def _is_handed_over(visitor: Browser, run_jobs: Run) -> None:
    _as_guest(visitor, "topic", "mia@example.org")
    run_jobs()
    [asked] = visitor.outbox("mia@example.org")
    assert asked.subject == "Please confirm what you want to send us"
    assert "On listening" not in asked.text, "nothing that a visitor typed"
    link = link_of(asked, "/contribute/deliver/")
    assert "On listening" in visitor.get(link).text
    for heading in ("Thank you, it is with the editors", "Thank you, it is with the editors"):
        assert visitor.post(link).heading == heading
    assert visitor.get(link).heading == "It has been sent already"
    run_jobs()
    assert visitor.outbox("mia@example.org")[0].subject == "It has arrived: On listening"
    with visitor.installation.reading() as work:
        mia = work.session.scalars(
            select(Member).where(Member.email_key == "mia@example.org")
        ).one()
        assert mia.state == "confirmed"
        assert work.session.scalar(select(func.count()).select_from(Subscription)) == 0
    sign_in_as(visitor, mia)
    assert "With the editors" in visitor.get("/me/contributions").text


def _is_asked_about_and_answered(visitor: Browser, editor: Browser, run_jobs: Run) -> str:
    """Returns its path on the desk."""
    assert "1 contribution is on the desk" in editor.get("/organise").text
    inbox = editor.get("/organise/contributions").text
    path = re.findall(r"/organise/contributions/[a-z2-9]{8}", inbox)[0]
    do(editor, path, "open")
    key = editor.get(path).hidden("form_key")
    do(editor, path, "ask", text="What made you think of <it>?", form_key=key)
    run_jobs()
    question = visitor.outbox("mia@example.org")[0]
    assert question.subject == "A question for you: On listening"
    assert "What made you think of <it>?" in question.text
    with Browser.of(visitor.installation) as elsewhere:  # not signed in there
        answering = link_of(question, "/contribute/answer/")
        assert "What made you think of &lt;it&gt;?" in elsewhere.get(answering).text
        empty = elsewhere.post(answering, {"text": " "})
        assert empty.status == 422
        assert "Thank you" in elsewhere.post(answering, {"text": "My pupils did."}).text
        assert "Thank you" in elsewhere.post(answering, {"text": " My pupils did.\r\n"}).text
        twice = elsewhere.post(answering, {"text": "Twice"})
        assert (twice.status, "Twice" in twice.text) == (422, True)
    assert "My pupils did." in editor.get(path).text
    assert "Twice" not in editor.get(path).text
    run_jobs()
    assert visitor.outbox("ed@example.org")[0].subject == "Answered: On listening"
    return str(path)


def _is_accepted_by_a_letter(visitor: Browser, editor: Browser, run_jobs: Run, path: str) -> None:
    do(editor, path, "accept")
    run_jobs()
    assert visitor.outbox("mia@example.org")[0].subject.startswith("A question"), "it is held"
    release = editor.get(path).action("/release")
    editor.post(release, {"words": "We *love* it, {{name}}."})
    editor.post(release, {"words": "We *love* it, {{name}}."})
    run_jobs()
    decision = visitor.outbox("mia@example.org")[0]
    assert decision.subject == "We would like to publish it: On listening"
    assert "We *love* it, {{name}}." in decision.text
    assert len([m for m in visitor.outbox("mia@example.org") if "would like" in m.subject]) == 1


def _is_edited_and_agreed_to(visitor: Browser, editor: Browser, run_jobs: Run, path: str) -> None:
    authors_page = path.replace("/organise/", "/me/")
    edit = editor.get(f"{path}/edit")
    better = {
        **form("topic"),
        "question": "How do we really listen?",
        "version": edit.hidden("version"),
    }
    editor.post(f"{path}/edit", better)
    run_jobs()
    assert visitor.outbox("mia@example.org")[0].subject == "Please read our changes: On listening"
    mine = visitor.get(authors_page)
    assert "<ins>really </ins>" in mine.text
    assert "CC BY 4.0" in mine.text
    stale = visitor.post(f"{authors_page}/agree", {"version": "1"})
    assert (stale.status, state_of(visitor.installation, authors_page)) == (422, "accepted")
    visitor.post(f"{authors_page}/agree", {"version": mine.hidden("version")})
    assert "Ready to go out" in visitor.get(authors_page).text


def _is_published_and_taken_back(
    visitor: Browser, editor: Browser, run_jobs: Run, path: str
) -> None:
    mine = path.replace("/organise/", "/me/")
    do(editor, path, "publish", topics="Listening")
    run_jobs()
    assert visitor.outbox("mia@example.org")[0].subject == "It is published: On listening"
    for prefix in ("", "/fi"):
        item = visitor.get(f"{prefix}/library/on-listening")
        assert "How do we really listen?" in item.text
        assert "Mia" in item.text
        assert "On listening" in visitor.get(f"{prefix}/library").text
    assert "On listening" in visitor.get("/library/feed.atom").text
    visitor.post(f"{mine}/retract", {"version": visitor.get(mine).hidden("version")})
    assert visitor.get("/library/on-listening").status == 410
    assert state_of(visitor.installation, mine) == "retracted"


@every_kind
def test_each_kind_has_its_own_form_in_both_languages(visitor: Browser, kind: str) -> None:
    for prefix in ("", "/fi"):
        page = visitor.get(f"{prefix}/contribute/{kind}")
        for name in FORMS[kind]:
            assert f'name="{name}"' in page.text
        assert page.heading in visitor.get(f"{prefix}/contribute").text
    assert visitor.get("/contribute/novel").status == 404


@every_kind
def test_what_is_missing_is_named_at_its_field_and_all_that_was_typed_stays(
    author: Browser, kind: str
) -> None:
    typed = {"summary": "Typed & <kept>", "name": "Ä", "boundary": "members", "act": "submit"}
    page = author.post(f"/contribute/{kind}", {**typed, "form_key": f"k-{kind}"})
    assert page.status == 422
    assert "Please fill this in" in page.text
    assert "Please confirm that you may share this." in page.text
    assert "Typed &amp; &lt;kept&gt;" in page.text
    assert 'value="members" checked' in page.text
    [draft] = re.findall(r"/me/contributions/([a-z2-9]{8})", page.text)
    assert state_of(author.installation, draft) == "draft", "it is saved all the same"


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("article", "link", "javascript:alert(1)", "A link begins with"),
        ("article", "phase", "kindergarten", "Please choose from the list."),
        ("article", "title", "x" * 201, "200 characters at the most"),
        ("topic", "why", "x" * 3001, "3000 characters at the most"),
        ("podcast", "sample", "ftp://x", "A link begins with"),
        ("topic", "links", "https://a.example\nnonsense", "Each link begins with"),
        ("topic", "links", "https://a.example\n" * 11, "Ten links at the most"),
        ("topic", "licence", "mine", "what others may do"),
        ("topic", "boundary", "everyone", "who may see it"),
        ("topic", "may_share", "", "may share this"),
    ],
)
def test_what_is_wrong_is_named_with_the_limit(
    author: Browser, kind: str, field: str, value: str, words: str
) -> None:
    wrong = {**form(kind), field: value, "form_key": "k", "act": "submit"}
    page = author.post(f"/contribute/{kind}", wrong)
    assert page.status == 422
    assert words in page.text
    assert "On listening" in page.text or field == "title"


def test_an_article_may_be_a_link_instead_of_a_text(author: Browser) -> None:
    neither = author.post(
        "/contribute/article", {**form("article", body=""), "form_key": "k", "act": "submit"}
    )
    assert "Please write your text, or give a link to it." in neither.text
    send_in(author, "article", body="", link="https://blog.example/1")


def test_sending_twice_makes_one(author: Browser, run_jobs: Run) -> None:
    key = author.get("/contribute/topic").hidden("form_key")
    for _ in range(3):
        author.post("/contribute/topic", {**form("topic"), "form_key": key, "act": "submit"})
    run_jobs()
    assert author.get("/me/contributions").text.count("<h2") == 1
    assert len(author.outbox("m0@school.example")) == 1


def test_a_visitor_who_sends_twice_gets_one_mail(visitor: Browser, run_jobs: Run) -> None:
    key = visitor.get("/contribute/topic").hidden("form_key")
    sent = {**form("topic"), "form_key": key, "email": "mia@example.org", "act": "submit"}
    pages = [visitor.post("/contribute/topic", sent).heading for _ in range(3)]
    run_jobs()
    assert pages == ["Look into your inbox"] * 3
    assert len(visitor.outbox()) == 1


def test_drafts_save_themselves_and_two_windows_do_not_overwrite_each_other(
    author: Browser,
) -> None:
    key = author.get("/contribute/topic").hidden("form_key")
    saved = author.client.post(
        "/contribute/topic/autosave", data={"title": "One", "form_key": key, "version": "0"}
    )
    assert saved.json()["version"] == 1
    again = author.client.post(
        "/contribute/topic/autosave", data={"title": "Two", "form_key": key, "version": "1"}
    )
    assert again.json()["version"] == 2
    same = author.client.post(
        "/contribute/topic/autosave", data={"title": "Two", "form_key": key, "version": "1"}
    )
    assert same.json()["version"] == 2, "an answer that was lost is asked for again"
    late = author.client.post(
        "/contribute/topic/autosave", data={"title": "Old", "form_key": key, "version": "1"}
    )
    assert late.status_code == 409
    page = author.post(
        "/contribute/topic", {"title": "Old", "form_key": key, "version": "1", "act": "save"}
    )
    assert page.status == 422
    assert 'value="Old"' in page.text, "what was typed stays"
    assert page.hidden("version") == "2", "and may be sent once more"
    assert author.get("/me/contributions").text.count("<h2") == 1


def test_a_draft_is_deleted_with_its_files_for_good(author: Browser) -> None:
    page = author.post("/contribute/topic", {"title": "X", "form_key": "k", "act": "save"})
    [public_id] = set(re.findall(r"/me/contributions/([a-z2-9]{8})", page.text))
    path = f"/me/contributions/{public_id}"
    author.post(f"{path}/files", files={"files": ("a.txt", b"hello")})
    version = author.get(path).hidden("version")
    author.post(f"{path}/discard", {"version": version})
    assert author.get(path).status == 404
    with author.installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_withdrawn_contribution_is_sent_in_anew_as_a_copy(author: Browser) -> None:
    path = send_in(author, "topic")
    author.post(f"{path}/withdraw", {"version": author.get(path).hidden("version")})
    assert "Withdrawn" in author.get(path).text
    pages = [author.post(f"{path}/resubmit") for _ in range(2)]
    assert len({str(page.response.url) for page in pages}) == 1
    assert 'value="On listening"' in pages[0].text
    assert state_of(author.installation, path) == "withdrawn"


def test_the_author_may_change_it_until_an_editor_opens_it(
    author: Browser, editor: Browser
) -> None:
    path = send_in(author, "topic")
    page = author.get(f"{path}/edit")
    changed = {**form("topic", title="Better"), "form_key": page.hidden("form_key")}
    assert (
        author.post("/contribute/topic", {**changed, "version": page.hidden("version")}).status
        == 200
    )
    assert author.get(path).heading == "Better"
    do(editor, _desk(path), "open")
    late = author.post("/contribute/topic", {**changed, "title": "Late", "version": "99"})
    assert late.status == 422
    assert "opened by the editors" in late.text
    assert 'value="Late"' in late.text
    assert author.get(path).heading == "Better"


def test_what_was_sent_in_stays_whole_whoever_changes_it(author: Browser, editor: Browser) -> None:
    path = send_in(author, "article")
    page = author.get(f"{path}/edit")
    hollow = form("article", title="", link="javascript:alert(1)", act="save")
    hollow |= {"form_key": page.hidden("form_key"), "version": page.hidden("version")}
    refused = author.post("/contribute/article", hollow)
    assert refused.status == 422
    assert "A link begins with" in refused.text
    assert author.post("/contribute/article/autosave", hollow).status == 409
    assert author.get(path).heading == "On listening"
    desk = _desk(path)
    do(editor, desk, "open")
    edit = {**hollow, "title": "T", "version": editor.get(f"{desk}/edit").hidden("version")}
    refused = editor.post(f"{desk}/edit", edit)
    assert (refused.status, refused.problem) == (422, "A link begins with https:// or http://.")
    assert 'value="T"' in refused.text
    assert "javascript:" not in editor.get(desk).text


def test_declining_sends_the_letter_only_after_it_was_read(
    author: Browser, editor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "podcast")
    desk = _desk(path)
    do(editor, desk, "open")
    do(editor, desk, "decline")
    page = editor.get(desk)
    letter = page.action("/letters/").removesuffix("/release")
    assert editor.post(letter, {"words": ""}).status == 422
    editor.post(letter, {"words": "Not now, dear <colleague>."})
    run_jobs()
    assert [m.subject for m in author.outbox("m0@school.example")] == [
        "It has arrived: On listening"
    ]
    editor.post(f"{letter}/drop")
    editor.post(f"{letter}/release")
    run_jobs()
    assert len(author.outbox("m0@school.example")) == 1, "it was dropped"
    do(editor, desk, "reopen")
    do(editor, desk, "decline")
    editor.post(editor.get(desk).action("/release"), {"words": "Not now, dear <colleague>."})
    run_jobs()
    told = author.outbox("m0@school.example")[0]
    assert told.subject == "About what you sent us: On listening"
    assert "dear <colleague>" in told.text
    assert "dear &lt;colleague&gt;" in told.html


def test_leanings_are_seen_after_ones_own(author: Browser, editor: Browser) -> None:
    desk = _desk(send_in(author, "topic"))
    editor.post(f"{desk}/lean", {"leaning": "publish", "text": "A gem"})
    with Browser.of(author.installation) as second:
        second.sign_in("second@example.org", Role.OWNER)
        assert "A gem" not in second.get(desk).text
        assert second.post(f"{desk}/lean", {"leaning": "love"}).status == 422
        assert "A gem" in second.post(f"{desk}/lean", {"leaning": "work-on"}).text
        assert "Work on it" in editor.get(desk).text


def test_notes_are_among_editors_and_the_inbox_filters_stay_in_the_address(
    author: Browser, editor: Browser
) -> None:
    path = send_in(author, "topic")
    send_in(author, "podcast", title="A pod", language="fi")
    desk = _desk(path)
    for _ in range(2):
        editor.post(f"{desk}/note", {"text": "Ask her head", "form_key": "same"})
    assert editor.get(desk).text.count("Ask her head") == 1
    assert "Ask her head" not in author.get(path).text
    first = editor.get(desk).attribute('[name="editor"] option:not([value=""])', "value")
    editor.post(f"{desk}/assign", {"editor": first})
    inbox = "/organise/contributions"
    assert "A pod" in editor.get(f"{inbox}?kind=podcast&language=fi").text
    assert "On listening" not in editor.get(f"{inbox}?kind=podcast").text
    assert "On listening" in editor.get(f"{inbox}?editor=mine").text
    assert "On listening" not in editor.get(f"{inbox}?editor=nobody").text
    assert "Nothing is waiting" in editor.get(f"{inbox}?state=published").text


# Files

PNG = io.BytesIO()
Image.new("RGB", (4, 4), "blue").save(PNG, "PNG")


def _docx(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in {
            "[Content_Types].xml": "<x/>",
            "word/document.xml": "<x/>",
            **parts,
        }.items():
            archive.writestr(name, content)
    return out.getvalue()


def _bomb() -> bytes:
    """A PNG that says it has a hundred thousand by a hundred thousand pixels."""
    size = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


PDF = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
GOOD = {
    "a.png": PNG.getvalue(), "b.pdf": PDF, "c.docx": _docx(), "d.txt": "ääni".encode(),
    "../../e f.md": b"# Hi",
}  # fmt: skip
BAD = {
    "page.html": (b"<script>", "of a kind that we do not take"),
    "drawing.svg": (b"<svg onload=x>", "of a kind that we do not take"),
    "all.zip": (_docx(), "of a kind that we do not take"),
    "run.exe": (b"MZ", "of a kind that we do not take"),
    "noextension": (b"x", "of a kind that we do not take"),
    "empty.txt": (b"", "is empty"),
    "page.png": (b"<html><script>alert(1)</script>", "does not hold what a .png"),
    "page.pdf": (b"<html>", "does not hold what a .pdf"),
    "poly.pdf": (PDF[:-6] + _docx() + b"%%EOF\n", "does not hold what a .pdf"),
    "poly.docx": (b"%PDF-1.4" + _docx(), "does not hold what a .docx"),
    "macro.docx": (_docx(**{"word/vbaProject.bin": "x"}), "holds macros"),
    "sheet.xlsx": (_docx(), "does not hold what a .xlsx"),
    "binary.txt": (b"\x00\x01\x02", "does not hold what a .txt"),
    "bomb.png": (_bomb(), "too many pixels"),
    "large.pdf": (PDF + b"0" * (10 * 1024 * 1024 + 1 - len(PDF)), "10 MB at the most"),
}


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64) + "_VBA_PROJECT".encode("utf-16-le")


def _odt(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        for name, content in {"content.xml": "<office:scripts/>", **parts}.items():
            archive.writestr(name, content)
    return out.getvalue()


SCRIPT = "urn:oasis:names:tc:opendocument:xmlns:script:1.0"
GOOD |= {
    "photo.docx": _docx(**{"word/media/macro-photo.png": PNG.getvalue()}),
    "template.docx": _docx(**{"word/_rels/settings.xml.rels": '<Relationship Type='
                              '"http://x/attachedTemplate" Target="file:///C:/School.dotx"/>'}),
    "about.odt": _odt(**{"content.xml": "<d><p>script:event-listener, ooo:Basic</p></d>"}),
    "plain.odt": _odt(), "windows.txt": "Hämäläinen – “ok”".encode("cp1252"),
    "notepad.txt": "Hämäläinen".encode("utf-16"), "scan.pdf": b"\r\n" + PDF + bytes(3000),
}  # fmt: skip
BAD |= {
    "renamed.docx": (_docx(**{"word/media/image1.png": OLE}), "holds macros"),
    "typed.docx": (
        _docx(**{"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}),
        "holds macros",
    ),
    "basic.odt": (_odt(**{"Basic/Standard/Module1.xml": "Sub Main"}), "holds macros"),
    "listens.odt": (
        _odt(**{"content.xml": '<script:event-listener script:language="ooo:script"/>'}),
        "holds macros",
    ),
    "otherwise.odt": (
        _odt(**{"content.xml": f'<d xmlns:s="{SCRIPT}"><s:event-listener s:language="x"/></d>'}),
        "holds macros",
    ),
    "utf16.odt": (
        _odt(**{"content.xml": f'<d xmlns:s="{SCRIPT}"><s:x/></d>'.encode("utf-16")}),
        "holds macros",
    ),
    "inner.odt": (_odt(**{"Object 1/Basic/Standard/a.xml": "Sub"}), "holds macros"),
    "linked.odt": (
        _odt(**{"content.xml": '<d xmlns:x="x" x:href="vnd.sun.star.script:a"/>'}),
        "holds macros",
    ),
    "embedded.docx": (_docx(**{"word/embeddings/a.docm": _docx()}), "holds macros"),
    "deep.docx": (
        _docx(**{"word/embeddings/a.docx": _docx(**{"word/vbaProject.bin": "x"})}),
        "holds macros",
    ),
    "small.docx": (_docx(**{"word/a.bin": OLE[:72] + "vba".encode("utf-16-le")}), "holds macros"),
    "far.docx": (
        _docx(
            **{
                "word/_rels/settings.xml.rels": '<Relationship Type="http://x/attachedTemplate" '
                'Target="https://evil.example/a.dotm" TargetMode="External"/>'
            }
        ),
        "holds macros",
    ),
    "hevx.jpg": (b"\x00\x00\x00\x18ftyphevx", "Most compatible"),
    "hidden.odt": (_odt(**{"Pictures/a.png": OLE}), "holds macros"),
    "photo.heic": (b"\x00\x00\x00\x18ftypheic", "Most compatible"),
    "photo.jpg": (b"\x00\x00\x00\x18ftypheic", "Most compatible"),
}
KEPT_OTHERWISE = {
    "windows.txt": "Hämäläinen – “ok”".encode(), "notepad.txt": "Hämäläinen".encode(),
    "scan.pdf": PDF,
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_taken_and_given_back_as_a_download_only(author: Browser, name: str) -> None:
    path = send_in(author, "article")
    page = author.post(f"{path}/files", files={"files": (name, GOOD[name])})
    [link] = set(page.attributes('dl a[href^="/files/"]', "href"))
    answer = author.client.get(link)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert ".." not in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.content == KEPT_OTHERWISE.get(name, GOOD[name]) or name == "a.png"
    author.post(page.action("/remove"))
    assert author.client.get(link).status_code == 404


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_the_reason(author: Browser, name: str) -> None:
    content, words = BAD[name]
    path = send_in(author, "article")
    page = author.post(f"{path}/files", files={"files": (name, content)})
    assert page.status == 422
    assert words in page.text
    assert "/files/" not in page.text.partition("<dl")[2].partition("</dl>")[0]


def test_of_many_files_the_good_ones_are_kept_and_every_reason_is_told(author: Browser) -> None:
    path = send_in(author, "article")
    chosen = ["a.png", "run.exe", "d.txt", "empty.txt", "macro.docx"]
    files = [("files", (name, {**GOOD, **{n: c for n, (c, _) in BAD.items()}}[name]))
             for name in chosen]  # fmt: skip
    page = author.post(f"{path}/files", files=files)
    for words in ("“run.exe” is of a kind", "“empty.txt” is empty", "“macro.docx” holds macros"):
        assert words in page.text
    shown = page.text.partition("<dl")[2].partition("</dl>")[0]
    assert shown.count('<a href="/files/') == 2
    assert 'accept=".png,' in page.text


def test_seven_files_at_once_are_five_and_a_reason(author: Browser) -> None:
    path = send_in(author, "article")
    files = [("files", (f"{n}.txt", b"x")) for n in range(7)]
    page = author.post(f"{path}/files", files=files)
    assert page.text.count("Five files at the most") == 1
    assert page.text.partition("<dl")[2].partition("</dl>")[0].count("/files/") == 5


def test_pressing_add_without_a_file_says_so(author: Browser) -> None:
    path = send_in(author, "article")
    assert "Please choose a file first." in author.post(f"{path}/files", {"x": "1"}).text


@both_databases
def test_fourteen_uploads_at_once_leave_five_files(
    installation: Installation, at_once: Callable[..., list[object]]
) -> None:
    """PostgreSQL took ten, as each counted what it could see."""
    author = member(installation).id
    with installation.unit_of_work() as work:
        number = submitted(work, Kind.TOPIC, author).id
    file = Checked("a.txt", "txt", "text/plain", b"x")

    def attach() -> None:
        with installation.unit_of_work() as work:
            attachments.attach(work, work.session.get_one(Contribution, number), file)

    ends = at_once(*[attach] * 14)
    assert sum(end is None for end in ends) == 5
    with installation.reading() as after:
        assert len(attachments.files_of(after.session, number)) == 5


@pytest.mark.parametrize(
    "body", ["![" * 195_000, "x" * 61_000, "[" * 50_000], ids=["brackets", "long", "open"]
)
def test_a_draft_has_the_limits_of_what_is_sent_in_and_gives_back_what_was_typed(
    author: Browser, body: str
) -> None:
    key = author.get("/contribute/article").hidden("form_key")
    typed = {"title": "T", "body": body, "form_key": key, "language": "en"}
    page = author.post("/contribute/article", {**typed, "act": "save"})
    assert page.status == 422
    assert body in page.text
    assert "too long" in page.text or "more brackets" in page.text
    assert author.post("/contribute/article/autosave", typed).status == 409
    assert "Your drafts" not in author.get("/me/contributions").text
    assert "/edit" not in author.get("/me/contributions").text


def test_what_is_not_chosen_is_the_most_private(author: Browser) -> None:

    key = author.get("/contribute/topic").hidden("form_key")
    author.post("/contribute/topic", {"title": "T", "form_key": key, "act": "save"})
    with author.installation.reading() as work:
        kept = work.session.scalars(select(Contribution.content)).one()
    assert (kept.byline, kept.boundary, kept.licence) == ("none", "editors", "here-only")


def test_what_would_be_published_is_rendered_when_it_is_saved_and_never_by_a_get(
    author: Browser, editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = send_in(author, "article")
    desk = path.replace("/me/", "/organise/")
    do(editor, desk, "open")
    do(editor, desk, "accept")

    def never(*_: object) -> str:
        raise AssertionError("rendered by a GET")

    monkeypatch.setattr("contributions.publishing.to_html", never)
    assert "<em>silence</em>" in author.get(path).text
    assert editor.get(desk).status == 200


def test_what_hides_in_a_picture_is_gone(author: Browser) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(out, "JPEG", comment=b"<script>hidden</script>")
    path = send_in(author, "article")
    hidden = out.getvalue() + b"PK\x03\x04 <script>appended</script>"
    page = author.post(f"{path}/files", files={"files": ("a.jpg", hidden)})
    [link] = set(page.attributes('dl a[href^="/files/"]', "href"))
    content = author.client.get(link).content
    assert b"script" not in content
    assert Image.open(io.BytesIO(content)).size == (4, 4)


def test_five_files_are_taken_and_not_six(author: Browser) -> None:
    path = send_in(author, "article")
    for n in range(5):
        assert author.post(f"{path}/files", files={"files": (f"{n}.txt", b"x")}).status == 200
    assert "Five files" in author.post(f"{path}/files", files={"files": ("6.txt", b"x")}).text


# Co-authors


def test_a_co_author_says_yes_themselves_and_then_it_is_theirs_too(
    author: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    for _ in range(2):
        author.post(f"{path}/co-authors", {"name": "Oona", "email": "oona@example.org"})
    run_jobs()
    [asked] = author.outbox("oona@example.org")
    assert "names you as a co-author" in asked.text
    assert "On listening" not in asked.source, "what strangers typed is seen behind the link"
    link = link_of(asked, "/contribute/co-author/")
    with Browser.of(author.installation) as oona:
        assert "On listening" in oona.get(link).text
        assert "has not answered yet" in author.get(path).text
        assert "named as a co-author" in oona.post(link, {"answer": "yes"}).heading
        assert "named as a co-author" in oona.post(link, {"answer": "no"}).heading
        with author.installation.reading() as work:
            hers = select(Member).where(Member.email_key == "oona@example.org")
            her = work.session.scalars(hers).one()
        sign_in_as(oona, her)
        assert oona.get(path).heading == "On listening"
        author.post(author.get(path).action("/remove"))
        assert oona.get(path).status == 404


def test_who_says_no_or_is_not_asked_any_more_has_nothing_to_do_with_it(
    author: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    author.post(f"{path}/co-authors", {"name": "", "email": "oona@example.org"})
    run_jobs()
    link = link_of(author.outbox("oona@example.org")[0], "/contribute/co-author/")
    author.post(author.get(path).action("/remove"))
    with Browser.of(author.installation) as oona:
        assert oona.get(link).heading == "Nobody asks any more"
        assert oona.post(link, {"answer": "yes"}).status == 410
    wrong = author.post(f"{path}/co-authors", {"name": "O", "email": "oona@"})
    assert wrong.status == 422
    assert 'value="oona@"' in wrong.text


# Who sees what

SECRET = {"contact": "pat@private.example", "relation": "my cousin"}


def test_who_sees_which_field_of_somebody_elses_suggestion(
    author: Browser, editor: Browser, visitor: Browser, run_jobs: Run
) -> None:
    """The privacy matrix: who × page × field. What could leak is there."""
    path = send_in(author, "interviewee")
    desk = _desk(path)
    editor.post(f"{desk}/note", {"text": "a private note", "form_key": "n"})
    with Browser.of(author.installation) as other:
        sign_in_as(other, member(author.installation, 1))
        for who in (visitor, other):
            for page in (path, f"{path}/edit", desk, f"{desk}/edit"):
                answer = who.client.get(page, follow_redirects=False)
                assert answer.status_code in (303, 403, 404), page
                assert "Pat Smith" not in answer.text
            for act in ("withdraw", "agree", "retract", "reply", "files", "co-authors"):
                assert who.post(f"{path}/{act}", {"version": "2"}).status in (403, 404)
            assert who.post(f"{desk}/do/open", {"version": "2"}).status == 403
    with Browser.of(author.installation) as facilitator:
        facilitator.sign_in("fa@example.org", Role.FACILITATOR)
        assert facilitator.get(desk).status == 403
    assert SECRET["contact"] in author.get(path).text
    assert SECRET["contact"] in editor.get(desk).text
    assert "a private note" not in author.get(path).text
    for action in ("open", "accept", "approach", "agrees_to_talk", "record"):
        do(editor, desk, action)
    told = {
        "interview_title": "On listening",
        "interview_text": "A conversation with **Pat Smith**.",
        "interview_recording": "https://sound.example/1",
    }
    for missing in told:
        refused = do(editor, desk, "publish", **{**told, missing: ""})
        assert refused.status == 422
        assert state_of(author.installation, path) == "recorded"
    do(editor, desk, "publish", **told)
    run_jobs()
    for page in ("/library/on-listening", "/library", "/library/feed.atom", "/library/feed.json"):
        shown = visitor.get(page).text
        assert "On listening" in shown
        for secret in (*SECRET.values(), "m0@school.example", "a private note", "No, not yet"):
            assert secret not in shown
    page = visitor.get("/library/on-listening").text
    assert "A conversation with <strong>Pat Smith</strong>" in page
    assert "https://sound.example/1" in page
    assert FORMS["interviewee"]["why"] not in page
    everything = "".join(mail.text + mail.html for mail in author.outbox())
    for secret in SECRET.values():
        assert secret not in everything


def test_a_draft_is_its_authors_alone(author: Browser, editor: Browser) -> None:
    page = author.post("/contribute/topic", {"title": "X", "form_key": "k", "act": "save"})
    [public_id] = set(re.findall(r"/me/contributions/([a-z2-9]{8})", page.text))
    assert editor.get(f"/organise/contributions/{public_id}").status == 404
    assert editor.get(f"/me/contributions/{public_id}").status == 404
    assert public_id not in editor.get("/organise/contributions?state=all").text


def test_a_form_key_of_somebody_else_opens_nothing(author: Browser, editor: Browser) -> None:
    author.post("/contribute/topic", {"title": "Mine", "form_key": "guessed", "act": "save"})
    page = editor.post(
        "/contribute/topic", {"title": "Theirs", "form_key": "guessed", "act": "save"}
    )
    assert "Mine" not in page.text
    assert "Theirs" not in author.get("/me/contributions").text
    assert author.get("/me/contributions").text.count("<h2") == 1


@pytest.mark.parametrize("part", ["deliver", "answer", "co-author"])
def test_a_link_that_is_not_ours_opens_nothing(visitor: Browser, part: str) -> None:
    for token in ("x", "WyIxIiwiMiJd.abc.def", "1-2.abc"):
        assert visitor.get(f"/contribute/{part}/{token}").status == 404
        assert visitor.post(f"/contribute/{part}/{token}").status == 404


def test_opening_the_links_of_every_mail_changes_nothing(
    author: Browser, editor: Browser, visitor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    _as_guest(visitor, "topic", "mia@example.org")
    author.post(f"{path}/co-authors", {"name": "O", "email": "oona@example.org"})
    do(editor, _desk(path), "open")
    do(editor, _desk(path), "ask", text="Why?", form_key="q")
    run_jobs()
    with Browser.of(author.installation) as scanner:
        for mail in author.outbox():
            for link in mail.links:
                scanner.get(link.removeprefix("http://testserver.localhost"))
                scanner.client.head(link.removeprefix("http://testserver.localhost"))
    assert state_of(author.installation, path) == "question_asked"
    with author.installation.reading() as work:
        states = set(
            work.session.scalars(
                select(Member.state).where(
                    Member.email_key.in_(["mia@example.org", "oona@example.org"])
                )
            )
        )
        assert states == {"pending"}
        assert work.session.scalar(
            select(Contribution.is_guest).where(Contribution.state == "draft")
        )


NASTY = "<script>x</script> {{7*7}} =cmd()\r\nBcc: a@b.c \u202eabc [x](javascript:alert(1))"


def test_whatever_is_typed_is_shown_as_text(
    author: Browser, editor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "topic", title=NASTY, question=NASTY, summary=NASTY, name=NASTY[:34])
    desk = _desk(path)
    for action in ("open", "accept"):
        do(editor, desk, action)
    author.post(f"{path}/agree", {"version": author.get(path).hidden("version")})
    do(editor, desk, "publish")
    run_jobs()
    pages = [author.get(path).text, editor.get(desk).text, author.get("/library").text]
    slug = re.findall(r'/library/([a-z0-9-]+)"', author.get(path).text)[0]
    pages.append(author.get(f"/library/{slug}").text)
    for text in pages:
        assert "<script>x" not in text
        assert 'href="javascript' not in text
        assert "{{7*7}}" in text
    for mail in author.outbox():
        assert "\n" not in mail.subject
        assert "<script>x" not in mail.html
        assert "Bcc" not in mail.headers


def test_a_visitor_who_sends_a_lot_is_told_so_and_loses_nothing(visitor: Browser) -> None:
    for n in range(15):
        _as_guest(visitor, "topic", "mia@example.org", title=f"Number {n}")
    page = _as_guest(visitor, "topic", "mia@example.org", title="Number sixteen")
    assert "in an hour" in page.text
    assert "Number sixteen" in page.text


def test_one_mail_speaks_for_everything_that_a_visitor_sends_in(
    visitor: Browser, run_jobs: Run
) -> None:
    for n in range(3):
        _as_guest(visitor, "topic", "mia@example.org", title=f"Number {n}")
    run_jobs()
    [mail] = visitor.outbox("mia@example.org")
    link = link_of(mail, "/contribute/deliver/")
    page = visitor.get(link)
    assert [f"Number {n}" in page.text for n in range(3)] == [True] * 3
    first, second = page.attributes("input[name=also]", "value")
    visitor.post(link, {"also": [first, "999"]})
    with visitor.installation.reading() as work:
        states = dict(work.session.execute(select(Contribution.id, Contribution.state)).all())
    assert states.pop(int(second)) == "draft", "what somebody else wrote in her name"
    assert set(states.values()) == {"submitted"}


def test_nobody_sends_in_what_waits_for_another(visitor: Browser, run_jobs: Run) -> None:
    for email in ("eve@example.org", "mia@example.org"):
        _as_guest(visitor, "topic", email)
    run_jobs()
    [mail] = visitor.outbox("eve@example.org")
    visitor.post(link_of(mail, "/contribute/deliver/"), {"also": ["1", "2"]})
    with visitor.installation.reading() as work:
        states = work.session.scalars(select(Contribution.state).order_by(Contribution.id)).all()
    assert sorted(states) == ["draft", "submitted"]


def test_what_a_full_mailbox_budget_held_back_is_mailed_later(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("mia@example.org")
    _as_guest(visitor, "topic", "mia@example.org", title="Held back")
    jobs.mail_guests()
    run_jobs()
    assert len(visitor.outbox("mia@example.org")) == 1, "the sign-up had the budget"
    visitor.installation.redis.flushdb()  # ten minutes later
    for _ in range(2):
        jobs.mail_guests()
        run_jobs()
    assert len(visitor.outbox("mia@example.org")) == 2
    visitor.post(link_of(visitor.outbox("mia@example.org")[0], "/contribute/deliver/"))
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Contribution.state)).all() == ["submitted"]


def test_the_trap_of_the_form_is_answered_as_ever_and_keeps_nothing(visitor: Browser) -> None:
    page = _as_guest(visitor, "topic", "mia@example.org", website="spam")
    assert page.heading == "Look into your inbox"
    with visitor.installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Contribution)) == 0


# Time


def test_what_nobody_confirmed_is_forgotten(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    _as_guest(visitor, "topic", "mia@example.org")
    run_jobs()
    link = link_of(visitor.outbox()[0], "/contribute/deliver/")
    clock.forward(days=15)
    jobs.remind_pending()
    jobs.purge()
    run_jobs()
    assert len(visitor.outbox()) == 1, "no reminder of a subscription that nobody asked for"
    assert visitor.post(link).heading == "This is not waiting any more"
    with visitor.installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Contribution)) == 0


def test_a_draft_is_reminded_of_once(author: Browser, run_jobs: Run, clock: ShiftedClock) -> None:
    author.post("/contribute/topic", {"title": "Slow", "form_key": "k", "act": "save"})
    run_jobs()
    for _ in range(3):
        clock.forward(days=8)
        jobs.remind_authors()
        run_jobs()
    assert [m.subject for m in author.outbox()] == ["Your draft is waiting: Slow"]


@both_databases
def test_a_suggested_person_is_followed_up_and_forgotten_after_half_a_year(
    author: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    path = send_in(author, "interviewee")
    for action in ("open", "accept", "approach"):
        do(editor, _desk(path), action)
    kept = send_in(author, "interviewee", title="Will talk")
    for action in ("open", "accept", "approach", "agrees_to_talk"):
        do(editor, _desk(kept), action)
    run_jobs()
    for _ in range(2):
        clock.forward(days=31)
        jobs.remind_authors()
        run_jobs()
    told = [m.subject for m in author.outbox("ed@example.org")]
    assert told.count("Nothing heard for a month: On listening") == 1
    jobs.purge()
    assert state_of(author.installation, path) == "approached"
    clock.forward(days=120)
    jobs.purge()
    assert state_of(author.installation, path) == ""
    assert state_of(author.installation, kept) == "agreed_to_talk"
    with author.installation.reading() as work:
        assert "forget person" in set(work.session.scalars(select(AuditEntry.act)))


@both_databases
def test_a_file_is_for_those_who_may_see_what_it_belongs_to(
    author: Browser, editor: Browser, visitor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    desk = _desk(path)
    page = author.post(f"{path}/files", files={"files": ("plan.txt", b"a private plan")})
    [link] = set(page.attributes('dl a[href^="/files/"]', "href"))
    name = link.rpartition("/")[2]
    with Browser.of(author.installation) as stranger:
        sign_in_as(stranger, member(author.installation, 3))
        for nosy in (visitor, stranger):
            assert nosy.get(link).status == 404
            assert nosy.get(f"/pictures/{name}").status == 404
        assert author.get(link).text == "a private plan"
        assert editor.get(link).text == "a private plan"
        assert "public" not in author.get(link).response.headers["cache-control"]
        for action in ("open", "accept"):
            do(editor, desk, action)
        author.post(f"{path}/agree", {"version": author.get(path).hidden("version")})
        do(editor, desk, "publish")
        assert visitor.get(link).text == "a private plan"
        author.post(f"{path}/retract", {"version": author.get(path).hidden("version")})
        assert visitor.get(link).status == 404


@pytest.mark.parametrize("ended", ["withdraw", "decline"])
def test_what_nobody_will_publish_its_author_deletes_at_once(
    author: Browser, editor: Browser, run_jobs: Run, ended: str
) -> None:
    path = send_in(author, "article")
    author.post(f"{path}/files", files={"files": ("plan.txt", b"a private plan")})
    if ended == "withdraw":
        author.post(f"{path}/withdraw", {"version": author.get(path).hidden("version")})
    else:
        do(editor, _desk(path), "open")
        do(editor, _desk(path), "decline")
    with Browser.of(author.installation) as stranger:
        sign_in_as(stranger, member(author.installation, 3))
        assert stranger.post(f"{path}/discard", {"version": "9"}).status in (200, 404)
    assert author.get(path).status == 200
    author.post(f"{path}/discard", {"version": author.get(path).hidden("version")})
    assert author.get(path).status == 404
    with author.installation.reading() as work:
        for table in (Contribution, StoredFile):
            assert work.session.scalar(select(func.count()).select_from(table)) == 0
    run_jobs()
    assert [m for m in author.outbox() if "not publish" in m.text] == [], "nothing held goes out"


@pytest.mark.parametrize("kind", list(Kind))
def test_the_form_begins_with_what_is_needed_and_folds_away_the_rest(
    visitor: Browser, kind: Kind
) -> None:
    page = visitor.get(f"/contribute/{kind}")
    first = page.attributes("fieldset[data-step]:first-of-type [name]", "name")
    needed = {field.name for field in ASKED[kind].fields if field.is_asked_first}
    assert {"title", "summary", *needed} == set(first)
    assert needed, "somebody comes with a question or a text: it is asked at once"
    folded = set(page.attributes("details[data-step] [name]", "name"))
    assert folded == {"links", "language", "licence"} | {
        field.name for field in ASKED[kind].fields if field.name not in needed
    }
