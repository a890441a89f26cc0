"""`python -m dmp_desktop …` is the command line `dmp …`, or the process that reads PDFs."""

import sys

from dmp_desktop.start import read_pdfs

if read_pdfs(sys.argv[1:]):
    sys.exit()

from dmp_desktop.cli import main

sys.exit(main())
