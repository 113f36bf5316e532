"""E-mail on the administrator's pages."""

from lims.actions import mailing
from lims.actions.site import Site
from lims.domain.notices import unanswered
from tests.actions.test_mail import SETTINGS
from tests.pages.quality.conftest import batch_of
from tests.pages.quality.test_qc import Sit, perfused


def test_a_dead_mail_server_stands_on_the_administrators_today_and_on_the_page(site: Site, sit: Sit) -> None:
    admin = sit("admin")
    assert "Not set up" in admin.get("/mail").text
    sit("qc-a").identify(f"/qc/{perfused(site)}/sterility_b", option="growth")
    (site.folder / "MAIL.yaml").write_text(SETTINGS.format(port=1), encoding="utf-8")
    mailing.send_letters(site)
    assert "E-mail does not leave" in admin.get("/").text
    page = admin.get("/mail").text
    assert "Letters wait" in page and "ConnectionRefusedError" in page
    (site.folder / "MAIL.yaml").write_text("host: [", encoding="utf-8")
    assert "Settings cannot be read" in admin.get("/mail").text


def test_what_is_acknowledged_need_not_leave_any_more(site: Site, sit: Sit) -> None:
    number = perfused(site)
    sit("qc-a").identify(f"/qc/{number}/sterility_b", option="growth")
    (site.folder / "MAIL.yaml").write_text(SETTINGS.format(port=1), encoding="utf-8")
    mailing.send_letters(site)
    for person, notice, way in (("clin-a", 1, ""), ("clin-b", 2, "/investigator"), ("qa-a", 3, "")):
        address = f"/notices/{number}/{number}-N{notice}{way}"
        sit(person).identify(address, contacted_at="00:00", done="She was told.")
    assert not unanswered(batch_of(site, number))
    assert "E-mail does not leave" not in sit("admin").get("/").text
