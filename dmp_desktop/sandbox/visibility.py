"""Which entries a professional may see (reference §4, §5.3)."""

from __future__ import annotations

from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.model import RegistryObject
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Profile


def is_author(found: RegistryObject, request: Request) -> bool:
    """True when the asker is an author of the document (XCN: the identifier comes first)."""
    return any(value.partition("^")[0] == request.vihf.national_id for value in found.author_values("authorPerson"))


def is_of_structure(found: RegistryObject, request: Request) -> bool:
    """True when an author of the document wrote for the asker's structure (XON: the identifier is the tenth component)."""
    places = (value.split("^") for value in found.author_values("authorInstitution"))
    return any(len(place) > 9 and place[9] == request.vihf.structure_id for place in places)


def is_of_patient(found: RegistryObject) -> bool:
    """True for what the patient has deposited (reference §2.3, EX_3.1-1040: recognised by its classCode)."""
    return any(code.node == names.PATIENT_CLASS for code in found.coded(names.CLASS_CODE))


def is_visible(found: RegistryObject, request: Request, profile: Profile) -> bool:
    """Deleted documents are gone [R]; those masked to professionals are for their author and the attending doctor.

    In break-glass and regulation modes masked documents show too: the patient has not opposed the mode, or the request would
    have been refused before. The signature of a lot carries the same mask; being nobody's clinical document, it is shown to
    its author only.
    """
    return found.status != Availability.DELETED.value and is_shown(found, request, profile)


def is_shown(found: RegistryObject, request: Request, profile: Profile) -> bool:
    """The same, whether it is deleted or not. An old version of the metadata hides what the latest hides."""
    if found.status == Availability.DEPRECATED.value:
        latest = request.store.object(found.unique_id)
        found = latest[0] if latest else found
    if Visibility.MASQUE_PS.code not in found.confidentiality or is_author(found, request):
        return True
    if found.is_signature:
        return False
    return profile is Profile.ATTENDING or request.vihf.access is not AccessMode.NORMAL
