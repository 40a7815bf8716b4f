"""Downloads uv's wheel from the package index, checks its hash, and unpacks the program.

Called with the wheel's file name, its SHA-256, a folder and a file of root certificates. The index, its certificates and
proxies are those of uv's variables. Exit code 3: the wheel cannot be had, so another installer may be tried.
"""

import base64
import hashlib
import html.parser
import io
import json
import netrc
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ATTEMPTS = 3
PAGE_TYPES = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
WHEEL, SHA256, FOLDER, ROOTS = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]


class CannotBeHad(Exception):
    pass


class Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def variable(*names: str) -> str:
    return next((os.environ[name].strip() for name in names if os.environ.get(name, "").strip()), "")


def words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def context_for(host: str) -> ssl.SSLContext:
    # Python's own certificates are missing from slim images and from python.org's Python on macOS.
    context = ssl.create_default_context()
    if not variable("SSL_CERT_FILE", "SSL_CERT_DIR"):
        context.load_verify_locations(ROOTS)
    if client := variable("SSL_CLIENT_CERT"):
        context.load_cert_chain(client)
    trusted = [entry.split("://")[-1] for entry in words(variable("UV_INSECURE_HOST"))]
    if host in trusted or host.split(":")[0] in trusted:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def login_for(url: urllib.parse.SplitResult) -> str | None:
    if url.username is not None:
        return f"{urllib.parse.unquote(url.username)}:{urllib.parse.unquote(url.password or '')}"
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(url.hostname or "")
    except (OSError, netrc.NetrcParseError):
        return None
    return f"{found[0]}:{found[2]}" if found else None


class SameHostRedirects(urllib.request.HTTPRedirectHandler):
    """A login is for the host that it was given for."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new and urllib.parse.urlsplit(newurl).netloc != urllib.parse.urlsplit(req.full_url).netloc:
            new.remove_header("Authorization")
        return new


def open_url(address: str, accept: str = "*/*"):
    url = urllib.parse.urlsplit(address)
    host = url.netloc.rpartition("@")[2]
    request = urllib.request.Request(urllib.parse.urlunsplit(url._replace(netloc=host)), headers={"Accept": accept})
    login = login_for(url)
    if login and url.scheme in ("http", "https"):
        request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context_for(host)), SameHostRedirects())
    return opener.open(request, timeout=float(variable("UV_HTTP_TIMEOUT") or 30))


def has_wheel(address: str) -> bool:
    return urllib.parse.unquote(urllib.parse.urlsplit(address).path).rpartition("/")[2] == WHEEL


def with_login(address: str, index: str) -> str:
    """A login in an index's address holds for its files on the same host."""
    url, of = urllib.parse.urlsplit(address), urllib.parse.urlsplit(index)
    if of.username is None or url.netloc != of.netloc.rpartition("@")[2]:
        return address
    return urllib.parse.urlunsplit(url._replace(netloc=of.netloc))


def wheel_on(page: str) -> str | None:
    with open_url(page, PAGE_TYPES) as answer:
        text, base, kind = answer.read(), answer.geturl(), answer.headers.get("Content-Type", "")
    if "json" in kind:
        links = [file["url"] for file in json.loads(text)["files"]]
    else:
        parser = Links()
        parser.feed(text.decode("utf-8", "replace"))
        links = parser.found
    return next((with_login(urllib.parse.urljoin(base, link), page) for link in links if has_wheel(link)), None)


def places() -> list[str]:
    if variable("UV_NO_INDEX").lower() in ("1", "true", "yes", "on"):
        return []
    more = [entry.partition("=")[2] if "://" in entry.partition("=")[2] else entry for entry in words(variable("UV_INDEX", "UV_EXTRA_INDEX_URL"))]
    first = variable("UV_DEFAULT_INDEX", "UV_INDEX_URL") or "https://pypi.org/simple"
    return [first.partition("=")[2] if "=http" in first else first, *more]


def local_wheel() -> bytes | None:
    for entry in words(variable("UV_FIND_LINKS")):
        path = Path(entry.removeprefix("file://")).expanduser() / WHEEL
        if path.is_file():
            return path.read_bytes()
    return None


def find_wheel() -> str:
    problems: list[str] = []
    for index in places():
        try:
            found = wheel_on(f"{index.rstrip('/')}/uv/")
        except urllib.error.HTTPError as error:
            problems.append(f"the package index answers {error.code}")
            continue
        if found:
            return found
        problems.append(f"the package index has no {WHEEL}")
    raise CannotBeHad(problems[0] if problems else "no package index is set")


def download(address: str) -> bytes:
    content = io.BytesIO()
    with open_url(address) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        while chunk := answer.read(1 << 18):
            content.write(chunk)
            print(f"{content.tell() / 1e6:.1f} of {total / 1e6:.1f} MB", flush=True)
    if content.tell() < total:
        raise ConnectionError("the connection ended early")
    return content.getvalue()


def is_wanted(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == SHA256


def unpack(content: bytes) -> None:
    target = FOLDER / ("uv.exe" if sys.platform == "win32" else "uv")
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(f".data/scripts/{target.name}"))
        target.unlink(missing_ok=True)
        target.write_bytes(wheel.read(name))
    target.chmod(0o755)


def wheel_content() -> bytes:
    content = local_wheel()
    if content is None:
        try:
            content = download(find_wheel())
        except urllib.error.HTTPError as error:
            raise CannotBeHad(f"the package index answers {error.code}") from error
    if not is_wanted(content):
        sys.exit(f"error: hash mismatch for {WHEEL}")
    return content


def is_certificate_problem(error: OSError) -> bool:
    return isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError)


def main() -> None:
    for attempt in range(ATTEMPTS):
        try:
            unpack(wheel_content())
            return
        except CannotBeHad as error:
            print(error)
            sys.exit(3)
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if is_certificate_problem(error):
                print("the certificate of the package index is not trusted here")
                sys.exit(3)
            if attempt == ATTEMPTS - 1:
                sys.exit(f"error: Failed to fetch {WHEEL}: {getattr(error, 'reason', error)}")
            time.sleep(attempt + 1)
        except OSError as error:
            sys.exit(f"error: {error}")
        except (ValueError, KeyError, StopIteration, zipfile.BadZipFile) as error:
            print(f"the package index gives an answer that cannot be read: {type(error).__name__}")
            sys.exit(3)


main()
