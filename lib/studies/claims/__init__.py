"""Evidence on the papers' claims from stored runs, and the verdicts that follow from it."""
