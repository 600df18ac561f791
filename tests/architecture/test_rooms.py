"""방의 벽: 방 사이의 화살표는 늘지 않고 돌지 않으며, 한 폴더의 모듈은 열둘을 넘지 않는다."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.architecture.mirror import shipped_modules
from tests.architecture.rooms import PACKAGES, ROOT, arrows_in, arrows_of, floors_of, rooms_in_circles

# 줄기만 한다. 벽을 세우기 앞(모듈 사이)에는 97, 53, 61이었다.
MAX_ARROWS = {"gateway": 40, "gameservices.session": 25, "gameservices.matchmaking": 16}
MAX_MODULES = 12


@pytest.mark.parametrize("package", PACKAGES)
def test_no_more_arrows_between_rooms_than_allowed(package: str) -> None:
    arrows = arrows_of(package)
    assert len(arrows) <= MAX_ARROWS[package], sorted(arrows)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_room_is_reached_from_itself(package: str) -> None:
    assert rooms_in_circles(arrows_of(package)) == []


def test_a_folder_holds_at_most_twelve_modules() -> None:
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in shipped_modules().values())
    assert len(folders) > 20
    assert {folder: count for folder, count in folders.items() if count > MAX_MODULES} == {}


def test_the_counting_sees_wings_files_and_circles() -> None:
    sources = {
        "shop.server": "from shop.tills import till\nimport shop.goods.shelf\n",
        "shop.tills.till": "from shop.goods.shelf import Shelf\nfrom shop.tills import drawer\n",
        "shop.tills.drawer": "import json\n",
        "shop.goods.shelf": "from __future__ import annotations\n",
    }
    arrows = arrows_in("shop", sources)
    assert set(arrows) == {("server", "tills"), ("server", "goods"), ("tills", "goods")}
    assert floors_of(arrows) == {"goods": 1, "tills": 2, "server": 3}
    assert rooms_in_circles(arrows) == []
    back = arrows_in("shop", {**sources, "shop.goods.shelf": "from shop.server import main\n"})
    assert rooms_in_circles(back) == ["goods", "server", "tills"]
