"""What help desks and mail gateways tell, read and decided without a database."""
