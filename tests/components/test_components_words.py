"""What components show comes from elsewhere: words from the locales, icons from one list, code from the bundles."""

from __future__ import annotations

import json
import re

import pytest

from locales import languages, words
from pages.parts import components, timeline_view
from running import ROOT

SOURCES = ROOT / "components" / "src"
READ = re.compile(r"text\((?:this\.)?(?:data\.)?labels, '(\w+)'")


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("name", components.LABELS)
def test_every_label_has_words(locale: str, name: str) -> None:
    wanted = [f"component.{name}.{label}" for label in components.LABELS[name]]
    assert [key for key in wanted if not words(locale).get(key)] == []


@pytest.mark.parametrize("name", [n for n in components.LABELS if n != "canvas"])
def test_a_component_reads_only_labels_that_it_is_given(name: str) -> None:
    read = set(READ.findall((SOURCES / f"{name}.ts").read_text()))
    assert read and read <= set(components.LABELS[name])


@pytest.mark.parametrize("name", components.LABELS)
def test_every_component_is_built(name: str) -> None:
    assert (components.ASSETS / f"{name}.js").stat().st_size > 2000


def test_the_timeline_knows_the_icon_of_every_event() -> None:
    small = json.loads((SOURCES / "icons.json").read_text())["small"]
    assert set(timeline_view.ICONS.values()) <= set(small)
