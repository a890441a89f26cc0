"""Clinical documents: `cda.build` makes them, `cda.check` judges them, `cda.read` and `cda.render` read anyone's.

No I/O but our own fonts and tables, and the processes that read PDFs and scans (`pdf_helper`, `scan_helper`); no clock but
their deadline: time and identifiers are passed in.
"""
