"""People in a real browser: a spreadsheet comes in, one is found, ten are labelled, one is written
to, and the spreadsheet is taken back."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.running import Running
from tests.support.windows import mails, sign_in

ROWS = "".join(f"p{n}@kevat.example;Etu{n};Suku{n};fi;Kevätmessut\r\n" for n in range(12))
EXCEL = (
    "Sähköposti;Etunimi;Sukunimi;Kieli;Ryhmät\r\n"
    + ROWS
    + "ei osoitetta;Väärä;Rivi;fi;\r\n"
    + "p1@kevat.example;Sama;Uudestaan;fi;\r\n"
    + "aino.m@kevat.example;Aino;Mäkinen;fi;Kevätmessut\r\n"
)


def test_a_finnish_spreadsheet_from_the_file_to_the_undo(
    page: Page, site: Running, tmp_path: Path
) -> None:
    sign_in(page, site)
    path = tmp_path / "messut.csv"
    path.write_bytes(EXCEL.encode("cp1252"))
    page.goto("/fi/organise/people/imports")
    page.get_by_label("CSV-tiedosto").set_input_files(path)
    page.get_by_role("button", name="Näytä esikatselu").click()
    expect(page.get_by_role("heading", name="Mitä tapahtuisi")).to_be_visible(timeout=20_000)
    expect(page.locator("main")).to_contain_text("Tämä osoite on luettelossa kahdesti")
    page.get_by_label("Missä ja milloin he suostuivat").fill("kevätmessut 2026")
    page.get_by_label("He ovat suostuneet tähän").check()
    page.get_by_role("button", name="Tuo 13 ihmistä").click()
    expect(page.get_by_role("heading", name="Mitä on tapahtunut")).to_be_visible(timeout=20_000)
    brought = page.url

    _find_and_label(page)
    _write_to_one(page, site)

    page.goto(brought)
    page.get_by_role("button", name="Vedä takaisin").click()
    expect(page.locator(".done")).to_contain_text("poistettu", timeout=20_000)
    page.goto("/fi/organise/people?q=etu7")  # nobody has touched that one since
    expect(page.locator("#found")).to_contain_text("0 ihmistä")


def _find_and_label(page: Page) -> None:
    """With the keyboard: what one types finds her, accents or not; ten others get a label."""
    page.goto("/organise/people")
    page.keyboard.press("/")
    page.keyboard.type("makinen aino kevat")
    expect(page.locator("#found .lead")).to_contain_text("1 person")
    expect(page).to_have_url(re.compile("q=makinen"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Aino Mäkinen")).to_be_focused()
    page.goto("/organise/people?label=Kevätmessut&order=name")
    boxes = page.locator("#labelling input[name=who]")
    for n in range(10):
        boxes.nth(n).check()
    page.locator("#labelling").get_by_label("Label", exact=True).fill("choir")
    page.get_by_role("button", name="Put the label on").click()
    expect(page.get_by_role("status").first).to_contain_text("10 people have the label")
    page.goto("/organise/people?label=choir&language=fi")
    page.get_by_label("Keep these filters as a segment called").fill("The choir")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("main")).to_contain_text("Finnish-speaking people labelled choir")


def _write_to_one(page: Page, site: Running) -> None:
    page.goto("/organise/people?q=makinen+kevat")
    page.get_by_role("link", name="Aino Mäkinen").click()
    page.get_by_role("link", name="It has changed").click()
    expect(page.get_by_label("The address that it should be")).to_be_focused()
    page.get_by_text("Write to them").click()
    page.get_by_label("Subject").fill("Hei Aino")
    page.get_by_label("Your words").fill("Nähdään torstaina.")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("status").first).to_contain_text("on their way")
    for _ in range(100):
        if mails(site, "aino.m@kevat.example"):
            break
        page.wait_for_timeout(100)
    assert mails(site, "aino.m@kevat.example")[0]["subject"] == "Hei Aino"


def test_the_list_and_a_person_fit_on_a_phone(page: Page, site: Running) -> None:
    sign_in(page, site)
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/organise/people", "/organise/people/1", "/organise/people/add"):
        page.goto(path)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
