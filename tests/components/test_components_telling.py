"""No act is lost on its way to Python, and none is heard twice, however busy the server is."""

from __future__ import annotations

from lab_hands import Lab

OPEN_ALL = "all => all.forEach(card => card.click())"
"""As quick as hands or events of a page can be: one after the other, in one breath."""


def opened(lab: Lab) -> list[int]:
    return [card for card in lab.events("open") if isinstance(card, int)]


def test_acts_told_while_a_run_is_under_way_are_all_heard_once_and_in_order(on: Lab) -> None:
    on.open("board", n=12, slow=0.4)
    cards = on.page.locator(".board .card")
    cards.first.click()
    on.page.wait_for_timeout(150)
    shown = cards.evaluate_all('all => all.map(card => Number(card.closest("[data-id]").dataset.id))')
    for index in range(1, 4):
        cards.nth(index).click()
    cards.nth(4).press("Enter")
    cards.evaluate_all(OPEN_ALL)
    on.until(lambda: len(opened(on)) >= 5 + len(shown))
    on.page.wait_for_timeout(600)
    assert opened(on) == [*shown[:5], *shown]


def test_news_do_not_take_the_place_of_an_act(on: Lab) -> None:
    on.open("board", n=12, slow=0.3, live=1)
    cards = on.page.locator(".board .card")
    for index in range(6):
        cards.nth(index).click()
        on.page.request.get(f"{on.url}/bump")
    on.until(lambda: len(on.events("poke")) >= 1 and len(on.events("open")) >= 6, timeout=15)
    assert len(on.events("open")) == 6


def test_a_new_session_is_told_nothing_of_the_old_one(on: Lab) -> None:
    on.open("board", n=12)
    cards = on.page.locator(".board .card")
    cards.nth(0).click()
    on.wait("open")
    on.page.get_by_role("button", name="New session").click()
    on.settled()
    cards.nth(1).click()
    assert len(on.wait("open", 2)) == 2
    on.settled()
    assert len(on.events("open")) == 2
