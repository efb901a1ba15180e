"""Throw-away TLS certificates, made with the openssl command."""

import subprocess
from pathlib import Path


class Certificates:
    """A CA (`ca`), a server certificate for 127.0.0.1 and localhost
    (`certificate`, `key`), and a CA that signed neither (`stranger_ca`)."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.ca = self.directory / "ca.pem"
        self.certificate = self.directory / "server.pem"
        self.key = self.directory / "server.key"
        self.stranger_ca = self.directory / "stranger-ca.pem"
        self._authority("ca", "Test CA")
        self._authority("stranger-ca", "A CA that signed nothing here")
        self._server()

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def _authority(self, name, title):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-days", "30", "-subj", f"/CN={title}",
                      "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def _server(self):
        # RSA, so that every client that the tests use can verify it.
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                      "-keyout", "server.key", "-out", "server.csr")
        extensions = self.directory / "server.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="ascii")
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", "30", "-extfile", "server.ext",
                      "-out", "server.pem")
