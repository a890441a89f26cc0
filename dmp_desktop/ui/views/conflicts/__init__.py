"""Where two workstations differ."""
