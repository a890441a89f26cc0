"""The families of the command line. Each module has `register(families)`, which adds its parsers; each parser sets
`run(arguments) -> exit status`."""
