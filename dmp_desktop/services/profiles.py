"""The profiles of this workstation, one a practice software: what is written where, and for whom they may be changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.profile import MOST, Profile, profile_from_dict, profile_to_dict
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.settings import FOLDERS, Settings
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.folders import apart
from dmp_desktop.services.session_state import SignedIn

_SETTING = "practice_software"


class ProfileFile:
    """Read each time it is asked for: it is small, and the command line may have changed it. Nothing in it is about a patient."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[Profile, ...]:
        """Raises ContextError where the file is damaged: nothing is guessed of where documents go."""
        try:
            told: Any = json.loads(self._path.read_bytes())
            listed = told["profiles"]
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise _damaged() from error
        if not isinstance(listed, list):
            raise _damaged()
        return tuple(profile_from_dict(one, f"profiles[{number}]") for number, one in enumerate(listed))

    def named(self, name: str) -> Profile:
        """The profile of that name, or the only one for an empty name. Raises ContextError."""
        there = self.load()
        if not name and len(there) == 1:
            return there[0]
        for one in there:
            if one.name == name:
                return one
        raise ContextError(
            "profile-unknown",
            "Aucun profil de logiciel métier n'a ce nom." if name else "Aucun profil n'est nommé.",
            f"Profils : {', '.join(one.name for one in there)}." if there else "Créez-en un dans Réglages.",
            field="profile",
        )

    def save(self, profiles: Iterable[Profile]) -> None:
        """Raises StorageError("write-failed")."""
        told = {"version": 1, "profiles": [profile_to_dict(one) for one in profiles]}
        write_durably(self._path, json.dumps(told, ensure_ascii=False, indent=1).encode())


class ProfileDesk:
    """As ProfileFile, for who changes them: `who` is signed in; nobody is the workstation's command line. Changes are acts."""

    def __init__(
        self,
        file: ProfileFile,
        settings: Callable[[], Settings],
        home: Path,
        acts: ActBook,
        who: Callable[[], SignedIn | None],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._file = file
        self._settings = settings
        self._home = home
        self._acts = acts
        self._who = who

    def refusal(self) -> str:
        """Why who is signed in changes none, in French; empty where they may. Never blocks."""
        who = self._who()
        return roles.refusal(who.role, Task.WORKSTATION_SETTINGS) if who else ""

    def load(self) -> tuple[Profile, ...]:
        return self._file.load()

    def keep(self, profile: Profile, former: str = "", *, automatic: bool = False) -> tuple[Profile, ...]:
        """Add it, or put it in the place of the one named `former`; all there are then. `automatic`: what the DMP takes from now
        on is written by itself; where it was already, since it was.

        Raises ContextError, StorageError: nothing was then changed."""
        self._may()
        _check_told(profile)
        listed = self._file.load()
        there = [one for one in listed if one.name != former]
        since = next((one.since for one in listed if one.name == former and one.name == profile.name), None)
        wanted = (since or self._clock.now()) if automatic else None
        made = profile_from_dict(profile_to_dict(replace(profile, since=wanted)))
        check_folders(made, self._settings(), self._home)
        if any(one.name.casefold() == made.name.casefold() for one in there):
            raise ContextError("profile-twice", "Un profil porte déjà ce nom.", "Choisissez-en un autre.", field="name")
        if len(there) >= MOST:
            raise ContextError("profile-count", f"{MOST} profils au plus.", "Supprimez-en un.", field="name")
        return self._written((*there, made), "kept")

    def remove(self, name: str) -> tuple[Profile, ...]:
        """Raises ContextError("profile-unknown")."""
        self._may()
        gone = self._file.named(name)
        return self._written(tuple(one for one in self._file.load() if one != gone), "removed")

    def _written(self, profiles: tuple[Profile, ...], what: str) -> tuple[Profile, ...]:
        self._file.save(profiles)
        self._acts.note(Act.SETTINGS, result=what, reason=_SETTING)
        self._acts.flush()
        return profiles

    def _may(self) -> None:
        who = self._who()
        if who and (why := self.refusal()):
            raise ContextError("role-reserved", why, roles.remedy(who.role), field="role")


def _check_told(profile: Profile) -> None:
    """What is left out most often, in words. Raises ContextError."""
    for told, field, words, remedy in (
        (profile.name, "name", "Ce profil n'a pas de nom.", "Donnez-lui celui de votre logiciel métier."),
        (
            profile.folder,
            "folder",
            "Aucun dossier n'est choisi.",
            "Choisissez celui que votre logiciel métier importe.",
        ),
        (profile.formats, "formats", "Aucun format n'est coché.", "Cochez au moins un format."),
    ):
        if not told:
            raise ContextError(f"profile-no-{field}", words, remedy, field=field)


def check_folders(profile: Profile, settings: Settings, home: Path) -> None:
    """Raises ContextError: a folder is none, what is taken from elsewhere is in it, or it is one of ours."""
    watched = {_plain(Path(chosen)) for name in FOLDERS if (chosen := getattr(settings, name))}
    for told in profile.used_folders:
        folder = _plain(Path(told))
        if not folder.is_dir():
            raise ContextError(
                "profile-folder",
                "Le dossier du logiciel métier ne peut pas être ouvert.",
                "Vérifiez qu'il existe et que le réseau du cabinet répond, ou choisissez-en un autre.",
                field="folder",
            )
        if any(not apart(folder, one) for one in watched):
            raise ContextError(
                "profile-folder-shared",
                "Ce dossier touche à celui du scanner, des documents reçus ou d'échange : ce qui y est écrit en serait repris.",
                "Choisissez le dossier d'import du logiciel métier.",
                field="folder",
            )
        if folder.is_relative_to(_plain(home)):
            raise ContextError(
                "profile-folder-ours",
                "Ce dossier est celui des données de DMP Desktop.",
                "Choisissez le dossier d'import du logiciel métier.",
                field="folder",
            )


def _plain(folder: Path) -> Path:
    """Raises ContextError for a place that cannot even be looked up."""
    try:
        return folder.resolve()
    except (OSError, RuntimeError) as error:
        raise ContextError(
            "profile-folder", "Ce dossier ne peut pas être trouvé.", "Choisissez-en un autre.", field="folder"
        ) from error


def _damaged() -> ContextError:
    return ContextError(
        "profiles-damaged",
        "Les profils du logiciel métier sont illisibles : rien n'y est écrit.",
        "Refaites-les dans Réglages.",
    )
