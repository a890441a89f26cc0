"""The Windows program made on Debian: Python and wheels of Windows, wine, PyInstaller, wixl. See docs/adr/0035."""
