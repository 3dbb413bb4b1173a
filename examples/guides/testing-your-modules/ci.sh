eval "$(realtimekit-mock-api --print-env 2>requests.log &)"
trap 'kill "$REALTIMEKIT_MOCK_API_PID"' EXIT
terraform test
