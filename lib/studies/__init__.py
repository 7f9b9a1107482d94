"""Questions across papers, one package each."""
