terraform apply -parallelism=50
