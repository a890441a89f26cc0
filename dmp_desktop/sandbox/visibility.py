"""Which entries a professional may see (reference §4, §5.3)."""

from __future__ import annotations

from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.sandbox.model import RegistryObject
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Profile


def is_author(found: RegistryObject, request: Request) -> bool:
    """True when the asker is an author of the document (XCN: the identifier comes first)."""
    return any(value.partition("^")[0] == request.vihf.national_id for value in found.author_values("authorPerson"))


def is_visible(found: RegistryObject, request: Request, profile: Profile) -> bool:
    """Deleted documents are gone [R]; those masked to professionals are for their author and the attending doctor.

    In break-glass and regulation modes masked documents show too: the patient has not opposed the mode, or the request would
    have been refused before. The signature of a lot carries the same mask; being nobody's clinical document, it is shown to
    its author only.
    """
    if found.status == Availability.DELETED.value:
        return False
    if Visibility.MASQUE_PS.code not in found.confidentiality or is_author(found, request):
        return True
    if found.is_signature:
        return False
    return profile is Profile.ATTENDING or request.vihf.access is not AccessMode.NORMAL
