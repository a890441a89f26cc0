"""What can go wrong with Pro Santé Connect, said in French with what to do. No token, no name, no identifier is ever in it."""

from __future__ import annotations

from dmp_desktop.errors import CardError, DmpError

_AGAIN = "Recommencez la connexion."
_OTHER_WAY = "Recommencez, ou connectez-vous avec votre carte CPS."

_SAID: dict[str, tuple[str, str]] = {
    "psc.absent": ("Pro Santé Connect n'est pas configuré sur ce poste.", "Connectez-vous avec votre carte CPS."),
    "psc.unreachable": ("Pro Santé Connect est injoignable.", "Vérifiez la connexion internet, puis recommencez."),
    "psc.tls": (
        "La connexion sécurisée avec Pro Santé Connect a échoué.",
        "Vérifiez la date de l'ordinateur et le certificat de la structure, puis lancez le diagnostic.",
    ),
    "psc.unreadable": ("La réponse de Pro Santé Connect est illisible.", _OTHER_WAY),
    "psc.client": (
        "Pro Santé Connect ne reconnaît pas ce logiciel ou le certificat de la structure.",
        "Lancez le diagnostic et appelez votre support.",
    ),
    "psc.cancelled": ("La connexion par Pro Santé Connect a été annulée.", ""),
    "psc.timeout": ("Personne n'a répondu à temps dans Pro Santé Connect.", _AGAIN),
    "psc.denied": ("La connexion a été refusée dans Pro Santé Connect.", "Recommencez, et acceptez la demande."),
    "psc.expired": ("La demande de connexion a expiré.", _AGAIN),
    "psc.unknown_user": (
        "Pro Santé Connect ne connaît pas ce numéro, ou l'e-CPS n'est pas activée.",
        "Vérifiez le numéro RPPS, activez l'application e-CPS, ou connectez-vous avec votre carte CPS.",
    ),
    "psc.bad_number": (
        "Ce n'est pas un numéro RPPS.",
        "Tapez les 11 chiffres de votre numéro RPPS. Secrétariat et étudiants : insérez votre carte.",
    ),
    "psc.untrusted": (
        "La réponse reçue ne vient pas de Pro Santé Connect, ou n'est pas pour ce poste : elle est refusée.",
        "Recommencez ; si cela se répète, n'insistez pas et appelez votre support.",
    ),
    "psc.remembered": (
        "Le navigateur a repris une connexion Pro Santé Connect déjà ouverte, sans vérifier qui est devant l'écran.",
        "Déconnectez-vous de Pro Santé Connect dans le navigateur, puis recommencez, ou connectez-vous avec le téléphone.",
    ),
    "psc.clock": (
        "La réponse de Pro Santé Connect est périmée ou datée du futur.",
        "Vérifiez la date et l'heure de l'ordinateur, puis recommencez.",
    ),
    "psc.too_weak": (
        "Pro Santé Connect n'a pas authentifié la personne au niveau demandé.",
        "Recommencez avec l'application e-CPS ou la carte CPS.",
    ),
    "psc.other_person": (
        "Une autre personne que celle demandée s'est connectée : la connexion est refusée.",
        "Vérifiez le numéro RPPS et recommencez.",
    ),
    "psc.no_identity": (
        "Pro Santé Connect ne donne pas de numéro RPPS ou pas de profession pour cette personne.",
        "Connectez-vous avec votre carte CPS, et vérifiez vos informations auprès de votre ordre.",
    ),
    "psc.no_specialty": (
        "Pro Santé Connect ne donne pas votre spécialité, que le DMP exige des médecins et des pharmaciens.",
        "Connectez-vous avec votre carte CPS, et vérifiez vos informations auprès de votre ordre.",
    ),
    "psc.student": (
        "Les étudiants ne se connectent pas encore au DMP par Pro Santé Connect.",
        "Connectez-vous avec votre carte de formation (CPF).",
    ),
    "psc.employee": (
        "Le secrétariat ne se connecte pas encore au DMP par Pro Santé Connect.",
        "Insérez votre carte de personnel (CPE ou CPA) : elle ouvre l'accueil.",
    ),
    "psc.not_in_structure": (
        "D'après Pro Santé Connect, vous n'exercez pas dans la structure dont ce poste a le certificat.",
        "Connectez-vous avec votre carte CPS, ou faites corriger vos lieux d'exercice auprès de votre ordre.",
    ),
    "psc.certificate": (
        "Le certificat de la structure ne dit pas à quelle structure il appartient.",
        "Indiquez les certificats de structure (AUTH_CLI et SIGN) délivrés par l'ANS.",
    ),
    "psc.ended": (
        "La session Pro Santé Connect est terminée.",
        "Reconnectez-vous avec Pro Santé Connect ou avec votre carte CPS.",
    ),
}


def psc_error(code: str, *, retryable: bool = False, detail: str = "") -> DmpError:
    """The error of a code above; `detail` is the provider's own word, for the screen of the support only."""
    message, remedy = _SAID[code]
    return DmpError(code, message, remedy, retryable=retryable).with_detail(detail)


def session_over() -> CardError:
    """What a signature asked after the end of the session gets: as when a card is gone, so that what is to be sent waits."""
    return CardError("psc.ended", *_SAID["psc.ended"])
