"""The identity banner in the docked panel: nothing of it is cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.widgets.identity_banner import IdentityBanner
from tests.ui import fakes

SHUT = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)


@pytest.fixture
def banner(qtbot, qapp: QApplication) -> Iterator[IdentityBanner]:
    """With all that it may hold."""
    theme.apply(qapp, theme.LIGHT)
    panel = QWidget()
    qtbot.addWidget(panel)
    panel.resize(420, 400)
    made = IdentityBanner(panel)
    made.offer_access()
    made.offer_entries([("Scanner…", lambda: None)])
    made.offer_act("Accès…", lambda: None, of_patient=True)
    made.show_patient(fakes.LEA, fakes.NOW.date())
    made.show_status(SHUT)
    made.setGeometry(0, 0, 420, 400)
    panel.show()
    qapp.processEvents()
    yield made
    assert panel.width() == 420


def inside(banner: IdentityBanner, part: QWidget) -> bool:
    place = part.rect().translated(part.mapTo(banner, part.rect().topLeft()))
    return part.isVisible() and banner.rect().contains(place) and part.width() >= part.sizeHint().width()


def test_both_ways_into_a_shut_record_and_the_icons_fit_into_the_docked_panel(banner):
    parts = (banner.authorise, banner.emergency, banner.entries, banner.acts, banner.close_patient)
    assert [part for part in parts if not inside(banner, part)] == []


def test_in_larger_letters_one_stands_below_the_other(banner, qapp):
    for button in (banner.authorise, banner.emergency):
        button.setStyleSheet("font-size: 20px")
    qapp.processEvents()
    assert banner.emergency.geometry().top() > banner.authorise.geometry().bottom()


def test_where_there_is_nothing_to_open_no_room_is_taken(banner, qapp):
    shut = banner.sizeHint().height()
    banner.show_status(DossierStatus(exists=True, authorization=Authorization.VALIDE))
    qapp.processEvents()
    assert banner.sizeHint().height() <= shut - banner.authorise.sizeHint().height()


def test_no_state_of_the_dmp_is_cut_in_the_docked_panel(banner, qapp):
    dmp = (
        *fr.DMP_STATE.values(),
        *fr.DMP_SPECIAL.values(),
        fr.DMP_NONE,
        fr.DMP_CLOSED,
        fr.DMP_UNKNOWN,
        fr.DMP_UNREACHED,
    )
    for state in (*dmp, access_fr.OPPOSED_STATE):
        banner.dmp.show_state(*state)
        qapp.processEvents()
        words = banner.dmp.words
        assert words.width() >= words.sizeHint().width(), state[0]
