#!/bin/sh
# Installs what tests need beside Python packages, when it is missing: an S3-compatible server from npm (without it its
# tests are skipped), and Debian's packages for the browser and PostgreSQL.
set -eu
store="$(dirname "$0")/s3rver"
if [ ! -x "$store/node_modules/.bin/s3rver" ] && command -v npm >/dev/null; then
    npm install --prefix "$store" --no-audit --no-fund --no-package-lock --silent || echo "npm could not install s3rver" >&2
fi
missing=""
[ -x /usr/bin/chromium ] || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "Missing Debian packages:$missing. Install them: sudo apt-get install$missing" >&2
    exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
