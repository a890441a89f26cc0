"""Texts of who looks after the workstation, in French."""

from __future__ import annotations

OPEN = "Administrateur technique…"
SIGN_IN_TITLE = "Administration technique de ce poste"
NAME = "Votre nom et votre prénom"
CODE = "Votre code (4 groupes de 5 signes)"
ENTER, CANCEL = "Entrer", "Annuler"
WORKING = "Vérification…"
MISSING = "Tapez votre nom et votre prénom, puis votre code."

DESK_TITLE = "Administration du poste"
DESK_HINT = "Aucun dossier, aucune note et aucun nom de patient ne s'ouvre ici. Ce que vous faites est noté au journal."
DIAGNOSIS = "Diagnostic du poste"
SETTINGS = "Réglages et sauvegardes"
JOURNAL = "Vérifier le journal des actes"
NUMBERS = "Nombre d'envois"
BACK = "Retour"
CLINIC = "Base du cabinet : {}"
CLINIC_NONE = "ce poste n'est relié à aucune."
CLINIC_THERE = "reliée."
LOCKED_OUT = "Les pages des patients ne sont pas à l'administrateur technique : {}"

HEADING = "Administrateurs techniques"
WHAT = (
    "Une personne que vous nommez s'occupe du poste sans carte : diagnostic, réglages, sauvegardes, vérification du journal. "
    "Elle n'ouvre aucun dossier, aucune note, aucun nom de patient. Une personne par code : le journal dit qui est venu."
)
LOADING = "Lecture…"
NOBODY = "Personne n'est nommé."
SINCE = "{family} {given}, depuis le {day}"
FAMILY, GIVEN = "Nom", "Prénom"
NAME_THEM = "Nommer"
NAME_TIP = "Donne à cette personne un code à elle, affiché une seule fois."
CODE_IS = "Code de {}, à lui remettre en main propre. Il ne sera plus affiché."
CODE_SPOKEN = "Code, groupe par groupe : {}"
WITHDRAW = "Retirer"
WITHDRAW_NAME = "Retirer {}"
WITHDRAW_TIP = "Son code n'ouvre plus rien."
WITHDRAWN = "{} n'est plus administrateur technique de ce cabinet."

BACKUPS = "Sauvegardes de ce poste"
BACKUPS_WHAT = (
    "Une par jour, d'elle-même, et une avant chaque mise à niveau. Elles sont chiffrées : sans le code de secours du cabinet, "
    "ou ce poste, elles n'ouvrent rien. Copiez la dernière sur un autre support de temps en temps."
)
BACKUPS_NONE = "Il n'y en a pas encore."
BACKUPS_KEPT = ("{} sauvegarde ; la dernière est du {}.", "{} sauvegardes ; la dernière est du {}.")
BACKUPS_FAILED = "La dernière sauvegarde a échoué. {}"
BACKUP_NOW = "Sauvegarder maintenant"
BACKUP_MAKING = "Sauvegarde en cours…"
BACKUP_MADE = "C'est sauvegardé : {}"
