"""What was run: records, measurements, runs gathered by seed, runs without a record."""
