"""The passphrase is forgotten, or the key of the database lost: the window asks for the recovery code, and everything is there again."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from dmp_desktop.platform.storage_key import EXPLANATION_FR, KNOWN_FR
from dmp_desktop.services.lost_key import FORGOTTEN_FR, LOST_FR, NEW_FR
from tests.ui.test_opening import PHRASE, Poste

pytestmark = pytest.mark.slow

FIRST = f"""
    yield dialog
    print("asked:", repr(dialog().labelText()))
    picture("premiere")
    answer({PHRASE!r})
    yield lambda: window._furnished
    from datetime import UTC, datetime
    from tests.helpers.station_files import new
    from dmp_desktop.storage.outbox import OutboxStore
    from dmp_desktop.storage.sealing import Seal
    wiring = start.desktop._wiring
    now = datetime.now(UTC)
    OutboxStore(wiring.base.outbox_file, Seal(wiring.base.key, "outbox")).add(new(1), now, now)
    wiring.backups.make()
    print("code:", wiring.base.practice_keys.code_to_print())
    window.close()
"""
END = """
    yield lambda: window._furnished
    print("kept:", [item.unique_id for item in start.desktop._wiring.outbox.items()])
    window.close()
"""
LOSE = f"""
from pathlib import Path
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.platform.storage_key import KEY_NAME
PassphraseKeyStore(Path(HOME) / "secrets.json", {PHRASE!r}).delete(KEY_NAME)
"""


@pytest.fixture
def poste(tmp_path: Path) -> Poste:
    return Poste(tmp_path)


def said(program: str, poste: Poste, before: str = "") -> list[str]:
    pictures = f'def picture(name): dialog().grab().save({str(poste.home.parent)!r} + "/" + name + ".png")\n'
    ended = poste.run(textwrap.dedent(program), before=f"HOME = {str(poste.home)!r}\n{pictures}{before}")
    assert ended.status == 0
    return ended.said.splitlines()


def asked(lines: list[str]) -> list[str]:
    return [line.removeprefix("asked: ") for line in lines if line.startswith("asked: ")]


def test_a_forgotten_passphrase_is_replaced_by_the_code(poste: Poste) -> None:
    lines = said(FIRST, poste)
    assert asked(lines) == [repr(f"{EXPLANATION_FR}\nPhrase de passe :")]
    code = next(line.removeprefix("code: ") for line in lines if line.startswith("code: "))
    forgotten = f"""
        for words in ("", {code!r}, "une nouvelle phrase"):
            yield dialog
            print("asked:", repr(dialog().labelText()))
            picture(str(len(words)))
            answer(words)
            yield lambda: dialog() is None or "seconde fois" not in dialog().labelText()
    """
    lines = said(textwrap.dedent(forgotten) + textwrap.dedent(END), poste)
    assert asked(lines) == [repr(f"{KNOWN_FR}\nPhrase de passe :"), repr(FORGOTTEN_FR), repr(NEW_FR)]
    assert "kept: ['2.25.1']" in lines
    lines = said("yield dialog; answer('une nouvelle phrase')\n" + textwrap.dedent(END), poste)
    assert "kept: ['2.25.1']" in lines


def test_a_key_the_store_has_lost_comes_back_by_the_code(poste: Poste) -> None:
    code = next(line.removeprefix("code: ") for line in said(FIRST, poste) if line.startswith("code: "))
    lost = f"""
        yield dialog
        answer({PHRASE!r})
        yield lambda: dialog() and "code de secours" in dialog().labelText() and "champ vide" not in dialog().labelText()
        print("asked:", repr(dialog().labelText()))
        answer({code!r})
    """
    lines = said(textwrap.dedent(lost) + textwrap.dedent(END), poste, before=LOSE)
    assert asked(lines) == [repr(LOST_FR)]
    assert "kept: ['2.25.1']" in lines
