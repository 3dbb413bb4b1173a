realtimekit-mock-api >settings.sh 2>requests.log &
trap 'kill $!' EXIT
until grep -q REALTIMEKIT_APP_ID settings.sh; do sleep 0.1; done
. ./settings.sh
terraform test
