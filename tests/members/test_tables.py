"""Files of people as real programs write them: no cell moves, who left stays left."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select

from core.errors import Refusal
from core.installation import Installation
from members.columns import country_of, language_of, zone_of
from members.consent import NEWSLETTER, WORKSHOPS
from members.exporting import export_members
from members.importing import import_table
from members.list_rows import Import, Report
from members.models import ConsentEvent, Member, MemberLabel, Subscription
from members.tables import read_table
from tests.conftest import both_databases


def _import(installation: Installation, content: str | bytes, topic: str = NEWSLETTER) -> Report:
    given_bytes = content.encode() if isinstance(content, str) else content
    into = Import("a fair", (topic,))
    return import_table(installation.unit_of_work, read_table(given_bytes), into)


def _subscribed(installation: Installation) -> set[str]:
    with installation.reading() as work:
        found = work.session.scalars(
            select(Member.email)
            .join(Subscription, Subscription.member_id == Member.id)
            .where(Subscription.state == "subscribed")
        )
        return set(found)


NAMES = st.text(
    alphabet=st.one_of(st.sampled_from("\"',;|\t \n=+-@ä#"), st.characters(codec="cp1252")),
    max_size=20,
).map(lambda name: "".join(c for c in name if c.isprintable() or c == "\n").strip())
DIALECTS = {
    "excel": (",", "\r\n", csv.QUOTE_MINIMAL),
    "excel in Finland": (";", "\r\n", csv.QUOTE_MINIMAL),
    "excel as Unicode text": ("\t", "\r\n", csv.QUOTE_MINIMAL),
    "libreoffice, all quoted": (",", "\n", csv.QUOTE_ALL),
    "libreoffice with bars": ("|", "\n", csv.QUOTE_MINIMAL),
    "google": (",", "\r\n", csv.QUOTE_MINIMAL),
    "numbers": (";", "\r\n", csv.QUOTE_NONNUMERIC),
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]


@given(
    st.lists(NAMES, min_size=1, max_size=5),
    st.sampled_from(list(DIALECTS)),
    st.sampled_from(ENCODINGS),
    st.booleans(),
    st.permutations(["email", "name", "notes"]),
)
def test_what_spreadsheets_write_is_read_back_cell_by_cell(
    names: list[str], dialect: str, encoding: str, says_separator: bool, header: list[str]
) -> None:
    """`csv.Sniffer` moved the cells of 395 of 3,000 such files."""
    delimiter, end, quoting = DIALECTS[dialect]
    out = io.StringIO(newline="")
    if says_separator:
        out.write(f"sep={delimiter}{end}")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(header)
    for n, name in enumerate(names):
        cells = {"email": f"u{n}@example.org", "name": name, "notes": name}
        writer.writerow([cells[column] for column in header])
    out.write(f"{delimiter}{delimiter}{end}" * 3)  # empty rows that Excel leaves at the end
    content = out.getvalue().encode(encoding)
    # Some words of Windows-1252 are words of UTF-8 too: then nobody can tell.
    assume(encoding != "cp1252" or out.getvalue().isascii() or not _is_utf8(content))
    table = read_table(content)
    rows = [row.cells for row in table.rows]
    assert [row["email"] for row in rows] == [f"u{n}@example.org" for n in range(len(names))]
    shown = ["".join(name.split()) for name in names]
    read = ["".join(row.get("name", "").split()) for row in rows]
    assert [_plain(name) for name in read] == [_plain(name) for name in shown]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain(name: str) -> str:
    from core.address_lists import clean

    plain = clean(name).strip()
    return plain.removeprefix("'") if plain[1:2] in ("=", "+", "-", "@") else plain


def test_a_row_with_a_cell_too_many_is_named_and_moves_nothing(installation: Installation) -> None:
    report = _import(installation, "email,name\na@x.fi,Virtanen, Anna\nb@x.fi,Bo\n")
    assert report.counts == {"invalid": 1, "new": 1}
    [(line, refusal)] = report.invalid
    assert line == 2
    assert "3 cells, but the header has 2" in refusal.message.text()


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line(
    installation: Installation,
) -> None:
    report = _import(installation, 'email,name\na@x.fi,A\nb@x.fi,"Bo\nc@x.fi,C\n')
    [(line, refusal)] = report.invalid
    assert (line, report.counts["new"]) == (3, 1)
    assert "never closed" in refusal.message.text()


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("subscribed_to_emails", "false"), ("email_disabled", "true"), ("status", "unsubscribed"),
        ("status", "blocklisted"), ("status", "cleaned"), ("Status", "Bounced"),
        ("subscription_status", "unsubscribed"), ("UNSUB_TIME", "2024-01-01"),
        ("CLEAN_TIME", "2024-01-01"), ("deleted_at", "2024-01-01"), ("Opted out", "yes"),
        ("Haluan uutiskirjeen", "Ei"), ("Haluan uutiskirjeen", ""), ("Newsletter", "no"),
        ("email,status,subscription_status", "a@x.fi,enabled,unsubscribed"),
        ("unsubscribed,bounced", "false,true"), ("deleted_at,unsubscribed_at", ",2023-01-01"),
        ("subscribed,newsletter", "true,no"), ("Status", "Non-Subscribed"),
        ("status", "hard_bounce"), ("status", "opted-out"), ("tila", "peruutettu"),
        ("status", "estetty"), ("status", "unconfirmed"), ("status", "Spam complaint"),
        ("unsubscribed", "2024-05-06 10:00"), ("bounced", "t"), ("BLOCKLISTED", "1"),
        ("HasOptedOutOfEmail", "1"), ("Email Opt Out", "Yes"), ("email_status", "bounced"),
        ("is_active", "false"), ("is_subscribed", "0"), ("Haluan uutiskirjeen", "Ei kiitos"),
        ("Haluan uutiskirjeen", "En"), ("I want the newsletter", "No thanks"),
    ],
)  # fmt: skip
def test_who_had_left_elsewhere_is_counted_and_not_subscribed(
    installation: Installation, header: str, cell: str
) -> None:
    header = header.removeprefix("email,")
    report = _import(installation, f"email,{header}\ngone@x.fi,{cell.removeprefix('a@x.fi,')}\n")
    assert report.counts["left elsewhere"] == 1
    assert _subscribed(installation) == set()


@pytest.mark.parametrize(
    ("header", "cell"),
    [("subscribed_to_emails", "true"), ("email_disabled", "false"), ("status", "enabled"),
     ("status", "confirmed"), ("Haluan uutiskirjeen", "Kyllä"), ("deleted_at", ""),
     ("unsubscribed", "no"), ("bounced", "0"), ("deleted_at", "0000-00-00 00:00:00"),
     ("unsubscribed", "Never unsubscribed"), ("status,bounced", "active,f")],
)  # fmt: skip
def test_who_stayed_elsewhere_is_subscribed(
    installation: Installation, header: str, cell: str
) -> None:
    assert _import(installation, f"email,{header}\nhere@x.fi,{cell}\n").counts["new"] == 1
    assert _subscribed(installation) == {"here@x.fi"}


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Email Address,First Name,Last Name", "a@x.fi,Aino,Mäkinen", "Aino Mäkinen"),
        ("Aikaleima,Sähköpostiosoite,Nimi", "2025,a@x.fi,Sari", "Sari"),
        ("First Name,Last Name,E-mail 1 - Value,Labels", "Aino,M,a@x.fi,* Own ::: Two", "Aino M"),
        ("Etunimi,Sukunimi,Sähköposti", "Aino,Mäkinen,a@x.fi", "Aino Mäkinen"),
        ("E-mail Address,E-mail 2 Address,Given Name", "a@x.fi,b@x.fi,Aino", "Aino"),
        ("uuid,email,name,attributes,status", "1,a@x.fi,Aino,{},enabled", "Aino"),
        ("Sahkoposti;nimi", "a@x.fi;Aino", "Aino"),
        ("Email (required),Etu- ja sukunimi", "a@x.fi,Aino M", "Aino M"),
        ("Sähköpostiosoitteesi,Your full name", "a@x.fi,Aino", "Aino"),
        ("email,name", 'a@x.fi,"Koulu ""Yhdessä"""', 'Koulu "Yhdessä"'),
        ("email,name", "a@x.fi,(Aino)", "(Aino)"),
        ("name,email", "anna@x.fi,a@x.fi", ""),
    ],
)  # fmt: skip
def test_the_columns_of_other_systems_are_known(
    installation: Installation, header: str, cells: str, name: str
) -> None:
    _import(installation, f"{header}\n{cells}\n")
    with installation.reading() as work:
        [member] = work.session.scalars(select(Member))
        assert (member.email, member.name) == ("a@x.fi", name)


def test_unknown_columns_and_words_are_named_and_cost_nobody_their_row(
    installation: Installation,
) -> None:
    report = _import(
        installation, "email,Phone,country,timezone\na@x.fi,040,Utopia,Mars\nb@x.fi,,suomi,EET\n"
    )
    assert report.unused == ("Phone",)
    assert [message.values["said"] for _, message in report.notes] == ["Utopia", "Mars"]
    with installation.reading() as work:
        rows = work.session.execute(
            select(Member.email, Member.country, Member.time_zone).order_by(Member.id)
        )
        assert [tuple(row) for row in rows] == [
            ("a@x.fi", "", ""),
            ("b@x.fi", "FI", "Europe/Helsinki"),
        ]


def test_a_file_without_a_header_is_read_where_only_one_reading_is_possible(
    installation: Installation,
) -> None:
    assert _import(installation, "Anna;a@x.fi\nBo;b@x.fi\n").counts["new"] == 2
    with pytest.raises(Refusal, match="a column “email”"):
        read_table(b"Anna;Bo\n")


@pytest.mark.parametrize("content", [b"PK\x03\x04xl", b"\xd0\xcf\x11\xe0\xa1"])
def test_a_workbook_is_told_how_to_become_a_table(content: bytes) -> None:
    with pytest.raises(Refusal, match="Save it as CSV"):
        read_table(content)


@both_databases
def test_our_own_export_comes_back_as_it_was(installation: Installation) -> None:
    _import(installation, "email,name,language,role,level,country,timezone,labels\n"
            'a@x.fi,"=Änna ""A""",fi,teacher,primary,FI,Europe/Helsinki,"spring; Oulu"\n'
            "b@x.fi,Bo,en,,,,,\nc@x.fi,Cai,en,,,,,\n")  # fmt: skip
    _import(installation, "email\na@x.fi\n", WORKSHOPS)
    with installation.unit_of_work() as work:
        gone = select(Member.id).where(Member.email == "b@x.fi").scalar_subquery()
        for subscription in work.session.scalars(
            select(Subscription).where(Subscription.member_id == gone)
        ):
            subscription.state = "unsubscribed"
        cai = work.session.scalars(select(Member).where(Member.email == "c@x.fi")).one()
        cai.state, cai.confirmed_at = "pending", None
    first, people = _exported(installation), _everything(installation)
    with installation.unit_of_work() as work:
        for table in (ConsentEvent, Subscription, MemberLabel, Member):
            for row in work.session.scalars(select(table)):
                work.session.delete(row)
            work.session.flush()
    report = _import(installation, first)
    assert _exported(installation) == first
    assert report.counts == {"new": 1, "left elsewhere": 1, "unconfirmed": 1}
    assert {k: v for k, v in _everything(installation).items() if k != "c@x.fi"} == {
        k: v for k, v in people.items() if k != "c@x.fi"
    }
    again = _import(installation, first)
    assert again.counts["new"] == 0
    assert _exported(installation) == first


def _exported(installation: Installation) -> str:
    out = io.StringIO(newline="")
    with installation.reading() as work:
        export_members(work.session, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    for row in rows:
        if row["state"] == "pending":  # what a pending person had asked for is asked anew
            row["topics"] = row["left topics"] = row["consented"] = ""
    again = io.StringIO(newline="")
    writer = csv.DictWriter(again, rows[0], quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return again.getvalue()


def _everything(installation: Installation) -> dict[str, object]:
    with installation.reading() as work:
        return {
            member.email: (
                member.name, member.language, member.role, member.level, member.country,
                member.time_zone, member.state,
                sorted(work.session.scalars(select(MemberLabel.label).filter_by(member_id=member.id))),
                sorted(tuple(row) for row in work.session.execute(
                    select(Subscription.topic, Subscription.state)
                    .filter_by(member_id=member.id))),
            )
            for member in work.session.scalars(select(Member))
        }  # fmt: skip


def test_an_older_export_with_somebody_who_left_subscribes_nobody(
    installation: Installation,
) -> None:
    report = _import(installation, '"email","name","language","role","country","timezone","state",'
                     '"topics","joined"\n"sp1@x.fi","Anna","en","","","","confirmed","newsletter",'
                     '"2026-11-25T10:11:42+00:00"\n"leaver@x.fi","Lea","en","","","","confirmed",'
                     '"","2026-11-25T10:12:27+00:00"\n')  # fmt: skip
    assert (report.counts["new"], report.counts["left elsewhere"]) == (1, 1)
    assert _subscribed(installation) == {"sp1@x.fi"}
    assert _import(installation, "email\nleaver@x.fi\n").counts["still unsubscribed"] == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [("suomi", "fi"), ("Finnish", "fi"), ("FI", "fi"), ("fi-FI", "fi"), ("en_GB", "en"),
     ("English", "en"), ("englanti", "en"), ("Suomi (FI)", "fi"), ("English (UK)", "en"),
     ("suomi/finska", "fi"), ("sv", None), ("klingon", None)],
)  # fmt: skip
def test_languages_are_known_in_words(said: str, code: str | None) -> None:
    assert language_of(said) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [("Finland", "FI"), ("suomi", "FI"), ("UK", "GB"), ("Ruotsi", "SE"), ("fi", "FI"),
     ("United Kingdom", "GB"), ("The Netherlands", "NL"), ("Eesti", "EE"),
     ("Finland (FI)", "FI"), ("Utopia", None)],
)  # fmt: skip
def test_countries_are_known_in_words(said: str, code: str | None) -> None:
    assert country_of(said) == code


@pytest.mark.parametrize(
    ("said", "zone"),
    [("Europe/Helsinki", "Europe/Helsinki"), ("Helsinki", "Europe/Helsinki"), ("UTC", "UTC"),
     ("EET", "Europe/Helsinki"), ("UTC+2", "Etc/GMT-2"), ("GMT-5", "Etc/GMT+5"),
     ("UTC+5:30", None), ("UTC+2:00", "Etc/GMT-2"), ("utc+0", "UTC"),
     ("FLE Standard Time", "Europe/Kiev"), ("+" + "9" * 5000, None), ("Mars", None)],
)  # fmt: skip
def test_time_zones_are_known_in_words(said: str, zone: str | None) -> None:
    assert zone_of(said) == zone


def test_a_cohort_is_read_from_the_same_files(installation: Installation, tmp_path: Path) -> None:
    from workshops.invitation import choosing

    with installation.unit_of_work() as work:
        chosen = choosing.from_file(
            work,
            "Sähköposti;Etunimi;Tila\na@x.fi;Aino;\nb@x.fi;Bo;unsubscribed\nnobody;C;\n".encode(
                "utf-16"
            ),
            "fi",
        )
    assert list(chosen.people.values()) == ["Aino"]
    assert chosen.left_out[0].reason.text() == "the file says that they left"
    assert len(chosen.left_out) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"sep=;\r\nemail;name, given, family\r\na@x.fi;Aino\r\n",
        b"name, full;email\nAino;a@x.fi\n",
        b'"Nimi\nja luokka";email\nAino;a@x.fi\n',
        b"email,name\na@x.fi,Ai\x00no\n",
        b"sep=\t\nemail\tname\na@x.fi\tAino\n",
    ],
)
def test_the_header_says_what_separates_the_cells(content: bytes) -> None:
    table = read_table(content)
    assert [row.cells.get("email") for row in table.rows] == ["a@x.fi"]
