"""How a demo is played: invented people act through the same corridor on a virtual clock; never in production."""
