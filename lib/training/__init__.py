"""Training of one run: device checks, Lightning module, fit with resume, prediction."""
