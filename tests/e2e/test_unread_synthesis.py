"""A synthesis begun on a record that may not be read, in the real window on the stand-in server: never as if it had been read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.facts import Review, Section
from dmp_desktop.ui.views.compose.forms.review import ReviewForm
from tests.e2e.test_access_window import break_glass, ended, present, read
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

UNREAD = "Non lu : l'accès à ce DMP n'est pas autorisé."


@pytest.fixture(scope="module")
def real(qapp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path_factory.mktemp("non-lu")) as world:
        world.sign_in()
        yield world


def review(real: RealWindow, kind: DocumentKind = DocumentKind.VSM) -> ReviewForm:
    real.window.conductor.write(kind)
    form = real.window.composer.form.form
    assert isinstance(form, ReviewForm)
    return form


def facts(shown: Review) -> int:
    assert shown.facts is not None
    return sum(map(len, shown.facts.sections.values()))


def told_unread(form: ReviewForm) -> bool:
    sections = [form.box.itemText(row) for row in range(form.box.count())]
    return form.empty.text() == UNREAD and sections == [fr.SECTION_UNREAD.format(name=name) for name in fr.SECTIONS]


def test_what_may_not_be_read_is_said_section_by_section_and_read_once_it_may(real: RealWindow) -> None:
    window = real.window
    present(real, "expired")
    form = review(real)
    real.until(lambda: told_unread(form))
    assert form.state.text() == f"{fr.NOT_READ} L'accès à ce DMP n'est pas autorisé."
    assert (form.act.text(), form.act.isVisible()) == (fr.READ_AGAIN, True)
    assert form.seen.text() == fr.SEEN_UNREAD.format(seen=0, total=len(Section))
    window.composer.editor.setPlainText("TEST. Hypothyroïdie substituée.")
    form.next.click()
    assert not form.review.complete
    window.banner.authorise.click()
    real.until(lambda: form.review.facts is not None)
    assert facts(form.review) > 0, "by itself, once the record may be read"
    assert fr.SECTION_UNREAD.format(name=fr.SECTIONS[0]) not in form.box.itemText(0)
    assert not form.review.seen - {Section.PROBLEMS}


def test_it_leaves_without_the_record_only_by_the_doctor_s_own_act(real: RealWindow) -> None:
    window, outbox = real.window, real.desktop._wiring.outbox
    present(real, "opposed")
    form = review(real)
    real.until(lambda: form.without.isVisible())
    before = len(outbox.items())
    window.composer.editor.setPlainText("TEST. Toux depuis 3 jours.")
    real.until(lambda: window.composer.can_send)
    window.conductor.send()
    real.until(lambda: form.state.text() == fr.UNREAD_TO_SEND)
    assert len(outbox.items()) == before
    form.without.click()
    assert form.state.text() == fr.GOES_WITHOUT
    for section in Section:
        form.go(section)
        assert form.empty.text().startswith("Non lu : "), section
    assert form.seen.text() == fr.SEEN_UNREAD.format(seen=7, total=7)
    window.record.refresh()
    real.until(lambda: not window.tasks.general.busy)
    assert form.review.complete, "asked again, the record is as unread as it was: what the doctor decided stays"


def test_the_end_of_an_emergency_leaves_a_review_that_says_it_is_not_read(real: RealWindow) -> None:
    window = real.window
    present(real, "ordinary")
    real.until(lambda: read(real))
    page_withdrawn(real)
    form = review(real)
    real.until(lambda: told_unread(form))
    break_glass(real)
    real.until(lambda: window.framed.framed and form.review.facts is not None)
    read_then = facts(form.review)
    assert read_then > 0
    window.access.bar.end.click()
    real.until(lambda: ended(real))
    real.until(lambda: told_unread(form))
    assert form.review.facts is None
    break_glass(real)
    real.until(lambda: window.framed.framed and form.review.facts is not None)
    assert facts(form.review) == read_then, "the same note, in the next emergency"
    window.access.bar.end.click()
    real.until(lambda: ended(real))


def page_withdrawn(real: RealWindow) -> None:
    window = real.window
    window.access.show_page()
    page = window.body.currentWidget()
    real.until(lambda: page.history.text() and page.withdraw.button.isEnabled())
    page.withdraw.button.click()
    real.until(page.question.yes.isEnabled)
    page.question.yes.click()
    real.until(lambda: access_fr.ACT["withdrawn"] in page.history.text() and not window.tasks.general.busy)
