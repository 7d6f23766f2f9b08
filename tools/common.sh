# What ./run, ./check and tests/bench/run share: the packages, the build, and stages that say their name and seconds. For bash.

# Debian's own programs first: another python3 may come first on PATH, and an ordinary user's PATH lacks sbin.
PATH=/usr/bin:/usr/sbin:/bin:/sbin:$PATH
export PATH LC_ALL=C.UTF-8

BUILD_PACKAGES=(gcc meson ninja-build pkg-config python3 python3-yaml libmicrohttpd-dev libjansson-dev libpq-dev uuid-dev
    libgnutls28-dev libutf8proc-dev libcsv-dev zlib1g-dev librhonabwy-dev libcurl4-gnutls-dev libxlsxwriter-dev libzip-dev libexpat1-dev
    libpango1.0-dev libcairo2-dev libxml2-dev fonts-liberation2 ca-certificates)
RUN_PACKAGES=(postgresql)
TEST_PACKAGES=(clang clang-format clang-tidy cppcheck libclang-rt-14-dev libcmocka-dev postgresql-client pgbouncer openssl curl util-linux
    python3-pytest python3-pytest-xdist python3-requests python3-hypothesis python3-icalendar python3-jsonschema python3-fastjsonschema python3-openpyxl python3-jwt python3-cryptography
    nginx haproxy mandoc systemd chromium chromium-driver python3-selenium poppler-utils python3-docx libreoffice-writer-nogui pngquant strace)

# For the linters of the contract and the published libraries that judge what comes out of the service.
NPM_PACKAGES=(nodejs npm)

# For tests/bench: load, PostgreSQL's own client, and what its Python needs.
BENCH_PACKAGES=(wrk nginx util-linux postgresql-client poppler-utils python3-requests python3-jsonschema python3-fastjsonschema python3-uvicorn python3-starlette python3-psycopg
    python3-psycopg-pool python3-matplotlib)

# For tests/fault/failover: a cluster of PostgreSQL that replaces its primary by itself, and what its Python needs.
TRIAL_PACKAGES=(patroni python3-etcd etcd-server haproxy python3-requests python3-jsonschema python3-fastjsonschema python3-yaml)

# For tests/fuzz/run: the compiler whose library leads the fuzzers.
FUZZ_PACKAGES=(clang libclang-rt-14-dev)

fail() {
    printf 'thidua: %s\n' "$*" >&2
    exit 1
}

# stage NAME COMMAND…: one line with its seconds, and those of a processor that its own processes took; its output only where it
# fails, and in $STAGE_LOG. A PostgreSQL that a stage starts is nobody's child, and not counted.
stage() {
    local name=$1 start=$SECONDS status=0 TIMEFORMAT='%3U %3S' user system
    shift
    STAGE_LOG=$LOGS/${name//[^a-zA-Z0-9]/-}.log
    printf '%-52s' "$name"
    { time "$@" >"$STAGE_LOG" 2>&1 </dev/null; } 2>"$STAGE_LOG.cpu" || status=$?
    read -r user system <"$STAGE_LOG.cpu"
    printf ' %4d s %5d s CPU' $((SECONDS - start)) $(((10#${user/./} + 10#${system/./} + 500) / 1000))
    if [ $status -eq 0 ]; then
        echo
    else
        echo '  FAILED'
        tail -n "${STAGE_LINES:-200}" "$STAGE_LOG"
    fi
    return $status
}

missing_packages() {
    local package
    for package; do
        # A PostgreSQL of any version will do, also one that does not come from the package of that name.
        [ "$package" = postgresql ] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && continue
        # Node.js may also come from elsewhere, with its npm.
        [[ $package =~ ^(nodejs|npm)$ ]] && command -v node >/dev/null && command -v npm >/dev/null && continue
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
    done
}

# As root directly; else by sudo, which may ask for a password where there is a terminal.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

may_install() {
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null || return
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

install_packages() {
    local set=(env DEBIAN_FRONTEND=noninteractive) keep=/etc/postgresql-common/createcluster.d/thidua.conf
    local policy=/usr/sbin/policy-rc.d
    # An installation that was cut off is first brought to its end.
    as_root "${set[@]}" dpkg --configure -a
    # Debian's package would create and start a cluster of its own, which nobody here needs.
    as_root mkdir -p "${keep%/*}"
    echo 'create_main_cluster = false' | as_root tee "$keep" >/dev/null
    # Nor would anybody need nginx and HAProxy as services: tests start their own. 101 forbids it (invoke-rc.d(8)).
    if [ -e "$policy" ]; then
        policy=
    else
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    as_root "${set[@]}" apt-get -o DPkg::Lock::Timeout=300 update -q &&
        as_root "${set[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@"
    local status=$?
    as_root rm -f "$keep" ${policy:+"$policy"}
    return $status
}

need_packages() {
    local missing
    command -v dpkg-query >/dev/null || fail "this needs Debian 12 or newer (or a system of its family)"
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] && return
    may_install || fail "packages are missing and neither root's rights nor sudo are at hand; as root: apt-get install ${missing[*]}"
    stage "install ${#missing[@]} Debian packages" install_packages "${missing[@]}" || exit 1
}

# configure DIRECTORY OPTION…: sets up a build directory, or brings its options up to date.
configure() {
    local directory=$1
    shift
    if [ ! -e "$directory/build.ninja" ]; then
        rm -rf "$directory" # left by a setup that was cut off
        meson setup "$directory" "$@" || return
    elif [ "$*" != "$(cat "$directory/.options" 2>/dev/null)" ]; then
        meson setup --reconfigure "$directory" "$@" || return
    fi
    printf '%s' "$*" >"$directory/.options"
}

build() {
    configure "$@" && ninja -C "$1" -j"$(nproc)" --quiet
}

# install_npm FOLDER: installs what its package-lock.json names. No script of an installed package runs.
install_npm() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] ||
        npm --prefix "$1" ci --ignore-scripts --no-audit --no-fund
}

# Where stages leave their output: below build/, where the first to come must be able to write.
open_logs() {
    LOGS=$PWD/build-logs
    mkdir -p "$LOGS" 2>/dev/null && [ -w "$LOGS" ] && { [ ! -e build ] || [ -w build ]; } ||
        fail "$PWD cannot be written by $(id -un): run as its owner, or clone the repository anew"
}
