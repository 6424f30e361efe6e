#!/bin/bash
# Makes the certificates of the log on the first start: a private authority, and a certificate for its one node.
# The authority's key stays in its own volume; clients get only its certificate. For a cluster, or with an authority of
# your own, put node.crt, node.key and ca.crt into the volumes instead.
set -euo pipefail

if [ ! -s /authority/ca.key ]; then
  es-gencert-cli create-ca -out /authority
fi
if [ ! -s /node/node.key ]; then
  es-gencert-cli create-node -ca-certificate /authority/ca.crt -ca-key /authority/ca.key -out /node \
    -ip-addresses 127.0.0.1 -dns-names eventstore,localhost
fi
cp /authority/ca.crt /trust/ca.crt
chmod 0444 /trust/ca.crt
chmod 0400 /authority/ca.key
# The server's image runs as uid 1000.
chown -R 1000:1000 /node
chmod 0400 /node/node.key
