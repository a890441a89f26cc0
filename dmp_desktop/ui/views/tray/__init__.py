"""Scans: prepared at the front desk, validated by their doctor, sent together."""
