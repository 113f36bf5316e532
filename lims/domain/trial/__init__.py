"""The trial's own reading of its people: courses, windows, gestation, outcomes and figures."""
