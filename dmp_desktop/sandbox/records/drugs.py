"""Drugs and vaccines of the invented records: CIS codes and names of the Base de données publique des médicaments, ATC."""

from __future__ import annotations

from dmp_desktop.sandbox.records.facts import Drug, Intake

BISOPROLOL = Drug(
    "67728468", "BISOPROLOL ACCORD HEALTHCARE 2,5 mg, comprimé pelliculé sécable", "C07AB07", "bisoprolol"
)
BISOCE = Drug("69381692", "BISOCE 2,5 mg, comprimé pelliculé sécable", "C07AB07", "bisoprolol")
RAMIPRIL = Drug("61599041", "RAMIPRIL BIOGARAN 5 mg, comprimé sécable", "C09AA05", "ramipril")
RAMIPRIL_EG = Drug("62403684", "RAMIPRIL EG 5 mg, comprimé sécable", "C09AA05", "ramipril")
METFORMIN = Drug("69916198", "METFORMINE BGR 500 mg, comprimé pelliculé", "A10BA02", "metformine")
ROSUVASTATIN = Drug("69473265", "ROSUVASTATINE EG 5 mg, comprimé pelliculé", "C10AA07", "rosuvastatine")
ATORVASTATIN = Drug("68722475", "ATORVASTATINE ZYDUS FRANCE 40 mg, comprimé pelliculé", "C10AA05", "atorvastatine")
CLOPIDOGREL = Drug("63564053", "PLAVIX 75 mg, comprimé pelliculé", "B01AC04", "clopidogrel", "3400938022377")
FUROSEMIDE = Drug("61337509", "FUROSEMIDE BIOGARAN 40 mg, comprimé sécable", "C03CA01", "furosémide")
FUROSEMIDE_EG = Drug("63076303", "FUROSEMIDE EG 40 mg, comprimé sécable", "C03CA01", "furosémide")
MIRTAZAPINE = Drug("65955054", "MIRTAZAPINE EG 15 mg, comprimé pelliculé", "N06AX11", "mirtazapine")
PARACETAMOL = Drug("63107752", "PARACETAMOL MYLAN 500 mg, comprimé", "N02BE01", "paracétamol", "3400933516390")
LEVOTHYROXINE = Drug("62080626", "LEVOTHYROX 75 microgrammes, comprimé sécable", "H03AA01", "lévothyroxine sodique")
VITAMIN_D = Drug("", "Vitamine D, solution buvable en gouttes", "A11CC05", "colécalciférol")

INFLUENZA = Drug(
    "60716805", "INFLUVAC TETRA, suspension injectable en seringue préremplie", "J07BB02", "vaccin grippal"
)
PNEUMOCOCCUS = Drug(
    "62189757", "PREVENAR 20, suspension injectable en seringue préremplie", "J07AL02", "vaccin pneumococcique"
)
PNEUMOCOCCUS_CHILD = Drug("67786749", "PREVENAR 13, suspension injectable", "J07AL02", "vaccin pneumococcique")
TETANUS = Drug("60917345", "REVAXIS, suspension injectable en seringue préremplie", "J07CA01", "vaccin dT-polio")
HEXAVALENT = Drug(
    "62966063", "INFANRIX hexa, poudre et suspension pour suspension injectable", "J07CA09", "vaccin hexavalent"
)
MEASLES = Drug(
    "61896473", "PRIORIX, poudre et solvant pour solution injectable en seringue préremplie", "J07BD52", "vaccin ROR"
)

MORNING = Intake("1 comprimé le matin", 24)
EVENING = Intake("1 comprimé le soir", 24)
TWICE = Intake("1 comprimé matin et soir", 12)
THRICE = Intake("2 comprimés toutes les 8 heures si besoin", 8, 2)
"""Eight hours and two tablets: never above the day's limit."""
DROPS = Intake("3 gouttes par jour", 24, 3, "[drp]")

LEFT_ARM = ("16217701000119102", "deltoïde gauche")
LEFT_THIGH = ("61396006", "cuisse gauche")
RIGHT_THIGH = ("11207009", "cuisse droite")
