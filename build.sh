#!/usr/bin/env bash
# build | test [runner arguments] | demo [arguments] | bench [arguments] | pack
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
configuration=${CONFIGURATION:-Release}
verb=${1:-build}
[ $# -eq 0 ] || shift
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

command -v dotnet >/dev/null || { echo "build.sh: expected the .NET 10 SDK ('dotnet') on the PATH, found none; see https://dot.net" >&2; exit 1; }

build() { dotnet build SpeechML.sln -c "$configuration" -nologo -v quiet --tl:off "$@"; }

# Ogg Vorbis, Opus, MP3, AIFF, AU and CAF are read through libsndfile; WAV and FLAC need nothing.
need_sndfile() {
  ldconfig -p 2>/dev/null | grep -q 'libsndfile\.so\.1' && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get install -y -q libsndfile1 || { apt-get update -q && apt-get install -y -q libsndfile1; }; } >/dev/null 2>&1 && return 0
  fi
  echo "build.sh: libsndfile is absent: Ogg Vorbis, Opus, MP3, AIFF, AU and CAF cannot be read (Debian/Ubuntu: apt-get install libsndfile1; Fedora: dnf install libsndfile; macOS: brew install libsndfile)" >&2
}

case "$verb" in
  build) build "$@" ;;
  test)
    need_sndfile
    build
    log=$(mktemp); trap 'rm -f "$log"' EXIT
    status=0
    dotnet "tests/SpeechML.Tests/bin/$configuration/net10.0/SpeechML.Tests.dll" --progress off --ansi off "$@" 2>&1 | tee "$log" || status=$?
    # Colour codes (some CI systems turn them on) may stand before the words.
    count() { sed -n "s/\x1b\[[0-9;]*m//g; s/^ *$1: \([0-9]*\).*/\1/p" "$log" | tail -n 1; }
    passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
    # A run that crashed has no summary: it counts as failed.
    if [ -z "$passed" ]; then passed=0; failed=1; fi
    [ "$status" = 0 ] || [ "${failed:-0}" != 0 ] || failed=1
    [ "${skipped:-0}" = 0 ] || echo "$skipped skipped: each says why above"
    echo "$passed passed, ${failed:-0} failed"
    [ "${failed:-0}" = 0 ] && [ "$status" = 0 ]
    ;;
  demo)
    dotnet build samples/Demo -c "$configuration" -nologo -v quiet --tl:off
    exec dotnet "samples/Demo/bin/$configuration/net10.0/Demo.dll" "$@"
    ;;
  bench)
    dotnet build tests/SpeechML.Benchmarks -c Release -nologo -v quiet --tl:off
    exec dotnet tests/SpeechML.Benchmarks/bin/Release/net10.0/SpeechML.Benchmarks.dll "$@"
    ;;
  pack) for project in src/*/; do dotnet pack "$project" -c Release -nologo -o artifacts "$@"; done ;;
  *) echo "build.sh: expected build, test, demo, bench or pack, got '$verb'" >&2; exit 2 ;;
esac
