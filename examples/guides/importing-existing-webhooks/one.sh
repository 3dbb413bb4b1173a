terraform plan -generate-config-out=generated.tf -out=import.plan
terraform apply import.plan
