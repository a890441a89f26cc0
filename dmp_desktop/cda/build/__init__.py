"""From a consultation to a CDA document. `build_consultation(BuildRequest(…))` gives a `BuiltDocument`: bytes and warnings."""

from dmp_desktop.cda.build.consultation import build_consultation
from dmp_desktop.cda.build.request import BuildRequest, Parent

__all__ = ["BuildRequest", "Parent", "build_consultation"]
