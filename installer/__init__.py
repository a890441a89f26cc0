"""Makes the programs that are shipped: frozen, counted (SBOM, licences, hashes), installed. Nothing of it is shipped."""
