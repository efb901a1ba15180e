"""Throw-away TLS certificates, made with the openssl command."""

import subprocess
from pathlib import Path


class Certificates:
    """A CA (`ca`), a server certificate for 127.0.0.1 and localhost
    (`certificate`, `key`), a client's (`client_certificate`, `client_key`), and a
    CA that signed neither (`stranger_ca`)."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.ca = self.directory / "ca.pem"
        self.certificate = self.directory / "server.pem"
        self.key = self.directory / "server.key"
        self.stranger_ca = self.directory / "stranger-ca.pem"
        self._authority("ca", "Test CA")
        self._authority("stranger-ca", "A CA that signed nothing here")
        self.issue("server", "IP:127.0.0.1,DNS:localhost")

    @property
    def client_certificate(self):
        return self._client()[0]

    @property
    def client_key(self):
        return self._client()[1]

    def _client(self):
        paths = self.directory / "client.pem", self.directory / "client.key"
        return paths if paths[0].exists() else self.issue("client", "DNS:a-client")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def _authority(self, name, title):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-days", "30", "-subj", f"/CN={title}",
                      "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def issue(self, name, names, authority="ca"):
        """Makes NAME.pem and NAME.key for the alternative `names`, signed by
        "ca" or "stranger-ca", in place of the ones that are there; both paths."""
        # RSA, so that every client that the tests use can verify it.
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", f"{name}.key", "-out", f"{name}.csr")
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n", encoding="ascii")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem",
                      "-CAkey", f"{authority}.key", "-CAcreateserial", "-days", "30",
                      "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self.directory / f"{name}.pem", self.directory / f"{name}.key"
