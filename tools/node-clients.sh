# Node's drivers for the client tests, in a directory of their own; sourced by
# setup. tests/clients/node/package-lock.json says which versions.

NODE_CLIENTS=$SEALGATE_CACHE_DIR/node-clients
NODE_CLIENTS_LOCK=$here/../tests/clients/node/package-lock.json

node_clients_ready() { cmp -s "$NODE_CLIENTS_LOCK" "$NODE_CLIENTS/ready.json"; }

node_clients_install() {
  step "Installing Node's drivers in $NODE_CLIENTS"
  rm -rf "$NODE_CLIENTS"
  mkdir -p "$NODE_CLIENTS"
  cp "$(dirname "$NODE_CLIENTS_LOCK")"/package*.json "$NODE_CLIENTS"
  # Nothing of a package is run while it is installed.
  step_run "$log" npm ci --prefix "$NODE_CLIENTS" --ignore-scripts --no-audit --no-fund ||
    step_fail "npm could not install Node's drivers; its log is $log" \
      "Is there a network, and does 'npm ping' work?"
  cp "$NODE_CLIENTS_LOCK" "$NODE_CLIENTS/ready.json"
}
