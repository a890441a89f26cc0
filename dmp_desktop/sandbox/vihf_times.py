"""The times a VIHF tells: when it was made, when the professional was authenticated, how long it may be used (reference §3)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from lxml import etree

from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.assertion import refuse
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.tolerances import Tolerances

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
"""xs:dateTime, less the years that need a sign or five figures."""


def check(element: etree._Element, now: datetime, tolerances: Tolerances) -> None:
    """Made lately, authenticated in the past and not too long ago, usable now. Figures [R], see Tolerances.

    Raises SoapFault at the first rule broken.
    """
    skew = timedelta(minutes=tolerances.skew_minutes)
    issued = _instant(element.get("IssueInstant", ""), "IssueInstant")
    if now - issued > timedelta(minutes=tolerances.vihf_minutes):
        raise refuse("Le VIHF est expiré")
    if issued > now + skew:
        raise refuse("Le VIHF est daté du futur")
    authenticated = authn_instant(element)
    if authenticated > now + skew:
        raise refuse("AuthnInstant est dans le futur")
    if now - authenticated > timedelta(hours=tolerances.session_hours):
        raise refuse("AuthnInstant est plus ancien que ne peut l'être une session")
    for conditions in element.findall(q(names.SAML, "Conditions")):
        _check_conditions(conditions, now, skew)


def authn_instant(element: etree._Element) -> datetime:
    """When the professional was authenticated. Raises SoapFault."""
    statement = element.find(q(names.SAML, "AuthnStatement"))
    text = "" if statement is None else statement.get("AuthnInstant", "")
    if not text:
        raise refuse("AuthnStatement est absent ou sans AuthnInstant")
    return _instant(text, "AuthnInstant")


def _check_conditions(conditions: etree._Element, now: datetime, skew: timedelta) -> None:
    """Optional, but what they say binds (SAML Core §2.5.1): from NotBefore, until NotOnOrAfter left out."""
    since, until = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if since is not None and now + skew < _instant(since, "NotBefore"):
        raise refuse("Le VIHF n'est pas encore valable (NotBefore)")
    if until is not None and now - skew >= _instant(until, "NotOnOrAfter"):
        raise refuse("Le VIHF n'est plus valable (NotOnOrAfter)")


def _instant(text: str, name: str) -> datetime:
    """A time of SAML, in UTC (SAML Core §1.3.3)."""
    try:
        instant = datetime.fromisoformat(text) if _DATE_TIME.fullmatch(text) else None
    except ValueError:
        instant = None
    if instant is None:
        raise refuse(f"{name} est absent ou illisible")
    if instant.utcoffset() != timedelta(0):
        raise refuse(f"{name} doit être exprimé en UTC")
    return instant
