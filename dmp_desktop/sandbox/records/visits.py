"""What consultations say: French sentences by speciality. `{…}` are filled by timeline.py."""

from __future__ import annotations

from dmp_desktop.sandbox.records import kinds
from dmp_desktop.sandbox.records.script import CONCLUSION, FINDINGS, REASON, Script

VISITS = {
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
}
