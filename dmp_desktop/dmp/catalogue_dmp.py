"""Codes of the DMP itself (reference §2.5), with those its stand-in needs besides ([R], marked so)."""

from __future__ import annotations

from typing import Final

from dmp_desktop.dmp.catalogue_entry import CHECK_CARD, SUPPORT, UPDATE_SOFTWARE, Known

CODES: Final = {
    "DMPFound": Known("Ce patient a déjà un DMP.", "Ouvrez son dossier : rien n'est à créer."),
    "DMPClosed": Known("Ce DMP est fermé.", "Le patient peut le rouvrir depuis Mon espace santé."),
    "DMPInvalidCertificate": Known(
        "Le DMP refuse le certificat de signature.",
        CHECK_CARD,
        "Il est expiré, révoqué, ou ce n'est pas celui qui sert à signer.",
    ),
    "DMPAccessDeniedByRightsService": Known(
        "Vos droits ne permettent pas cette action sur ce dossier.",
        "Vérifiez l'autorisation d'accès du patient, ou votre rôle. Il peut aussi s'opposer à l'accès en urgence.",
    ),
    "DMPPatientAccessAlreadyExists": Known(
        "Le patient a déjà un accès internet à son DMP.", "Rien n'est à créer : il se connecte à Mon espace santé."
    ),
    "DMPPatientAccessOTPAlreadyExists": Known(
        "Le patient reçoit déjà ses codes d'accès par ce moyen.",
        "Rien n'est à changer : il se connecte à Mon espace santé.",
    ),
    # [R]
    "DMPNotFound": Known("Ce patient n'a pas de DMP.", "Il peut en ouvrir un depuis Mon espace santé."),
    "DMPInvalidVIHF": Known(
        "Le DMP refuse la façon dont vous êtes présenté.",
        "Vérifiez l'heure de l'ordinateur et votre carte CPS, puis réessayez.",
        "Votre identité, votre profession ou votre lieu d'exercice ne sont pas ceux qu'il connaît, ou l'heure est fausse.",
    ),
    "DMPInvalidMessage": Known(
        "Le DMP n'a pas compris la demande.", UPDATE_SOFTWARE, "Elle n'a pas la forme attendue."
    ),
    "DMPInvalidLotSignature": Known(
        "Le DMP refuse la signature de l'envoi.",
        CHECK_CARD,
        "Elle ne vient pas de la carte présentée, ou le document a changé après la signature.",
    ),
    "DMPPatientIdDoesNotMatch": Known(
        "La demande ne concerne pas le patient du dossier ouvert.",
        "Rouvrez le dossier du patient, puis recommencez ; rien n'a été changé.",
    ),
    # HL7 v3 acknowledgements that carry no code of their own (table 0008).
    "AE": Known("Le DMP a signalé une erreur sans la nommer.", SUPPORT),
    "AR": Known("Le DMP a rejeté la demande sans dire pourquoi.", SUPPORT),
}
