"""A database of an earlier version, with people and letters in it, becomes one of this version."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.orm import Session

from core.database import Base, Database, open_database
from core.tokens import Purpose
from mail.links import OpeningLink
from mail.models import Delivery, Mailing
from staffroom.migrating import configuration, migrate, upgrading

FIRST = "0001"
ROWS = """
INSERT INTO member (id, email, email_ascii, email_key, name, language, state, token_version, role,
                    level, country, time_zone, source, created_at, confirmed_at)
VALUES (7, 'a@b.example', 'a@b.example', 'a@b.example', 'Aino', 'fi', 'confirmed', 3, 'teacher',
        '', 'FI', '', 'site', '2026-01-02 03:04:05', '2026-01-02 03:04:05');
INSERT INTO subscription (member_id, topic, state, reason, changed_at)
VALUES (7, 'newsletter', 'subscribed', '', '2026-01-02 03:04:05');
INSERT INTO consent_event (id, member_id, topic, act, text_version, text_hash, language, source,
                           network, at)
VALUES (1, 7, 'newsletter', 'confirmed', 'newsletter-1', 'x', 'fi', 'subscribe', '10.0.0.0/24',
        '2026-01-02 03:04:05');
INSERT INTO issue (id, number, state, version, created_at, changed_at, sent_at)
VALUES (4, 1, 'sent', 2, '2026-01-02 03:04:05', '2026-01-02 03:04:05', '2026-01-02 03:04:05');
INSERT INTO issue_text (issue_id, language, subject, preheader, title, body)
VALUES (4, 'fi', 'Ensimmäinen', '', '', 'Moi')
"""
LATER = """
DELETE FROM issue_text;
DELETE FROM issue;
INSERT INTO issue (state, version, created_at, changed_at)
VALUES ('draft', 1, '2026-01-02 03:04:05', '2026-01-02 03:04:05')
"""
A_PLACE = """
INSERT INTO workshop (id, public_id, stage, version, title, frame, plan, language, zone,
                      local_start, capacity, seats_rev, source, created_at, changed_at)
VALUES (3, 'abcdefgh', 'inviting', 1, 'Listening', 'forum', '{}', 'fi', 'Europe/Helsinki', '',
        8, 0, '', '2026-01-02 03:04:05', '2026-01-02 03:04:05');
INSERT INTO registration (id, workshop_id, member_id, state, joined_at, changed_at)
VALUES (9, 3, 7, 'confirmed', '2026-01-02 03:04:05', '2026-01-02 03:04:05')
"""
A_LINK_THAT_WAITS = """
INSERT INTO mailing (id, kind, mail_class, language, subject, html, text, headers, sender, reply_to,
                     priority, repeatable, state, note, created_at)
VALUES (5, 'members/sign-in', 'service', 'en', 's', 'h', 't', '{}', 'x', 'x', 1, false, 'released',
        '', '2026-01-02 03:04:05');
INSERT INTO delivery (id, mailing_id, address, "values", state, attempts, error, created_at,
                      changed_at)
VALUES (6, 5, 'a@b.example', :values, 'queued', 0, '', '2026-01-02 03:04:05',
        '2026-01-02 03:04:05')
"""
A_RECORDING = """
INSERT INTO library_item (id, slug, kind, state, boundary, language, title, summary, body_html,
                          body, byline, licence, url, media_url, media_type, picture_url, picture,
                          picture_tries, cover, file, digest, dated_at, has_date, published_at,
                          changed_at, version, removed_from, link_problem, link_values,
                          link_failures)
VALUES (2, 'talk', 'recording', 'published', 'anyone', 'en', 'Talk', 'Summary',
        '<p>Te<b>xt</b></p>', '', 'Anna', 'by', '', '', '', '', '', 0, '', '', '',
        '2026-01-02 03:04:05', true, '2026-01-02 03:04:05', '2026-01-02 03:04:05', 1, '', '', '{}',
        0);
INSERT INTO library_item_topic (item_id, topic) VALUES (2, 'Listening');
INSERT INTO library_words (rowid, words) VALUES (2, 'talk summary anna talk')
"""
ITS_TRANSCRIPT = """
INSERT INTO library_transcript (item_id, transcript_url, chapters_url, lines, chapters, tries)
VALUES (2, '', '', :lines, :chapters, 100)
"""
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database as the first version left it."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        url = _own_database(request.getfixturevalue("postgresql"))
    database = open_database(url)
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), FIRST)
        _run(connection, ROWS)
    yield database
    database.engine.dispose()


def _own_database(url: str) -> str:
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS upgraded WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE upgraded"))
    admin.dispose()
    return url.replace("/staffroom?", "/upgraded?")


def _run(connection: Connection, statements: str) -> None:
    for statement in statements.split(";"):
        connection.execute(text(statement))


def _one(database: Database, query: str) -> object:
    with database.engine.connect() as connection:
        return connection.execute(text(query)).scalar_one()


def test_everybody_and_every_letter_is_still_there(old: Database) -> None:
    for _ in range(2):
        migrate(old)
    assert _one(old, "SELECT name FROM member WHERE id = 7") == "Aino"
    assert _one(old, "SELECT act FROM consent_event WHERE member_id = 7") == "confirmed"
    assert _one(old, "SELECT subject FROM issue_text WHERE issue_id = 4") == "Ensimmäinen"
    assert _one(old, "SELECT discarded_at IS NULL FROM issue WHERE id = 4")
    assert _one(old, "SELECT count(*) FROM library_words") == 0
    tables = set(inspect(old.engine).get_table_names())
    assert {"contribution", "library_item", "stored_file", "blocked_sign_up", "workshop"} <= tables


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
def test_ids_that_were_given_away_are_never_given_again(old: Database) -> None:
    """An old link must not act for somebody new: also after SQLite made a table anew."""
    migrate(old)
    with old.engine.begin() as connection:
        _run(connection, LATER)
    assert _one(old, "SELECT id FROM issue") == 5


def test_a_place_is_kept_through_every_version(old: Database) -> None:
    """In SQLite a table that is made anew takes along whatever refers to it, unless one minds."""
    with upgrading(old) as connection:
        command.upgrade(configuration(connection), "0005")
        _run(connection, A_PLACE)
    migrate(old)
    assert _one(old, "SELECT state FROM registration WHERE id = 9") == "confirmed"
    with old.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_link_that_waits_in_the_ledger_still_leads_to_its_page(old: Database) -> None:
    values = {"greeting": "Hei", "place": "17-739000", "invitation": "3-2"}
    with upgrading(old) as connection:
        command.upgrade(configuration(connection), "0013")
        for statement in A_LINK_THAT_WAITS.split(";"):
            waiting = {"values": json.dumps(values)} if ":values" in statement else {}
            connection.execute(text(statement), waiting)
    migrate(old)
    with Session(old.engine) as session:
        [delivery] = session.scalars(select(Delivery)).all()
        links = {name: value for name, value in delivery.values.items() if name != "greeting"}
        made = {name: OpeningLink.from_json(link) for name, link in links.items()}
        assert made == {
            "place_url": OpeningLink("/w/", Purpose.PLACE, ("17", "739000")),
            "invitation_url": OpeningLink("/i/", Purpose.INVITE, ("3", "2")),
        }
        assert session.scalars(select(Mailing.always)).one()


def test_a_recording_is_found_by_what_was_said_in_it_before(old: Database) -> None:
    with upgrading(old) as connection:
        command.upgrade(configuration(connection), "0042")
        _run(connection, A_RECORDING)
        lines = json.dumps([{"at": 1, "who": "Rosa", "words": "A persimmon; why?"}])
        said = {"lines": lines, "chapters": json.dumps([{"at": 0, "title": "Overture"}])}
        connection.execute(text(ITS_TRANSCRIPT), said)
    migrate(old)
    words = str(_one(old, "SELECT words FROM library_words WHERE rowid = 2")).split()
    assert sorted(words) == sorted(
        "talk summary anna text listening rosa a persimmon why overture".split()
    )


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
def test_every_table_whose_ids_are_in_links_gives_none_of_them_again(old: Database) -> None:
    migrate(old)
    never = [t.name for t in Base.metadata.tables.values()
             if t.dialect_options["sqlite"]["autoincrement"]]  # fmt: skip
    assert len(never) > 20
    for table in never:
        sql = str(_one(old, f"SELECT sql FROM sqlite_master WHERE name = '{table}'"))  # noqa: S608
        assert "AUTOINCREMENT" in sql, table


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
def test_a_migration_that_leaves_a_row_behind_changes_nothing(old: Database) -> None:
    with pytest.raises(RuntimeError, match="subscription"), upgrading(old) as connection:
        _run(connection, "DELETE FROM member")
    assert _one(old, "SELECT name FROM member WHERE id = 7") == "Aino"
