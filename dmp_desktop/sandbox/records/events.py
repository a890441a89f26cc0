"""What prescriptions, imaging, hospital and other papers say. `{…}` are filled by timeline.py."""

from __future__ import annotations

from dmp_desktop.sandbox.records import kinds
from dmp_desktop.sandbox.records.script import CONCLUSION, FINDINGS, REASON, Script

EVENTS = {
    "prescription": Script(
        kinds.PRESCRIPTION,
        ("doctor",),
        "Ordonnance",
        (
            (
                (
                    CONCLUSION,
                    "Prescription",
                    "Bisoprolol 2,5 mg : 1 comprimé le matin",
                    "Ramipril 5 mg : 1 comprimé le soir",
                ),
                (REASON, "Durée", "Traitement pour 3 mois, à renouveler 0 fois."),
            ),
            (
                (
                    CONCLUSION,
                    "Prescription",
                    "Metformine 500 mg : 1 comprimé matin et soir",
                    "Atorvastatine 40 mg : 1 le soir",
                ),
                (REASON, "Durée", "Traitement pour 3 mois."),
            ),
            (
                (
                    CONCLUSION,
                    "Prescription",
                    "Paracétamol 1 g : 1 comprimé toutes les 6 heures si besoin, 3 par jour au plus",
                ),
                (REASON, "Durée", "Traitement pour 5 jours."),
            ),
        ),
    ),
    "lab_order": Script(
        kinds.LAB_ORDER,
        ("doctor",),
        "Prescription de biologie",
        (
            ((CONCLUSION, "Examens demandés", "NFS, plaquettes", "Ionogramme, créatinine avec DFG estimé", "HbA1c"),),
            (
                (
                    CONCLUSION,
                    "Examens demandés",
                    "Exploration d'une anomalie lipidique",
                    "Transaminases, gamma-GT",
                    "TSH",
                ),
            ),
        ),
    ),
    "physio": Script(
        kinds.PHYSIO_ORDER,
        ("doctor",),
        "Prescription de kinésithérapie",
        (((CONCLUSION, "Prescription", "Rééducation du rachis lombaire, 10 séances, non urgent."),),),
    ),
    "imaging": Script(
        kinds.IMAGING,
        ("radiologist",),
        "Compte rendu d'imagerie",
        (
            (
                (REASON, "Indication", "Douleur de l'épaule droite."),
                (
                    FINDINGS,
                    "Technique et résultats",
                    "Échographie : tendinopathie du supra-épineux sans rupture, bursite modérée.",
                ),
                (CONCLUSION, "Conclusion", "Tendinopathie non rompue du supra-épineux droit."),
            ),
            (
                (REASON, "Indication", "Bilan de maladie rénale chronique."),
                (
                    FINDINGS,
                    "Résultats",
                    "Reins de 9,6 et 9,9 cm, cortex aminci, pas de dilatation des cavités, pas de lithiase.",
                ),
                (CONCLUSION, "Conclusion", "Petits reins bien différenciés, sans obstacle."),
            ),
            (
                (REASON, "Indication", "Toux traînante."),
                (
                    FINDINGS,
                    "Résultats",
                    "Radiographie du thorax de face : pas de foyer, silhouette cardiaque de taille normale.",
                ),
                (CONCLUSION, "Conclusion", "Examen sans anomalie décelable."),
            ),
        ),
    ),
    "discharge": Script(
        kinds.DISCHARGE,
        ("hospital", "nephrologist"),
        "Lettre de liaison à la sortie",
        (
            (
                (REASON, "Motif d'hospitalisation", "Décompensation cardiaque globale sur écart de régime."),
                (
                    FINDINGS,
                    "Évolution",
                    "Évolution favorable sous furosémide intraveineux relayé par voie orale, perte de 4,2 kg.",
                    "Poids de sortie {poids} kg. PA {pas}/{pad} mmHg. FEVG {fevg} %.",
                ),
                (
                    CONCLUSION,
                    "Traitement et suites",
                    "Furosémide 40 mg le matin, bisoprolol 2,5 mg, ramipril 5 mg, atorvastatine 40 mg.",
                    "Ionogramme et créatinine à J7, consultation du médecin traitant à J10, cardiologue à un mois.",
                ),
            ),
        ),
    ),
    "stay": Script(
        kinds.HOSPITAL,
        ("hospital", "endocrinologist"),
        "Compte rendu d'hospitalisation",
        (
            (
                (REASON, "Motif", "Bilan annuel de diabète compliqué, hospitalisation de jour."),
                (
                    FINDINGS,
                    "Examens",
                    "Doppler des troncs supra-aortiques : plaques non sténosantes. Poids {poids} kg.",
                ),
                (CONCLUSION, "Synthèse", "Complications stables. Renforcement de l'éducation thérapeutique."),
            ),
        ),
    ),
    "emergency": Script(
        kinds.EMERGENCY,
        ("hospital",),
        "Passage aux urgences",
        (
            (
                (REASON, "Motif", "Chute mécanique de sa hauteur, douleur du poignet droit."),
                (FINDINGS, "Prise en charge", "Radiographie : pas de fracture. Pas de traumatisme crânien."),
                (CONCLUSION, "Sortie", "Retour à domicile, attelle dix jours, paracétamol."),
            ),
        ),
    ),
    "operation": Script(
        kinds.OPERATION,
        ("gastroenterologist",),
        "Compte rendu de coloscopie",
        (
            (
                (REASON, "Indication", "Dépistage, test immunologique positif."),
                (
                    FINDINGS,
                    "Examen",
                    "Progression jusqu'au cæcum, préparation correcte. Polype sessile de 6 mm du sigmoïde réséqué.",
                ),
                (CONCLUSION, "Conclusion", "Polype réséqué, histologie en cours. Contrôle dans trois ans."),
            ),
        ),
    ),
    "certificate": Script(
        kinds.CERTIFICATE,
        ("doctor",),
        "Certificat médical",
        (
            (
                (
                    CONCLUSION,
                    "Certificat",
                    "Absence de contre-indication décelable ce jour à la pratique de la marche en club.",
                ),
            ),
        ),
    ),
    "summary": Script(
        kinds.SUMMARY,
        ("doctor", "former_gp"),
        "Synthèse médicale",
        (
            (
                (
                    REASON,
                    "Pathologies en cours",
                    "Hypertension artérielle, diabète de type 2, maladie rénale chronique.",
                ),
                (
                    FINDINGS,
                    "Antécédents",
                    "Stent coronaire en 2016. Cholécystectomie en 1998. Allergie à l'amoxicilline (urticaire).",
                ),
                (
                    CONCLUSION,
                    "Traitements",
                    "Bisoprolol, ramipril, metformine, atorvastatine, acide acétylsalicylique 75 mg.",
                ),
            ),
        ),
    ),
    "vaccination": Script(
        kinds.VACCINATION,
        ("doctor", "paediatrician"),
        "Note de vaccination",
        (
            ((CONCLUSION, "Vaccin", "Vaccin hexavalent, lot BS2214A, cuisse gauche. Bonne tolérance immédiate."),),
            ((CONCLUSION, "Vaccin", "Vaccin grippe saisonnière, lot BS0917F, deltoïde gauche."),),
            ((CONCLUSION, "Vaccin", "Rougeole, oreillons, rubéole, lot BS3381K, cuisse droite."),),
        ),
    ),
}
