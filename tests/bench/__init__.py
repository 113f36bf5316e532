"""How fast it is, told as ratios against the barest thing that does the same, in the same run; never a test."""
