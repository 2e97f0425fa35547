"""What to change, and where: one line for each load balancer that deploy/ has a file for, and for our settings."""

Advice = tuple[tuple[str, str], ...]

ADDRESS: Advice = (
    ("DNS", "the name has to lead to the load balancer"),
    ("balancer", "it has to listen there, and the firewall has to let it: 443, and 80 for the redirect"),
    ("certificate", "for this name, with its chain; for a look without checking it: --insecure"),
)
REDIRECT: Advice = (("doctor", "give it the address to which this one leads"),)
ALIVE: Advice = (
    ("instances", "`systemctl status 'collab@*'`, and their logs; is at least one ready?"),
    ("balancer", "the addresses and ports of the instances in its file"),
)
HTTPS: Advice = (
    (
        "balancer",
        "a certificate, and a redirect from http (deploy/README.md); HAProxy and nginx: the lines marked #tls",
    ),
    ("environment", "COLLAB_ORIGINS with https://, which makes cookies Secure"),
)
CERTIFICATE: Advice = (
    ("certificate", "renew it: certbot, Caddy or ACM do that by themselves when they reach the name"),
)
READINESS: Advice = (
    ("instance", "its log, and `curl -s http://127.0.0.1:PORT/readyz` beside it"),
    (
        "balancer",
        "health check on /readyz, expecting 200 (HAProxy: `option httpchk GET /readyz`; ALB: HealthCheckPath)",
    ),
)
MISSING: Advice = (("balancer", "list every instance; one that is listed and gets nobody: its health check says why"),)
TICKET: Advice = (
    ("environment", "COLLAB_SECRET_KEY here has to be that of the instances, and the same on all of them"),
    ("clock", "a ticket is good for ten minutes: set this machine's and the servers' clocks (NTP)"),
)
WEBSOCKET: Advice = (
    ("nginx", "in `location /`: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
              "proxy_set_header Connection $collab_connection; (deploy/nginx/collab.conf)"),
    ("HAProxy", "`mode http`, and no rule that deletes the headers Upgrade or Connection; `timeout tunnel 1h`"),
    ("ALB", "a listener of kind HTTP or HTTPS passes WebSockets; look at CloudFront and WAF in front of it"),
)  # fmt: skip
STICKY: Advice = (
    ("nginx", "in `upstream collab`: hash $collab_key consistent; with the maps of deploy/nginx/collab.conf"),
    ("HAProxy", "in `backend collab`: cookie collab_lb insert indirect nocache httponly; `cookie NAME` on each server"),
    ("ALB", "target group: stickiness.enabled=true, stickiness.type=lb_cookie, "
            "stickiness.lb_cookie.duration_seconds=86400"),
    ("instance", "one worker a process: `workers = 1` in deploy/gunicorn.conf.py"),
)  # fmt: skip
SPREAD: Advice = (
    ("nginx", "no `ip_hash`: hash the cookie $collab_key instead (deploy/nginx/collab.conf)"),
    ("HAProxy", "no `balance source` and no `stick on src`: `balance leastconn` and the cookie"),
    ("ALB", "stickiness by the load balancer's cookie, and all targets healthy"),
)
REDIS_UNSET: Advice = (
    ("environment", "REDIS_URL, the same on every instance; then restart them (deploy/README.md, Redis)"),
)
REDIS_AWAY: Advice = (
    ("Redis", "does it run, and may the user of REDIS_URL publish and subscribe on COLLAB_REDIS_PREFIX:* (ACL)?"),
    ("environment", "REDIS_URL of the instance that does not hear itself"),
)
REDIS_APART: Advice = (
    ("environment", "REDIS_URL, COLLAB_REDIS_PREFIX and COLLAB_SECRET_KEY have to be the same on every instance"),
)
IDLE_WEBSOCKET: Advice = (
    ("nginx", "in `location /`: proxy_read_timeout 120s; proxy_send_timeout 120s;"),
    ("HAProxy", "timeout tunnel 1h; timeout client 120s; timeout server 120s"),
    ("ALB", "idle_timeout.timeout_seconds=120; CloudFront, VPNs and firewalls on the way have such limits too"),
    ("environment", "or a smaller COLLAB_HEARTBEAT_SECONDS, the same on every instance"),
)
IDLE_POLLING: Advice = (
    ("nginx", "in `location /`: proxy_read_timeout 120s;"),
    ("HAProxy", "timeout server 120s; timeout client 120s"),
    ("ALB", "idle_timeout.timeout_seconds=120; CloudFront: origin response timeout"),
    ("environment", "or a smaller COLLAB_HEARTBEAT_SECONDS, the same on every instance"),
)
ORIGIN_FOREIGN: Advice = (
    ("environment", "COLLAB_ORIGINS: only your own addresses"),
    ("balancer", "it must not remove or rewrite the header Origin"),
)
ORIGIN_OWN: Advice = (
    ("environment", "COLLAB_ORIGINS has to contain this address, exactly as people type it"),
    ("HAProxy", "no `http-request set-header Origin` or `replace-header Origin`"),
    ("nginx", "no `proxy_set_header Origin`"),
    ("CloudFront", "an origin request policy that forwards the header Origin"),
)
HOST: Advice = (
    ("nginx", "in `location /`: proxy_set_header Host $http_host;"),
    ("HAProxy", "no `http-request set-header Host` in the backend"),
    ("CloudFront", "an origin request policy that forwards the header Host (AllViewer)"),
    ("environment", "COLLAB_ORIGINS has to contain this address, exactly as people type it"),
)
PAGE: Advice = (("instance", "its log says why; without static files: `manage.py collectstatic`"),)
SCHEME: Advice = (
    ("nginx", "in `location /`: proxy_set_header X-Forwarded-Proto $scheme;"),
    ("HAProxy", "in `frontend collab`: http-request set-header X-Forwarded-Proto https if { ssl_fc }"),
    ("environment", "COLLAB_PROXY_COUNT=1, and every address in COLLAB_ORIGINS with https://"),
)
COOKIES: Advice = (
    ("environment", "every address in COLLAB_ORIGINS with https:// makes cookies Secure"),
    ("balancer", "no rule that rewrites Set-Cookie (nginx: proxy_cookie_flags; HAProxy: replace-header Set-Cookie)"),
)
BALANCER_COOKIE: Advice = (
    ("HAProxy", "cookie collab_lb insert indirect nocache httponly; with TLS the line marked #tls that adds Secure"),
    ("nginx", "add_header Set-Cookie $collab_set_cookie always; with the maps of deploy/nginx/collab.conf"),
)
CLOCKS: Advice = (("instance", "set its clock: `timedatectl set-ntp true` (chrony, systemd-timesyncd)"),)
VERSIONS: Advice = (
    ("deploy", "finish it: deploy/systemd/rolling-restart with every port, or the rollout of the cluster"),
)
SETTINGS: Advice = (
    (
        "environment",
        "COLLAB_HEARTBEAT_SECONDS and COLLAB_MAX_UPDATE_BYTES, the same on every instance; then restart them",
    ),
)
FORGED: Advice = (
    ("environment", "COLLAB_PROXY_COUNT: how many proxies of yours stand in front, no more"),
    ("nginx", "the outermost: proxy_set_header X-Forwarded-For $remote_addr;"),
    ("HAProxy", "the outermost: http-request set-header X-Forwarded-For %[src]"),
    ("ALB", "routing.http.xff_header_processing.mode=append"),
)
INNER: Advice = (
    ("environment", "COLLAB_PROXY_COUNT: how many proxies of yours stand in front, no fewer"),
    ("balancer", "X-Forwarded-For with the address of the client (deploy/ has a line for each)"),
)
