"""Everything Qt. Importing the package makes Qt safe to call on every Python we support."""

from dmp_desktop.ui.immortal import protect_singletons

protect_singletons()
