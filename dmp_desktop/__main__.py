"""`python -m dmp_desktop …` is the command line `dmp …`."""

import sys

from dmp_desktop.cli import main

sys.exit(main())
