"""A second doctor's card in the real window: of who stands in for the doctor, or of an intern, as its account says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QTextEdit

from dmp_desktop.demo.stage import _certificate
from dmp_desktop.domain.people import Role
from dmp_desktop.sandbox.pki import P12_PASSWORD
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.session import Phase
from tests.helpers.real_window import RealWindow, real_window
from tests.helpers.seeded import seeded

CARD = "Carte de l'autre"


def keys_of(folder: Path, role: Role) -> Path:
    """Of the locum of the stand-in that is to keep its data in `folder`, in this role; before it starts."""
    folder.mkdir(parents=True, exist_ok=True)
    seeded(folder / "serveur")
    keys = folder / "autre-carte"
    shutil.copytree(folder / "serveur" / "pki" / "locum", keys, dirs_exist_ok=True)
    holder = json.loads((keys / "holder.json").read_text("utf-8"))
    (keys / "holder.json").write_text(json.dumps({**holder, "role": role.value}), "utf-8")
    return keys


@contextmanager
def with_card_of(application: QApplication, folder: Path, role: Role, **told: object) -> Iterator[RealWindow]:
    """The real window, to which `CARD` comes too, in this role (the locum of the stand-in)."""
    keys = keys_of(folder, role)
    with real_window(application, folder, **told) as real:  # type: ignore[arg-type]
        account = software_account(keys, lambda: P12_PASSWORD)
        real.desktop._wiring.desk._accounts[account.national_id] = account
        real.stage.cards[CARD] = CpsCard(
            *(_certificate(keys / name, P12_PASSWORD) for name in ("auth.p12", "sign.p12"))
        )
        yield real


def comes(real: RealWindow) -> None:
    real.stage.insert(0, CARD)
    real.until(lambda: real.window.session.state.phase in (Phase.READY, Phase.OPEN))


def leaves(real: RealWindow) -> None:
    """The card is taken out; whoever comes next brings the patient's card anew."""
    with suppress(ValueError):  # no patient's card is in
        real.stage.remove(1)
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)


def words_shown(real: RealWindow) -> str:
    """Everything that any widget of the window holds, shown or not."""
    window = real.window
    labels = [one.text() for kind in (QLabel, QAbstractButton, QLineEdit) for one in window.findChildren(kind)]
    texts = [one.toPlainText() for kind in (QPlainTextEdit, QTextEdit) for one in window.findChildren(kind)]
    return "\n".join([*labels, *texts])
