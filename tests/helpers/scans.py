"""Papers as a scanner leaves them: pictures of a page, crooked, with an INS datamatrix or without."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from ppf.datamatrix import DataMatrix

from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.people import Patient
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.services.received_intake import ReceivedExaminer
from dmp_desktop.services.tray_intake import SETTLE_SECONDS, Intake
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.tray import TrayStore
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY


def paper(patient: Patient | None = None, *, mark: int = 0, dpi: int = 200) -> Image.Image:
    """An A4 page with the patient's code, and `mark` grey squares (at most 100), so that no two are the same."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    page = Image.new("RGB", (width, height), "white")
    for rank in range(mark):
        x, y = 40 + 12 * (rank % 8), 40 + 12 * (rank // 8)
        page.paste((120, 120, 120), (x, y, x + 8, y + 8))
    if patient is not None:
        matrix, side = DataMatrix(ins_message(patient)).matrix, max(3, dpi // 50)
        for row, modules in enumerate(matrix):
            for column, dark in enumerate(modules):
                if dark:
                    x, y = width * 2 // 3 + column * side, height // 20 + row * side
                    page.paste((0, 0, 0), (x, y, x + side, y + side))
    return page


def jpeg_of(page: Image.Image, *, angle: float = 2.0, dpi: int = 200) -> bytes:
    file = io.BytesIO()
    page.rotate(angle, fillcolor="white", expand=angle % 90 == 0).save(file, "JPEG", dpi=(dpi, dpi))
    return file.getvalue()


def tiff_of(*pages: Image.Image, dpi: int = 200) -> bytes:
    """A fax: black and white, several pages."""
    file = io.BytesIO()
    first, *others = [page.convert("1") for page in pages]
    first.save(file, "TIFF", save_all=True, append_images=others, compression="group4", dpi=(dpi, dpi))
    return file.getvalue()


def pdf_of(*pages: Image.Image) -> bytes:
    """As cheap scanners make them: pictures, no PDF/A."""
    file = io.BytesIO()
    first, *others = pages
    first.save(file, "PDF", save_all=True, append_images=others, resolution=200)
    return file.getvalue()


@dataclass
class Desk:
    """A watched folder over a real sealed store."""

    folder: Path
    database: Database
    store: TrayStore
    clock: FakeClock
    intake: Intake
    receiving: Intake
    received_folder: Path

    @classmethod
    def at(cls, place: Path, *, station: str = "") -> Desk:
        folder = place / "scanner"
        folder.mkdir(exist_ok=True)
        received = place / "recus"
        received.mkdir(exist_ok=True)
        database = Database.open(place / f"a{station}.db", KEY)
        store, clock = TrayStore(database, Seal(KEY, "tray")), FakeClock()
        desk = cls(folder, database, store, clock, None, None, received)  # type: ignore[arg-type]
        desk.start_again(place, station)
        return desk

    def start_again(self, place: Path, station: str = "") -> None:
        """As the program does after it was killed."""
        lock = place / f"lock{station}"
        self.intake = Intake(
            self.store, lambda: self.folder, station or self.store.station, lock, self.clock, SystemEntropy()
        )

        self.receiving = Intake(
            self.store,
            lambda: self.received_folder,
            station or self.store.station,
            place / f"lock-received{station}",
            self.clock,
            SystemEntropy(),
            examine=ReceivedExaminer(),
        )

    def drop(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def receive(self, name: str, content: bytes) -> Path:
        (self.received_folder / name).write_bytes(content)
        return self.received_folder / name

    def settle_received(self) -> int:
        count = self.receiving.look()
        self.clock.advance(SETTLE_SECONDS)
        return count + self.receiving.look()

    def settle(self) -> int:
        """Looks until what is there has been taken; how many were."""
        count = self.intake.look()
        self.clock.advance(SETTLE_SECONDS)
        return count + self.intake.look()
