"""Code systems and value sets the other packages look up; data files in `resources/codes/`, loaded on first use."""

from dmp_desktop.terminology.rapid_tests import RapidTest, rapid_test, rapid_test_result
from dmp_desktop.terminology.resources import read_table, resource_path
from dmp_desktop.terminology.vaccination import injection_route, injection_site, vaccine_class
from dmp_desktop.terminology.valuesets import (
    VitalSign,
    document_class,
    document_classes,
    document_type,
    document_types,
    encounter_kind,
    facility_type,
    format_code,
    function,
    practice_setting,
    specialty,
    unit_label,
    vital_sign_by_code,
    vital_signs,
)

__all__ = [
    "RapidTest",
    "VitalSign",
    "document_class",
    "document_classes",
    "document_type",
    "document_types",
    "encounter_kind",
    "facility_type",
    "format_code",
    "function",
    "injection_route",
    "injection_site",
    "practice_setting",
    "rapid_test",
    "rapid_test_result",
    "read_table",
    "resource_path",
    "specialty",
    "unit_label",
    "vaccine_class",
    "vital_sign_by_code",
    "vital_signs",
]
