"""What every text of the pages reads as in 中文; message ids are the English texts themselves."""
