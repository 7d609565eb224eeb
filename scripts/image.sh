#!/usr/bin/env bash
# Build the container image, or try it, with docker, podman or buildah.
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
if revision=$(git rev-parse HEAD 2>/dev/null); then build_flags+=(--build-arg "REVISION=$revision"); fi

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

# The bot as a cluster runs it: nothing can be written but var/, the FAQ and the tokens are mounted
# read-only, and it is signalled itself. Its Slack is a closed port: a platform that is down is no
# reason to be restarted, nor to take no questions.
start() { # PORT FOLDER: in the background, as process $bot
  local port=$1 folder=$2 root setting
  local settings=(SLACK_BOT_TOKEN_FILE=/run/secrets/bot SLACK_SIGNING_SECRET_FILE=/run/secrets/signing
    FAQBOT_SLACK__API_URL=http://127.0.0.1:1/api/ FAQBOT_HTTP__PORT="$port" FAQBOT_SEARCH__MEANING=off)
  mounts=(--volume "$folder/var:/app/var" --volume "$PWD/data:/app/data:ro" --volume "$folder/secrets:/run/secrets:ro")
  if [[ $engine != buildah ]]; then
    local flags=()
    for setting in "${settings[@]}"; do flags+=(--env "$setting"); done
    "$engine" run --rm --init=false --name "faqbot-test-$port" --read-only --cap-drop ALL --publish "127.0.0.1:$port:$port" \
      "${flags[@]}" "${mounts[@]}" "$image" >>"$folder/log" 2>&1 &
    bot=$!
    return
  fi
  # buildah runs what it builds, but not read-only: the root is mounted so here.
  container=$(buildah from --pull=never "$image")
  root=$(buildah mount "$container")
  readarray -t -O "${#settings[@]}" settings < <(buildah inspect --format '{{range .Docker.Config.Env}}{{println .}}{{end}}' "$container" | sed '/^$/d')
  # shellcheck disable=SC2016 # expanded in the new namespace
  unshare --mount sh -euc '
    root=$1 folder=$2; shift 2
    mkdir -p "$root/run/secrets"
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    for each in proc dev; do mount --rbind "/$each" "$root/$each"; done
    mount --bind "$folder/var" "$root/app/var"
    for each in data:app/data "$folder/secrets:run/secrets"; do
      mount --bind "${each%%:*}" "$root/${each#*:}"
      mount -o remount,bind,ro "$root/${each#*:}"
    done
    exec chroot --userspec=10001 "$root" env -i "$@" sh -c "cd /app && exec faqbot run"
  ' sh "$root" "$folder" "${settings[@]}" >>"$folder/log" 2>&1 &
  bot=$!
}

stop() { # PORT: it must end by itself within ten seconds, with 0
  local port=$1 status=0 began=$SECONDS
  if [[ $engine == buildah ]]; then
    kill -TERM "$bot"
  else
    "$engine" kill --signal TERM "faqbot-test-$port" >/dev/null
  fi
  wait "$bot" || status=$?
  if [[ $engine == buildah ]]; then buildah rm "$container" >/dev/null; fi
  mounts=()
  echo "   ended with $status after $((SECONDS - began)) s"
  [[ $status == 0 && $((SECONDS - began)) -le 10 ]]
}

says() { # PORT PATH: what HTTP says, once it says 200
  for _ in {1..100}; do
    if python3 - "$1" "$2" 2>/dev/null <<'PYTHON'; then return; fi
import sys, urllib.request
with urllib.request.urlopen("http://127.0.0.1:{}{}".format(*sys.argv[1:]), timeout=5) as answer:
    print("  ", answer.read().decode().partition("\n")[0])
PYTHON
    kill -0 "$bot" || return
    sleep 0.2
  done
  return 1
}

takes_a_question() { # PORT FOLDER: as Slack sends and signs it
  python3 - "$1" "$2/secrets/signing" <<'PYTHON'
import hashlib, hmac, json, pathlib, sys, time, urllib.request
event = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.000100", "text": "<@U0> 合成データは？"}
body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event}).encode()
secret, now = pathlib.Path(sys.argv[2]).read_bytes().strip(), str(int(time.time()))
sign = "v0=" + hmac.new(secret, b"v0:%s:%s" % (now.encode(), body), hashlib.sha256).hexdigest()
headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": now, "X-Slack-Signature": sign}
urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}/slack/events", body, headers), timeout=5)
PYTHON
}

runs_as_in_a_cluster() {
  local folder port=18917 status=0
  folder=$(mktemp -d)
  mkdir -m 777 "$folder/var" "$folder/secrets"
  chmod 755 "$folder"
  echo xoxb-image-test >"$folder/secrets/bot"
  echo 0123456789abcdef0123456789abcdef >"$folder/secrets/signing"
  {
    start "$port" "$folder" && says "$port" /livez && says "$port" /readyz \
      && takes_a_question "$port" "$folder" && stop "$port" \
      && start "$port" "$folder" && says "$port" /readyz && stop "$port" \
      && mounts=(--volume "$folder/var:/app/var") && run faqbot stats --json | grep '"asked": 1,' \
      && ! grep -i traceback "$folder/log"
  } || status=$?
  if [[ $status != 0 ]]; then
    cat "$folder/log" >&2
    if kill -0 "$bot" 2>/dev/null; then stop "$port" || true; fi
  fi
  run sh -c 'rm -rf var/* var/.[!.]*' # only who made them may remove them
  mounts=()
  rm -rf "$folder"
  return "$status"
}

lists_what_it_holds() { # a bill of materials that names the bot's own version, and what it stands on
  run cat /opt/faqbot/sbom.cdx.json | python3 -c '
import json, sys
bill = json.load(sys.stdin)
whole, names = bill["metadata"]["component"], {each["name"] for each in bill["components"]}
print("  ", bill["bomFormat"], whole["name"], whole["version"], "with", len(names), "packages")
sys.exit(not {"SudachiPy", "slack_bolt", "discord.py", "SQLAlchemy"} <= names)
'
}

engine=$(engine)
case ${1:-} in
  build) build ;;
  test)
    expect "it answers a piped question with 河原先生's words and ends with 0" answers
    expect "it runs without root, and may write to var/ and data/ only" keeps_state
    expect "it fills and changes a folder that is mounted" works_on_a_mounted_folder
    expect "it is healthy without a platform" run python /opt/faqbot/healthcheck.py
    expect "it lists what it holds" lists_what_it_holds
    expect "read-only it serves /livez and /readyz, ends at SIGTERM and keeps var/" runs_as_in_a_cluster
    ;;
  *)
    echo "usage: image.sh build|test" >&2
    exit 2
    ;;
esac
