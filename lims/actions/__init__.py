"""What people do: one function per act, each through the one corridor; may not render or answer HTTP."""
