"""A process that reads a record in an emergency, then waits to be killed: PATIENT.json. The environment is that of the program.

Prints one line of JSON: what it keeps on the disk, and words of what it read.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.special_words import Reason
from dmp_desktop.wiring import open_wiring

patient = patient_from_dict(json.loads(Path(sys.argv[1]).read_text("utf-8")))
with open_wiring(os.environ) as wiring:
    wiring.sign_in_software()
    wiring.access.special.break_glass(patient, Reason.IMMEDIATE_RISK)
    first, *_others = wiring.dossier.entries(patient)
    content = wiring.dossier.content(patient, first)
    kept = sorted(wiring.dossier.kept(patient))
    print(json.dumps({"kept": kept, "title": first.title, "size": len(content)}), flush=True)
    sys.stdin.read()
