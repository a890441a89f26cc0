"""In the real window: that backups fail is told over every screen until one succeeds, once in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.app import BACKUP_NOTICE
from dmp_desktop.domain.acts import Act
from dmp_desktop.errors import StorageError
from dmp_desktop.services.backup import BackupKind
from dmp_desktop.services.session import Phase
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


@pytest.fixture
def real(qapp, tmp_path: Path) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path) as real:
        yield real


def test_a_failing_backup_stays_told_until_one_succeeds(real: RealWindow) -> None:
    window, wiring = real.window, real.desktop._wiring
    daily = lambda: any(one.kind is BackupKind.DAILY for one in wiring.backups.kept())  # noqa: E731
    real.until(daily)  # it would fail in the place of the one asked for
    aside = wiring.paths.backups.rename(wiring.paths.home / "ailleurs")
    wiring.paths.backups.write_bytes(b"")  # no folder: nothing can be written into it
    for _ in range(2):
        with pytest.raises(StorageError):
            wiring.backups.make()
    told = lambda: window.notices.notice is not None and window.notices.notice.key == BACKUP_NOTICE  # noqa: E731
    real.until(told)
    real.sign_in()
    assert told()
    real.stage.remove(0)
    real.until(lambda: window.session.state.phase is Phase.MASKED)
    assert told()
    wiring.paths.backups.unlink()
    aside.rename(wiring.paths.backups)
    wiring.backups.make()
    real.until(lambda: window.notices.notice is None)
    wiring.acts.flush()
    results = [
        one.result for one in wiring.acts_kept.records() if one.action == Act.BACKUP and one.reason == "demandee"
    ]
    assert len(results) == 2
    assert results[0] not in ("done", "")
    assert results[1] == "done"
