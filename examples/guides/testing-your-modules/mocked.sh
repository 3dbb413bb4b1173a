terraform test -filter=tests/mocked.tftest.hcl
