"""`python -m dmp_desktop …` is the command line `dmp …`, or the process that reads PDFs or cartes Vitale."""

import sys

from dmp_desktop.start import be_a_helper

if be_a_helper(sys.argv[1:]):
    sys.exit()

from dmp_desktop.cli import main

sys.exit(main())
