"""In and out of the practice software: the context of a consultation and its validator."""

from dmp_desktop.exchange.context import (
    context_from_dict,
    context_to_dict,
    facility_from_dict,
    facility_to_dict,
    load_context,
    patient_from_dict,
    patient_to_dict,
    professional_from_dict,
    professional_to_dict,
)

__all__ = [
    "context_from_dict",
    "context_to_dict",
    "facility_from_dict",
    "facility_to_dict",
    "load_context",
    "patient_from_dict",
    "patient_to_dict",
    "professional_from_dict",
    "professional_to_dict",
]
