"""A private WordPress, of Debian's package, on PHP's built-in server.

    with WordPress(port_of_the_database, account, database) as site:
        site.install("owner", "secret", "owner@example.com")
        browser = site.browser()
        browser.log_in("owner", "secret")

A Browser keeps its cookies, follows redirects and reads forms, as a person's
would; pages are text.
"""

import contextlib
import html
import http.client
import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

from servers import child, ports

PACKAGE = Path("/usr/share/wordpress")
CONFIG = """<?php
define('DB_NAME', '{database}');
define('DB_USER', '{user}');
define('DB_PASSWORD', '{password}');
define('DB_HOST', '{host}:{port}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISABLE_WP_CRON', true);
define('WP_DEBUG', true);
define('WP_DEBUG_DISPLAY', false);
define('WP_DEBUG_LOG', '{log}');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {{
  define($name . '_KEY', 'test key ' . $name);
  define($name . '_SALT', 'test salt ' . $name);
}}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


class WordPress:
    """The site, with its files in a temporary directory of its own."""

    def __init__(self, database_port, account, database):
        self.basedir = Path(tempfile.mkdtemp(prefix="sealgate-wordpress-"))
        self.root = self.basedir / "site"
        self.log_path = self.basedir / "debug.log"
        self.port = ports.free_port()
        self._child = None
        subprocess.run(["cp", "-aL", "--reflink=auto", str(PACKAGE), str(self.root)], check=True)
        (self.root / "wp-config.php").unlink()
        (self.root / "wp-config.php").write_text(CONFIG.format(
            database=database, user=account.user, password=account.password,
            host=ports.LOOPBACK, port=database_port, log=self.log_path), encoding="ascii")

    def __enter__(self):
        command = ["/usr/bin/php", "-d", "sendmail_path=/bin/true", "-S",
                   f"{ports.LOOPBACK}:{self.port}", "-t", str(self.root)]
        # While it answers, WordPress asks itself for a page.
        environment = {**os.environ, "PHP_CLI_SERVER_WORKERS": "3"}
        with open(self.basedir / "php.log", "ab") as log:
            self._child = child.spawn(command, stdout=log, stderr=log, cwd=self.root,
                                      env=environment)
        ports.wait_until(self._answers, self._why_not_alive, 30, "PHP's server")
        return self

    def __exit__(self, *error):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)  # its workers would stay
        child.kill(self._child)
        shutil.rmtree(self.basedir, ignore_errors=True)

    def _answers(self):
        try:
            self.browser().get("readme.html")
            return True
        except OSError:
            return False

    def _why_not_alive(self):
        return None if self._child.poll() is None else self.logs()

    def logs(self):
        """What PHP and WordPress complained of; database errors among it."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def browser(self, address=ports.LOOPBACK):
        """Someone who comes from `address` of the loopback network."""
        return Browser(f"http://{ports.LOOPBACK}:{self.port}/", address)

    def install(self, user, password, email):
        return self.browser().post("wp-admin/install.php?step=2", {
            "weblog_title": "Sealed", "user_name": user, "admin_password": password,
            "admin_password2": password, "pw_weak": "1", "admin_email": email,
            "Submit": "Install WordPress", "language": ""})


class _From(urllib.request.HTTPHandler):
    """Connects from an address of its own."""

    def __init__(self, address):
        super().__init__()
        self._address = address

    def http_open(self, request):
        return self.do_open(http.client.HTTPConnection, request,
                            source_address=(self._address, 0))


class Browser:
    def __init__(self, base, address):
        self.base = base
        self.url = base
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _From(address),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def _open(self, path, data=None, headers=None):
        request = urllib.request.Request(urllib.parse.urljoin(self.base, path), data=data,
                                         headers=headers or {})
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.url = answer.geturl()
            return answer.read().decode()

    def get(self, path):
        return self._open(path)

    def post(self, path, fields):
        return self._open(path, urllib.parse.urlencode(fields).encode())

    def json(self, route, value):
        """One call of the REST interface, with the nonce of who is logged in."""
        nonce = self.get("wp-admin/admin-ajax.php?action=rest-nonce").strip()
        return json.loads(self._open(f"index.php?rest_route={route}", json.dumps(value).encode(),
                                     {"Content-Type": "application/json", "X-WP-Nonce": nonce}))

    def log_in(self, name, password):
        """True if WordPress let `name`, a user's or an e-mail address, in."""
        self.get("wp-login.php")
        self.post("wp-login.php", {"log": name, "pwd": password, "testcookie": "1",
                                   "redirect_to": urllib.parse.urljoin(self.base, "wp-admin/")})
        return "wp-login.php" not in self.url and "/wp-admin/" in self.url

    def submit(self, path, form, changes):
        """Sends a page's form (by its id) with some of its fields changed."""
        found = Form(form)
        found.feed(self.get(path))
        assert found.fields, f"no form {form} on {path}"
        return self.post(path, {**found.fields, **changes})


class Form(HTMLParser):
    """The fields of one form with the values that it shows."""

    def __init__(self, name):
        super().__init__()
        self.fields = {}
        self._name = name
        self._inside = False
        self._select = None

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self._inside = found.get("id") == self._name
        if not self._inside:
            return
        if tag == "select":
            self._select = found.get("name")
        elif tag == "option" and self._select and "selected" in found:
            self.fields[self._select] = found.get("value", "")
        elif tag == "textarea" and found.get("name"):
            self.fields[found["name"]] = ""
        elif tag == "input" and found.get("name"):
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None


def text_of(page):
    """A page without its tags, entities resolved."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page))
