#!/usr/bin/env bash
# build | test [runner arguments] | test-slow [runner arguments] | demo [arguments] | samples | bench [arguments] | pack | docs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
configuration=${CONFIGURATION:-Release}
verb=${1:-build}
[ $# -eq 0 ] || shift
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

command -v dotnet >/dev/null || { echo "build.sh: expected the .NET 10 SDK ('dotnet') on the PATH, found none; see https://dot.net" >&2; exit 1; }

# build PROJECT [arguments]. A compiler for each project takes three times as long as one that they share. Where the
# environment lets none stay behind (on CI machines, say) it is this script's own and ends with the build.
build() {
  local status=0 shared=() sdk
  case "${UseSharedCompilation:-true}" in [Ff]alse) shared=(-p:UseSharedCompilation=true "-p:SharedCompilationId=speechml-$$") ;; esac
  # A profile of the compiler's code is not worth its time in one build.
  DOTNET_TieredPGO=${DOTNET_TieredPGO:-0} dotnet build "$@" -c "$configuration" -nologo -v quiet --tl:off ${shared[@]+"${shared[@]}"} || status=$?
  if [ "${#shared[@]}" != 0 ]; then
    sdk="$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk/$(dotnet --version)"
    dotnet "$sdk/Roslyn/bincore/VBCSCompiler.dll" "-pipename:speechml-$$" -shutdown >/dev/null 2>&1 || true
  fi
  return "$status"
}

# Ogg Vorbis, Opus, MP3, AIFF, AU, CAF, Wave64, ADPCM and GSM are read through libsndfile; WAV and FLAC need nothing.
need_sndfile() {
  ldconfig -p 2>/dev/null | grep -q 'libsndfile\.so\.1' && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get install -y -q libsndfile1 || { apt-get update -q && apt-get install -y -q libsndfile1; }; } >/dev/null 2>&1 && return 0
  fi
  echo "build.sh: libsndfile is absent: Ogg Vorbis, Opus, MP3, AIFF, AU, CAF, Wave64, ADPCM and GSM cannot be read (Debian/Ubuntu: apt-get install libsndfile1; Fedora: dnf install libsndfile; macOS: brew install libsndfile)" >&2
}

# Every test project of the filter; the longest first, because the workers take them in this order. What follows a '#'
# divides a long project: a program for each part of its tests.
parts=(SpeechML.Sweeps.Tests 'SpeechML.Tests#FullyQualifiedName!~.Tests.Train' 'SpeechML.Tests#FullyQualifiedName~.Tests.Train'
  SpeechML.Tool.Tests SpeechML.Encoders.Tests SpeechML.Onnx.Tests)
for project in $(sed -n 's#.*"tests/\(SpeechML[A-Za-z.]*\.Tests\)/.*#\1#p; s#.*"tests/\(SpeechML\.Tests\)/.*#\1#p' SpeechML.Tests.slnf); do
  case " ${parts[*]}" in *" $project "* | *" $project#"* | *" $project") ;; *) parts+=("$project") ;; esac
done

# Programs that share the cores take 17 % less processor time with one thread each; the kernels' tests need two threads.
threads() { case "$1" in SpeechML.Encoders.Tests) echo "${OMP_NUM_THREADS:-2}" ;; *) echo "${OMP_NUM_THREADS:-1}" ;; esac; }

# Runs what no other worker has taken yet.
run_worker() {
  local part project arguments status
  for part in "${parts[@]}"; do
    project=${part%%#*} arguments=()
    if [ -n "$filter" ]; then
      arguments=(--filter "$filter")
      [ "$part" = "$project" ] || arguments=(--filter "($filter)&(${part#*#})")
    fi
    mkdir "$logs/$part.taken" 2>/dev/null || continue
    status=0
    # Exit code 8 says that no test matched a filter, which is right for most projects when one class is asked for.
    # "${arguments[@]+…}": an empty array is unset to bash 4.3 and older.
    OMP_NUM_THREADS=$(threads "$project") dotnet "tests/$project/bin/$configuration/net10.0/$project.dll" --progress off --ansi off --ignore-exit-code 8 \
      ${arguments[@]+"${arguments[@]}"} "$@" >"$logs/$part.log" 2>&1 || status=$?
    # At once, so that the lines of two programs do not mix.
    printf '== %s\n%s\n' "$part" "$(cat "$logs/$part.log")"
    echo "$status" >"$logs/$part.status"
  done
}

# The figure of one program's summary. Colour codes (some CI systems turn them on) may stand before the words.
figure() { sed -n "s/\x1b\[[0-9;]*m//g; s/^ *$2: \([0-9]*\).*/\1/p" "$logs/$1.log" | tail -n 1; }

# run_tests FILTER [runner arguments]: a filter among the arguments replaces FILTER.
run_tests() {
  local filter=$1 argument part status passed=0 failed=0 skipped=0 ok bad none
  shift
  for argument in "$@"; do
    case "$argument" in --filter | --filter=*) filter= ;; esac
  done
  # What the caller's filter picks are few tests: each project in one program.
  [ -n "$filter" ] || parts=($(printf '%s\n' "${parts[@]%%#*}" | uniq))
  need_sndfile
  build SpeechML.Tests.slnf
  logs=$(mktemp -d); trap 'rm -rf "$logs"' EXIT
  # A thread of libtorch that waits leaves its core to the other programs.
  export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
  # A short program pays for profiles of its code that it does not live to use: 8 to 17 % of the processor time here.
  export DOTNET_TieredPGO=${DOTNET_TieredPGO:-0}
  # Nor does it live to use code that is compiled a second time: after 0x500 calls, not after 30, which is 11 % less.
  export DOTNET_TC_CallCountThreshold=${DOTNET_TC_CallCountThreshold:-500}
  # Three on two cores: tests wait for leases, servers and processes that they have started or killed.
  for _ in $(seq "${TEST_PROGRAMS:-3}"); do run_worker "$@" & done
  wait
  for part in "${parts[@]}"; do
    status=$(cat "$logs/$part.status" 2>/dev/null || echo 1)
    ok=$(figure "$part" succeeded)
    passed=$((passed + ${ok:-0}))
    none=$(figure "$part" skipped)
    skipped=$((skipped + ${none:-0}))
    bad=$(figure "$part" failed)
    # A program that crashed has no summary, one that failed elsewhere no failed test: both count as failed.
    if [ -z "$ok" ] || { [ "$status" != 0 ] && [ "${bad:-0}" = 0 ]; }; then
      bad=1
      echo "build.sh: $part: expected a summary and exit code 0, got exit code $status" >&2
    fi
    failed=$((failed + bad))
  done
  [ "$skipped" = 0 ] || echo "$skipped skipped: each says why above"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# train_languages: a model of the languages in $out/run, once.
train_languages() {
  [ ! -d "$out/run" ] || return 0
  build tools/speechml
  dotnet "tools/speechml/bin/$configuration/net10.0/SpeechML.Tool.dll" train --load-config samples/configs/load.json --task Multiclass \
    --label language --encoder samples/models/whisper-base-encoder --whisper-context Trimmed --resamples 0 --worst-clips 0 --output "$out/run"
}

# run_samples: builds and runs every sample on the recordings of the repository; one line each.
run_samples() {
  local name status failed=0 start log
  # What a sample is started with; those that do more than show the way get less to do.
  local -A arguments=([CompareSettings]=1 [GoogleCloud]="--latency 0 --epochs 1" [ScoreProvider]="- 10 40")
  out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
  arguments[Demo]="--output $out/demo"
  arguments[Sweep]="$out/sweep"
  arguments[SweepCluster]="--study $out/cluster --epochs 2 --trials 2"
  arguments[CheckData]="$out/check.html"
  arguments[SpeechAndText]="$out/speech-and-text.zip"
  export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
  need_sndfile
  for name in CheckData Tasks SpeechFeatures VoiceMeasures ScoreProvider SpeechAndText CompareSettings ContinueTraining Demo Sweep SweepCluster GoogleCloud ScoringService ScoreFolder; do
    [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
    log="$out/$name.log" start=$SECONDS status=0
    build "samples/$name" >"$log" 2>&1 || status=$?
    if [ "$status" = 0 ]; then
      run_sample "$name" ${arguments[$name]:-} >"$log" 2>&1 || status=$?
    fi
    # CheckData ends with 1 where it finds something, as it does here: parts with few people.
    if [ "$status" = 0 ] || { [ "$name" = CheckData ] && [ "$status" = 1 ] && grep -q FewSubjects "$log"; }; then
      echo "$name: done in $((SECONDS - start)) s"
    else
      echo "$name: failed with exit code $status:"
      tail -n 20 "$log"
      failed=1
    fi
  done
  return "$failed"
}

run_sample() {
  local program="samples/$1/bin/$configuration/net10.0/$1.dll" wav=samples/data/prompts/fr03-01.wav
  case "$1" in
    ScoreFolder)
      train_languages
      dotnet "tools/speechml/bin/$configuration/net10.0/SpeechML.Tool.dll" export --model "$out/run" --onnx --output "$out/model.onnx"
      dotnet "$program" "$out/model.onnx" samples/data/prompts
      ;;
    ScoringService)
      # A model of the languages, the service over it, one upload.
      train_languages
      dotnet "$program" --Model "$out/run/best/model.zip" --urls http://127.0.0.1:5081 &
      local service=$! answer=1
      for _ in $(seq 60); do
        sleep 1
        curl -sf --data-binary @$wav http://127.0.0.1:5081/score && answer=0 && break
      done
      kill "$service"
      return "$answer"
      ;;
    ScoreProvider) dotnet "$program" "$wav" "${@:3}" ;;
    *) dotnet "$program" "${@:2}" ;;
  esac
}

case "$verb" in
  build) build SpeechML.sln "$@" ;;
  test) run_tests 'TestCategory!=Slow' "$@" ;;
  test-slow) run_tests 'TestCategory=Slow' "$@" ;;
  demo)
    build samples/Demo
    exec dotnet "samples/Demo/bin/$configuration/net10.0/Demo.dll" "$@"
    ;;
  samples) run_samples "$@" ;;
  bench)
    configuration=Release
    build tests/SpeechML.Benchmarks
    exec dotnet tests/SpeechML.Benchmarks/bin/Release/net10.0/SpeechML.Benchmarks.dll "$@"
    ;;
  pack)
    for project in src/*/; do dotnet pack "$project" -c Release -nologo -v quiet -o artifacts "$@"; done
    # The tool for this machine; TOOL_PLATFORMS="linux-x64 win-x64 osx-arm64" downloads the libtorch of each.
    own="$(uname -s | sed 's/Linux/linux/; s/Darwin/osx/')-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')"
    platforms=${TOOL_PLATFORMS:-$own}
    dotnet pack tools/speechml -c Release -nologo -v quiet -o artifacts "-p:ToolPlatforms=\"${platforms// /;}\"" "$@"
    ;;
  docs)
    command -v docfx >/dev/null || { echo "build.sh: expected docfx on the PATH, found none; dotnet tool install -g docfx --version 2.81.0" >&2; exit 1; }
    configuration=Release
    for project in src/*/; do build "$project"; done
    exec docfx docs/docfx.json "$@"
    ;;
  *) echo "build.sh: expected build, test, test-slow, demo, samples, bench, pack or docs, got '$verb'" >&2; exit 2 ;;
esac
