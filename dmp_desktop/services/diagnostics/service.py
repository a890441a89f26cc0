"""What the window and `dmp doctor` ask of the diagnosis."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from dmp_desktop import version
from dmp_desktop.card import Cards
from dmp_desktop.card.pkcs11 import Pkcs11CardOpener
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.ports import ClientIdentity, Clock, KeyStore
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.endpoint import Endpoint, IdentitySpec, find_endpoint
from dmp_desktop.platform.keystore import KeyringKeyStore, PassphraseKeyStore
from dmp_desktop.platform.paths import Paths, find_paths
from dmp_desktop.services.diagnostics import (
    galss,
    identity,
    module,
    network,
    professional,
    readers,
    software,
    storage,
    vitale,
)
from dmp_desktop.services.diagnostics.model import Check, Result, Topic, Verdict
from dmp_desktop.services.diagnostics.proxies import system_proxies
from dmp_desktop.services.diagnostics.report import as_text, in_order
from dmp_desktop.services.diagnostics.runner import Tell, run
from dmp_desktop.services.diagnostics.site import Site, Station
from dmp_desktop.storage.database import Database

CHECKS: Final[tuple[Check, ...]] = (
    *readers.CHECKS,
    *galss.CHECKS,
    *professional.CHECKS,
    *module.CHECKS,
    *vitale.CHECKS,
    *identity.CHECKS,
    *network.CHECKS,
    *storage.CHECKS,
    *software.CHECKS,
)


class Diagnostics:
    """The checks of one workstation. Safe from every thread; each run looks at everything anew."""

    def __init__(self, station: Station, checks: tuple[Check, ...] = CHECKS) -> None:
        self._station = station
        self._checks = checks

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(check.topic for check in self._checks)

    def run(self, tell: Tell, ids: Iterable[str] = (), stopped: Callable[[], bool] = lambda: False) -> None:
        """Blocks until every check, or every one named, has told its result; `tell` is called from other threads.

        Once `stopped` says so nothing more is begun nor told, and it returns at once.
        """
        wanted = set(ids)
        run([one for one in self._checks if not wanted or one.topic.id in wanted], Site(self._station), tell, stopped)

    def again(self, check: str, known: Iterable[Result]) -> tuple[str, ...]:
        """What to run with `check`, itself included, so that nothing `known` contradicts what it will say: what it needs that
        was not fine, and all that needs one of these."""
        fine = {result.id for result in known if result.verdict is Verdict.OK}
        needs = {one.topic.id: set(one.needs) for one in self._checks}
        needed = _reached({check}, lambda found: needs.get(found, set())) - fine
        related = _reached({check, *needed}, lambda found: {one for one in needs if found in needs[one]})
        return tuple(one for one in needs if one in related)

    def ordered(self, results: Iterable[Result]) -> list[Result]:
        """Problems first."""
        return in_order(results, [topic.id for topic in self.topics])

    def report(self, results: Iterable[Result]) -> str:
        """For support, without a patient or the professional's identity."""
        return as_text(self.ordered(results), version(), self._station.clock.now().astimezone())


def _reached(begin: set[str], step: Callable[[str], set[str]]) -> set[str]:
    """`begin`, and all that steps from it lead to."""
    reached: set[str] = set()
    waiting = set(begin)
    while waiting:
        found = waiting.pop()
        reached.add(found)
        waiting |= step(found) - reached
    return reached


def workstation(
    environment: Mapping[str, str],
    cards: Cards,
    clock: Clock,
    *,
    user_home: Path | None = None,
    database: Database | None = None,
    server_skew: Callable[[], timedelta | None] = lambda: None,
) -> Station:
    """This machine, as the environment tells it. Opens nothing, asks nothing, makes nothing; an environment that cannot be
    understood is told by the check `software.settings`."""
    paths = find_paths(environment, user_home or Path.home())
    try:
        endpoint, wrong = find_endpoint(environment), None
    except ContextError as error:
        endpoint, wrong = Endpoint(), error
    chosen = endpoint.identity or IdentitySpec()
    return Station(
        environment=environment,
        paths=paths,
        endpoint=endpoint,
        clock=clock,
        cards=cards,
        root=Path(os.environ.get("SYSTEMDRIVE", "C:") + "\\") if sys.platform == "win32" else Path("/"),
        platform=sys.platform,
        proxies=system_proxies,
        settings_error=wrong,
        open_identity=lambda: _software_identity(endpoint),
        keystore=lambda: _keystore(paths, endpoint),
        database=database,
        server_skew=server_skew,
        opener=Pkcs11CardOpener(chosen.pkcs11_module, chosen.token or None),
        modules=lambda: module.find(chosen.pkcs11_module),
    )


def _software_identity(endpoint: Endpoint) -> ClientIdentity | None:
    """Only with a password that is at hand: nothing is asked. Raises DmpError when its files cannot be used."""
    spec = endpoint.identity
    if spec is None or spec.p12_folder is None or not endpoint.secrets.p12:
        return None
    return Pkcs12Identity(spec.p12_folder, endpoint.secrets.p12)


def _keystore(paths: Paths, endpoint: Endpoint) -> KeyStore | None:
    """As `choose_keystore`, but None rather than a question."""
    if endpoint.secrets.storage and (paths.secrets.exists() or not KeyringKeyStore.available()):
        return PassphraseKeyStore(paths.secrets, endpoint.secrets.storage)
    return KeyringKeyStore() if KeyringKeyStore.available() and not paths.secrets.exists() else None
