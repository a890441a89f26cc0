"""The window as a panel beside the practice software: where it stands, how it shows itself, tray icon, shortcut (ADR 36)."""
