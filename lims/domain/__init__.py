"""What is true: pure values, rules and folds of the record; may use the standard library only, no clock and no I/O."""
