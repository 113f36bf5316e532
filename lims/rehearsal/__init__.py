"""How a journey is rehearsed: a written play goes through the same corridor on a throw-away instance; never a rule."""
