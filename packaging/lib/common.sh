# Shared by packaging/demo and packaging/test: flags, installing, building. Sourced, not run.
# Callers set `usage` and may define `own_flag` for flags of their own.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
install=yes
build_dir="$root/build"

say() { printf '\n== %s\n' "$*"; }
run() { printf '+ %s\n' "$*"; "$@"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

own_flag() { return 1; }

parse_flags() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --help | -h) printf '%s\n' "$usage"; exit 0 ;;
      --no-install) install=no ;;
      --build-dir)
        [ $# -ge 2 ] || fail "--build-dir needs a folder"
        mkdir -p "$2"
        build_dir=$(cd "$2" && pwd)
        shift ;;
      --build-dir=*)
        mkdir -p "${1#*=}"
        build_dir=$(cd "${1#*=}" && pwd) ;;
      *)
        shifted=0
        own_flag "$@" || fail "unknown flag $1 (try --help)"
        shift "$shifted" ;;
    esac
    shift
  done
}

# install_packages [LIST...]: installs the packages of packaging/packages.txt (and further lists) that are
# missing, and only those; asks nothing.
install_packages() {
  [ "$install" = yes ] || return 0
  local wanted missing=() name
  wanted=$(cd "$root/packaging" && sed -e 's/#.*//' -e 's/[[:space:]]*$//' packages.txt "$@" | grep -v '^$')
  for name in $wanted; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "every package is here"
    return 0
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "not root and no sudo: install these by hand, then use --no-install: ${missing[*]}"
    sudo=(sudo)
  fi
  run "${sudo[@]}" apt-get update -q
  run "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# build PRESET [TARGET...]: configures (HANSA_CONFIGURE is one more argument for that) and builds into $build_dir/PRESET.
build() {
  local preset=$1
  shift
  say "building ($preset)"
  run cmake -S "$root" --preset "$preset" -B "$build_dir/$preset" ${HANSA_CONFIGURE:+"$HANSA_CONFIGURE"}
  run cmake --build "$build_dir/$preset" -j "$(nproc)" ${1:+--target "$@"}
}
