"""Every kind of entry that can be on file, by subject; the envelope that carries them is in `envelope`."""
