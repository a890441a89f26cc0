"""`python -m dmp_desktop …` is the command line `dmp …`, or the process that reads PDFs or cartes Vitale.

With what is for the window (`--context …`, an address `dmp-desktop://…`) it is `dmp-desktop`."""

import sys

from dmp_desktop.start import be_a_helper, for_the_window, keep_our_libraries_ours, leave_no_core_file

keep_our_libraries_ours()
if be_a_helper(sys.argv[1:]):
    sys.exit()
if for_the_window(sys.argv[1:]):
    from dmp_desktop.start import main as window

    sys.exit(window())

from dmp_desktop.cli import main  # noqa: E402 - a helper loads nothing of it

leave_no_core_file()
sys.exit(main())
