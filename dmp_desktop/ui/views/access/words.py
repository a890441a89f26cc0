"""What the page Accès au dossier says in words: what to do, what the DMP tells, what was done."""

from __future__ import annotations

from dmp_desktop.domain.access import Administrative, Authorization, DossierStatus
from dmp_desktop.domain.consent import CHECKED, RESTART, AccessAct, TracedAct
from dmp_desktop.services.special_words import REASONS
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_access_fr as fr


def advice(status: DossierStatus | None) -> str:
    if status is None:
        return ""
    if not status.exists:
        return fr.GUIDANCE_NONE
    if status.closed:
        return fr.GUIDANCE_CLOSED
    return fr.GUIDANCE_FORBIDDEN if status.authorization is Authorization.INTERDIT else ""


def told_words(told: Administrative, *, minor: bool) -> str:
    lines = [fr.TOLD_LINE.format(what=words, said=fr.TOLD_WORDS[getattr(told, name)]) for name, words in fr.TOLD_LINES]
    names = [
        " ".join(filter(None, (one.link.display or one.link.code, one.given, one.family)))
        for one in told.representatives or ()
    ]
    if names:
        lines.append(fr.REPRESENTATIVES.format(" ; ".join(names)))
    elif minor:
        lines.append(fr.REPRESENTATIVES_UNTOLD if told.representatives is None else fr.NO_REPRESENTATIVES)
    return "\n".join(lines)


def line(traced: TracedAct) -> str:
    what = fr.ACT[traced.act]
    if traced.act is AccessAct.GLASS_BROKEN:
        reason = next((words for code, words in REASONS.items() if code == traced.reason), "")
        what = " — ".join(filter(None, (what, reason, traced.words)))
    elif traced.act in (AccessAct.UNANSWERED, AccessAct.NOT_DONE):
        what = what.format(fr.ACT[AccessAct(traced.reason)])
    elif traced.reason == CHECKED:
        what = fr.CHECKED_SINCE.format(what)
    elif traced.reason == RESTART:
        what = fr.ENDED_BY_RESTART.format(what)
    by = traced.by_name or fr.NOBODY
    return fr.HISTORY_LINE.format(moment=formats.day_and_time(traced.at), what=what, by=by)
