"""The window of a secretary in a process of its own, on a workstation where a doctor has worked: `python -m tests.helpers.desk_process`.

Told what to open by a line of JSON; says "ready" once her list is shown and she looked at somebody; then it keeps in memory each
line it is given, says "kept", and waits for the next one.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.app import Desktop
from dmp_desktop.card import FakePcsc, open_fake
from dmp_desktop.domain.people import Role
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.ui.immortal import protect_singletons
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from dmp_desktop.ui.views.identity.view import IdentityView
from dmp_desktop.wiring import open_wiring

PATIENCE = 60.0


def main() -> None:
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    protect_singletons()
    application = QApplication([])
    pcsc = FakePcsc()
    pcsc.start_service()
    with open_wiring(told["environment"], ask=lambda _prompt: told["password"]) as wiring:
        desktop = Desktop(application, wiring, open_fake(pcsc), KnownPatients(()))
        desktop.start()

        def until(condition: Any) -> None:
            if not desktop.wait(condition, PATIENCE):
                print("waited for too long", flush=True)
                os._exit(1)

        until(lambda: desktop.settled)
        window, secretary = desktop.window, told["secretary"]
        account = software_account(Path(secretary["p12"]), lambda: secretary["password"])
        window.session.sign_in_by(lambda: wiring.desk.sign_in(account), lambda: None)
        until(lambda: window.session.state.role is Role.SECRETARY and window.desk.isVisible())
        view = window.desk.findChild(FrontDeskView)
        until(lambda: view.list.model.rows)
        view.list.lead()
        QTest.keyClick(view.list.view, Qt.Key.Key_I)
        until(lambda: (page := window.desk.findChild(IdentityView)) is not None and page.isVisible())
        until(lambda: not window.tasks.general.busy)
        print("ready", flush=True)
        kept = []
        while line := sys.stdin.readline():
            kept.append(json.loads(line))
            print("kept", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
