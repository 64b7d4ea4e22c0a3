#!/usr/bin/env bash
# The step of action.yml: installs pgassay, checks, and leaves the report and the exit code to the steps that follow.
# All that a user may say comes in variables PGASSAY_*.
set -euo pipefail

action=$(cd "$(dirname "$0")/.." && pwd)
version=${PGASSAY_VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' "$action/Cargo.toml" | head -n 1)}
if ! [[ $version =~ ^[0-9]+(\.[0-9A-Za-z]+)*$ ]]; then
  echo "pgassay: '$version' is no version" >&2
  exit 2
fi

home=$RUNNER_TEMP/pgassay-$version
python=python3
command -v python3 > /dev/null || python=python
# -I keeps Python from loading modules of the tree that is checked.
"$python" -I -m venv "$home"
bin=$home/bin
if [[ -d $home/Scripts ]]; then bin=$home/Scripts; fi
"$bin/python" -I -m pip install --quiet --disable-pip-version-check --only-binary :all: "pgassay==$version"

sarif=$RUNNER_TEMP/pgassay.sarif
rm -f "$sarif"
arguments=(check --output "sarif=$sarif" --sarif-category "${PGASSAY_CATEGORY:-pgassay}")
if [[ -n ${PGASSAY_PG:-} ]]; then arguments+=(--pg "$PGASSAY_PG"); fi
if [[ -n ${PGASSAY_PROFILE:-} ]]; then arguments+=(--profile "$PGASSAY_PROFILE"); fi
case ${PGASSAY_FAIL_ON:-} in
  "") ;;
  never) arguments+=(--exit-zero) ;;
  *) arguments+=(--fail-on "$PGASSAY_FAIL_ON") ;;
esac
arguments+=(--)
while IFS= read -r path; do
  if [[ -n $path ]]; then arguments+=("$path"); fi
done <<< "${PGASSAY_PATHS:-.}"

code=0
"$bin/pgassay" "${arguments[@]}" || code=$?
if ! [[ -f $sarif ]]; then sarif=; fi
{
  echo "sarif-file=$sarif"
  echo "exit-code=$code"
} >> "$GITHUB_OUTPUT"
