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
BACKUPS_NONE = "Il n'y en a pas encore : faites la première maintenant."
BACKUPS_KEPT = ("{} sauvegarde ; la dernière est du {}.", "{} sauvegardes ; la dernière est du {}.")
BACKUPS_FAILED = "La dernière sauvegarde a échoué. {}"
BACKUPS_WHERE = "Elles sont dans {}"
BACKUP_NOW = "Sauvegarder maintenant"
BACKUP_ELSEWHERE = "Sauvegarder ailleurs…"
BACKUP_ELSEWHERE_TIP = "Sur une clé USB ou un disque : la sauvegarde est chiffrée."
BACKUP_CHOOSE = "Où écrire la sauvegarde"
BACKUP_NAME = "dmp-desktop-{}.dmpsauvegarde"
BACKUP_KINDS = "Sauvegardes de DMP Desktop (*.dmpsauvegarde)"
RESTORE = "Restaurer…"
RESTORE_TIP = "Choisir une sauvegarde : ce qu'elle ramènerait est dit d'abord."
RESTORE_CHOOSE = "Sauvegarde à restaurer"
RESTORE_READING = "Lecture de la sauvegarde…"
RESTORE_WOULD = (
    "Sauvegarde du {day}. Elle ramènerait ce qui manque ici : {documents} document(s) à envoyer ou envoyés, {drafts} "
    "brouillon(s), {acts} acte(s) du journal. Rien de ce qui est ici n'est effacé ; ce qui a pu partir depuis est cherché dans "
    "le DMP avant tout envoi."
)
RESTORE_NOTHING = (
    "Sauvegarde du {day}. Tout ce qu'elle contient est déjà sur ce poste : la restaurer n'apporterait rien."
)
RESTORE_CODE = (
    "Sauvegarde du {day}, faite par un autre poste{practice}. Au prochain démarrage, le code de secours de son cabinet sera "
    "demandé. Ce poste ne doit avoir ni note ni envoi à lui."
)
RESTORE_OTHER = " d'un autre cabinet"
RESTORE_DO = "Restaurer au prochain démarrage"
RESTORE_CANCEL = "Ne pas restaurer"
RESTORE_ASKED = "C'est noté. Fermez DMP Desktop, puis rouvrez-le : la sauvegarde sera restaurée à ce moment."
KEY_TYPED = (
    "Ce poste n'a pas de coffre à secrets du système : la clé de ses données est protégée par la phrase de passe demandée à "
    "chaque lancement. Oubliée, laissez le champ vide au lancement : le code de secours du cabinet, avec une sauvegarde, "
    "la remplace."
)
KEY_STORE = (
    "La clé de ses données est dans le coffre à secrets de votre session. S'il la perd, le code de secours du cabinet, avec une "
    "sauvegarde, la redonne au lancement."
)

EXPORT = "Exporter les données en formats ouverts"
EXPORT_WHAT = (
    "Vos documents (CDA), vos brouillons (texte), vos numérisations (fichiers d'origine), accueil, identités, avis des patients, "
    "état des envois et journal (CSV, JSON), réglages, avec un LISEZ-MOI. "
    "Ce dossier n'est pas chiffré : gardez-le sur un support protégé."
)
EXPORT_ASK = "Exporter…"
EXPORT_CHOOSE = "Dans quel dossier écrire l'export"
EXPORT_WRITING = "Export en cours…"
EXPORT_DONE = (
    "C'est exporté : {documents} document(s), {drafts} brouillon(s), {scans} numérisation(s), {identities} identité(s), "
    "{states} état(s) d'envoi. {folder}"
)
EXPORT_UNREADABLE = " {} élément(s) n'ont pas pu être lus : le LISEZ-MOI le dit."
BACKUP_MAKING = "Sauvegarde en cours…"
BACKUP_MADE = "C'est sauvegardé : {}"
