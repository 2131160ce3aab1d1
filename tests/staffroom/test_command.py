"""The command line: what it prints, what it refuses in one line, and its exit status."""

import csv
import json
import os
from pathlib import Path

import pytest

from core.formulas import safe_cell
from core.settings import Settings
from tests.conftest import KEY
from tests.support.command_line import staffroom
from tests.support.people import letter


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The environment of a fresh installation."""
    return {
        **os.environ,
        "STAFFROOM_DATABASE_URL": settings.database,
        "STAFFROOM_REDIS_URL": settings.redis_url,
        "STAFFROOM_DATA_DIR": str(settings.data_dir),
        "STAFFROOM_SECRET_KEYS": KEY,
    }


def test_members_are_imported_told_apart_and_exported(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(
        "E-mail;Email;Name;Language;Country;Labels\n"
        "x;anna@example.org;Änna;fi;FI;spring,helsinki\n"
        "x;ANNA@example.org;Twice;fi;FI;\n"
        "x;not an address;Bad;fi;FI;\n"
        "x;ben@example.org;=HYPERLINK(1);sv;GB;\n"
        "x;cleo@example.org;=HYPERLINK(1);;GB;\n".encode("cp1252")
    )
    done = staffroom(environment, "members", "import", str(file), "--source", "Autumn fair")
    assert done.returncode == 0
    assert "new: 3, updated: 0" in done.stdout
    assert "invalid: 1, duplicates: 1" in done.stdout
    assert "line 4: This does not look like an e-mail address." in done.stderr
    again = staffroom(environment, "members", "import", str(file), "--source", "Autumn fair")
    assert "new: 0, updated: 0, unchanged: 3" in again.stdout
    exported = staffroom(environment, "members", "export")
    rows = list(csv.DictReader(exported.stdout.removeprefix("\ufeff").splitlines()))
    assert [(row["email"], row["name"]) for row in rows] == [
        ("anna@example.org", "Änna"),
        ("ben@example.org", "'=HYPERLINK(1)"),
        ("cleo@example.org", "'=HYPERLINK(1)"),
    ]


def test_an_import_never_subscribes_anyone_again(
    environment: dict[str, str], tmp_path: Path
) -> None:
    from sqlalchemy import create_engine, text

    file = tmp_path / "members.csv"
    file.write_text("email\nanna@example.org\n")
    staffroom(environment, "members", "import", str(file), "--source", "x")
    engine = create_engine(environment["STAFFROOM_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE subscription SET state = 'unsubscribed'"))
    engine.dispose()
    done = staffroom(environment, "members", "import", str(file), "--source", "x")
    assert "still unsubscribed: 1" in done.stdout
    sent = staffroom(environment, "newsletter", "send", "--json", _file(tmp_path, letter("en")))
    assert (sent.returncode, sent.stdout) == (1, "")
    assert "nobody to send to" in sent.stderr


def test_pictures_beside_a_file_are_taken_along_and_what_stops_a_letter_stops_it_here_too(
    environment: dict[str, str], tmp_path: Path
) -> None:
    import io

    from PIL import Image

    people = tmp_path / "members.csv"
    people.write_text("email\nanna@example.org\n")
    staffroom(environment, "members", "import", str(people), "--source", "x")
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "#345678").save(out, "JPEG")
    (tmp_path / "class.jpg").write_bytes(out.getvalue())
    lacking = _file(tmp_path, letter("en", body="Words.\n\n![](class.jpg)"))
    stopped = staffroom(environment, "newsletter", "send", "--json", lacking)
    assert stopped.returncode == 1
    assert "lacks the words for those who cannot see it" in stopped.stderr
    whole = _file(tmp_path, letter("en", body="Words.\n\n![A class](class.jpg)\n\nTK"))
    sent = staffroom(environment, "newsletter", "send", "--json", whole)
    assert (sent.returncode, json.loads(sent.stdout)["total"]) == (0, 1)
    assert "look at it: en, Line 5: “TK” looks as if" in sent.stderr
    from sqlalchemy import create_engine, text

    engine = create_engine(environment["STAFFROOM_DATABASE_URL"])
    with engine.begin() as connection:
        [html] = connection.execute(text("SELECT html FROM mailing")).scalars()
        assert 'alt="A class"' in html
        assert "class.jpg" not in html
    engine.dispose()


def test_an_issue_is_sent_from_files_and_its_state_is_json(
    environment: dict[str, str], tmp_path: Path
) -> None:
    members = tmp_path / "members.csv"
    members.write_text("email,language\na@example.org,fi\nb@example.org,en\nc@example.org,en\n")
    staffroom(environment, "members", "import", str(members), "--source", "x")
    files = [_file(tmp_path, letter(code), f"{code}.md") for code in ("en", "fi")]
    sent = staffroom(environment, "newsletter", "send", *files, "--audience", "all", "--json")
    assert json.loads(sent.stdout) == {"id": 1, "total": 3, "by_language": {"en": 2, "fi": 1}}
    state = json.loads(staffroom(environment, "newsletter", "status", "1", "--json").stdout)
    assert list(state) == [
        "queued", "reserved", "sending", "sent", "delivered", "bounced", "complained", "failed",
        "unknown", "suppressed", "cancelled", "total",
    ]  # fmt: skip
    assert (state["queued"], state["total"]) == (3, 3)


def _file(folder: Path, content: str, name: str = "issue.md") -> str:
    (folder / name).write_text(content, "utf-8")
    return str(folder / name)


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["newsletter", "status", "99"], 1, "Error: there is no issue 99"),
        (["newsletter", "send", "nowhere.md"], 2, "No such file"),
        (["newsletter", "send"], 2, "Missing argument"),
        (["organiser", "add", "nonsense", "--role", "owner"], 1, "does not look like"),
        (["organiser", "add", "a@example.org", "--role", "king"], 2, "is not one of"),
        (["members", "import", "nowhere.csv", "--source", "x"], 2, "No such file"),
        (["nothing"], 2, "No such command"),
    ],
)
def test_a_refusal_is_one_clear_line(
    environment: dict[str, str], words: list[str], status: int, line: str
) -> None:
    done = staffroom(environment, *words)
    assert done.returncode == status
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_every_wrong_setting_is_named_at_once(environment: dict[str, str]) -> None:
    wrong = {
        "STAFFROOM_ENV": "production",
        "STAFFROOM_SECRET_KEYS": "short",
        "STAFFROOM_BASE_URL": "letters.example.org/path",
        "STAFFROOM_MAIL": "pigeon",
        "STAFFROOM_TIME_ZONE": "Mars/Base",
    }
    done = staffroom({**environment, **wrong}, "migrate")
    assert done.returncode == 1
    for name in set(wrong) - {"STAFFROOM_ENV"}:
        assert f"{name}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "short" not in done.stderr.replace("shorter", "")


def test_production_refuses_defaults_for_secrets(environment: dict[str, str]) -> None:
    bare = {k: v for k, v in environment.items() if k != "STAFFROOM_SECRET_KEYS"}
    done = staffroom({**bare, "STAFFROOM_ENV": "production"}, "migrate")
    for line in (
        "SECRET_KEYS: must be set in production",
        "BASE_URL: must be set in production",
        "BASE_URL: must begin with https://",
        "MAIL: must be `ses` in production",
    ):
        assert f"STAFFROOM_{line}" in done.stderr


def test_production_refuses_what_nobody_could_use(environment: dict[str, str]) -> None:
    given = {"ENV": "production", "MAIL": "ses", "BASE_URL": "https://localhost",
             "MAIL_FROM": "Us <letters@staffroom.example>", "REPLY_TO": "no-reply@example.org",
             "TRUSTED_PROXIES": "0.0.0.0/0"}  # fmt: skip
    typed = {f"STAFFROOM_{name}": value for name, value in given.items()}
    assert "names everybody as a proxy" in staffroom({**environment, **typed}, "migrate").stderr
    typed["STAFFROOM_TRUSTED_PROXIES"] = "127.0.0.1"
    done = staffroom({**environment, **typed}, "migrate")
    for line in ("BASE_URL: must name the host", "MAIL_FROM: must be an address of yours",
                 "REPLY_TO: must be a mailbox that somebody reads"):  # fmt: skip
        assert f"STAFFROOM_{line}" in done.stderr


def test_a_secret_may_come_from_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{KEY}\n")
    bare = {k: v for k, v in environment.items() if k != "STAFFROOM_SECRET_KEYS"}
    good = {**bare, "STAFFROOM_SECRET_KEYS_FILE": str(tmp_path / "keys")}
    assert staffroom(good, "migrate").returncode == 0
    missing = {**bare, "STAFFROOM_SECRET_KEYS_FILE": str(tmp_path / "gone")}
    done = staffroom(missing, "migrate")
    assert done.returncode == 1
    assert "gone: No such file" in done.stderr


def test_a_database_that_is_not_there_is_one_line(environment: dict[str, str]) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    done = staffroom({**environment, "STAFFROOM_DATABASE_URL": url}, "migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the database cannot be used:")
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_organiser_is_added_with_a_link_that_works_once(
    environment: dict[str, str], settings: Settings
) -> None:
    done = staffroom(environment, "organiser", "add", "anna@example.org", "--role", "owner")
    assert done.returncode == 0
    assert done.stdout.startswith("http://127.0.0.1:8000/sign-in/")


CHECKED = (
    "database", "Valkey", "proxies", "files", "the library's files", "settings", "privacy",
    "answers", "mail",
)  # fmt: skip
WELL = "".join(f"{name}: ok\n" for name in CHECKED)
FACTS = (
    "answers to mails go to: Learning Conversations <letters@staffroom.example>\n"
    "proxies that are believed: 127.0.0.1, ::1\n"
)


def test_the_doctor_names_what_is_ill(environment: dict[str, str]) -> None:
    well = staffroom(environment, "doctor")
    outbox = Path(environment["STAFFROOM_DATA_DIR"]) / "outbox"
    where = f"mail is not sent, it stays in: {outbox}\n"
    first, rest = FACTS.split("\n", 1)
    assert (well.returncode, well.stdout) == (0, f"{WELL}{first}\n{where}{rest}")
    ill = staffroom({**environment, "STAFFROOM_REDIS_URL": "redis://127.0.0.1:9"}, "doctor")
    assert ill.returncode == 1
    assert "Valkey: does not answer" in ill.stdout


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_spreadsheet_runs_an_exported_cell(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"


@pytest.mark.parametrize("host", ["127.0.0.2", "127.1", "2130706433", "0", "localhost."])
def test_an_address_of_this_machine_is_known_however_it_is_written(host: str) -> None:
    from core.settings import _is_of_this_machine

    assert _is_of_this_machine(host)
    assert not _is_of_this_machine("letters.example.org")


def test_one_person_is_told_and_erased_from_the_command_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_text("email,name\nzoe@example.org,Zoë\nben@example.org,Ben\n")
    staffroom(environment, "members", "import", str(file), "--source", "Fair")
    told = json.loads(staffroom(environment, "members", "export", "Zoe@example.org").stdout)
    assert told["membership"][0]["name"] == "Zoë"
    moved = staffroom(
        environment, "members", "correct", "ben@example.org", "--email", "bo@example.org"
    )
    assert moved.stdout == "From now on we write to bo@example.org.\n"
    unsure = staffroom(environment, "members", "erase", "zoe@example.org")
    assert unsure.returncode == 1
    assert "zoe@example.org" in staffroom(environment, "members", "export").stdout
    gone = staffroom(environment, "members", "erase", "zoe@example.org", "--yes")
    assert (gone.returncode, gone.stdout) == (0, "Erased.\n")
    rest = staffroom(environment, "members", "export").stdout
    assert "zoe@example.org" not in rest
    assert "bo@example.org" in rest
    again = staffroom(environment, "members", "erase", "zoe@example.org", "--yes")
    assert again.returncode == 1
    assert "nobody has the address zoe@example.org" in again.stderr


@pytest.mark.parametrize(
    "key", ["<48 random characters; keep them, links in old mails depend on them>", "…" * 40]
)
def test_what_stands_in_a_guide_for_a_key_is_none(environment: dict[str, str], key: str) -> None:
    done = staffroom({**environment, "STAFFROOM_SECRET_KEYS": key}, "migrate")
    assert done.returncode == 1
    assert "no spaces or brackets" in done.stderr


def test_a_database_that_is_none_is_said_in_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    spoilt = tmp_path / "spoilt.db"
    spoilt.write_bytes(b"junk" * 1000)
    for url in ("rubbish", f"sqlite:///{spoilt}"):
        done = staffroom({**environment, "STAFFROOM_DATABASE_URL": url}, "members", "export")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "Error: " in done.stderr
        assert "email" not in done.stdout, "no file that looks like no members"


def test_a_command_in_the_wrong_folder_says_so_and_leaves_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    lost = {name: value for name, value in environment.items() if "STAFFROOM_" not in name}
    for words in (("members", "export"), ("doctor",), ("newsletter", "status", "1")):
        done = staffroom(lost, *words, cwd=folder)
        assert done.returncode == 1
        assert "there is nothing in" in done.stderr
        assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []


def test_a_setting_with_a_slip_in_its_name_is_named(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "staffroom.env").write_text("STAFFROOM_REPLYTO=a@b.example\nOTHER=1\n")
    done = staffroom(environment, "members", "export", cwd=tmp_path)
    assert done.returncode == 1
    assert "STAFFROOM_REPLYTO: there is no such setting; did you mean STAFFROOM_REPLY_TO?" in (
        done.stderr
    )
    told = staffroom(environment | {"STAFFROOM_SECONDFACTOR": "all"}, "doctor").stdout
    assert "did you mean STAFFROOM_SECOND_FACTOR?" in told


def test_the_same_letter_is_sent_twice_only_when_that_is_said(
    environment: dict[str, str], tmp_path: Path
) -> None:
    people, file = tmp_path / "people.csv", tmp_path / "letter.md"
    people.write_text("email\nanna@example.org\n")
    file.write_text(letter("en"))
    staffroom(environment, "members", "import", str(people), "--source", "fair")
    assert staffroom(environment, "newsletter", "send", str(file)).returncode == 0
    twice = staffroom(environment, "newsletter", "send", str(file))
    assert (twice.returncode, "went out within a week" in twice.stderr) == (1, True)
    assert staffroom(environment, "newsletter", "send", str(file), "--again").returncode == 0
    file.write_text(letter("en", "Another"))
    assert staffroom(environment, "newsletter", "send", str(file)).returncode == 0


def test_two_records_are_joined_from_the_command_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("email;name\nanna@new.example;\nanna@old.example;Anna\n")
    staffroom(environment, "members", "import", str(people), "--source", "fair")
    new, old = "anna@new.example", "anna@old.example"
    done = staffroom(environment, "members", "join", new, old, "--yes")
    assert (done.returncode, done.stdout.strip()) == (0, f"From now on both are {new}.")
    exported = staffroom(environment, "members", "export").stdout
    assert ("Anna" in exported, old in exported) == (True, False)
    again = staffroom(environment, "members", "join", new, old, "--yes")
    assert (again.returncode, "nobody has the address" in again.stderr) == (1, True)


def test_a_second_factor_is_taken_away_from_the_command_line(environment: dict[str, str]) -> None:
    staffroom(environment, "organiser", "add", "olga@example.org", "--role", "owner")
    for email, said in (("olga@example.org", "no second factor"), ("x@y.example", "no organiser")):
        done = staffroom(environment, "organiser", "reset-second-factor", email)
        assert (done.returncode, said in done.stderr) == (1, True)


def test_the_command_line_leaves_an_owner_and_writes_roles_down(
    environment: dict[str, str],
) -> None:
    from sqlalchemy import create_engine, text

    add = ("organiser", "add", "olga@example.org", "--role")
    assert staffroom(environment, *add, "owner").returncode == 0
    refused = staffroom(environment, *add, "editor")
    assert (refused.returncode, "always an owner" in refused.stderr) == (1, True)
    assert staffroom(environment, *add, "owner").returncode == 0, "for another link"
    engine = create_engine(environment["STAFFROOM_DATABASE_URL"])
    with engine.connect() as connection:
        acts = connection.execute(text("SELECT act FROM audit_entry")).scalars().all()
    engine.dispose()
    assert acts == ["add organiser"]
