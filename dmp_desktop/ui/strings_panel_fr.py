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
