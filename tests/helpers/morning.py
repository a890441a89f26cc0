"""A morning at the desk of the real window: an agenda, the secretary, her page."""

from __future__ import annotations

from pathlib import Path

from dmp_desktop.domain.people import Role
from dmp_desktop.services.accounts import software_account
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from tests.helpers.real_window import RealWindow

AGENDA = """Heure;Nom de naissance;Prénom;Date de naissance;Sexe;INS;Médecin;Motif
08:40;TEST-MOREAU;Gérard;23/05/1949;M;;Dr DUPONT;renouvellement
09:00;TEST-OUVRANT;Rose;14/07/2015;F;;Dr DUPONT;
09:20;TEST-OUVRANT;Rose;02/01/1960;F;;Dr DUPONT;
09:40;TEST-PASSAGE;;;;;;fièvre
10:00;TEST-MOREAU;Gérard;23/05/1949;M;;Dr DUPONT;
99:00;TEST-ERREUR;Zoé;;;;;
"""


def secretary_comes(real: RealWindow) -> None:
    """By the software certificate of the stand-in's secretary."""
    told = real.stage.ready["identities"]["secretary"]
    account = software_account(Path(told["p12"]), lambda: told["password"])
    real.window.session.sign_in_by(lambda: real.desktop._wiring.desk.sign_in(account), lambda: None)
    real.until(lambda: real.window.session.state.role is Role.SECRETARY and real.window.desk.isVisible())


def desk_page(real: RealWindow) -> FrontDeskView:
    view = real.window.desk.findChild(FrontDeskView)
    assert isinstance(view, FrontDeskView)
    return view
