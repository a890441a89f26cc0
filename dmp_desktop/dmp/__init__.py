"""The DMP on the wire: SOAP over mutual TLS. Knows bytes and messages; nothing of windows, cards or files."""
