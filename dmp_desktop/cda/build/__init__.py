"""From a note and a context to a CDA document. `build(BuildRequest(…))` gives a `BuiltDocument`: bytes and warnings."""

from dmp_desktop.cda.build.assemble import build
from dmp_desktop.cda.build.kinds import plan_of
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.domain.documents import Parent

__all__ = ["BuildRequest", "Parent", "build", "plan_of"]
