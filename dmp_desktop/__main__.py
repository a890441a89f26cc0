"""`python -m dmp_desktop …` is the command line `dmp …`, or the process that reads PDFs or cartes Vitale."""

import sys

from dmp_desktop.start import be_a_helper, leave_no_core_file

if be_a_helper(sys.argv[1:]):
    sys.exit()

from dmp_desktop.cli import main

leave_no_core_file()
sys.exit(main())
