"""How a master batch record is written: YAML to domain values, with every fault named by file and line.

May read the text it is handed and judge it; may not store, sign or approve anything.
"""
