"""An HTTP interface that gives pages `{"page","pageSize","total","rows"}`: all of them one delivery, or none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mianshen.core.errors import MianshenError
from mianshen.feeds.fetched import Taken
from mianshen.feeds.fetching import Errand, control_file
from mianshen.feeds.paging import fetch_pages
from mianshen.feeds.sources import PageAsk, Period
from mianshen_airflow.sources.troubles import told

if TYPE_CHECKING:
    from requests import Response, Session

PATIENCE = (10, 60)
"""Seconds to connect, and without an answer."""
LARGEST_PAGE = 256 << 20
"""Bytes of one page; a larger one is refused: ask for fewer rows."""
PIECE = 1 << 20


def fetch(errand: Errand, ask: PageAsk, period: Period) -> Counter[str]:
    """The period's pages, landed as one archive; counts of rows, taken, same, empty."""
    code = errand.source.code
    with told(code, _code_of):
        session, url = _open(str(errand.source.conn_id), ask)
        asked = {name: value.replace("{period}", f"{period.first:{ask.period_format}}") for name, value in ask.parameters.items()}

        def get(number: int) -> bytes:
            parameters = {**asked, "page": str(number), "pageSize": str(ask.page_size)}
            answer = session.get(url, params=parameters, timeout=PATIENCE, allow_redirects=False, stream=True)
            with answer:
                _check(answer, where=f"{code} page {number}")
                return _body(answer, where=f"{code} page {number}")

        with session:
            return _land(errand, period, get)


def _land(errand: Errand, period: Period, get: Any) -> Counter[str]:
    name = f"{errand.source.list_code}_{period.written}.zip"
    with errand.landing.parcel(name, stamp=f"{errand.at:%Y%m%dT%H%M%S}") as parcel:
        rows = fetch_pages(get, parcel, where=errand.source.code)
        counts = Counter(rows=rows, taken=0, same=0, empty=int(rows == 0))
        is_same = errand.memory.gave(period.written) == parcel.sha256
        counts["same"] += is_same
        if rows and not is_same:
            said = control_file(_contract(errand), period=period.written, sha256=parcel.sha256)
            parcel.place(control=said)
            counts["taken"] += 1
            errand.memory.add(Taken(period.written, parcel.size, "", parcel.sha256))
    return counts


def _contract(errand: Errand) -> Any:
    if errand.contract is None:
        raise MianshenError("SOURCE_SETTINGS", found="list_code", where=errand.source.code)
    return errand.contract


def _open(conn_id: str, ask: PageAsk) -> tuple[Session, str]:
    """A session and the interface's address; a password without login is a bearer token."""
    from airflow.providers.http.hooks.http import HttpHook

    hook = HttpHook(method="GET", http_conn_id=conn_id)
    known = hook.get_connection(conn_id)
    bearer = {"Authorization": f"Bearer {known.password}"} if known.password and not known.login else {}
    session = hook.get_conn(headers=bearer)
    return session, f"{hook.base_url.rstrip('/')}/{ask.endpoint.lstrip('/')}"


def _check(answer: Response, *, where: str) -> None:
    status = answer.status_code
    if status == 200:
        return
    code = "SOURCE_ANSWER"
    if status in (401, 403, 407):
        code = "SOURCE_REFUSED"
    elif status in (404, 410):
        code = "SOURCE_MISSING"
    elif status in (408, 425, 429) or status >= 500:
        code = "SOURCE_UNREACHABLE"
    raise MianshenError(code, found=f"HTTP {status}", where=where)


def _body(answer: Response, *, where: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_content(PIECE):
        size += len(part)
        if size > LARGEST_PAGE:
            raise MianshenError("SOURCE_ANSWER", found=f"a page of more than {LARGEST_PAGE} bytes", where=where)
        parts.append(part)
    content = b"".join(parts)
    is_open_ended = not (answer.headers.get("content-length", "").isdigit() or "transfer-encoding" in answer.headers)
    if is_open_ended and not content.rstrip().endswith(b"}"):
        raise MianshenError("SOURCE_UNREACHABLE", found="a reply without end", where=where)
    return content


def _code_of(cause: Exception) -> str:
    from requests.exceptions import ConnectionError as Broken
    from requests.exceptions import InvalidURL, MissingSchema, SSLError

    if isinstance(cause, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(cause):
        return "SOURCE_HOST_KEY"
    if isinstance(cause, (InvalidURL, MissingSchema)) or (isinstance(cause, ValueError) and not isinstance(cause, Broken)):
        return "SOURCE_SETTINGS"
    return "SOURCE_UNREACHABLE"
