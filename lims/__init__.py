"""Electronic batch record and chain of custody for autologous cell therapy."""
