PORT=8080 node examples/receivers/javascript/server.mjs
