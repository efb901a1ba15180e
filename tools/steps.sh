# Printing for the scripts in this folder; sourced, never run.
#
# A step says in one line what happens next. Long commands run through
# `step_run`, which keeps their output in a log, shows that they live, and shows
# the end of that log if they fail.

if [ -t 1 ]; then
  STEP_BOLD=$'\e[1m' STEP_DIM=$'\e[2m' STEP_RED=$'\e[31m' STEP_OFF=$'\e[0m' STEP_LIVE=2
else
  STEP_BOLD='' STEP_DIM='' STEP_RED='' STEP_OFF='' STEP_LIVE=15
fi

step() { printf '%s==>%s %s\n' "$STEP_BOLD" "$STEP_OFF" "$*"; }
step_note() { printf '    %s%s%s\n' "$STEP_DIM" "$*" "$STEP_OFF"; }

step_fail() {
  printf '%serror:%s %s\n' "$STEP_RED" "$STEP_OFF" "$1" >&2
  shift
  [ "$#" -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

# step_run LOG COMMAND...: status of the command; its output goes to LOG only.
step_run() {
  local log=$1 start=$SECONDS shown=$SECONDS status=0 pid
  shift
  "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  # A background command ignores Ctrl-C in a script; pass it on.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - shown)) -ge "$STEP_LIVE" ]; then
      shown=$SECONDS
      step_progress "$((SECONDS - start)) s: $(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c 1-80)"
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  [ ! -t 1 ] || printf '\r\e[K'
  if [ "$status" -ne 0 ]; then
    printf '%s---- the end of %s ----%s\n' "$STEP_DIM" "$log" "$STEP_OFF" >&2
    tail -n 15 "$log" >&2
  fi
  return "$status"
}

step_progress() {
  if [ -t 1 ]; then
    printf '\r\e[K    %s%s%s' "$STEP_DIM" "$*" "$STEP_OFF"
  else
    step_note "$*"
  fi
}
