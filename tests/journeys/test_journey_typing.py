"""What people type is what is stored: numbers and dates on every form, for an English and a Russian reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from journey import eventually, press
from playwright.sync_api import Page, expect

from model.access import Action, Actor, Grant, Level, Role
from model.field import Field
from model.process import Funnel, Process, Stage
from running import Serve, Site, Visit, WorkspaceAt, pick, settle
from workspace import Workspace

PASSWORD = "correct horse 3"
FIELDS = (
    Field(code="price", title="Price", kind="money"),
    Field(code="weight", title="Weight", kind="double", params={"digits": 3}),
    Field(code="serial", title="Serial", kind="integer"),
    Field(code="born", title="Born", kind="date"),
    Field(code="sizes", title="Sizes", kind="double", multiple=True),
)


@dataclass(frozen=True)
class Shop:
    site: Site
    workspace: Workspace
    admin: Actor

    def value(self, number: int, code: str) -> object:
        return self.workspace.elements.get(self.admin, number).get(code)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("typing")
    workspace = workspace_at(folder)
    admin = workspace.administrator()
    ivan = workspace.people.add_user(admin, "ivan", "Иван", PASSWORD, language="ru")
    workspace.people.save_role(admin, "team", "Team", [ivan.id], [])
    stages = (Stage(code="new", title="New"), Stage(code="won", title="Won", semantics="S"))
    workspace.processes.create(
        admin,
        Process(
            code="goods", title="Goods", fields=FIELDS, funnels=(Funnel(code="main", title="Main", stages=stages),),
            roles=(Role(code="team", title="Team"),), grants=tuple(Grant(role="team", action=a, level=Level.ALL) for a in Action),
        ),
    )  # fmt: skip
    workspace.processes.publish(admin, "goods")
    yield Shop(serve(folder), workspace, workspace.administrator())


def _made(shop: Shop, page: Page) -> int:
    page.wait_for_url(re.compile(r"card\?id="))
    return int(re.search(r"id=(\d+)", page.url)[1])


def test_a_decimal_comma_is_no_factor_of_a_hundred(shop: Shop, visit: Visit) -> None:
    page = visit(shop.site, "/card?new=goods")
    page.get_by_label("Title").fill("Anvil")
    page.get_by_label("Price").fill("1250,50")
    page.get_by_label("Weight").fill("1,250.125")
    page.get_by_label("Serial").fill("9007199254740992")
    page.get_by_label("Sizes").fill("1,5\n2.25")
    press(page, "Create")
    number = _made(shop, page)
    found = shop.workspace.elements.get(shop.admin, number).values
    assert found == {"price": 1250.5, "weight": 1250.125, "serial": 2**53, "sizes": [1.5, 2.25]}
    page.get_by_role("button", name=re.compile("Edit")).first.click()
    expect(page.get_by_label("Price")).to_have_value("1,250.50")
    expect(page.get_by_label("Serial")).to_have_value("9,007,199,254,740,992")
    page.get_by_label("Price").fill("1.250")
    press(page, "Save")
    expect(page.get_by_text("Did you mean 1,250 or 1.25?")).to_be_visible()
    expect(page.get_by_label("Price")).to_have_value("1.250")
    assert shop.value(number, "price") == 1250.5
    page.get_by_label("Price").fill("1,250")
    press(page, "Save")
    eventually(page, lambda: shop.value(number, "price") == 1250.0)
    assert shop.value(number, "serial") == 2**53, "what was not touched stays to the last bit"


def test_a_title_that_is_made_by_itself_is_not_asked_for(shop: Shop, visit: Visit) -> None:
    page = visit(shop.site, "/card?new=goods")
    title = page.get_by_label("Title", exact=True)
    expect(title).to_have_attribute("placeholder", "“Goods” and its number, if left empty")
    press(page, "Create")
    number = _made(shop, page)
    assert shop.value(number, "title") == f"Goods #{number}"


def test_a_russian_reader_types_the_russian_way(shop: Shop, visit: Visit) -> None:
    made = shop.workspace.elements.create(shop.admin, "goods", {"title": "Молот", "price": 6250, "born": "1380-09-08"})
    page = visit(shop.site, f"/card?id={made.id}", "ivan", PASSWORD)
    page.get_by_role("button", name=re.compile("Изменить")).first.click()
    expect(page.get_by_label("Price")).to_have_value("6\u00a0250")
    expect(page.get_by_label("Born")).to_have_value("08.09.1380")
    page.get_by_label("Price").fill("6 250,75 $")
    page.get_by_label("Weight").fill("1,250")
    page.get_by_label("Born").fill("09.09.1380")
    press(page, "Сохранить")
    eventually(page, lambda: shop.value(made.id, "price") == 6250.75)
    assert (shop.value(made.id, "weight"), shop.value(made.id, "born")) == (1.25, "1380-09-09")


def test_a_filter_asks_before_it_takes_one_number_for_another(shop: Shop, visit: Visit) -> None:
    shop.workspace.elements.create(shop.admin, "goods", {"title": "Cheap", "price": 2})
    shop.workspace.elements.create(shop.admin, "goods", {"title": "Dear", "price": 1250.5})
    page = visit(shop.site, "/list?process=goods", "ivan", PASSWORD)
    press(page, "Фильтр")
    page.get_by_role("button", name="Условие", exact=True).click()
    settle(page)
    pick(page.get_by_role("combobox", name="Поле"), "Price")
    settle(page)
    pick(page.get_by_role("combobox", name="Оператор"), "больше")
    settle(page)
    value = page.get_by_role("textbox", name="Значение")
    value.fill("1,250")
    value.press("Enter")
    expect(page.get_by_text("Вы имели в виду 1\u00a0250 или 1,25?")).to_be_visible()
    expect(page.get_by_role("button", name="Применить")).to_be_disabled()
    value.fill("1250,4")
    value.press("Enter")
    expect(value).to_have_value("1\u00a0250,40")
    press(page, "Применить")
    expect(page.get_by_text("Dear")).to_be_visible()
    expect(page.get_by_text("Cheap")).to_be_hidden()


def test_the_designer_reads_figures_too(shop: Shop, visit: Visit) -> None:
    """A stage's norm, a field's limit and default, and what a robot writes."""
    page = visit(shop.site, "/designer?process=goods&tab=stages&item=new")
    norm = page.get_by_role("textbox", name="Time norm")
    norm.fill("1,5")
    norm.press("Enter")
    eventually(page, lambda: shop.workspace.processes.draft("goods").stage("new").norm_hours == 36)
    page.goto(f"{shop.site.url}/designer?process=goods&tab=fields&item=weight")
    settle(page)
    for label, typed in (("At most", "2 500,5"), ("Default value", "1250,125")):
        box = page.get_by_role("textbox", name=label)
        box.fill(typed)
        box.press("Enter")
        settle(page)
    eventually(page, lambda: _weight(shop).params.get("max") == 2500.5 and _weight(shop).default == 1250.125)


def _weight(shop: Shop) -> Field:
    return next(f for f in shop.workspace.processes.draft("goods").fields if f.code == "weight")
