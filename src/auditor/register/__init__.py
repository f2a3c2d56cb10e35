"""The register: which column means what, what a cell says, and what cannot be taken as it is."""
