"""Why nothing is taken from the scanner's folder, or not a file of it."""

from __future__ import annotations

from dmp_desktop.errors import ContextError


def full(most: int) -> ContextError:
    return ContextError(
        "scan-folder-full",
        f"Le dossier des numérisations contient plus de {most} éléments : rien n'y est pris.",
        "Choisissez un dossier réservé au scanner.",
    )


def too_big() -> ContextError:
    return ContextError(
        "scan-big",
        "Ce fichier dépasse 20 Mo.",
        "Numérisez-le de nouveau en 200 points par pouce et en niveaux de gris, ou en plusieurs fichiers.",
    )


def empty() -> ContextError:
    return ContextError(
        "scan-empty",
        "Ce fichier est vide : le scanner n'y a rien écrit.",
        "Numérisez le papier de nouveau, puis supprimez ce fichier.",
    )


def held_elsewhere() -> ContextError:
    return ContextError(
        "scan-held",
        "Ce fichier ne peut pas être repris : un autre logiciel le tient ouvert, ou votre compte n'y a pas droit.",
        "Fermez le logiciel qui l'affiche : il sera repris de lui-même.",
    )


def unforeseen() -> ContextError:
    return ContextError(
        "scan-unforeseen",
        "Ce fichier n'a pas pu être lu : le programme y rencontre une erreur imprévue.",
        "Ouvrez-le avec un autre logiciel, et prévenez l'assistance.",
    )


def no_folder() -> ContextError:
    return ContextError(
        "scan-folder",
        "Le dossier des numérisations ne peut pas être lu.",
        "Vérifiez qu'il existe et que le réseau du cabinet répond, ou choisissez-en un autre.",
    )


def not_ours() -> ContextError:
    return ContextError(
        "scan-folder-rights",
        "Le dossier des numérisations est en lecture seule : rien n'y est pris.",
        "Donnez à votre compte le droit d'y écrire, ou choisissez-en un autre.",
    )
