"""Certificates of a run: ECDSA P-256, made anew with openssl."""
import subprocess

GATEWAY = "gateway.bench.test"
BACKEND = "backend.bench.test"


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make(folder):
    """ca.pem, and for both ends NAME.pem, NAME.key and NAME.both (HAProxy wants one file), in the folder."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    _openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench CA")
    for name in (GATEWAY, BACKEND):
        _openssl(folder, "req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "names").write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n", encoding="ascii")
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-days", "2", "-out", f"{name}.pem", "-extfile", "names")
        both = (folder / f"{name}.pem").read_text(encoding="ascii") + (folder / f"{name}.key").read_text(encoding="ascii")
        (folder / f"{name}.both").write_text(both, encoding="ascii")
