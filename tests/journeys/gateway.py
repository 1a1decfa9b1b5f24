"""The real nginx with the very file of the documentation; only addresses, the key and folders are put in place."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded import free_port, wait_for
from tests.journeys.desk import ROOT

CONF = ROOT / "docs" / "gateway" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/errors.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/recipe.conf;
}}
"""
PRODUCT = "\nserver { listen 127.0.0.1:PORT; location / { return 200 'served'; } }\n"


@contextmanager
def nginx(folder: Path, *, desk: int, key: str, feature: str = "exports") -> Iterator[int]:
    """The port of a gateway in front of a product, which asks the desk at that port. `feature`: what /exports/ needs."""
    assert NGINX, "make gateway installs nginx"
    folder.mkdir(parents=True, exist_ok=True)
    port, product = free_port(), free_port()
    put = {
        "127.0.0.1:8000": f"127.0.0.1:{desk}", "127.0.0.1:9000": f"127.0.0.1:{product}",
        "127.0.0.1:8080": f"127.0.0.1:{port}", "/var/cache/nginx/entitlements": f"{folder}/kept",
        "/var/run/entitlement-desk-nobody.sock": f"{folder}/nobody.sock", "ed_YOUR_KEY": key,
        "$entitlement_feature exports;": f"$entitlement_feature {feature};",
    }  # fmt: skip
    recipe = CONF.read_text()
    for written, meant in put.items():
        assert written in recipe, written
        recipe = recipe.replace(written, meant)
    (folder / "recipe.conf").write_text(recipe + PRODUCT.replace("PORT", str(product)))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), *user])
    try:
        wait_for(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
