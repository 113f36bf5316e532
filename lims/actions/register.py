"""The certification register of a year as a sealed paper."""

from lims.actions.papers import IssuedPaper
from lims.actions.site import Site
from lims.actions.site_papers import Wanted, issue_site_paper
from lims.actions.work import Actor
from lims.documents.papers import REGISTER
from lims.documents.register import print_register
from lims.domain.register import Register


def issue_register(
    site: Site, actor: Actor, request_id: str, *, found: Register, language: str
) -> IssuedPaper:
    """Print the register as it was read. Raises Refused when the person may not print."""
    wanted = Wanted(
        paper=REGISTER,
        act="print_register",
        code=f"register-{found.year}",
        about=str(found.year),
        language=language,
        asked={"year": str(found.year)},
        draw=lambda copy: print_register(copy, found),
    )
    return issue_site_paper(site, actor, request_id, wanted)
