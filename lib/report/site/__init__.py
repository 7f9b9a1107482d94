"""The study as web pages: findings, stored notebooks, figures and cards, without scripts or external requests."""
