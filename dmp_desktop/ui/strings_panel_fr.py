"""Texts of the panel: its menu in the strip, tray icon, shortcut. In French, without a name of anybody."""

from __future__ import annotations

DOCK = "Ancrer à &droite"
DETACH = "&Détacher"
ON_TOP = "Toujours au &premier plan"
WIDEN = "P&leine fenêtre"
NARROW = "Quitter la p&leine fenêtre"

WINDOW = "Fenêtre"
SHORTCUT = "Raccourci qui appelle DMP Desktop"
NO_SHORTCUT = "Aucun"
SHORTCUT_WHAT = (
    "Depuis n'importe quel logiciel : la fenêtre vient devant, avec le clavier. Une seconde fois : elle s'efface."
)
SHORTCUT_HEARD = "{} est actif."

SHOW, WRITE, MASK, QUIT = "Afficher", "Rédiger", "Masquer l'écran", "Quitter DMP Desktop"
STAYS_OPEN = "DMP Desktop reste ouvert"
STAYS_OPEN_WHAT = (
    "Son icône, près de l'horloge, rouvre la fenêtre ou la quitte. Réglages, « Fenêtre », pour quitter en fermant."
)
CLOSING = "La croix de la fenêtre"
CLOSINGS = {False: "Quitte DMP Desktop", True: "Garde DMP Desktop près de l'horloge"}
CLOSING_WHAT = (
    "Près de l'horloge : les documents partent encore, une carte rouvre la fenêtre ; on quitte par le menu de l'icône."
)
NO_TRAY = "Ce système n'a pas de place près de l'horloge : la croix quitte DMP Desktop."
TIP = "DMP Desktop"
CARD = {True: "Carte professionnelle présente", False: "Pas de carte professionnelle"}
SERVER = {True: "le DMP répond", False: "le DMP ne répond pas", None: "DMP pas encore appelé"}
WAITING = ("rien à envoyer", "1 document à envoyer", "{} documents à envoyer")


def tip(*, card: bool, server: bool | None, waiting: int) -> str:
    """What the icon says; no name."""
    left = WAITING[min(waiting, 2)].format(waiting)
    return f"{TIP} : {CARD[card].lower()} ; {SERVER[server]} ; {left}."
