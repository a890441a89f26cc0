"""The patient's two opinions at the front desk: what is noted, when, by whom and how it was given; one click changes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.domain.consent import Channel, Consent, Decision, Subject
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_opinions_fr as fr
from dmp_desktop.ui.views.access.parts import Block, Opinion
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel


class DeskOpinion(Opinion):
    """Also by which way it was given, where that was noted."""

    def show_decision(self, decision: Decision) -> None:
        super().show_decision(decision)
        told = decision.told
        channel = next((one for one in Channel if told and one == told.reason), None)
        if told is not None and channel is not None:
            by, day = told.by_name or access_fr.NOBODY, formats.day_and_time(told.at)
            self.when.setText(fr.WHEN.format(day=day, by=by, channel=fr.CHANNEL[channel]))


class OpinionsPanel(QWidget):
    """Hidden until they are known. `noted`: what the patient says now."""

    noted = Signal(object, bool, object)  # Subject, opposed, Channel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel: ValueBox[Channel] = ValueBox(fr.CHANNEL_ASK)
        self.channel.offer(fr.CHANNEL, Channel.COUNTER)
        self.opinions = {subject: DeskOpinion(subject, self._note) for subject in Subject}
        block = Block(fr.TITLE)
        asked = PlainLabel(fr.CHANNEL_ASK, wrap=True)
        block.add(PlainLabel(fr.HINT, role="muted", wrap=True), asked, self.channel, *self.opinions.values())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(block)
        self.clear()

    def show_consent(self, consent: Consent) -> None:
        self.opinions[Subject.CONSULTATION].show_decision(consent.consultation)
        self.opinions[Subject.FEEDING].show_decision(consent.feeding)
        self.show()

    def clear(self) -> None:
        for opinion in self.opinions.values():
            opinion.clear()
        self.channel.choose(Channel.COUNTER)
        self.hide()

    def repaint_icons(self) -> None:
        for opinion in self.opinions.values():
            opinion.state.repaint_icon()

    def _note(self, subject: Subject, opposed: bool) -> None:
        self.noted.emit(subject, opposed, self.channel.chosen)
