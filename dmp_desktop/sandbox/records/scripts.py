"""What the invented documents say: titles and French sentences by kind of event. `{…}` are filled by timeline.py."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.sandbox.records import kinds
from dmp_desktop.sandbox.records.kinds import KindOfDocument

REASON, FINDINGS, CONCLUSION = "42349-1", "30954-2", "55112-7"


@dataclass(frozen=True, slots=True)
class Script:
    """One kind of event: who writes (keys of authors.WRITERS), under what title, with what text.

    `texts` are variants; a variant is (section code, heading, paragraphs…) tuples.
    """

    kind: KindOfDocument
    writers: tuple[str, ...]
    title: str
    texts: tuple[tuple[tuple[str, ...], ...], ...] = ()
    panels: tuple[tuple[str, ...], ...] = ()


SCRIPTS = {
    "cardiology": Script(
        kinds.CONSULTATION,
        ("cardiologist",),
        "Consultation de cardiologie",
        (
            (
                (
                    REASON,
                    "Motif",
                    "Suivi d'une hypertension artérielle traitée et d'une cardiopathie ischémique stentée.",
                ),
                (
                    FINDINGS,
                    "Examen",
                    "Pas de douleur thoracique, pas de dyspnée d'effort, pas d'œdème des membres inférieurs.",
                    "PA {pas}/{pad} mmHg au bras droit, fréquence cardiaque {fc}/min, poids {poids} kg. Auscultation normale.",
                    "ECG : rythme sinusal, axe gauche, pas de trouble de la repolarisation.",
                    "Échocardiographie : FEVG {fevg} %, pas de valvulopathie significative, pressions droites normales.",
                ),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Situation cardiologique stable. Poursuite du traitement. Objectif de LDL inférieur à 0,55 g/L.",
                    "Contrôle clinique et échographique dans six mois.",
                ),
            ),
            (
                (REASON, "Motif", "Palpitations intermittentes depuis trois semaines, de survenue surtout nocturne."),
                (
                    FINDINGS,
                    "Examen",
                    "PA {pas}/{pad} mmHg, fréquence cardiaque {fc}/min régulière, poids {poids} kg.",
                    "Holter ECG de 24 heures : 412 extrasystoles supraventriculaires isolées, pas de trouble du rythme soutenu.",
                ),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Extrasystolie bénigne. Réduction du café. Pas de traitement antiarythmique.",
                ),
            ),
        ),
    ),
    "nephrology": Script(
        kinds.CONSULTATION,
        ("nephrologist",),
        "Consultation de néphrologie",
        (
            (
                (REASON, "Motif", "Maladie rénale chronique sur néphropathie diabétique et hypertensive."),
                (
                    FINDINGS,
                    "Évolution",
                    "PA {pas}/{pad} mmHg, poids {poids} kg, pas d'œdème. Lente diminution du débit de filtration glomérulaire.",
                    "Albuminurie stable sous bloqueur du système rénine-angiotensine et inhibiteur de SGLT2.",
                ),
                (
                    CONCLUSION,
                    "Conduite à tenir",
                    "Poursuite du traitement. Éviter les anti-inflammatoires non stéroïdiens et les produits de contraste iodés.",
                    "Ionogramme et créatinine tous les mois, recharge martiale à discuter si la ferritine baisse.",
                ),
            ),
        ),
    ),
    "endocrinology": Script(
        kinds.CONSULTATION,
        ("endocrinologist",),
        "Consultation de diabétologie",
        (
            (
                (REASON, "Motif", "Diabète de type 2 connu depuis 2009, suivi semestriel."),
                (
                    FINDINGS,
                    "Bilan",
                    "Poids {poids} kg, PA {pas}/{pad} mmHg. Pas d'hypoglycémie sévère depuis la dernière consultation.",
                    "Examen des pieds : pouls perçus, monofilament 9/10 à droite, 10/10 à gauche, grade podologique 1.",
                ),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Équilibre acceptable pour l'âge. Objectif d'HbA1c à 7,5 %. Metformine adaptée à la fonction rénale.",
                ),
            ),
        ),
    ),
    "gp_visit": Script(
        kinds.CONSULTATION,
        ("doctor",),
        "Consultation de médecine générale",
        (
            (
                (REASON, "Motif", "Rhinopharyngite fébrile depuis trois jours."),
                (FINDINGS, "Examen", "Température 38,2 °C, tympans normaux, auscultation libre. PA {pas}/{pad} mmHg."),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Infection virale des voies aériennes supérieures. Traitement symptomatique.",
                ),
            ),
            (
                (REASON, "Motif", "Lombalgie aiguë après port de charge."),
                (FINDINGS, "Examen", "Raideur lombaire, pas de déficit, signe de Lasègue négatif. Poids {poids} kg."),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Lombalgie commune. Antalgiques, maintien des activités, kinésithérapie si besoin.",
                ),
            ),
        ),
    ),
    "former_gp": Script(
        kinds.CONSULTATION_PDF,
        ("former_gp",),
        "Compte rendu de consultation",
        (
            (
                (REASON, "Motif", "Renouvellement de traitement et bilan annuel."),
                (FINDINGS, "Examen", "PA {pas}/{pad} mmHg, poids {poids} kg. Examen clinique sans particularité."),
                (CONCLUSION, "Conclusion", "Traitement reconduit pour trois mois. Bilan biologique prescrit."),
            ),
        ),
    ),
    "ophthalmology": Script(
        kinds.CONSULTATION_PDF,
        ("ophthalmologist",),
        "Consultation d'ophtalmologie",
        (
            (
                (REASON, "Motif", "Dépistage annuel de la rétinopathie."),
                (
                    FINDINGS,
                    "Examen",
                    "Acuité visuelle 8/10 P2 aux deux yeux. Tonus 15 mmHg. Cataracte débutante bilatérale.",
                ),
                (CONCLUSION, "Conclusion", "Pas de rétinopathie au fond d'œil. Contrôle dans un an."),
            ),
        ),
    ),
    "ent": Script(
        kinds.CONSULTATION_PDF,
        ("ent",),
        "Consultation ORL",
        (
            (
                (REASON, "Motif", "Acouphènes de l'oreille gauche."),
                (FINDINGS, "Examen", "Otoscopie normale. Audiométrie : perte de 25 dB à 4 000 Hz à gauche."),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Presbyacousie débutante asymétrique. IRM des conduits auditifs internes demandée.",
                ),
            ),
        ),
    ),
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
    "child_visit": Script(
        kinds.CHILD_VISIT,
        ("paediatrician", "doctor"),
        "Examen de l'enfant",
        (
            (
                (REASON, "Motif", "Examen obligatoire de suivi."),
                (
                    FINDINGS,
                    "Examen",
                    "Poids {poids} kg. Développement psychomoteur conforme à l'âge. Examen clinique normal.",
                ),
                (CONCLUSION, "Conclusion", "Vaccinations à jour. Conseils d'alimentation et de sommeil donnés."),
            ),
            (
                (REASON, "Motif", "Otite moyenne aiguë droite."),
                (FINDINGS, "Examen", "Tympan droit bombant et congestif, température 39 °C. Poids {poids} kg."),
                (
                    CONCLUSION,
                    "Conclusion",
                    "Amoxicilline 80 mg/kg/j pendant cinq jours. Revoir si la fièvre dure plus de 48 heures.",
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
