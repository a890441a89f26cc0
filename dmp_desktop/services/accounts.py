"""Accounts of software certificates: a folder with `auth.p12`, `sign.p12` and `holder.json`.

`holder.json` stands for the data objects of a card (CPS_NAME_PS, CPS_INFO_PS, CPS_ACTIVITY): who holds it, where they work. Cards
themselves (PKCS#11, PIN) come with issue D; until then the demonstration's card is one of these folders, found by its holder.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.exchange.context import facility_from_dict, professional_from_dict
from dmp_desktop.services.sign_in import Account


def software_account(folder: Path, password: Callable[[], str]) -> Account:
    """The account of a folder; `password` is asked for when it signs in.

    Raises DmpError when `holder.json` is missing, ContextError when it cannot be used.
    """
    try:
        holder = json.loads((folder / "holder.json").read_text("utf-8"))
    except OSError:
        raise DmpError(
            "TitulaireAbsent",
            "Le dossier des certificats ne dit pas à qui ils appartiennent (holder.json).",
            "Indiquez un dossier de certificats complet.",
        ) from None
    except ValueError:
        holder = None
    if not isinstance(holder, dict) or holder.get("role") not in set(Role) or not holder.get("national_id"):
        raise ContextError(
            "TitulaireIllisible",
            "Le fichier holder.json du dossier des certificats est illisible.",
            'Il contient {"national_id", "role", "professional", "facility"}.',
            field="role",
        )
    return Account(
        national_id=str(holder["national_id"]),
        professional=professional_from_dict(holder.get("professional")),
        facility=facility_from_dict(holder.get("facility")),
        role=Role(holder["role"]),
        open_identity=lambda: Pkcs12Identity(folder, password()),
    )
