"""Importing as people do it: a real app, a real browser, the real deals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.parts import frame
from running import ROOT, Serve, Site, Visit, WorkspaceAt, pick, settle
from workspace import Workspace

CRM = ROOT / "examples" / "crm_sales"


@pytest.fixture(scope="module")
def workspace(workspace_at: WorkspaceAt, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found: Workspace = workspace_at(tmp_path_factory.mktemp("importing"))
    found.people.add_user(found.administrator(), "boris", "Boris Brown", "correct horse 2")
    return found


@pytest.fixture(scope="module")
def site(workspace: Workspace, serve: Serve) -> Site:
    found: Site = serve(workspace.environment.data)
    return found


def upload(page: Page, *, file: Path | None = None, name: str = "", data: bytes = b"") -> None:
    """Give the page a file, from disk or made up, and wait until it has been looked at."""
    given = file if file is not None else {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    settle(page)  # until the run is over, what it takes away still stands beside what it brings
    page.locator('input[type="file"]').set_input_files(given)
    expect(page.get_by_text("As it will be").or_(page.get_by_role("alert")).first).to_be_visible(timeout=30_000)
    settle(page)


def start(page: Page) -> None:
    """Import and wait for the report."""
    page.get_by_role("button", name=re.compile(r"^Import [\d,]+ rows?$")).click()
    page.wait_for_url(re.compile(r"report=\d+"), timeout=60_000)
    settle(page)


def figure(page: Page, label: str) -> str:
    """A figure of the report."""
    return page.locator('[data-testid="stMetric"]', has_text=label).locator('[data-testid="stMetricValue"]').inner_text()


def choose(page: Page, key: str, option: str) -> None:
    """Pick an option of the select box with this key."""
    pick(page.locator(f".st-key-{key} input").first, option)


def test_the_deals_and_their_sister_files_become_linked_processes_and_an_import_is_undone(
    workspace: Workspace, site: Site, visit: Visit
) -> None:
    page, admin = visit(site, "/importing"), workspace.administrator()
    for name in ("products", "accounts"):
        upload(page, file=CRM / f"{name}.csv")
        start(page)
        page.get_by_role("button", name="Import another file").click()
        settle(page)
    upload(page, file=CRM / "sales_pipeline.csv")
    expect(page.get_by_text("8,800 rows · 8 columns")).to_be_visible()
    expect(page.get_by_text("All of them fit.")).to_be_visible()
    page.get_by_role("tab", name="Stages").click()
    for stage in ("Prospecting", "Engaging", "Won", "Lost"):
        expect(page.locator('[class*="st-key-importing-stage-"]', has_text=stage).first).to_be_visible()
    page.get_by_label("Title of the process").fill("Deals")
    page.get_by_label("Title of the process").press("Enter")
    page.wait_for_timeout(200)  # the run that takes the title in has begun
    settle(page)
    start(page)
    assert (figure(page, "Imported"), figure(page, "Left out"), figure(page, "New users")) == ("8,800", "0", "30")

    process = workspace.processes.published("deals")
    assert process is not None
    totals = workspace.elements.totals(admin, "deals")
    assert {code: total.count for code, total in totals.items()} == {
        "prospecting": 500, "engaging": 1589, "won": 4238, "lost": 2473,
    }  # fmt: skip
    assert totals["won"].sum == 10_005_534
    links = {f.code: f.params["process"] for f in process.process.fields if f.kind == "link"}
    assert links == {"product": "products", "account": "accounts"}

    changed = workspace.elements.find(admin, "deals", limit=1)[0]
    workspace.elements.comment(admin, changed.id, "Called them")
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("8,799 elements removed.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name=changed.title)).to_be_visible()
    assert workspace.elements.count(admin, "deals") == 1
    expect(page.get_by_role("button", name="Undo the import")).to_have_count(0)


BAD_ROWS = """Deal;Stage;Amount;Day;Note
Good;New;10,50;01.02.2026;fine
Negative;New;-5,00;01.02.2026;x
No number;New;NaN;01.02.2026;x
No such day;New;7,00;31.02.2026;x
Unknown stage;Frozen;7,00;01.02.2026;x
Wide;Won;7,00;01.02.2026;x;y
Markup;Won;7,00;01.02.2026;<b>{{ 7*7 }}</b>
"""


def test_rows_with_errors_are_marked_listed_and_downloadable_and_the_others_go_in(
    workspace: Workspace, site: Site, visit: Visit
) -> None:
    page, admin = visit(site, "/importing"), workspace.administrator()
    upload(page, name="bad_rows.csv", data=(BAD_ROWS + f"Long;Won;7,00;01.02.2026;{'ж' * 10_000}\n").encode())
    page.get_by_role("tab", name="Stages").click()
    frozen = page.locator('[class*="st-key-importing-stage-"]', has_text="Frozen")
    number = re.search(r"importing-stage-(\d)", frozen.get_attribute("class") or "")
    assert number is not None
    choose(page, f"importing-stage-{number[1]}", "Leave these rows out")
    expect(page.get_by_text(re.compile(r"\d of them have problems"))).to_be_visible()
    start(page)
    assert (figure(page, "Imported"), figure(page, "Left out")) == ("3", "5")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download these rows").click()
    text = waiting.value.path().read_text("utf-8-sig")
    for said in ("Negative", "NaN", "31.02.2026", "Frozen", "Wide"):
        assert said in text
    long = [e for e in workspace.elements.find(admin, "bad_rows") if e.title == "Long"]
    assert len(long) == 1 and "ж" * 10_000 in long[0].values.values()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "is not a table"),
        ("noise.csv", bytes(range(256)) * 40, "is not a table"),
        ("broken.xlsx", b"PK\x03\x04" + b"broken" * 100, "damaged"),
        ("empty.csv", b"", "empty|no rows"),
        ("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old|password"),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_the_page_goes_on(
    site: Site, visit: Visit, name: str, data: bytes, words: str
) -> None:
    page = visit(site, "/importing")
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    expect(page.get_by_role("alert")).to_contain_text(re.compile(words, re.IGNORECASE))
    upload(page, name="good.csv", data=b"Title,Title,\nOne,Two,Three\n")
    expect(page.get_by_text("1 row · 3 columns")).to_be_visible()
    expect(page.get_by_test_id("stTabs").get_by_text("Title (2)")).to_be_visible()  # the table, too, has it, a little later


def test_a_wrong_delimiter_is_told_and_changed(site: Site, visit: Visit) -> None:
    page = visit(site, "/importing")
    upload(page, name="hash.csv", data=b"Name,Age\nAnna,30\nBoris,31\n")
    choose(page, "importing-delimiter", "semicolon")
    expect(page.get_by_text("The file has come out as one column.")).to_be_visible()
    choose(page, "importing-delimiter", "comma")
    expect(page.get_by_text("2 rows · 2 columns")).to_be_visible()


def test_an_existing_process_takes_a_new_field_a_new_stage_and_named_people(
    workspace: Workspace, site: Site, visit: Visit
) -> None:
    page, admin = visit(site, "/importing"), workspace.administrator()
    upload(page, name="requests.csv", data="Название,Статус\nПервая,Новая\nВторая,Готово\n".encode())
    start(page)
    page.get_by_role("button", name="Import into Requests").click()
    settle(page)
    expect(page.get_by_text("Earlier imports")).to_be_visible()
    more = "Название,Статус,Бюджет,Ответственный\nТретья,На паузе,5000,Борис\n".encode()
    upload(page, name="more.csv", data=more)
    choose(page, "importing-column-2", "New field")
    page.get_by_role("tab", name="Stages").click()
    choose(page, "importing-stage-0", "Add as a stage in progress")
    page.get_by_role("tab", name="People").click()
    page.get_by_text("Say who they are").click()
    boris = next(u for u in workspace.people.users() if u.login == "boris")
    choose(page, "importing-person-0", boris.name)
    start(page)
    version = workspace.processes.published("requests")
    assert version is not None and version.number == 2
    assert [s.title for s in version.process.stages()][-2:] == ["На паузе", "Готово"]
    made = next(e for e in workspace.elements.find(admin, "requests") if e.title == "Третья")
    assert made.responsible == boris.id
    assert 5000 in made.values.values()
    stage = version.process.stage(made.stage)
    assert stage is not None and stage.title == "На паузе"


def test_who_may_not_import_is_refused_by_deep_link_too(workspace: Workspace, site: Site, visit: Visit) -> None:
    for path in ("/importing", "/importing?process=deals", "/importing?report=1"):
        page = visit(site, path, login="boris", password="correct horse 2")
        expect(page.get_by_text(re.compile("no right to import|no such import"))).to_be_visible()
        expect(page.locator('input[type="file"]')).to_have_count(0)


def test_where_a_file_is_chosen_our_words_stand_with_the_limit(site: Site, visit: Visit) -> None:
    page = visit(site, "/importing")
    said = "e => getComputedStyle(e, '::after').content"
    zone = page.locator('[data-testid="stFileUploaderDropzone"]')
    assert zone.locator("button p").evaluate(said) == '"Choose a file"'
    assert "up to 200 MB" in zone.locator('[data-testid="stFileUploaderDropzoneInstructions"] span').last.evaluate(said)
    assert zone.locator("button p").evaluate("e => getComputedStyle(e).fontSize") == "0px", "Streamlit's own are not seen"


def test_what_people_write_stays_a_text_in_a_style() -> None:
    """The endings that a file field takes are named by whoever designs the process."""
    quoted = frame._quoted('"}</style><script>\\\n')
    assert not set('<>}\\"\n') & set(re.sub(r"\\[0-9a-f]+ ", "", quoted[1:-1]))


def test_the_same_file_again_changes_what_is_there_and_can_be_undone(workspace: Workspace, site: Site, visit: Visit) -> None:
    """The column that tells its rows apart is proposed as the key, and what would change is shown before it does."""
    page, admin = visit(site, "/importing"), workspace.administrator()
    upload(page, name="goods.csv", data=b"no,name,price\n1,Anvil,10.50\n2,Rope,3.00\n3,Nail,0.10\n")
    start(page)
    page.goto(f"{site.url}/importing?process=goods")
    settle(page)
    upload(page, name="goods.csv", data=b"no,name,price\n1,Anvil,11.00\n2,Rope,3.00\n4,Bolt,7.00\n")
    foreseen = page.locator(".st-key-importing-foreseen")
    for label, n in (("New", "1"), ("Changed", "1"), ("Already so", "1"), ("Left out", "0")):
        expect(foreseen.locator('[data-testid="stMetric"]', has_text=re.compile(f"^{label}")).first).to_contain_text(n)
    start(page)
    assert (figure(page, "Imported"), figure(page, "Changed"), figure(page, "Already so")) == ("1", "1", "1")
    price = lambda: {e.title: e.get("price") for e in workspace.elements.find(admin, "goods")}  # noqa: E731
    assert price() == {"Anvil": 11.0, "Rope": 3.0, "Nail": 0.1, "Bolt": 7.0}
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("1 element says again what it said before.")).to_be_visible()
    assert price() == {"Anvil": 10.5, "Rope": 3.0, "Nail": 0.1}


def test_a_number_with_two_readings_is_asked_about_before_rows_go_in(workspace: Workspace, site: Site, visit: Visit) -> None:
    page = visit(site, "/importing")
    upload(page, name="weights.csv", data=b'Name,Weight\nAnna,"1,250"\nBoris,"2,500"\n')
    expect(page.get_by_text("As it will be")).to_have_count(0)
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_text("Say first what “1,250” means")).to_be_visible()
    settle(page)
    expect(page.get_by_text("1,250 means 1250", exact=True)).to_be_visible()
    page.get_by_text("1,250 means 1.25", exact=True).click()
    expect(page.get_by_text("As it will be")).to_be_visible()
    settle(page)
    start(page)
    rows = workspace.elements.find(workspace.administrator(), "weights")
    assert sorted(e.get("weight") for e in rows) == [1.25, 2.5]
