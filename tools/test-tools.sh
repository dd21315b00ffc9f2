#!/bin/sh
# Installs what the tests need beside Python packages: a Chromium, servers (PostgreSQL, Redis, nginx), and systemd,
# which reads the units that ship.
# As root from Debian; elsewhere Playwright's own browser, and without a server its tests say so at the end.
# TOOL_PATH is where tools are looked for: servers lie in folders that are on nobody's PATH.
set -eu

TOOL_PATH="${TOOL_PATH:-$PATH:/usr/local/sbin:/usr/sbin:/sbin:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')}"
VENV="${VENV:-.venv}"

found() { PATH="$TOOL_PATH" command -v "$1" >/dev/null 2>&1; }
can_install() { [ "${AS_ROOT:-$(id -u)}" = 0 ] && found apt-get; }

missing=""
found chromium || found chromium-browser || found google-chrome || missing="chromium"
found initdb || missing="$missing postgresql"
found redis-server || missing="$missing redis-server"
found nginx || missing="$missing nginx"
found systemd-analyze || missing="$missing systemd"

if [ -n "$missing" ] && can_install; then
    echo "Installing$([ -n "$missing" ] && echo " $missing") from Debian …"
    export DEBIAN_FRONTEND=noninteractive
    PATH="$TOOL_PATH" apt-get update -qq
    # shellcheck disable=SC2086  # one word a package
    PATH="$TOOL_PATH" apt-get install -y -qq --no-install-recommends $missing fonts-liberation >/dev/null
    exit 0
fi
case " $missing " in
    *" chromium "*) "$VENV/bin/playwright" install chromium || echo "No Chromium: the tests in a browser cannot run." >&2 ;;
esac
