"""What is secret until the period closes, in age files (age-encryption.org/v1). Only this room encrypts."""
