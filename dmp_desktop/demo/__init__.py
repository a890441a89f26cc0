"""The demonstration: the whole product on the stand-in server, with a drawn card reader. `python -m dmp_desktop.demo`."""
