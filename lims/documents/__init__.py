"""How it is printed: papers, seals and their verification; may not read the ledger: the record is handed in."""
