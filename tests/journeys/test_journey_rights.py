"""A second person sees only own deals, wherever they look."""

from __future__ import annotations

import pytest
from journey import SELLER, SELLER_PASSWORD, count
from playwright.sync_api import Page, expect

from model.errors import Denied, NotFound
from model.filter import Condition
from running import Visit


@pytest.fixture
def seen(office):
    """(own titles, others' titles) of the deals in progress and closed."""
    deals = office.workspace.elements.find(office.admin, "deals")
    own = [d for d in deals if d.responsible == office.seller]
    others = [d for d in deals if d.responsible != office.seller]
    assert own and others
    return own, others


def _as_seller(office, visit: Visit, path: str) -> Page:
    return visit(office.site, path, login=SELLER, password=SELLER_PASSWORD)


def test_on_the_board_counts_and_cards_are_of_own_deals(office, visit: Visit, seen) -> None:
    own, _ = seen
    page = _as_seller(office, visit, "/board?process=deals")
    expect(page.locator('.col[data-col="won"]')).to_be_visible()
    for stage in ("prospecting", "engaging", "won", "lost"):
        assert count(page, stage) == sum(d.stage == stage for d in own)
    shown = {int(item.get_attribute("data-id") or 0) for item in page.locator(".item").all()}
    assert shown <= {d.id for d in own} and shown


def test_in_the_list_are_own_deals(office, visit: Visit, seen) -> None:
    own, _ = seen
    page = _as_seller(office, visit, "/list?process=deals")
    expect(page.get_by_text(f"of {len(own)}").first).to_be_visible()


def test_the_funnel_counts_own_deals(office, visit: Visit, seen) -> None:
    own, _ = seen
    page = _as_seller(office, visit, "/funnel?process=deals")
    going = sum(d.stage in ("prospecting", "engaging") for d in own)
    expect(page.locator("[data-testid=stMetric]").first).to_contain_text(str(going))


def test_a_strange_card_is_not_told_from_one_that_is_not_there(office, visit: Visit, seen) -> None:
    _, others = seen
    strange = _as_seller(office, visit, f"/card?id={others[0].id}")
    missing = _as_seller(office, visit, "/card?id=999999")
    for page in (strange, missing):
        expect(page.locator("[data-testid=stMainBlockContainer]")).to_contain_text("no")
        assert others[0].title not in page.content()
    body = "[data-testid=stMainBlockContainer]"
    assert strange.locator(body).inner_text().replace(str(others[0].id), "#") == missing.locator(body).inner_text().replace(
        "999999", "#"
    )


def test_search_finds_own_deals_only(office, visit: Visit, seen) -> None:
    own, others = seen
    theirs = next(d for d in others if not any(d.title in o.title or o.title in d.title for o in own))
    page = _as_seller(office, visit, f"/search?q={theirs.title.split()[0]}")
    expect(page.get_by_text("Search").first).to_be_visible()
    assert page.get_by_text(theirs.title, exact=True).count() == 0


@pytest.mark.parametrize("path", ["/people", "/settings", "/designer?process=deals", "/board?process=candidates"])
def test_what_is_not_theirs_is_refused_in_words(path: str, office, visit: Visit) -> None:
    page = _as_seller(office, visit, path)
    body = page.locator("[data-testid=stMainBlockContainer]")
    expect(body).not_to_be_empty()
    assert body.locator("input").count() == 0 and page.locator(".col").count() == 0


def test_the_service_refuses_what_the_pages_hide(office, seen) -> None:
    own, others = seen
    actor = office.workspace.actor(office.seller)
    assert office.workspace.elements.count(actor, "deals") == len(own)
    with pytest.raises((Denied, NotFound)):
        office.workspace.elements.update(actor, others[0].id, {"title": "mine now"})
    with pytest.raises((Denied, NotFound)):
        office.workspace.elements.move(actor, others[0].id, "won")
    assert office.workspace.elements.count(actor, "deals", Condition(field="responsible", op="ne", value=office.seller)) == 0
