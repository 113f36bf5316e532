"""How often one station may try to sign in."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")
SIGN_IN = "30 per minute"
