"""What cases do to prepaid help: counted, given back, left uncounted; and how an allowance is used up."""
