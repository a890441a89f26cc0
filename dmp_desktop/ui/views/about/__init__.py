"""The page « À propos »."""
