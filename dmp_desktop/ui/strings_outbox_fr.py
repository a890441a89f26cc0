"""Words of À envoyer that stand nowhere else."""

HOLD = "Retenir"
HOLD_NAME = "Retenir l'envoi : {}"
LET_GO = "Envoyer"
LET_GO_NAME = "Ne plus retenir, envoyer : {}"
HELD_WHY = "Vous retenez cet envoi : il partira quand vous le direz."
WAITS_FOR_CLOCK = "que cet ordinateur soit à l'heure"
_UNREADABLE = "Un document de la boîte d'envoi ne s'ouvre plus : il est gardé, mais ne partira pas d'ici."
_UNREADABLE_MANY = "{} documents de la boîte d'envoi ne s'ouvrent plus : ils sont gardés, mais ne partiront pas d'ici."
_UNREADABLE_REMEDY = "Vérifiez aux dossiers des derniers patients ce qui manque, et appelez le support."
TOGETHER = "Part avec {} autre(s) document(s) de ce patient : accepté ou refusé avec eux."
TAKE_OUT = "Retirer"
TAKE_OUT_NAME = "Retirer de l'envoi, sans ses autres documents : {}"
TAKE_BACK = "Reprendre"
TAKE_BACK_NAME = "Reprendre la note de ce document refusé : {}"
SEND_AS_NEW = "Envoyer sans remplacer"
BACK_AS_NEW = "Votre note est revenue dans les brouillons, comme nouveau document : envoyez-la."
COPY_PROOF = "Copier la preuve"
COPY_PROOF_NAME = "Copier la preuve d'envoi : {}"

PROOF_TITLE = "Preuve d'envoi"
PROOF_DOCUMENT = "Document : {}"
PROOF_SUBMISSION = "Lot d'envoi : {}"
PROOF_ENTRY = "Inscription au DMP : {}"
PROOF_ANSWER = "Réponse du DMP : {}"
PROOF_AT = "Accusé de réception : {}"


def unreadable(count: int) -> str:
    """How many documents do not open, and what to do."""
    told = _UNREADABLE_MANY.format(count) if count > 1 else _UNREADABLE
    return f"{told} {_UNREADABLE_REMEDY}"


MAIL = "MSSanté"
MAIL_NAME = "Ouvrir un message MSSanté avec {}"
