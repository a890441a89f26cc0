"""What a technical administrator has in the place of the record."""
