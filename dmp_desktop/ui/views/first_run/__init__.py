"""The first run of the program on a workstation."""
