"""What reading a certificate of somebody else's may raise."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

NO_CERTIFICATE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    x509.DuplicateExtension,
)
"""What cryptography says of bytes that are no certificate, or of one whose names, key or extensions it cannot make sense of.

They have no common ancestor: with one left out, a single odd certificate stops the reading of all the others.
"""
