"""A second player for tests: batches of ten steps, stopped wherever a test wants them to stand."""
