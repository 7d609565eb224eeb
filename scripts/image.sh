#!/usr/bin/env bash
# Build the container image, or put a question to it, with docker, podman or buildah.
#
# usage: image.sh build|test
#   IMAGE        the image's name (faqbot)
#   BASE         the base image, where the Dockerfile's default won't do
#   BUILD_FLAGS  further flags of the build, such as -v for a package index's configuration
#   ENGINE       docker, podman or buildah; otherwise the first that works
set -euo pipefail
cd "$(dirname "$0")/.."

image=${IMAGE:-faqbot}
read -ra build_flags <<<"${BUILD_FLAGS:-}"
if [[ -n ${BASE:-} ]]; then build_flags+=(--build-arg "BASE=$BASE"); fi

engine() {
  if [[ -n ${ENGINE:-} ]]; then
    echo "$ENGINE"
  elif docker info >/dev/null 2>&1; then # the client alone, without its daemon, builds nothing
    echo docker
  elif command -v podman >/dev/null; then
    echo podman
  elif command -v buildah >/dev/null; then
    echo buildah
  else
    echo "error: no container engine works: start docker's daemon, or install podman or buildah." >&2
    return 1
  fi
}

build() {
  # The OCI format has no health check, so the two that default to it are told otherwise.
  case $engine in
    docker) docker build --tag "$image" "${build_flags[@]}" . ;;
    podman) podman build --format docker --tag "$image" "${build_flags[@]}" . ;;
    buildah) buildah build --format docker --tag "$image" "${build_flags[@]}" . ;;
  esac
}

# Run the image with its own command, or with the arguments; standard input goes in.
mounts=()
run() {
  if [[ $engine != buildah ]]; then
    "$engine" run --rm --interactive "${mounts[@]}" "$image" "$@"
    return
  fi
  local container command status=0
  container=$(buildah from --pull=never "$image")
  if [[ $# -eq 0 ]]; then
    readarray -t command < <(buildah inspect --format '{{range .Docker.Config.Cmd}}{{println .}}{{end}}' "$container" | sed '/^$/d')
    set -- "${command[@]}"
  fi
  buildah run "${mounts[@]}" "$container" -- "$@" || status=$?
  buildah rm "$container" >/dev/null
  return "$status"
}

expect() { # WHAT COMMAND...: the command must succeed
  local what=$1
  shift
  if ! "$@"; then
    echo "error: the image fails: $what" >&2
    exit 1
  fi
  echo "ok: $what"
}

answers() {
  local reply
  reply=$(printf 'カリキュラム学習は検討していますか\n' | run) || return
  echo "$reply"
  [[ $reply == *河原* ]]
}

keeps_state() { # shellcheck disable=SC2016 # expanded in the container
  run sh -c '[ "$(id -u)" != 0 ] && touch var/probe data/probe && ! touch /opt/faqbot/probe 2>/dev/null'
}

# An organiser's folder on the machine, empty at first, is filled and changed from within.
works_on_a_mounted_folder() {
  local folder status=0
  folder=$(mktemp -d)
  chmod 777 "$folder" # the container's user is somebody else here
  printf 'question,answer,lecturer\n猫の名前は何ですか。,タマです。,山田 太郎\n' >"$folder/new.csv"
  mounts=(--volume "$folder:/app")
  run faqbot init \
    && run faqbot import new.csv \
    && run faqbot report report.html \
    && [[ $(run faqbot ask 猫の名前は) == *タマです。* ]] \
    && grep -q タマ "$folder"/data/*.yaml \
    && grep -q '<html' "$folder/report.html" || status=$?
  run sh -c 'rm -rf data var .env.example .gitignore ./*' # only who made them may remove them
  mounts=()
  rmdir "$folder"
  return "$status"
}

engine=$(engine)
case ${1:-} in
  build) build ;;
  test)
    expect "it answers a piped question with 河原先生's words and ends with 0" answers
    expect "it runs without root, and may write to var/ and data/ only" keeps_state
    expect "it fills and changes a folder that is mounted" works_on_a_mounted_folder
    expect "it is healthy without a platform" run python /opt/faqbot/healthcheck.py
    ;;
  *)
    echo "usage: image.sh build|test" >&2
    exit 2
    ;;
esac
