"""How an instance's tables came to be, revision by revision."""
