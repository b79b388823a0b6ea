#!/usr/bin/env bash
# Installs the programs that npm cannot bring (Debian packages), and, beside them in .tools/, the npm packages that are
# too large or too new for `npm ci`: a Node 24 for models that need one, Watt, Bun and Deno.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  nginx-light redis-server wrk prometheus chromium zsh fish
  gunicorn python3-gevent uwsgi-core uwsgi-plugin-python3 apache2-bin libapache2-mod-wsgi-py3
  uvicorn python3-uvloop python3-httptools python3-hypercorn daphne
  python3-celery python3-rq python3-redis haproxy pypy3
)

if ! command -v apt-get >/dev/null; then
  echo "setup:system: expected apt-get (Debian or Ubuntu), found none. Install by other means: ${packages[*]}" >&2
  exit 3
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup:system: expected to be root or to have sudo. Run as root: apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 3
  fi
  as_root=(sudo)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  # The packages must not start services of their own: Forkwise starts private ones.
  policy=/usr/sbin/policy-rc.d
  made_policy=false
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
    made_policy=true
  fi
  trap '$made_policy && "${as_root[@]}" rm -f "$policy"' EXIT
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi

mkdir -p .tools
[ -f .tools/package.json ] || echo '{ "private": true }' >.tools/package.json
# Watt and its part for Node apps are released together but not always published together: they must be of one version.
npm install --prefix .tools --no-audit --no-fund --save-exact \
  node@24 wattpm@3.65.0 @platformatic/node@3.65.0 bun@1 deno@2
echo "setup:system: all parts are installed."
