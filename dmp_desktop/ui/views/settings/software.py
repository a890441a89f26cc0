"""Within Réglages, what goes out to the practice software: one profile a software. Its form is made once it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.exchange.profile import SUFFIXES, TEMPLATE, Profile, example
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_software_fr as fr
from dmp_desktop.ui.software_ports import ProfilesPort
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class SoftwareSection(QWidget):
    """A part of `page`. `form` is None until it was asked for."""

    def __init__(self, port: ProfilesPort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self.form: ProfileForm | None = None
        self.setAccessibleName(fr.HEADING)
        heading = PlainLabel(fr.HEADING)
        heading.setProperty("strong", True)
        self.listed, self.answer = PlainLabel(fr.NONE, wrap=True), PlainLabel(wrap=True)
        self.open = QPushButton(fr.OPEN)
        self.open.clicked.connect(self._open)
        self._profiles: tuple[Profile, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.WHAT, role="muted", wrap=True), self.listed):
            self._column.addWidget(part)
        self._column.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self.answer)

    def fill(self) -> None:
        """As written now. Who may not change them is told why."""
        why = self._port.refusal()
        self.open.setEnabled(not why)
        self.open.setToolTip(why)
        if self.form:
            self.form.setEnabled(not why)
        self._tell("warning", why)
        self._page.ask(self._port.load, self._show, self._failed)

    def empty(self) -> None:
        self.answer.clear()

    def _show(self, profiles: tuple[Profile, ...]) -> None:
        self._profiles = profiles
        self.listed.setText("\n".join(map(_line, profiles)) or fr.NONE)
        if self.form:
            self.form.offer(profiles)

    def _open(self) -> None:
        if self.form is None:
            self.form = ProfileForm(self)
            self._column.insertWidget(self._column.indexOf(self.answer), self.form)
            self.form.saved.connect(self._save)
            self.form.removed.connect(self._remove)
            self.form.offer(self._profiles)
        self.open.hide()
        self._page.reveal(self.form)
        self.form.which.setFocus()

    def _save(self, profile: Profile, former: str) -> None:
        port, automatic = self._port, bool(self.form and self.form.automatic.isChecked())
        self._page.act(
            lambda: port.keep(profile, former, automatic=automatic),
            lambda there: self._kept(there, fr.SAVED),
            self._failed,
        )

    def _remove(self, name: str) -> None:
        port = self._port
        self._page.act(lambda: port.remove(name), lambda there: self._kept(there, fr.REMOVED), self._failed)

    def _kept(self, profiles: tuple[Profile, ...], words: str) -> None:
        self._show(profiles)
        self._tell("success", words)

    def _failed(self, error: DmpDesktopError) -> None:
        if self.isVisible():
            self._tell("danger", error.told_fr)
        else:
            self._page.failed.emit(error)

    def _tell(self, role: str, words: str) -> None:
        self.answer.set_role(role)
        self.answer.setText(words)
        if words and self.isVisible() and self.form:
            self._page.reveal(self.answer)


class ProfileForm(QWidget):
    """One profile as it is typed. `saved`: it, and the name of the one it takes the place of; `removed`: its name."""

    saved = Signal(object, str)
    removed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._profiles: tuple[Profile, ...] = ()
        self._folder, self._folders = "", dict[str, str]()
        self.which: ValueBox[str] = ValueBox(fr.WHICH)
        self.which.activated.connect(self._show)
        self.name, self.template = _line_edit(fr.NAME), _line_edit(fr.TEMPLATE)
        self.where, self.shown = PlainLabel(fr.NO_FOLDER, wrap=True), PlainLabel(role="muted", wrap=True)
        self.choose = QPushButton(fr.CHOOSE)
        self.choose.clicked.connect(self._choose)
        self.kinds = {kind: QCheckBox(fr.KINDS[kind][0]) for kind in SUFFIXES}
        for kind, box in self.kinds.items():
            box.setToolTip(fr.KINDS[kind][1])
            box.setAccessibleDescription(fr.KINDS[kind][1])
        self.encoding: ValueBox[str] = ValueBox(fr.ENCODING)
        self.encoding.offer(fr.ENCODINGS)
        self.line_ends: ValueBox[str] = ValueBox(fr.LINE_ENDS)
        self.line_ends.offer(fr.ENDS)
        self._hprim = (PlainLabel(fr.ENCODING), self.encoding, PlainLabel(fr.LINE_ENDS), self.line_ends)
        self.kinds["hprim"].toggled.connect(lambda on: [part.setVisible(on) for part in self._hprim])
        self.automatic = QCheckBox(fr.AUTOMATIC)
        self.save, self.remove = QPushButton(fr.SAVE), QPushButton(fr.REMOVE)
        self.save.clicked.connect(self._save)
        self.remove.clicked.connect(lambda: self.removed.emit(self.which.chosen))
        self.template.textChanged.connect(lambda typed: self.shown.setText(fr.TEMPLATE_NOTE + example(typed.strip())))
        self._lay_out()

    def _lay_out(self) -> None:
        boxes, acts = Flow(), Flow()
        for box in self.kinds.values():
            boxes.add(box)
        for act in (self.save, self.remove):
            acts.add(act)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        named = PlainLabel(fr.NAME), self.name, self.where, self.choose, PlainLabel(fr.FORMATS), boxes
        asked = PlainLabel(fr.TEMPLATE), self.template, self.shown, *self._hprim, self.automatic, acts
        for part in (PlainLabel(fr.WHICH), self.which, *named, *asked):
            column.addWidget(part)
        boxes.show()
        acts.show()

    def offer(self, profiles: tuple[Profile, ...]) -> None:
        """Those there are, and a new one: the one that was shown stays."""
        former = self.which.chosen if self.which.currentIndex() >= 0 else ""
        wanted = former or self.name.text().strip()
        self._profiles = profiles
        names = [one.name for one in profiles]
        self.which.offer(
            {**{name: name for name in names}, "": fr.NEW}, wanted if wanted in names else (names or [""])[0]
        )
        self._show()

    def _show(self) -> None:
        chosen = next((one for one in self._profiles if one.name == self.which.chosen), None)
        told = chosen or Profile("", "", template=TEMPLATE)
        self.name.setText(told.name)
        self.name.setReadOnly(chosen is not None)
        self._folder, self._folders = told.folder, dict(told.folders)
        self.where.setText(told.folder or fr.NO_FOLDER)
        for kind, box in self.kinds.items():
            box.setChecked(kind in told.formats)
        self.template.setText(told.template)
        self.encoding.choose(told.encoding)
        self.line_ends.choose(told.line_ends)
        for part in self._hprim:
            part.setVisible("hprim" in told.formats)
        self.automatic.setChecked(told.since is not None)
        self.remove.setEnabled(chosen is not None)

    def _choose(self) -> None:
        folder = asking.folder(self, fr.CHOOSE, Path(self._folder) if self._folder else Path.home())
        if folder:
            self._folder, self._folders = folder, {}
            self.where.setText(folder)

    def _save(self) -> None:
        former = next((one for one in self._profiles if one.name == self.which.chosen), None)
        made = replace(
            former or Profile("", ""),
            name=self.name.text().strip(),
            folder=self._folder,
            folders=self._folders,
            formats=tuple(kind for kind, box in self.kinds.items() if box.isChecked()),
            template=self.template.text().strip(),
            encoding=self.encoding.chosen,
            line_ends=self.line_ends.chosen,
            since=None,
        )
        self.saved.emit(made, former.name if former else "")


def _line_edit(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    return line


def _line(profile: Profile) -> str:
    formats = ", ".join(fr.KINDS[kind][0] for kind in profile.formats)
    words = fr.LISTED.format(name=profile.name, formats=formats, folder=profile.folder)
    return words + (fr.BY_ITSELF if profile.since else "")
