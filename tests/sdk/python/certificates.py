"""A certificate authority for one run."""

import pathlib
import subprocess

_OPENSSL = """[req]
prompt = no
distinguished_name = name
[name]
CN = Spillway tests
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def make_certificates(folder: pathlib.Path) -> None:
    """Leaves ca.pem, server.pem and server.key in the folder; the server is 127.0.0.1 and localhost."""
    (folder / "openssl.cnf").write_text(_OPENSSL)

    def issue(section, *signer):
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-config",
                folder / "openssl.cnf",
                "-extensions",
                section,
                "-days",
                "2",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-keyout",
                folder / f"{section}.key",
                "-out",
                folder / f"{section}.pem",
                *signer,
            ],
            check=True,
            capture_output=True,
            timeout=30,
        )

    issue("ca", "-subj", "/CN=Spillway tests authority")
    issue("server", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key")
