"""How the house is built: layers, rooms, words, licences, and pages that agree with the code."""
