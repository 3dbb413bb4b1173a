export REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL="${CLOUDFLARE_BASE_URL%/client/v4}/.well-known/webhooks.json"
