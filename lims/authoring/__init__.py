"""How it is written: turns YAML into master batch records and study protocols; may never touch the ledger."""
