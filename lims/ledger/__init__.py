"""Where it is kept: appends, chains, reads and verifies entries; may know nothing of people's acts, pages or papers."""
