"""What is done with licences: issued, activated, suspended, validated within a cap, put into files."""
