#!/usr/bin/env bash
# build | test [runner arguments] | test-slow [runner arguments] | demo [arguments] | bench [arguments] | pack
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
configuration=${CONFIGURATION:-Release}
verb=${1:-build}
[ $# -eq 0 ] || shift
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

command -v dotnet >/dev/null || { echo "build.sh: expected the .NET 10 SDK ('dotnet') on the PATH, found none; see https://dot.net" >&2; exit 1; }

build() { dotnet build SpeechML.sln -c "$configuration" -nologo -v quiet --tl:off "$@"; }

# Ogg Vorbis, Opus, MP3, AIFF, AU, CAF, Wave64, ADPCM and GSM are read through libsndfile; WAV and FLAC need nothing.
need_sndfile() {
  ldconfig -p 2>/dev/null | grep -q 'libsndfile\.so\.1' && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get install -y -q libsndfile1 || { apt-get update -q && apt-get install -y -q libsndfile1; }; } >/dev/null 2>&1 && return 0
  fi
  echo "build.sh: libsndfile is absent: Ogg Vorbis, Opus, MP3, AIFF, AU, CAF, Wave64, ADPCM and GSM cannot be read (Debian/Ubuntu: apt-get install libsndfile1; Fedora: dnf install libsndfile; macOS: brew install libsndfile)" >&2
}

# Two chains of test programs side by side. Those in one chain run one after another: the longest has a chain of its own.
test_chains=("SpeechML.Tests" "SpeechML.Audio.Tests SpeechML.Data.Tests SpeechML.GoogleCloud.Tests SpeechML.FFmpeg.Tests SpeechML.Encoders.Tests SpeechML.Onnx.Tests SpeechML.Extensions.Tests SpeechML.Tool.Tests SpeechML.Sweeps.Tests")

run_chain() {
  local project
  for project in $1; do
    local status=0
    # Exit code 8 says that no test matched a filter, which is right for most projects when one class is asked for.
    dotnet "tests/$project/bin/$configuration/net10.0/$project.dll" --progress off --ansi off --ignore-exit-code 8 \
      "${@:2}" >"$logs/$project.log" 2>&1 || status=$?
    # At once, so that the lines of two programs do not mix.
    printf '== %s\n%s\n' "$project" "$(cat "$logs/$project.log")"
    echo "$status" >"$logs/$project.status"
  done
}

# The figure of one program's summary. Colour codes (some CI systems turn them on) may stand before the words.
figure() { sed -n "s/\x1b\[[0-9;]*m//g; s/^ *$2: \([0-9]*\).*/\1/p" "$logs/$1.log" | tail -n 1; }

# run_tests FILTER [runner arguments]: a filter among the arguments replaces FILTER.
run_tests() {
  local arguments=(--filter "$1") argument chain project status passed=0 failed=0 skipped=0 ok bad none
  shift
  for argument in "$@"; do
    case "$argument" in --filter | --filter=*) arguments=() ;; esac
  done
  need_sndfile
  dotnet build SpeechML.Tests.slnf -c "$configuration" -nologo -v quiet --tl:off
  logs=$(mktemp -d); trap 'rm -rf "$logs"' EXIT
  # A thread of libtorch that waits leaves its core to the other chain. How many threads there are is left alone: the
  # order of sums, and so the last digits of scores, depend on it.
  export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
  for chain in "${test_chains[@]}"; do
    run_chain "$chain" "${arguments[@]}" "$@" &
  done
  wait
  for project in ${test_chains[*]}; do
    status=$(cat "$logs/$project.status" 2>/dev/null || echo 1)
    ok=$(figure "$project" succeeded)
    passed=$((passed + ${ok:-0}))
    none=$(figure "$project" skipped)
    skipped=$((skipped + ${none:-0}))
    bad=$(figure "$project" failed)
    # A program that crashed has no summary, one that failed elsewhere no failed test: both count as failed.
    if [ -z "$ok" ] || { [ "$status" != 0 ] && [ "${bad:-0}" = 0 ]; }; then
      bad=1
      echo "build.sh: $project: expected a summary and exit code 0, got exit code $status" >&2
    fi
    failed=$((failed + bad))
  done
  [ "$skipped" = 0 ] || echo "$skipped skipped: each says why above"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

case "$verb" in
  build) build "$@" ;;
  test) run_tests 'TestCategory!=Slow' "$@" ;;
  test-slow) run_tests 'TestCategory=Slow' "$@" ;;
  demo)
    dotnet build samples/Demo -c "$configuration" -nologo -v quiet --tl:off
    exec dotnet "samples/Demo/bin/$configuration/net10.0/Demo.dll" "$@"
    ;;
  bench)
    dotnet build tests/SpeechML.Benchmarks -c Release -nologo -v quiet --tl:off
    exec dotnet tests/SpeechML.Benchmarks/bin/Release/net10.0/SpeechML.Benchmarks.dll "$@"
    ;;
  pack)
    for project in src/*/; do dotnet pack "$project" -c Release -nologo -v quiet -o artifacts "$@"; done
    # The tool for this machine; TOOL_PLATFORMS="linux-x64 win-x64 osx-arm64" downloads the libtorch of each.
    own="$(uname -s | sed 's/Linux/linux/; s/Darwin/osx/')-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')"
    platforms=${TOOL_PLATFORMS:-$own}
    dotnet pack tools/speechml -c Release -nologo -v quiet -o artifacts "-p:ToolPlatforms=\"${platforms// /;}\"" "$@"
    ;;
  *) echo "build.sh: expected build, test, test-slow, demo, bench or pack, got '$verb'" >&2; exit 2 ;;
esac
