"""What people see: read-only answers to a named reader as domain values; may never write."""
