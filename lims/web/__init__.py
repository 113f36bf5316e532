"""How it is shown: form in, action, page out; decides nothing and touches no table."""
