"""How others read it: record files in open formats; may add nothing to the record."""
