# Bare Debian 12 systems to try things in, made by debootstrap below $place; sourced by what tries them. Needs root.
# $here is the repository, $root the system that fresh() made last.
failed=0

say() { printf '\n== %s\n' "$*"; }

expect() { # NAME COMMAND…
    local name=$1
    shift
    if "$@"; then echo "ok      $name"; else echo "FAILED  $name"; failed=$((failed + 1)); fi
}

make_base() {
    [ -e "$place/base/etc/debian_version" ] && return
    local mirror
    command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
    mirror=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' 'Codename: bookworm' 'Component: main' | head -n 1)
    mkdir -p "$place"
    debootstrap --variant=minbase bookworm "$place/base" "${mirror:?no bookworm among the machine\'s package sources}" >"$place/debootstrap.log" || exit 1
}

# fresh NAME: a new bare system with a clone of the repository at /srv/thidua.
fresh() {
    root=$place/$1
    leave
    rm -rf --one-file-system "$root"
    cp -a "$place/base" "$root"
    cp /etc/resolv.conf "$root/etc/" 2>/dev/null
    for more in /etc/apt/apt.conf.d/*; do
        case $more in */docker-* | */20packagekit | */50appstream) ;; *) cp "$more" "$root/etc/apt/apt.conf.d/" ;; esac
    done
    git -c safe.directory='*' clone -q "$here" "$root/srv/thidua" || exit 1
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev" || exit 1
}

leave() {
    [ -n "${root-}" ] || return 0
    mountpoint -q "$root/dev" && umount -R -l "$root/dev"
    mountpoint -q "$root/proc" && umount -l "$root/proc"
    return 0
}
trap leave EXIT
