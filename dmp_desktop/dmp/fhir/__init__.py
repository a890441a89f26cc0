"""The DMP over FHIR (profile PDSm): the second adapter of `DmpRepository`, chosen by DMP_DESKTOP_PROTOCOL (docs/adr/0016)."""
