"""Clinical documents: `cda.build` makes them, `cda.check` judges them, `cda.read` and `cda.render` read anyone's.

No I/O but our own fonts and tables, and the process that reads PDFs (`pdf_helper`); no clock but its deadline:
time and identifiers are passed in.
"""
