terraform query
terraform query -generate-config-out=generated.tf
terraform apply
