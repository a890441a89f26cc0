"""The MSI under wine: installed without a question, started, replaced by a newer one, removed, and what each leaves behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from installer import hashes
from installer.windows import wxs
from installer.windows.fetch import BuildError
from installer.windows.wine import Wine, windows_path

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
_MSI_S, _DEMO_S, _START_S = 900, 900, 300
"""After which something hangs, on a machine that may be busy with the rest of CI; not what it should take."""
_NOT_UNDER_WINE = ("window never waited",)
"""Of the demonstration: a measure of time, which says nothing of Windows."""
_OF_WINE = ("windows/Installer", "windows/temp", "Temp/", "windows/system32/config")
_CREDENTIALS = r"Software\Wine\Credential Manager"
_OF_THE_SYSTEM = (r"Software\Wine", r"Software\Microsoft\Installer", "Microsoft/Installer")
"""Where wine and Windows Installer keep what is theirs, whatever was installed."""
_PROGRAMS = "AppData/Local/Programs"
"""Where other programs go too: it stays, empty."""
_RUN_KEY, _CLASS_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run", rf"HKCU\Software\Classes\{wxs.SCHEME}"


@dataclass(slots=True)
class Check:
    """Each act says what it saw by `say`; `seen` keeps it for the report."""

    wine: Wine
    say: Callable[[str], None]
    seen: dict[str, object] = field(default_factory=dict)

    @property
    def program(self) -> Path:
        return self.wine.profile / "AppData" / "Local" / "Programs" / wxs.NAME

    @property
    def data(self) -> Path:
        return self.wine.profile / "AppData" / "Local" / "DMP Desktop"

    @property
    def training(self) -> Path:
        return self.data.with_name("dmp-desktop-demo")

    def whole(self, msi: Path, newer: Path, again: Path, out: Path) -> None:
        """`again` is another build of `newer`. Raises BuildError at the first thing that is not as it should be."""
        before = self._state()
        self._refused("ALLUSERS=1", "/i", msi)
        self._must(not self.program.exists(), "installé malgré ALLUSERS=1")
        self.install(msi)
        self._must(not self._query(_RUN_KEY, wxs.NAME), "démarrage automatique posé sans avoir été demandé")
        self.start(out, msi)
        self.install(newer, "AUTOSTART=1")
        self._must(bool(self._query(_RUN_KEY, wxs.NAME)), "AUTOSTART=1 n'a rien posé")
        self.install(again)
        self._must(bool(self._query(_RUN_KEY, wxs.NAME)), "une mise à jour a enlevé le démarrage automatique")
        kept = self._data()
        self.remove(again)
        self._must(self._data() == kept and "boite-envoi.db" in kept, "la désinstallation a touché aux données")
        self._left("left", before, allowed=("AppData/Local/DMP Desktop", _PROGRAMS))
        self.install(msi)
        self.opens_again()
        (self.training / "entrainement").mkdir(parents=True)
        self.remove(msi, "PURGE=1")
        self._must(not self.data.exists(), "PURGE=1 a laissé le dossier des données")
        self._must(not self.training.exists(), "PURGE=1 a laissé l'entraînement")
        self._left("left_after_purge", before, allowed=(_PROGRAMS,), keys=False)

    def install(self, msi: Path, *properties: str) -> None:
        seconds = self._msiexec("/i", msi, *properties)
        different = hashes.differences(self.program)
        self._must(not different, f"fichiers installés différents : {different[:5]}")
        self._must(self._query(_CLASS_KEY, "URL Protocol") != "", "adresse dmp-desktop: non posée")
        self._must(any(self.wine.profile.rglob(f"{wxs.NAME}.lnk")), "pas d'entrée du menu Démarrer")
        for name in (wxs.PROGRAM, wxs.COMMAND):  # told, as wine looks for them under HKLM alone
            told = self.wine.run("reg", "query", rf"HKCU\{wxs.APP_PATHS}\{name}", "/ve").output
            self._must(rf"Programs\{wxs.NAME}\{name}" in told, f"{name} n'est pas déclaré par son nom")
        self._must(self._installed() == 1, f"installé {self._installed()} fois pour Windows")
        self._note(f"install {msi.name}", f"installé en {seconds:.0f} s")

    def start(self, out: Path, msi: Path) -> None:
        """The whole demonstration by the installed program, its command line, then its window on an empty workstation."""
        out.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        self.wine.run(
            self.program / wxs.PROGRAM, "demo", "--headless", "--out", windows_path(out), limit=_DEMO_S, more=OFFSCREEN
        )
        steps = json.loads((out / "report.json").read_text("utf-8"))["steps"]
        failed = [one["name"] for one in steps if not one["ok"] and one["name"] not in _NOT_UNDER_WINE]
        self._must(not failed and len(steps) > 15, f"démonstration : {failed or steps}")
        self._note("demo", f"démonstration : {len(steps)} étapes en {time.monotonic() - begun:.0f} s")
        self.opens_again()
        self._window(msi)

    def opens_again(self) -> None:
        ended = self.wine.run(self.program / wxs.COMMAND, "outbox", "list", "--json")
        self._must(ended.status == 0, f"dmp outbox list : {ended}")

    def _window(self, msi: Path) -> None:
        """The window opens its files; a second start hands over to it and ends; nothing is erased under it."""
        begun = time.monotonic()
        former = self._alive()
        process = self.wine.start(self.program / wxs.PROGRAM, more=OFFSCREEN)
        try:
            while self._alive() <= former and process.poll() is None and time.monotonic() - begun < _START_S:
                time.sleep(0.1)
            self._must(process.poll() is None and self._alive() > former, "la fenêtre n'a pas ouvert ses fichiers")
            self._note("window", f"fenêtre et bases ouvertes en {time.monotonic() - begun:.1f} s")
            begun = time.monotonic()
            second = self.wine.run(self.program / wxs.PROGRAM, limit=_START_S, more=OFFSCREEN)
            self._must(second.status == 0 and process.poll() is None, f"second lancement : {second}")
            self._note("second", f"second lancement : passé à la fenêtre ouverte en {time.monotonic() - begun:.1f} s")
            erased = self.wine.run(self.program / wxs.COMMAND, "erase", "--everything")
            self._must(
                erased.status == 3 and "erase-running" in erased.output, f"effacé sous un programme ouvert : {erased}"
            )
            self._refused("PURGE=1, fenêtre ouverte", "/x", msi, "PURGE=1")
            different = hashes.differences(self.program)
            self._must(not different and bool(self._data()), f"PURGE=1 refusé a pourtant enlevé : {different[:5]}")
            self._must(self._query(_CLASS_KEY, "URL Protocol") != "", "PURGE=1 refusé a pourtant enlevé l'adresse")
        finally:
            process.kill()
            process.wait()

    def remove(self, msi: Path, *properties: str) -> None:
        seconds = self._msiexec("/x", msi, *properties)
        self._must(not self.program.exists(), f"reste du programme : {list(self.program.rglob('*'))[:5]}")
        self._must(not self._query(_CLASS_KEY, "URL Protocol"), "l'adresse dmp-desktop: est restée")
        self._must(not self._query(_RUN_KEY, wxs.NAME), "le démarrage automatique est resté")
        self._must(self._installed() == 0, "Windows le dit encore installé")
        self._must(not any(self.wine.profile.rglob(f"{wxs.NAME}.lnk")), "l'entrée du menu Démarrer est restée")
        self._note(f"remove {msi.name} {' '.join(properties)}".strip(), f"désinstallé en {seconds:.0f} s")

    def _refused(self, told: str, what: str, msi: Path, *properties: str) -> None:
        ended = self.wine.run("msiexec", what, windows_path(msi), "/qn", *(properties or (told,)), limit=_MSI_S)
        self._must(ended.status != 0, f"{told} : accepté")
        self._note(f"refused {told}", f"refusé : {told} ({ended.status})")

    def _installed(self) -> int:
        """How many times Windows lists it among the programs that can be removed."""
        found = 0
        for root in ("HKCU", "HKLM"):
            key = rf"{root}\Software\Microsoft\Windows\CurrentVersion\Uninstall"
            lines = self.wine.run("reg", "query", key, "/s").output.splitlines()
            found += sum(line.split() == ["DisplayName", "REG_SZ", *wxs.NAME.split()] for line in lines)
        return found

    def _msiexec(self, what: str, msi: Path, *properties: str) -> float:
        begun = time.monotonic()
        ended = self.wine.run("msiexec", what, windows_path(msi), "/qn", *properties, limit=_MSI_S)
        self._must(ended.status == 0, f"msiexec {what} {msi.name} : {ended}")
        return time.monotonic() - begun

    def _query(self, key: str, value: str) -> str:
        ended = self.wine.run("reg", "query", key, "/v", value)
        return ended.output if ended.status == 0 else ""

    def _alive(self) -> set[str]:
        """Each process that has the files open has a lock of its own there, which stays when it is gone."""
        return {one.name for one in (self.data / "locks").glob("????????-*.lock")}

    def _data(self) -> dict[str, int]:
        return {one.name: one.stat().st_size for one in self.data.glob("*.db")}

    def _state(self) -> set[str]:
        files = {one.relative_to(self.wine.drive_c).as_posix() for one in self.wine.drive_c.rglob("*")}
        registry = {f"{key}: {line}" for key, line in self._registry()}
        return {one for one in files if not any(part in one for part in _OF_WINE)} | registry

    def _registry(self) -> list[tuple[str, str]]:
        found, key = [], ""
        for line in self.wine.run("reg", "query", r"HKCU\Software", "/s").output.splitlines():
            if line.startswith("HKEY"):
                key = line.strip()
                found.append((key, ""))
            elif line.strip():
                found.append((key, line.strip()))
        return found

    def _left(self, name: str, before: set[str], *, allowed: tuple[str, ...], keys: bool = True) -> None:
        """Names what is there and was not; raises BuildError at what is neither wine's nor `allowed`. No value is told."""
        left = sorted({one.partition("    ")[0] for one in self._state() - before})
        self._note(name, f"traces ({name}) : {len(left)}", left)
        ours = [one for one in left if not any(part in one for part in (*_OF_THE_SYSTEM, *allowed))]
        credentials = [one for one in left if f"{wxs.NAME}: " in one and _CREDENTIALS in one]
        self._must(not ours, f"restent : {ours[:5]}")
        self._must(keys or not credentials, f"clés restées : {credentials}")

    def _note(self, name: str, told: str, value: object = None) -> None:
        self.seen[name] = told if value is None else value
        self.say(f"  {told}")

    @staticmethod
    def _must(true: bool, otherwise: str) -> None:
        if not true:
            raise BuildError(otherwise)
