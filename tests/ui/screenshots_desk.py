"""The front desk's list and the waiting room on the real stand-in, docked and wide, light and dark:
`python -m tests.ui.screenshots_desk FOLDER [--dark] [--wide]`."""

from __future__ import annotations

from pathlib import Path

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.views.front_desk.room import WaitingRoomView
from tests.helpers.morning import AGENDA, desk_page, secretary_comes
from tests.helpers.real_window import RealWindow
from tests.ui.real_scenes import play, shoot


def _secretary(real: RealWindow, folder: Path) -> None:
    secretary_comes(real)
    view = desk_page(real)
    real.until(lambda: view.empty_words.isVisible())
    shoot(real, folder, "1-empty")
    view.add.click()
    view.form_panel.family.setText("TEST-PASSAGE")
    view.form_panel.born.setText("31/02/1980")
    view.form_panel.add.click()
    shoot(real, folder, "2-form")
    view.form_panel.close_form.click()
    view.take(AGENDA.encode())
    real.until(lambda: view.list.model.rows)
    view.list.lead()
    shoot(real, folder, "3-taken")
    arrivals = real.desktop._wiring.arrivals.arrivals
    for line, stage in zip(
        arrivals.listed().arrivals, (Stage.SEEN, Stage.HANDED, Stage.ARRIVED, Stage.ABSENT), strict=False
    ):
        arrivals.step(line, stage)
    real.until(lambda: any("Chez le médecin" in row.cells[3] for row in view.list.model.rows))
    view.list.choose(view.list.model.rows[2].of.arrival.arrival_id)
    shoot(real, folder, "4-stages")
    _busy(real, folder)
    view.detail.next_act()
    real.pause(1)
    shoot(real, folder, "5-identity")
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)


def sixty() -> str:
    """A Monday: 60 people every ten minutes from 8:00, two homonyms side by side, one line without a birth, one in a row of names."""
    lines = ["Heure;Nom de naissance;Prénom;Date de naissance;Sexe;Médecin"]
    for rank in range(60):
        hour, minute = divmod(480 + 10 * rank, 60)
        family, given = f"TEST-{FAMILIES[rank % len(FAMILIES)]}", GIVEN[rank % len(GIVEN)]
        born = "" if rank == 7 else f"{1 + rank % 28:02}/{1 + rank % 12:02}/{1930 + rank}"
        lines.append(f"{hour:02}:{minute:02};{family};{given};{born};{'FM'[rank % 2]};Dr DUPONT")
    lines.append("08:15;TEST-OUVRANT;Rose;14/07/2015;F;Dr DUPONT")
    lines.append("08:25;TEST-OUVRANT;Rose;02/01/1960;F;Dr DUPONT")
    lines.append("08:35;TEST-DE-LA-ROCHEFOUCAULD-MONTBEL;Marie-Antoinette-Joséphine;02/01/1960;F;Dr DUPONT")
    return "\n".join(lines)


FAMILIES = ("BERNARD", "PETIT", "DURAND", "LEROY", "MOREL", "SIMON", "LAURENT", "MICHEL", "GARCIA", "ROUX", "FOURNIER")
GIVEN = ("Alice", "Bruno", "Chloé", "Denis", "Emma", "Fabien", "Gisèle")


def _busy(real: RealWindow, folder: Path) -> None:
    view = desk_page(real)
    view.take(sixty().encode())
    real.until(lambda: len(view.list.model.rows) > 60)
    arrivals = real.desktop._wiring.arrivals.arrivals
    stages = (Stage.SEEN, Stage.SEEN, Stage.ABSENT, Stage.HANDED, Stage.ARRIVED, Stage.ARRIVED)
    for line, stage in zip(arrivals.listed().arrivals[:12:2], stages, strict=False):
        arrivals.step(line, stage)
    real.pause(1)
    shoot(real, folder, "4-sixty")
    rose = [one.of.arrival.arrival_id for one in view.list.model.rows if "OUVRANT" in one.cells[0]]
    view.list.choose(rose[-1])
    shoot(real, folder, "4-homonyms")


def _doctor(real: RealWindow, folder: Path) -> None:
    real.sign_in()
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == fr.WAITING_ROOM).trigger()
    room = real.window.body.currentWidget()
    assert isinstance(room, WaitingRoomView)
    real.until(lambda: room.list.model.rows)
    shoot(real, folder, "6-room")


if __name__ == "__main__":
    play(__doc__, _secretary, _doctor)
