"""What each contender is configured to do. The settings are explained in bench/README.md."""
import dataclasses
import pathlib

from harness import processes
from harness.certificates import BACKEND, GATEWAY
from harness.request_files import client_key, model_name


@dataclasses.dataclass(frozen=True)
class Site:
    """What a gateway is asked to do in a scenario, whoever does it."""
    client_tls: bool = False
    backend_tls: bool = False
    access_log: bool = False
    streaming: bool = False
    keys: int = 10
    pools: int = 1
    members: int = 2
    most_body: int = 16 * 1024  # the largest request or answer, in bytes, its head included
    connections: int = 512  # of clients at the same time
    lenient: bool = False  # a 429 now and then is normal: it takes no backend out
    patient: bool = False  # requests wait while every backend wants to be left alone


@dataclasses.dataclass(frozen=True)
class Place:
    """Where things are in this run."""
    folder: pathlib.Path
    port: int
    backends: tuple  # ports
    certificates: pathlib.Path
    tools: pathlib.Path
    spillway: pathlib.Path
    files: int  # the limit of open files


BACKEND_KEY = "bench-backend-0123456789abcdef"


def nginx(site, place):
    listen = f"listen 127.0.0.1:{place.port} backlog=4096{' ssl' if site.client_tls else ''};"
    # By default one 429 keeps a backend out for ten seconds.
    fails = " max_fails=0" if site.lenient else ""
    servers = "\n".join(f"    server 127.0.0.1:{port}{fails};" for port in place.backends[:site.members])
    log = f"{place.folder}/access.log bench buffer=64k flush=1s" if site.access_log else "off"
    big = f"proxy_buffers 8 {max(8, site.most_body // 4096)}k;" if site.most_body > 64 * 1024 else ""
    conf = place.folder / "nginx.conf"
    conf.write_text(f"""
worker_processes 2;
worker_rlimit_nofile {place.files};
daemon off;
pid {place.folder}/nginx.pid;
error_log {place.folder}/error.log crit;
events {{ worker_connections {place.files // 2}; }}
http {{
  log_format bench escape=json '{{"time":"$time_iso8601","request_id":"$request_id","client":"$remote_addr",'
    '"method":"$request_method","path":"$uri","upstream":"$upstream_addr","upstream_status":"$upstream_status",'
    '"status":$status,"ttfb":"$upstream_header_time","duration":"$request_time","bytes_in":$request_length,'
    '"bytes_out":$body_bytes_sent}}';
  access_log {log};
  client_body_temp_path {place.folder}/body;
  proxy_temp_path {place.folder}/proxy;
  fastcgi_temp_path {place.folder}/fastcgi;
  uwsgi_temp_path {place.folder}/uwsgi;
  scgi_temp_path {place.folder}/scgi;
  client_body_buffer_size 2m;
  client_max_body_size 64m;
  keepalive_requests 10000000;
  keepalive_timeout 300s;
  upstream backends {{
{servers}
    keepalive {max(64, site.connections)};
    keepalive_requests 10000000;
    keepalive_timeout 300s;
  }}
  server {{
    {listen}
    ssl_certificate {place.certificates}/{GATEWAY}.pem;
    ssl_certificate_key {place.certificates}/{GATEWAY}.key;
    ssl_protocols TLSv1.3;
    ssl_session_cache shared:clients:10m;
    ssl_session_timeout 1h;
    location / {{
      proxy_pass {'https' if site.backend_tls else 'http'}://backends;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header api-key {BACKEND_KEY};
      proxy_request_buffering on;
      proxy_buffering {'off' if site.streaming else 'on'};
      {big}
      proxy_connect_timeout 3s;
      proxy_read_timeout 300s;
      proxy_next_upstream error timeout http_429 http_503 non_idempotent;
      proxy_ssl_protocols TLSv1.3;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate {place.certificates}/ca.pem;
      proxy_ssl_name {BACKEND};
      proxy_ssl_server_name on;
      proxy_ssl_session_reuse on;
    }}
  }}
}}
""", encoding="ascii")
    return ["nginx", "-p", str(place.folder), "-e", f"{place.folder}/error.log", "-c", str(conf)]


def haproxy(site, place):
    bind = f"bind 127.0.0.1:{place.port} backlog 4096"
    if site.client_tls:
        bind += f" ssl crt {place.certificates}/{GATEWAY}.both"
    tls = f" ssl verify required ca-file {place.certificates}/ca.pem sni str({BACKEND}) verifyhost {BACKEND}"
    servers = "\n".join(f"  server b{index} 127.0.0.1:{port}{tls if site.backend_tls else ''}"
                        for index, port in enumerate(place.backends[:site.members]))
    buffers = f"tune.bufsize {site.most_body + 65536}" if site.most_body > 16 * 1024 else ""
    log = """
  log stdout format raw local0
  log-format '{"time":"%tr","client":"%ci","request_line":"%HM %HPO","backend":"%s","status":%ST,"retries":"%rc",\
"ttfb_ms":"%Tr","duration_ms":"%Ta","bytes_in":%U,"bytes_out":%B}'""" if site.access_log else ""
    conf = place.folder / "haproxy.cfg"
    conf.write_text(f"""
global
  nbthread 2
  maxconn {place.files // 2 - 500}
  tune.pool-low-fd-ratio 80
  tune.pool-high-fd-ratio 90
  ssl-default-bind-options ssl-min-ver TLSv1.3
  ssl-default-server-options ssl-min-ver TLSv1.3
  {buffers}
defaults
  mode http
  timeout connect 3s
  timeout client 300s
  timeout server 300s
  timeout http-keep-alive 300s
  retries 3
  option redispatch 1
  retry-on 503 conn-failure empty-response response-timeout
  option http-buffer-request
  http-reuse always
  {'option http-no-delay' if site.streaming else ''}
frontend clients{log}
  {bind}
  default_backend backends
backend backends
  balance roundrobin
  http-request set-header api-key {BACKEND_KEY}
{servers}
""", encoding="ascii")
    return ["haproxy", "-db", "-f", str(conf)]


def spillway(site, place):
    scheme = "https" if site.backend_tls else "http"
    backends = place.backends[:site.members]
    lines = ["listeners:", f"  - address: 127.0.0.1:{place.port}"]
    if site.client_tls:
        lines += ["    tls:", f"      certificate: {place.certificates}/{GATEWAY}.pem",
                  f"      private_key: {place.certificates}/{GATEWAY}.key", '      min_version: "1.3"']
    lines += ["admin:", f"  address: 127.0.0.1:{processes.free_port()}", "workers: 2", "clients:"]
    lines += [f'  - {{name: client-{index}, keys: ["{client_key(index)}"]}}' for index in range(site.keys)]
    lines += ["backends:"]
    for index, port in enumerate(backends):
        lines += [f"  - name: backend-{index}", f"    url: {scheme}://127.0.0.1:{port}", "    auth:",
                  f"      api_key: {BACKEND_KEY}"]
        if site.backend_tls:
            lines += [f"    tls: {{ca: {place.certificates}/ca.pem, server_name: {BACKEND}}}"]
        if site.connections > 512:
            lines += [f"    limits: {{max_connections: {site.connections}}}"]
    lines += ["pools:"]
    for index in range(site.pools):
        lines += [f"  - name: pool-{index}", "    members:"]
        lines += [f"      - backend: backend-{member}" for member in range(len(backends))]
        if site.lenient:
            lines += ["    circuit_breaker:", "      rules:", "        - name: throttled", "          trip_duration: 10s",
                      "          failure_condition:",
                      "            {percentage: 50, min_requests: 20, interval: 10s, status_code_ranges: [429]}"]
    lines += ["routes:"]
    for index in range(site.pools):
        lines += [f"  - name: route-{index}", f"    match: {{path: /openai, models: [{model_name(index)}]}}",
                  f"    pool: pool-{index}"]
    if site.patient:
        lines += ["on_exhausted: {wait: 1s}"]
    lines += [f"log: {{level: info, access: {'true' if site.access_log else 'false'}}}"]
    conf = place.folder / "spillway.yaml"
    conf.write_text("\n".join(lines) + "\n", encoding="ascii")
    conf.chmod(0o600)
    return [str(place.spillway), "serve", "--config", str(conf)]


def relay(site, place):
    command = [str(place.tools / "bench_relay"), "--port", str(place.port), "--threads", "2",
               "--backends", ",".join(str(port) for port in place.backends[:site.members])]
    if site.client_tls:
        command += ["--certificate", f"{place.certificates}/{GATEWAY}.pem", "--key", f"{place.certificates}/{GATEWAY}.key"]
    if site.backend_tls:
        command += ["--ca", f"{place.certificates}/ca.pem"]
    return command


CONTENDERS = {"nginx": nginx, "haproxy": haproxy, "relay": relay, "spillway": spillway}
