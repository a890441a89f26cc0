"""Identity in the real window, against the stand-in INSi: an unknown carte Vitale to an open record, a lost number to a closed one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from dmp_desktop.demo.stage import _certificate
from dmp_desktop.domain.access import AuthorisationFilter
from dmp_desktop.domain.consent import Channel, Subject
from dmp_desktop.domain.identity import DocumentKind, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus, nir_key
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, TraitQuery
from dmp_desktop.domain.people import Patient, Role, Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.presented import NOT_HERE
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui import strings_records_fr as records_fr
from dmp_desktop.ui.views.identity.flow import CLOSED_NOTICE
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.e2e.test_presented import scan
from tests.helpers.identities import ScriptedInsi, found, told
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

PARENT = "1810663113042"
FATHER, ROSE = "Vitale père", "Vitale de Rose"


@pytest.fixture
def real(qapp: QApplication, tmp_path: Path) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path) as running:
        nir = PARENT + nir_key(PARENT)
        running.stage.cards[FATHER] = VitaleCard([("TEST-OUVRANT", "HUGO", "19810607", nir)])
        running.stage.cards[ROSE] = VitaleCard(
            [("TEST-OUVRANT", "HUGO", "19810607", nir), ("TEST-OUVRANT", "ROSE", "20150714", nir)]
        )
        yield running


def page(real: RealWindow) -> IdentityView:
    view = real.window.body.currentWidget()
    assert isinstance(view, IdentityView)
    return view


def words(view: IdentityView) -> list[str]:
    return [button.text() for button in view.findChildren(QPushButton) if button.isVisible()]


def click(real: RealWindow, view: IdentityView, text: str) -> None:
    real.until(lambda: text in words(view))
    (button,) = [one for one in view.findChildren(QPushButton) if one.isVisible() and one.text() == text]
    button.click()


def test_an_unknown_card_to_an_open_record_in_two_clicks(real: RealWindow) -> None:
    real.sign_in()
    real.stage.insert(1, FATHER)
    notices = real.window.notices
    real.until(lambda: notices.button.isVisible() and notices.button.text() == fr.CHECK_IDENTITY)
    assert real.window.session.state.patient is None
    notices.button.click()
    view = page(real)
    real.until(lambda: fr.TAKE in words(view))
    assert "TEST-OUVRANT" in view.answer.told.text()
    assert real.desktop._wiring.identities.born_on(date(1981, 6, 7)) == []  # asking takes nothing
    assert fr.DOCUMENT[DocumentKind.FAMILY_BOOK] not in words(view)
    view.answer.documents.widgets[0].click()
    real.until(lambda: real.window.session.state.patient is not None)
    patient = real.window.session.state.patient
    assert patient is not None
    assert (patient.ins.value, patient.ins.status) == (PARENT + nir_key(PARENT), InsStatus.QUALIFIEE)
    assert real.window.body.currentWidget() is real.page
    real.stage.remove(1)
    real.window.session.close_patient()
    real.until(lambda: real.window.session.state.phase is Phase.READY)
    real.stage.insert(1, FATHER)  # known from now on
    real.until(lambda: real.window.session.state.patient is not None)


def test_a_child_by_the_card_of_a_parent(real: RealWindow) -> None:
    real.sign_in()
    real.stage.insert(1, ROSE)
    real.until(lambda: real.window.session.state.phase is Phase.CHOOSING)
    child = real.window.session.state.candidates[1]
    real.window.session.choose(child)
    notices = real.window.notices
    real.until(lambda: notices.button.isVisible() and notices.button.text() == fr.CHECK_IDENTITY)
    notices.button.click()
    view = page(real)
    real.until(lambda: fr.TAKE in words(view))
    click(real, view, fr.DOCUMENT[DocumentKind.FAMILY_BOOK])
    real.until(lambda: real.window.session.state.patient is not None)
    patient = real.window.session.state.patient
    assert patient is not None
    assert patient.ins.value[:13] == "2150763113019"


def test_a_replaced_number_opens_the_record_again_under_the_present_one(real: RealWindow) -> None:
    real.sign_in()
    real.open("ordinary")
    patient = real.window.session.state.patient
    assert patient is not None
    answer = found(told(StrictTraits.of(patient)), "2790351215999", patient.ins.value[:13])
    real.desktop._wiring.identities._insi = lambda: ScriptedInsi(lambda _: answer)
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == fr.ASK).trigger()
    view = page(real)
    click(real, view, fr.ASK_TRAITS)
    real.until(lambda: fr.TAKE in words(view))
    view.answer.documents.widgets[0].click()

    def number() -> str:
        now = real.window.session.state.patient
        return now.ins.value[:13] if now else ""

    real.until(lambda: number() == "2790351215999")
    assert real.window.notices.notice is None or real.window.notices.notice.key != CLOSED_NOTICE
    (kept,) = real.desktop._wiring.identities.with_matricule("2790351215999" + nir_key("2790351215999"))
    assert kept.status is InsStatus.QUALIFIEE


def test_the_card_of_one_child_opens_the_record_of_no_other_by_itself(real: RealWindow) -> None:
    real.sign_in()
    identities = real.desktop._wiring.identities
    twin = StrictTraits("TEST-OUVRANT", "LILY", "LILY", Sex.FEMALE, date(2015, 7, 14), "63113")
    identities._insi = lambda: ScriptedInsi(lambda _: found(told(twin), "2150763113027"))
    identities.accept(identities.ask(identities.known(twin)), DocumentKind.PASSPORT)
    real.stage.insert(1, ROSE)
    real.until(lambda: real.window.session.state.phase is Phase.CHOOSING)
    real.window.session.choose(real.window.session.state.candidates[1])
    notices = real.window.notices
    real.until(lambda: notices.button.isVisible() and notices.button.text() == fr.CHECK_IDENTITY)
    notices.button.click()
    view = page(real)
    named = fr.OPEN_NAMED.format("TEST-OUVRANT", "LILY")
    real.until(lambda: named in words(view))
    assert view.answer.outcome.text() == fr.NOT_AS_ON_CARD
    assert fr.TAKE not in words(view)
    assert real.window.session.state.patient is None


def test_a_corrected_trait_closes_the_record_and_nothing_leaves(real: RealWindow) -> None:
    real.sign_in()
    real.open("ordinary")
    patient = real.window.session.state.patient
    assert patient is not None
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == fr.ASK).trigger()
    view = page(real)
    real.until(lambda: view.person.isVisible())
    assert "QUALIFIÉE" in view.person.status.text
    assert "numéro de test" in view.person.ins.text()
    click(real, view, fr.ASK_TRAITS)
    real.until(lambda: view.answer.outcome.text() == fr.CONFIRMED)
    assert real.window.session.state.patient == patient
    click(real, view, fr.CORRECT)
    assert "retire l'INS" in view.person.correct_told.text()
    view.person.form.family.setText("TEST-AUTRE")
    click(real, view, fr.SAVE)
    real.until(lambda: real.window.session.state.patient is None)
    real.until(lambda: real.window.notices.notice is not None)
    assert real.window.notices.notice is not None
    assert real.window.notices.notice.text == fr.CLOSED
    real.stage.remove(1)
    real.stage.insert(1, real.stage.patient_card("ordinary"))
    real.until(lambda: real.window.notices.button.text() == fr.CHECK_IDENTITY and real.window.notices.isVisible())
    assert real.window.session.state.patient is None
    wiring = real.desktop._wiring
    with pytest.raises(ContextError) as caught:
        wiring.outbox._rules.may_feed(patient.ins)
    assert caught.value.code == "identity.withdrawn"
    real.window.page.outbox.check_asked.emit(patient)  # from a document refused for that
    real.until(lambda: isinstance(real.window.body.currentWidget(), IdentityView))
    view = page(real)
    real.until(lambda: view.person.isVisible() and "TEST-AUTRE" in view.person.traits.text())
    view.back.click()
    next(line for line in acts.actions() if line.text() == records_fr.RECORDS).trigger()
    mine = real.window.body.currentWidget()
    real.until(lambda: mine.model.rows)
    row = next(place for place, one in enumerate(mine.model.rows) if one.of.patient.value == patient.ins.value)
    mine.list.asked.emit(mine.model.index(row, 0))
    real.until(lambda: real.window.notices.what.text.startswith(NOT_HERE))
    assert real.window.notices.button.text() == fr.CHECK_IDENTITY
    real.window.notices.button.click()
    assert page(real).search.isVisible()


def test_a_number_lost_once_the_page_was_left_closes_the_record_all_the_same(real: RealWindow) -> None:
    """The answer of INSi comes when nobody looks at the page any more."""
    real.sign_in()
    real.open("ordinary")
    session = real.window.session
    patient = session.state.patient
    assert patient is not None
    identities = real.desktop._wiring.identities
    answer = threading.Event()

    def late(_query: TraitQuery) -> InsiAnswer:
        answer.wait(120)
        return InsiAnswer(InsiOutcome.NONE)

    identities._insi = lambda: ScriptedInsi(late)
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == fr.ASK).trigger()
    view = page(real)
    click(real, view, fr.ASK_TRAITS)
    view.back.click()
    answer.set()
    real.until(lambda: identities.withdrawn(patient.ins.value))
    real.until(lambda: session.state.patient is None)
    services = real.desktop._services
    for refused in (
        real.desktop._wiring.dossier.status,
        real.desktop._wiring.dossier.entries,
        services.access.administrative,
        lambda whom: services.records.professionals(whom, AuthorisationFilter.ALL),
        lambda whom: services.records.web_address("DossierPatient", whom),
    ):
        with pytest.raises(ContextError, match=r"identity\.withdrawn"):
            refused(patient)


def test_a_secretary_finds_qualifies_and_sees_no_record(real: RealWindow) -> None:
    told = real.stage.ready["identities"]["secretary"]
    account = software_account(Path(told["p12"]), lambda: told["password"])
    real.window.session.sign_in_by(lambda: real.desktop._wiring.desk.sign_in(account), lambda: None)
    desk = real.window.desk
    real.until(lambda: desk.findChild(IdentityView) is not None and desk.isVisible())
    view = desk.findChild(IdentityView)
    assert view is not None
    desk.front(view)
    click(real, view, fr.NEW)
    form = view.search.form
    form.family.setText("test-moreau")
    form.first.setText("gérard")
    form.born.setText("23/05/1949")
    form.place.setText("75056")
    view.search.create_person.click()
    assert form.wrong.text() == fr.WRONG_SEX
    form.sex.setCurrentIndex(1)
    view.search.create_person.click()
    real.until(lambda: view.person.isVisible())
    assert "PROVISOIRE" in view.person.status.text
    click(real, view, fr.ASK_TRAITS)
    real.until(lambda: fr.TAKE in words(view))
    assert "Lieu de naissance : 75056 ici, 21231 pour l'INSi" in view.answer.differs.text()
    click(real, view, fr.TAKE)
    real.until(lambda: "RÉCUPÉRÉE" in view.person.status.text)
    assert not view.person.correct.isEnabled()
    assert view.person.correct_locked.isVisible()
    click(real, view, fr.DOCUMENT[DocumentKind.PASSPORT])
    real.until(lambda: view.person.status.text == "QUALIFIÉE")
    assert fr.OPEN not in words(view)
    click(real, view, fr.DMP_ASK)
    real.until(lambda: view.desk.dmp.text())
    assert "Un DMP existe" in view.desk.dmp.text()
    click(real, view, fr.OTHER)
    view.search.born.setText("23051949")
    view.search.beginning.setText("test-mor")
    view.search.find_born.click()
    real.until(lambda: view.search.found.buttons)
    assert "qualifiée" in view.search.found.buttons[0].text()
    view.search.number.setText("123456789012345")
    view.search.find_number.click()
    real.until(lambda: "identity.key" in view.trouble.text())
    assert real.window.record.patient is None
    assert real.window.stack.currentWidget() is desk
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    real.until(lambda: not desk.isVisible())


def test_a_secretary_with_her_card_and_a_carte_vitale(real: RealWindow) -> None:
    """CPE in, carte Vitale in: INSi, the document, the DMP, both opinions; the doctor then finds what she noted."""
    told = real.stage.ready["identities"]["secretary"]
    account = software_account(Path(told["p12"]), lambda: told["password"])
    desk_of_cards = real.desktop._wiring.desk
    desk_of_cards._accounts[account.national_id] = account  # the workstation is hers too
    certificates = [_certificate(Path(told["p12"]) / name, told["password"]) for name in ("auth.p12", "sign.p12")]
    real.stage.cards["Carte CPE"] = CpsCard(*certificates)
    real.stage.insert(0, "Carte CPE")
    real.until(lambda: real.window.session.state.role is Role.SECRETARY)
    desk = real.window.desk
    real.until(lambda: desk.findChild(IdentityView) is not None and desk.isVisible())
    view = desk.findChild(IdentityView)
    assert view is not None
    desk.front(view)
    real.stage.insert(1, FATHER)
    real.until(lambda: view.search.card.buttons)
    assert real.window.session.state.patient is None  # her card opens no record
    view.search.card.buttons[0].click()
    click(real, view, fr.DOCUMENT[DocumentKind.CNI])
    real.until(lambda: view.person.status.text == "QUALIFIÉE")
    real.until(view.desk.opinions.isVisible)
    click(real, view, fr.DMP_ASK)
    real.until(lambda: view.desk.dmp.text())
    feeding = view.desk.opinions.opinions[Subject.FEEDING]
    assert feeding.state.text == access_fr.OPINION_STATE[None][0]
    view.desk.opinions.channel.choose(Channel.LETTER)
    feeding.oppose.click()
    real.until(lambda: feeding.state.text == access_fr.OPINION_STATE[True][0])
    assert "par courrier" in feeding.when.text()
    assert real.window.stack.currentWidget() is desk
    assert real.window.record.patient is None
    assert not real.page.documents.model.entries
    real.stage.remove(0)
    real.until(lambda: not desk.isVisible())
    assert desk.findChild(IdentityView) is None or not desk.findChild(IdentityView).person.ins.text()  # type: ignore[union-attr]
    ins = InsIdentity(PARENT + nir_key(PARENT), OID_INS_TEST, InsStatus.QUALIFIEE)
    with pytest.raises(ContextError) as caught:
        real.desktop._wiring.outbox._rules.may_feed(ins)
    assert caught.value.code == "feeding-opposed"


def test_the_code_of_an_unknown_person_leads_to_the_page_filled_in(real: RealWindow) -> None:
    real.sign_in()
    born = date(1997, 2, 26)
    printed = Patient(
        InsIdentity("297022A02077878", OID_INS_TEST, InsStatus.QUALIFIEE),
        "TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE", Sex.FEMALE, born, "2A020",
    )  # fmt: skip
    scan(real, printed)
    notices = real.window.notices
    real.until(lambda: notices.button.isVisible() and notices.button.text() == fr.CHECK_IDENTITY)
    assert real.window.session.state.patient is None
    notices.button.click()
    view = page(real)
    real.until(view.person.isVisible)
    assert "PROVISOIRE" in view.person.status.text
    assert "TEST-ADRTROIS" in view.person.traits.text()
    assert "2A020" in view.person.birth.text()
    assert view.person.ins.text() == fr.NO_INS  # the code proves nothing
    assert view.said.text() == fr.FROM_CODE
    assert real.desktop._wiring.identities.born_on(born) == []
    click(real, view, fr.ASK_TRAITS)
    real.until(lambda: fr.TAKE in words(view))
    click(real, view, fr.DOCUMENT[DocumentKind.PASSPORT])
    real.until(lambda: real.window.session.state.patient is not None)
    patient = real.window.session.state.patient
    assert patient is not None
    assert (patient.ins.value, patient.ins.status) == (printed.ins.value, InsStatus.QUALIFIEE)
