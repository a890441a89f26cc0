"""The window's side of what later starts hand over, before there is a program to take it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.instance import CONTEXT, TICKET, Message
from dmp_desktop.ui.instance import MOST_WAITING, InstanceServer


def test_what_waits_for_the_program_has_an_end(qapp) -> None:
    """A loop in the practice software, while a passphrase is asked for and nobody is there: notes are kept, patients alone
    replace each other, and who is too much is told."""
    server, refused, took = InstanceServer(lambda: None, QObject()), list[DmpDesktopError](), list[Message]()
    note = Message(CONTEXT, context="{}", note=b"note")
    server.hand(note, lambda: None, refused.append)
    for number in range(5 * MOST_WAITING):
        server.hand(Message(CONTEXT, context=str(number)), lambda: None, refused.append)
    assert refused == []
    for number in range(MOST_WAITING):
        server.hand(Message(TICKET, ticket=str(number)), lambda: None, refused.append)
    assert [one.code for one in refused] == ["handover-many"] * 2
    server.serve(lambda message, _taken, _refused: took.append(message))
    assert len(took) == MOST_WAITING
    assert took[0] == note
    assert [one.context for one in took if one.act == CONTEXT and not one.note] == [str(5 * MOST_WAITING - 1)]
