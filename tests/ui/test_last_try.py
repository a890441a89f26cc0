"""The last try of a card is on the screen before it, whatever the card's module tells of it, and however often it is put back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.services.accounts import Practice
from dmp_desktop.services.session import Phase
from dmp_desktop.ui.widgets.pin_panel import PinPanel
from tests.helpers.card_desks import READER, Desk, open_desk
from tests.helpers.cps_token import PIN, WRONG
from tests.helpers.session_desk import LILAS, PracticeRoom


@pytest.fixture(params=["softhsm", "opensc", "silent", "cryptolib"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(request.param) as opened:
        yield opened


def test_the_last_try_is_told_before_it(qtbot, desk, tmp_path):
    room = PracticeRoom(tmp_path, opener=desk.opener, practice=Practice(LILAS, "G15_10/SM26"))
    panel = PinPanel()
    qtbot.addWidget(panel)

    def told() -> bool:
        panel.show_asked(room.state.pin)
        return panel.warning.text().startswith("DERNIER ESSAI") and panel.warning.objectName() == "alarm"

    room.plug(READER, desk.card)
    assert not told()
    room.give_pin(WRONG)
    assert not told()
    room.give_pin(WRONG)
    assert told()
    for _ in range(2):
        room.pull(READER)
        room.plug(READER, desk.card)
        assert told()
    room.give_pin(PIN)
    assert room.state.phase in (Phase.READY, Phase.ACTIVITY)
    if not desk.tells:  # OpenSC's flags stay
        room.pull(READER)
        room.plug(READER, desk.card)
        assert not told()
