"""Checks of what the workstation keeps: database, disk, secrets, outbox. Counts only: no document is opened."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import KeyringKeyStore, PassphraseKeyStore
from dmp_desktop.services.diagnostics.model import (
    Check,
    Seen,
    Topic,
    after,
    attention,
    fine,
    problem,
    seen,
    unverifiable,
)
from dmp_desktop.services.diagnostics.site import Site
from dmp_desktop.storage.inspection import outbox_counts, schema_level

LOW, VERY_LOW = 1_000_000_000, 200_000_000
"""Bytes free: the day's documents kept ahead fit in the first, the outbox must never meet the second."""
PROBE_BYTES: Final = 65_536
LONG: Final = timedelta(hours=24)
_PROBE: Final = "diagnostic"
_NOT_YET: Final = fine("Aucune donnée n’est encore gardée sur ce poste.")
_LOCKED: Final = unverifiable(
    "La base locale ne s’ouvre qu’avec sa phrase de passe.", "Lancez le diagnostic depuis la fenêtre de DMP Desktop."
)
_NO_FOLDER: Final = after("Place sur le disque", "Le dossier des données ne peut pas être ouvert.")

DATABASE: Final = Topic(
    "storage.database",
    "Base locale",
    {
        "ok": fine("La base locale s’ouvre et elle est intacte (niveau {level})."),
        "behind": attention(
            "La base locale est intacte, au niveau {level} au lieu de {expected}.",
            "Relancez DMP Desktop : il la mettra à niveau.",
        ),
        "newer": problem(
            "La base locale vient d’une version plus récente de DMP Desktop.", "Installez la dernière version."
        ),
        "not_yet": _NOT_YET,
        "no_folder": _NO_FOLDER,
        "locked": _LOCKED,
    },
    60.0,
)
DISK: Final = Topic(
    "storage.disk",
    "Place sur le disque",
    {
        "ok": fine("Le dossier des données s’écrit ; {free} sont libres."),
        "low": attention("Il ne reste que {free} sur le disque.", "Libérez de la place sur le disque."),
        "very_low": problem(
            "Le disque est presque plein ({free}) : un envoi pourrait ne plus être gardé.",
            "Libérez de la place sur le disque dès maintenant.",
        ),
        "unwritable": problem(
            "Le dossier des données ne peut pas être écrit : droits insuffisants, ou disque plein.",
            "Vérifiez les droits du dossier des données et la place du disque.",
        ),
        "no_folder": problem(
            "Le dossier des données ne peut pas être fait : un fichier est à sa place, ou à celle d’un dossier au-dessus.",
            "Faites déplacer ce fichier par qui gère l’ordinateur.",
        ),
        "not_yet": fine("Le dossier des données n’existe pas encore ; {free} sont libres."),
    },
)
KEYSTORE: Final = Topic(
    "storage.keystore",
    "Coffre à secrets",
    {
        "ok": fine("Le coffre à secrets du système garde et rend ce qu’on lui confie."),
        "forgetful": problem(
            "Le coffre à secrets du système ne rend pas ce qu’on lui confie.",
            "Fermez puis rouvrez votre session ; si cela revient, appelez l’assistance.",
        ),
        "file": fine("Les secrets de ce poste sont dans un fichier protégé par une phrase de passe."),
        "damaged": problem(
            "Le fichier des secrets de ce poste est illisible.",
            "Restaurez-le depuis une sauvegarde ; sans lui, la base locale ne s’ouvre plus.",
        ),
        "absent": attention(
            "Ce poste n’a pas de coffre à secrets du système : une phrase de passe sera demandée à chaque lancement.",
            "Ouvrez DMP Desktop dans votre session de bureau habituelle.",
        ),
    },
)
OUTBOX: Final = Topic(
    "outbox.waiting",
    "Documents à envoyer",
    {
        "ok": fine("Rien n’est en retard ni refusé ({waiting} en attente)."),
        "late": attention(
            "Documents en attente : {waiting}, le plus ancien depuis {hours} h.",
            "Ouvrez « À envoyer », et laissez votre carte dans le lecteur jusqu’à l’envoi.",
        ),
        "refused": problem(
            "Documents refusés par le DMP : {refused}.", "Ouvrez « À envoyer » : chaque refus y dit quoi faire."
        ),
        "not_yet": _NOT_YET,
        "no_folder": _NO_FOLDER,
        "locked": _LOCKED,
    },
    20.0,
)


def _database(site: Site) -> Seen:
    database = site.database()
    if database is None:
        return _without(site)
    with database as opened:
        opened.check()
        level, expected = schema_level(opened)
    if level == expected:
        return seen("ok", level=level)
    return seen("behind" if level < expected else "newer", level=level, expected=expected)


def _outbox(site: Site) -> Seen:
    file = site.outbox()
    if file is None:
        return _without(site)
    with file as opened:
        opened.check()
        counts = outbox_counts(opened)
    if counts.refused:
        return seen("refused", refused=counts.refused)
    since = counts.oldest_waiting
    if since is not None and (late := site.station.clock.now() - since) > LONG:
        return seen("late", waiting=counts.waiting, hours=late // timedelta(hours=1))
    return seen("ok", waiting=counts.waiting)


def _without(site: Site) -> Seen:
    paths = site.station.paths
    if not _existing(paths.home).is_dir():
        return seen("no_folder")
    return seen("locked" if paths.database.exists() else "not_yet")


def size_in_words(size: int) -> str:
    """Bytes, in the unit people use, rounded down: a disk is never told larger than it is."""
    return f"{size // 1_000_000_000} Go" if size >= 10_000_000_000 else f"{size // 1_000_000} Mo"


def _disk(site: Site) -> Seen:
    home = site.station.paths.home
    if not _existing(home).is_dir():
        return seen("no_folder")
    free = shutil.disk_usage(_existing(home)).free
    told = size_in_words(free)
    if not home.exists():
        return seen("not_yet" if free >= VERY_LOW else "very_low", free=told)
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
    except OSError:
        return seen("unwritable")
    return seen("very_low" if free < VERY_LOW else "low" if free < LOW else "ok", free=told)


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    return next(one for one in (path, *path.parents) if one.exists())


def _keystore(site: Site) -> Seen:
    secrets = site.station.paths.secrets
    if secrets.exists():
        try:
            PassphraseKeyStore(secrets, "").get(_PROBE)
        except StorageError as error:
            return seen("file" if error.code == "passphrase" else "damaged")
        return seen("file")
    if not KeyringKeyStore.available():
        return seen("absent")
    with _probed(KeyringKeyStore()) as kept:
        return seen("ok" if kept else "forgetful")


@contextlib.contextmanager
def _probed(keystore: KeyringKeyStore) -> Iterator[bool]:
    """Whether a word given to the store comes back; it is taken away again. Raises StorageError."""
    keystore.set(_PROBE, _PROBE)
    try:
        yield keystore.get(_PROBE) == _PROBE
    finally:
        keystore.delete(_PROBE)


CHECKS: Final = (
    Check(DATABASE, _database, ("storage.keystore", "storage.disk")),
    Check(DISK, _disk),
    Check(KEYSTORE, _keystore),
    Check(OUTBOX, _outbox, ("storage.database", "storage.keystore", "storage.disk")),
)
