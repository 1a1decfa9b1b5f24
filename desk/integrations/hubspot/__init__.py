"""HubSpot: its words and its client stand in this folder and nowhere else."""
