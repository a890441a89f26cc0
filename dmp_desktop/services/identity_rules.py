"""What the rules of identities forbid, in French: each raises ContextError."""

from __future__ import annotations

from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError


def may_ask(identity: Identity) -> None:
    """Rule 25 (INS/va1.20); and INSi wants a sex."""
    not_in_doubt(identity)
    if identity.traits.sex is Sex.UNKNOWN or not identity.traits.first_given or not identity.traits.birth_family:
        raise ContextError(
            "identity.traits",
            "L'INSi demande le nom et le premier prénom de naissance, la date de naissance et le sexe.",
            "Complétez l'identité du patient.",
            field="identity",
        )


def not_in_doubt(identity: Identity) -> None:
    if identity.doubt:
        raise ContextError(
            "identity.doubt",
            f"Cette identité est signalée {identity.doubt} : l'INSi n'est pas interrogé.",
            "Levez d'abord le doute.",
            field="identity",
        )


def withdrawn(why: str) -> ContextError:
    """`why` says what is not done."""
    return ContextError(
        "identity.withdrawn",
        f"L'identité de ce patient n'est plus qualifiée : {why}.",
        "Vérifiez-la auprès de l'INSi et sur une pièce d'identité (« Identités du cabinet »).",
        field="ins",
    )


def replaced(why: str) -> ContextError:
    """INSi gave another number, which is qualified here; `why` says what is not done."""
    return ContextError(
        "identity.replaced",
        f"L'INS de ce patient a été remplacée par l'INSi : {why}.",
        "Ouvrez son dossier, qui est maintenant sous la nouvelle INS, puis reprenez-y votre texte.",
        field="ins",
    )


def refuse_double(identity: Identity, others: list[Identity]) -> None:
    """A number is of one person, and so is one that INSi replaced; who has the same traits to the letter is somebody else by
    their numbers only."""
    for one in others:
        if identity.matricule and _share(one, identity):
            raise ContextError(
                "identity.duplicate",
                "Cette INS est déjà celle d'une autre identité de ce poste.",
                "Vérifiez s'il s'agit d'un doublon avant d'aller plus loin.",
                field="identity",
            )
        told_apart = one.numbers and identity.numbers and not one.numbers & identity.numbers
        if one.traits.exactly(identity.traits) and not told_apart:
            raise _already_known()


def _share(one: Identity, other: Identity) -> bool:
    """A number that INSi says to be theirs."""
    both = [person.own | ({person.matricule.value} if person.matricule else set()) for person in (one, other)]
    return bool(both[0] & both[1])


def refuse_known(identity: Identity, others: list[Identity]) -> None:
    """A correction makes nobody out of somebody else."""
    if any(one.traits.same_as(identity.traits) for one in others):
        raise _already_known()


def _already_known() -> ContextError:
    return ContextError(
        "identity.known",
        "Une autre identité de ce poste a déjà ces traits : rien n'est enregistré.",
        "Comparez-les (« Identités du cabinet », par la date de naissance) et reprenez celle qui convient.",
        field="identity",
    )


def several() -> ContextError:
    return ContextError(
        "identity.several",
        "Plusieurs personnes connues ici ont exactement ces traits.",
        "Désignez-la par son matricule INS, dans la page « Identités du cabinet ».",
        field="identity",
    )
