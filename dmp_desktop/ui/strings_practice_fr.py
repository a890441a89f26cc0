"""Texts of the practice's recovery code, in French."""

from __future__ import annotations

HEADING = "Code de secours du cabinet"
WHAT = (
    "Sur papier, il rouvre ce que vous aviez gardé sur ce poste quand votre carte est perdue ou remplacée, et fait entrer un "
    "autre poste dans le cabinet. Personne d'autre ne l'a : perdu, il ne se retrouve pas."
)
LOADING = "Lecture…"
TO_PRINT = "Il n'est pas encore sur papier. Imprimez-le et rangez-le sous clé, pas à côté de l'ordinateur."
ON_PAPER = "Il est sur papier ; ce poste ne le connaît plus."
SHOW, HIDE = "Afficher le code", "Cacher le code"
PRINT = "Imprimer…"
SENT_TO_PRINTER = "La page est partie à l'imprimante. Vérifiez-la, puis recopiez ci-dessous son dernier groupe."
LAST_GROUP = "Dernier groupe, recopié de la page imprimée (5 signes)"
PRINTED = "C'est imprimé"
PRINTED_TIP = "Ce poste oublie le code. Recopiez d'abord le dernier groupe de la page."
DONE = "C'est noté : le code n'est plus que sur papier."
TYPED = "Code lu sur le papier (13 groupes de 5 signes)"
TYPED_WHAT = (
    "Rouvrir : ce que vous aviez gardé avec une autre carte s'ouvre avec celle-ci. Rejoindre : ce poste devient un poste du "
    "cabinet dont c'est le code. Majuscules, tirets et espaces ne comptent pas ; un groupe mal recopié est nommé."
)
RECOVER = "Rouvrir avec ma carte"
RECOVER_TIP = "Ce que vous aviez gardé avec une autre carte s'ouvre désormais avec celle-ci."
JOIN = "Rejoindre ce cabinet"
JOIN_TIP = "Ce poste devient un poste du cabinet dont c'est le code."
RECOVERED = "C'est rouvert : votre carte suffit désormais ({} clé)."
RECOVERED_SEVERAL = "C'est rouvert : votre carte suffit désormais ({} clés)."
NOTHING_MORE = "Le code est bon. Votre carte ouvrait déjà tout ce que vous avez gardé ici."
JOINED = "Ce poste est désormais un poste du cabinet de ce code. Relancez DMP Desktop."
NUMBERED = "{:>2}. {}"
SPOKEN = "Code de secours, groupe par groupe : {}"

REMINDER = "Le code de secours du cabinet n'est pas encore imprimé."
REMINDER_SAFE = "Sans lui, une carte perdue emporte ce que son porteur a gardé ici."
REMINDER_ACT = "Voir le code…"
