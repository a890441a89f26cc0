"""A morning at the desk of the real window: an agenda, the secretary, her pages; the doctor's way to the tray."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from dmp_desktop.domain.consent import Channel, Subject
from dmp_desktop.domain.identity import DocumentKind
from dmp_desktop.domain.people import Role
from dmp_desktop.services.accounts import software_account
from dmp_desktop.ui import strings_desk_fr as desk_fr
from dmp_desktop.ui import strings_identity_fr as identity_fr
from dmp_desktop.ui import strings_tray_fr as tray_fr
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from dmp_desktop.ui.views.identity.view import IdentityView
from dmp_desktop.ui.views.tray.view import TrayView
from tests.helpers.real_window import RealWindow

AGENDA = """Heure;Nom de naissance;Prénom;Date de naissance;Sexe;INS;Médecin;Motif
08:40;TEST-MOREAU;Gérard;23/05/1949;M;;Dr DUPONT;renouvellement
09:00;TEST-OUVRANT;Rose;14/07/2015;F;;Dr DUPONT;
09:20;TEST-OUVRANT;Rose;02/01/1960;F;;Dr DUPONT;
09:40;TEST-PASSAGE;;;;;;fièvre
10:00;TEST-MOREAU;Gérard;23/05/1949;M;;Dr DUPONT;
99:00;TEST-ERREUR;Zoé;;;;;
"""


def secretary_comes(real: RealWindow) -> None:
    """By the software certificate of the stand-in's secretary."""
    told = real.stage.ready["identities"]["secretary"]
    account = software_account(Path(told["p12"]), lambda: told["password"])
    real.window.session.sign_in_by(lambda: real.desktop._wiring.desk.sign_in(account), lambda: None)
    real.until(lambda: real.window.session.state.role is Role.SECRETARY and real.window.desk.isVisible())


def desk_page(real: RealWindow) -> FrontDeskView:
    view = real.window.desk.findChild(FrontDeskView)
    assert isinstance(view, FrontDeskView)
    return view


def press(view: FrontDeskView, key: Qt.Key) -> None:
    view.list.view.setFocus()
    QTest.keyClick(view.list.view, key)


def qualify(real: RealWindow, view: FrontDeskView, arrival_id: str) -> None:
    """From the line to a qualified identity and back, as the page of identities leads."""
    view.list.choose(arrival_id)
    press(view, Qt.Key.Key_I)
    identities = real.window.desk.findChild(IdentityView)
    assert identities is not None
    real.until(lambda: identities.isVisible() and identities.person.isVisible())
    identities.person.ask_traits.click()
    real.until(lambda: identities.answer.take.isVisible() and identities.form.isEnabled())
    identities.answer.take.click()
    real.until(lambda: "RÉCUPÉRÉE" in identities.person.status.text)
    seen = identity_fr.DOCUMENT[DocumentKind.PASSPORT]
    next(one for one in identities.person.documents.widgets if one.text() == seen).click()
    real.until(lambda: identities.person.status.text == "QUALIFIÉE")
    real.until(identities.desk.opinions.isVisible)
    for subject in Subject:
        identities.desk.opinions.noted.emit(subject, False, Channel.COUNTER)
        real.until(lambda: identities.form.isEnabled() and identities.said.text())
    bar = real.window.desk.findChildren(QLabel)
    assert any("Pour le rendez-vous" in label.text() for label in bar)
    link = next(one for one in identities.findChildren(type(identities.back)) if one.text() == desk_fr.LINK)
    link.click()
    real.until(view.isVisible)


def tray_at_desk(real: RealWindow) -> TrayView:
    (way,) = [one for one in real.window.desk._ways.widgets if one.isVisible()]
    way.click()  # type: ignore[attr-defined]
    (view,) = [one for one in real.window.desk.findChildren(TrayView) if one.isVisible()]
    real.until(lambda: view._overview is not None)
    return view


def in_menu(real: RealWindow, words: str) -> QWidget:
    """A page of the doctor's, by its line in the banner's menu."""
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == words).trigger()
    page = real.window.body.currentWidget()
    assert page is not None
    return page


def tray_in_menu(real: RealWindow) -> TrayView:
    view = in_menu(real, tray_fr.OPEN)
    assert isinstance(view, TrayView)
    return view
