"""Texts of the page « À propos », in French. `&` as in strings_fr."""

from __future__ import annotations

ASK = "Notice pour le patient, à propos…"
TITLE = "À propos de DMP Desktop"
NOTICE = "Notice pour le patient"
NOTICE_WHAT = (
    "Une page A5, en gros caractères : ce que le cabinet fait du DMP, ce que le patient décide, à qui s'adresser. "
    "Elle ne nomme aucun patient."
)
PRINT = "&Imprimer…"
SAVE = "&Enregistrer en PDF…"
SAVE_TITLE = "Enregistrer la notice"
SAVE_NAME = "notice-patient-dmp.pdf"
SAVE_KINDS = "PDF (*.pdf)"
PRINTED = "La notice est envoyée à l'imprimante."
SAVED = "La notice est enregistrée."
SOFTWARE = "Le logiciel"
NAME = "Nom et version : {} {}"
NEWER = "La version {} est disponible. Elle se met en place fenêtre fermée, par « dmp update apply »."
PUBLISHER = "Éditeur : {}"
PROFILES = "Profils de DMP-compatibilité mis en œuvre : {}"
APPROVAL = "Numéro d'homologation DMP : {}"
NO_APPROVAL = "Homologation DMP : aucune."
TRAINING = "Homologation DMP : aucune. Ce poste parle au bac à sable, jamais au vrai DMP (numéro présenté : {})."
IDENTIFIER = "Identifiant du logiciel (OID) : {}"
TOLD = "Le nom, la version et le numéro sont ceux que le logiciel présente au DMP."
LICENCES = "Ce qu'il emploie, et sous quelles licences : fichier THIRD_PARTY_NOTICES, installé avec lui."
