"""An application that nobody changed: WordPress, with its people's addresses
and passwords protected."""

from servers import ADMIN, APP, BackendCase, Sealgate, on_each_backend
from wordpress import WordPress, text_of

POLICY = """version: 1
columns:
  - {column: app_wp.wp_users.user_email, mode: searchable}
  - {column: app_wp.wp_users.user_pass, mode: random}
  - {column: app_wp.wp_comments.comment_author_email, mode: searchable}
  - {column: app_wp.wp_comments.comment_author_IP, mode: searchable}
roles:
  - name: app
    match:
      - {user: [app, dba]}
    default: {reveal: clear, write: true}
"""
OWNER = ("owner", "0wner-pass-phrase", "Owner.One@example.com")
READER_EMAIL = "a.reader@example.net"
GUEST = "127.77.0.9"
NEW_EMAIL = "owner-two@example.org"


@on_each_backend
class WordPressTest(BackendCase):
    database = "app_wp"

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()

    def count(self, sql):
        return int(self.backend.execute(sql, ADMIN, self.database)[0][0])

    def test_an_installation_is_used(self):
        with WordPress(self.gate.port, APP, self.database) as site:
            self.use(site)
        self.assert_nothing_shows()

    def use(self, site):
        user, password, email = OWNER
        page = site.install(*OWNER)
        self.assertIn("Success!", page, text_of(page)[-3000:] + site.logs())

        self.assertFalse(site.browser().log_in(user, "wrong"))
        self.assertTrue(site.browser().log_in(user, password), site.logs())
        browser = site.browser()
        self.assertTrue(browser.log_in(email.upper(), password), site.logs())

        post = browser.json("/wp/v2/posts", {"title": "First light", "content": "A sealed post.",
                                             "status": "publish", "comment_status": "open"})
        self.assertIn("id", post, f"{post}{site.logs()}")
        shown = site.browser().get(f"index.php?rest_route=/wp/v2/posts/{post['id']}")
        self.assertIn("A sealed post.", shown)

        guest = site.browser(address=GUEST)
        guest.post("wp-comments-post.php", {
            "author": "A Reader", "email": READER_EMAIL, "url": "", "comment": "Well said.",
            "comment_post_ID": str(post["id"]), "comment_parent": "0"})
        comments = browser.get("wp-admin/edit-comments.php")
        self.assertIn(READER_EMAIL, comments, site.logs())
        self.assertIn(GUEST, comments)
        # The same again is found by its author's address.
        again = guest.post("wp-comments-post.php", {
            "author": "A Reader", "email": READER_EMAIL.upper(), "url": "", "comment": "Well said.",
            "comment_post_ID": str(post["id"]), "comment_parent": "0"})
        self.assertIn("Duplicate comment", again)

        browser.submit("wp-admin/user-new.php", "createuser", {
            "user_login": "second", "email": "second@example.com", "first_name": "Second",
            "pass1": "an0ther-pass-phrase", "pass2": "an0ther-pass-phrase", "role": "author"})
        second = self.backend.execute("SELECT ID FROM wp_users WHERE user_login = 'second'", ADMIN,
                                      self.database)
        self.assertEqual(len(second), 1, site.logs())
        edited = browser.submit(f"wp-admin/user-edit.php?user_id={second[0][0]}", "your-profile",
                                {"email": NEW_EMAIL, "last_name": "Edited"})
        self.assertIn("User updated", text_of(edited), site.logs())
        # An address that another user has is refused, whatever its case.
        taken = browser.submit(f"wp-admin/user-edit.php?user_id={second[0][0]}", "your-profile",
                               {"email": email.lower()})
        self.assertIn("already registered", text_of(taken))
        users = browser.get("wp-admin/users.php")
        for address in (email, NEW_EMAIL):
            self.assertIn(address, users)
        self.assertTrue(site.browser().log_in(NEW_EMAIL, "an0ther-pass-phrase"), site.logs())
        self.assertNotIn("WordPress database error", site.logs())

    def assert_nothing_shows(self):
        self.assertEqual(self.count("SELECT COUNT(*) FROM wp_users"), 2)
        self.assertEqual(self.count("SELECT COUNT(*) FROM wp_users WHERE HEX(user_email) LIKE "
                                    "'FE02%' AND HEX(user_pass) LIKE 'FE01%'"), 2)
        tables = [row[0] for row in self.backend.execute("SHOW TABLES", ADMIN, self.database)]
        self.assertGreaterEqual(len(tables), 12)
        for table in tables:
            rows = self.backend.execute(f"SELECT * FROM {table}", ADMIN, self.database)
            dump = "\n".join("\t".join(row) for row in rows).lower()
            for secret in (OWNER[2], READER_EMAIL, NEW_EMAIL, "second@example.com", GUEST, "$P$"):
                # WordPress keeps a copy of the site's own address among its options.
                if secret != OWNER[2] or table != "wp_options":
                    self.assertNotIn(secret.lower(), dump, table)
