"""Checks of the address itself: is it reached, does it live, is it ready, does it serve its page and cookies."""

import ipaddress

from collab.doctor import advice
from collab.doctor.report import Finding, Status
from collab.doctor.seen import Seen
from collab.doctor.web import Answer, Cookie, Jar, NoAnswer

# A certificate that is renewed by itself is renewed a month before its end.
DAYS_LEFT = 14
# What `/readyz` says while many come at once, which is no fault of the deployment.
BUSY = "admission:"


class NotReached(Exception):
    """Nothing of ours answers there: the finding says why, and every other check would say the same."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.says)
        self.finding = finding


async def reached(seen: Seen) -> Finding:
    """Raises NotReached."""
    try:
        answer = await seen.site.get("/healthz")
    except NoAnswer as error:
        raise NotReached(Finding(Status.FAIL, f"{seen.site.url} is not reached: {error}", advice.ADDRESS)) from error
    if 300 <= answer.status < 400:
        where = answer.header("location")
        raise NotReached(Finding(Status.FAIL, f"leads to {where}", advice.REDIRECT))
    if answer.status != 200 or answer.body != b"ok":
        said = (
            f"/healthz answers with {answer.status} and not with ok: this is not the application, or none of it lives"
        )
        raise NotReached(Finding(Status.FAIL, said, advice.ALIVE))
    return judge_reached(answer, is_https=seen.site.is_https)


def judge_reached(answer: Answer, *, is_https: bool) -> Finding:
    facts = {"tls": answer.tls, "days": answer.days, "ip": answer.remote}
    if not is_https and not _is_loopback(answer.remote):
        return Finding(Status.WARN, "answers, but over plain http: passwords can be read", advice.HTTPS, facts=facts)
    if not is_https:
        return Finding(Status.OK, f"answers at {answer.remote}", facts=facts)
    if answer.days is None:
        return Finding(Status.WARN, f"answers over {answer.tls}; the certificate was not checked", facts=facts)
    if answer.days < DAYS_LEFT:
        said = f"answers over {answer.tls}, but the certificate ends in {answer.days} days"
        return Finding(Status.WARN, said, advice.CERTIFICATE, facts=facts)
    return Finding(Status.OK, f"answers over {answer.tls}, the certificate is good for {answer.days} days", facts=facts)


async def ready(seen: Seen) -> Finding:
    try:
        answers = await seen.readiness()
    except NoAnswer as error:
        return Finding(Status.FAIL, f"/readyz: {error}", advice.READINESS)
    known = {name for body in answers for name in body["checks"]["instances"]}
    names = [body["instance"] for body in answers]
    unready = [f"{body['instance']}: {reason}" for body in answers for reason in body["reasons"]]
    degraded = [(body["instance"], reason) for body in answers for reason in body["degraded"]]
    worse = [f"{name}: {reason}" for name, reason in degraded if not reason.startswith(BUSY)]
    busy = [f"{name}: {reason}" for name, reason in degraded if reason.startswith(BUSY)]
    facts = {"instances": answers}
    if unready:
        said = f"{len(unready)} of {len(answers)} answered that people should not be sent there"
        return Finding(Status.FAIL, said, advice.READINESS, unready, facts)
    if worse:
        return Finding(Status.WARN, f"ready, but not as meant: {', '.join(names)}", (), [*worse, *busy], facts)
    if missing := sorted(known - set(names)):
        said = f"ready: {', '.join(names)}. Nobody is sent to {', '.join(missing)}"
        return Finding(Status.WARN, said, advice.MISSING, facts=facts)
    return Finding(Status.OK, f"ready: {', '.join(names)}", (), busy, facts)


async def page(seen: Seen) -> Finding:
    try:
        answer = await seen.site.get(seen.login, {"Accept": "text/html"})
    except NoAnswer as error:
        return Finding(Status.FAIL, f"the sign-in page: {error}", advice.PAGE)
    if answer.status == 400:
        return Finding(Status.FAIL, "the sign-in page answers with 400: the application is told another Host than this "
                                    "address", advice.HOST)  # fmt: skip
    if answer.status != 200:
        return Finding(Status.FAIL, f"the sign-in page answers with {answer.status}", advice.PAGE)
    if seen.site.is_https and not answer.header("strict-transport-security"):
        said = "the sign-in page comes without HSTS: the application does not know that people use https"
        return Finding(Status.FAIL, said, advice.SCHEME)
    return Finding(Status.OK, "the sign-in page is served")


async def cookies(seen: Seen) -> Finding:
    """Look at the cookies of somebody who begins to sign in with a passkey: that makes a session without an account."""
    jar = Jar()
    try:
        first = await seen.site.get(seen.login, {"Accept": "text/html"})
        jar.take(first.cookies)
        asked = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest", **jar.header()}
        second = await seen.site.get("/accounts/2fa/webauthn/login/", asked)
    except NoAnswer as error:
        return Finding(Status.SKIP, f"no page came: {error}")
    found = {cookie.name: cookie for cookie in [*first.cookies, *second.cookies]}
    if first.status != 200:
        return Finding(Status.SKIP, "the sign-in page is not served")
    return judge_cookies(found, is_https=seen.site.is_https)


def judge_cookies(found: dict[str, Cookie], *, is_https: bool) -> Finding:
    """`csrftoken` need not be HttpOnly: whoever runs a script in the page reads the same value in its forms."""
    wanted = {"sessionid": ["httponly", "samesite"], "csrftoken": ["samesite"], "collab_lb": ["httponly"]}
    if is_https:
        wanted = {name: ["secure", *flags] for name, flags in wanted.items()}
    wrong = {name: [flag for flag in wanted[name] if flag not in found[name].flags] for name in wanted if name in found}
    wrong = {name: flags for name, flags in wrong.items() if flags}
    facts = {name: cookie.flags for name, cookie in found.items()}
    if wrong:
        title = {"secure": "Secure", "httponly": "HttpOnly", "samesite": "SameSite"}
        said = "; ".join(f"{name} without {', '.join(title[flag] for flag in flags)}" for name, flags in wrong.items())
        ours = advice.COOKIES if wrong.keys() - {"collab_lb"} else ()
        theirs = advice.BALANCER_COOKIE if "collab_lb" in wrong else ()
        return Finding(Status.FAIL, said, (*ours, *theirs), facts=facts)
    if missing := [name for name in ("sessionid", "csrftoken") if name not in found]:
        return Finding(Status.WARN, f"{', '.join(missing)} did not come, so nothing is known about it", facts=facts)
    return Finding(Status.OK, f"flags are right: {', '.join(sorted(found.keys() & wanted.keys()))}", facts=facts)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
