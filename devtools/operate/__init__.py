"""What an operator does to an installation: migrate it, let its roles in, make tenants, see what a release changes."""
