"""Clinical documents: `cda.build` makes them, `cda.check` judges them, `cda.read` and `cda.render` read anyone's.

No I/O but our own fonts and tables; no clock: time and identifiers are passed in.
"""
