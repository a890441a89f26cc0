"""The diagnosis: independent checks of the workstation, each with a verdict, a cause and the one thing to do."""
