"""차림표와 쪽: 지은 쪽은 주소에 올라 있고, 제 틀이 있고, 차림표의 한 줄을 밝힌다."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from django.template.loader import get_template
from django.urls import resolve, reverse

import ops.urls
import ops.views
from ops.navigation import ENTRIES
from ops.views.page import OpsPage

PAGES = {
    value
    for module in pkgutil.iter_modules(ops.views.__path__, "ops.views.")
    for value in vars(import_module(module.name)).values()
    if isinstance(value, type) and issubclass(value, OpsPage) and value.template_name
}
MOUNTED = {getattr(pattern.callback, "view_class", None): pattern for pattern in ops.urls.urlpatterns}


def test_every_page_has_an_address_and_a_template() -> None:
    assert len(PAGES) > 8
    assert PAGES - MOUNTED.keys() == set()
    assert all(get_template(page.template_name or "") for page in PAGES)


def test_every_page_lights_a_line_of_the_menu() -> None:
    keys = {entry.key for entry in ENTRIES}
    assert {page.__name__: page.nav_key for page in PAGES if page.nav_key not in keys} == {}


def test_every_line_of_the_menu_opens_the_page_that_lights_it() -> None:
    opened = {entry.key: resolve(reverse(entry.url_name)).func.view_class for entry in ENTRIES}
    assert {key: page.nav_key for key, page in opened.items()} == {key: key for key in opened}
    alone = {page for page, pattern in MOUNTED.items() if page in PAGES and not pattern.pattern.converters}
    assert alone == set(opened.values())
