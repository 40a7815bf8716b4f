"""Asks each address that is given for no more than a TLS handshake, by the way that LiteLLM takes; no key leaves.

It runs where the gateway is, with its environment, and prints JSON: for each address the step that failed, or null.
"""

import base64
import json
import os
import socket
import ssl
import sys
import threading
import time
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment

STEP_SECONDS = 4
ALL_SECONDS = 6


def context():
    """As LiteLLM makes it: SSL_CERT_FILE, else certifi's."""
    file = os.environ.get("SSL_CERT_FILE")
    if not file or not os.path.exists(file):
        try:
            import certifi

            file = certifi.where()
        except ImportError:
            file = None
    return ssl.create_default_context(cafile=file)


def tunnel(proxy, host, port, state):
    """A connection through an HTTP proxy, which it asks for the host."""
    way = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    state["proxy"] = f"{way.hostname}:{way.port or 80}"
    state["failed"] = "proxy"
    link = socket.create_connection((way.hostname, way.port or (443 if way.scheme == "https" else 80)), STEP_SECONDS)
    if way.scheme == "https":
        link = context().wrap_socket(link, server_hostname=way.hostname)
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
    if way.username is not None:
        login = f"{unquote(way.username)}:{unquote(way.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
    link.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < 65536:
        part = link.recv(4096)
        if not part:
            break
        answer += part
    status = answer.split(b"\r\n")[0].decode("ascii", "replace").split(" ")
    if len(status) < 2 or not status[1].startswith("2"):
        code = status[1] if len(status) > 1 and status[1].isdigit() else ""
        state["status"] = int(code) if code else None
        raise OSError(f"HTTP {code}" if code else "no answer of an HTTP proxy")
    return link


def reach(address, state):
    url = urlsplit(address)
    port = url.port or (443 if url.scheme == "https" else 80)
    proxies = getproxies_environment()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    try:
        if proxy and not proxy_bypass_environment(f"{url.hostname}:{port}"):
            link = tunnel(proxy, url.hostname, port, state)
        else:
            state["failed"] = "dns"
            socket.getaddrinfo(url.hostname, port, type=socket.SOCK_STREAM)
            state["failed"] = "connect"
            link = socket.create_connection((url.hostname, port), STEP_SECONDS)
        link.settimeout(STEP_SECONDS)
        if url.scheme == "https":
            state["failed"] = "tls"
            context().wrap_socket(link, server_hostname=url.hostname).close()
        state.update(failed=None, why="")
    except ssl.SSLCertVerificationError as error:
        state["failed"] = "certificate"
        state["why"] = error.verify_message
    except TimeoutError:
        state["why"] = "timed out"
    except OSError as error:
        state["why"] = error.strerror or str(error)
    except ValueError as error:
        state["why"] = str(error)


def main():
    states = [{"url": address, "failed": "dns", "why": "timed out"} for address in sys.argv[1:]]
    threads = [threading.Thread(target=reach, args=(state["url"], state), daemon=True) for state in states]
    for thread in threads:
        thread.start()
    end = time.monotonic() + ALL_SECONDS
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    print(json.dumps(states), flush=True)
    # A look-up of a name that hangs would keep the interpreter.
    os._exit(0)


main()
