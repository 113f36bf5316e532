"""What leaves for others: the trial's tables, read back by other libraries than the ones that wrote them."""
