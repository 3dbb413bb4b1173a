# Runs examples/receivers/javascript/receiver.mjs as a Worker, in the runtime of Cloudflare Workers.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "receiver", worker = .receiver),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "receiver")],
);

const receiver :Workerd.Worker = (
  modules = [(
    name = "receiver.mjs",
    esModule = embed "../../examples/receivers/javascript/receiver.mjs",
  )],
  compatibilityDate = "2024-01-01",
  bindings = [
    (
      name = "REALTIMEKIT_WEBHOOK_KEY_URL",
      fromEnvironment = "REALTIMEKIT_WEBHOOK_KEY_URL",
    ),
    (
      name = "REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL",
      fromEnvironment = "REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL",
    ),
  ],
);
