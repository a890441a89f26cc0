"""The page Envois."""
